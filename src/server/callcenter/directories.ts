/**
 * Directories of numbers, held in memory with what they are searched by, so that a search while somebody types costs milliseconds; a
 * write goes to the database first, one at a time.
 */
import { setImmediate } from 'node:timers/promises';
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import { parseAddress } from '../../protocol/address.ts';
import type { ObjectMeta } from '../../protocol/crm.ts';
import {
  type Directory,
  type DirectoryEntry,
  type DirectoryEntryInput,
  type DirectoryEntryPage,
  type DirectoryInput,
  DirectorySource,
} from '../../protocol/directories.ts';
import { CodedError } from '../../protocol/errors.ts';
import { isUniqueViolation, type Transactional } from '../store/database.ts';
import { readEntries } from './directories-csv.ts';
import { refuse } from './refuse.ts';

export interface DirectoriesOptions {
  db: Transactional;
  /** How a number without a prefix is read. */
  country: string;
  /** Entries of all directories together at most. Default 50,000. */
  maxEntries?: number;
  /** Whether there is a call center with this id. */
  callCenterExists(id: string): boolean;
  /** What the CRM has. */
  objects(): Promise<readonly ObjectMeta[]>;
}

const MAX_ENTRIES = 50_000;
const MAX_DIRECTORIES = 200;
/** Fewer digits would find half of all numbers. */
const MIN_DIGITS = 3;

/** A number as it is stored: normalised when it was written. */
type StoredNumber = DirectoryEntry['numbers'][number] & { value: string };
type StoredEntry = Omit<DirectoryEntry, 'numbers'> & { numbers: StoredNumber[] };

/** Entries that are taken into memory at a time. */
const SLICE = 500;

/** A number of a directory with whose it is. */
export interface ListedNumber {
  /** Null: everybody's. */
  callCenterId: string | null;
  name: string;
  phone: string;
  description: string;
}

interface Kept {
  entry: DirectoryEntry;
  /** ` word word …` without case and accents, so that the beginning of a word is a blank and it. */
  words: string;
  /** Digits of its numbers, as typed and as normalised. */
  digits: string[];
}

interface Shelf {
  id: string;
  label: string;
  callCenterId: string | null;
  /** By name. */
  kept: Kept[];
}

/** What agents have without anybody's doing: the users, and the phone fields of the CRM. */
const STANDARD: Directory[] = [
  { id: 'users', label: 'Users', callCenterId: null, entries: null, standard: 'users' },
  { id: 'crm', label: 'Records of the CRM', callCenterId: null, entries: null, standard: 'crm' },
];

export class Directories {
  readonly #o: DirectoriesOptions;
  readonly #writes = new Serial();
  #shelves = new Map<string, Shelf>();
  #source: DirectorySource = DirectorySource.parse({});

  private constructor(options: DirectoriesOptions) {
    this.#o = options;
  }

  /** Reads everything. The tables must be there (`directoryMigrations`). */
  static async load(options: DirectoriesOptions): Promise<Directories> {
    const directories = new Directories(options);
    await directories.#read();
    return directories;
  }

  /** Reads everything anew. */
  reload(): Promise<void> {
    return this.#write(() => this.#read());
  }

  /** The standard ones first. */
  all(): Directory[] {
    return [...STANDARD, ...[...this.#shelves.values()].map(toDirectory)];
  }

  get(id: string): Directory | undefined {
    return this.all().find((directory) => directory.id === id);
  }

  /** Which phone fields of the CRM agents find. */
  source(): DirectorySource {
    return this.#source;
  }

  /** @throws `bad-input` for a field that there is not, or that holds no telephone number. */
  async setSource(source: DirectorySource): Promise<DirectorySource> {
    const objects = source.fields.length === 0 ? [] : await this.#o.objects();
    for (const path of source.fields) {
      const [object, name] = path.split('.');
      const field = objects.find((one) => one.name === object)?.fields.find((one) => one.name === name);
      if (field?.type !== 'phone') refuse('fields', `there is no phone field ${path}`);
    }
    await this.#write(async () => {
      await this.#o.db.query(
        'INSERT INTO directory_source (one, value) VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET value = $1',
        [JSON.stringify(source)],
      );
      this.#source = source;
    });
    return source;
  }

  entry(id: string): DirectoryEntry | undefined {
    for (const { kept } of this.#shelves.values()) {
      const found = kept.find(({ entry }) => entry.id === id);
      if (found) return found.entry;
    }
    return undefined;
  }

  /** A directory's entries by name. @throws `not-found`. */
  entries(
    id: string,
    { q, offset, limit }: { q: string; offset: number; limit: number },
  ): DirectoryEntryPage {
    const fits = matcher(q);
    const found = this.#must(id).kept.filter(fits);
    return { entries: found.slice(offset, offset + limit).map(({ entry }) => entry), total: found.length };
  }

  /** What the agents of a call center find, the first directory first. @param callCenterId undefined: of none. */
  search(text: string, callCenterId: string | undefined, limit: number): DirectoryEntry[] {
    const fits = matcher(text);
    const found: DirectoryEntry[] = [];
    for (const { callCenterId: whose, kept } of this.#shelves.values()) {
      if (whose !== null && whose !== callCenterId) continue;
      for (const one of kept) {
        if (fits(one)) found.push(one.entry);
        if (found.length >= limit) return found;
      }
    }
    return found;
  }

  /** What agents look in. @param callCenterOf the id of a user's call center; undefined: he has none. */
  seenBy(callCenterOf: (userId: string) => string | undefined) {
    return {
      find: (userId: string, text: string, limit: number) => this.search(text, callCenterOf(userId), limit),
      source: () => this.#source,
    };
  }

  /** Every number of every directory by name, as Open CTI's getDirectoryNumbers has them: one line per number. */
  numbers(): ListedNumber[] {
    const listed = [...this.#shelves.values()].flatMap(({ callCenterId, kept }) =>
      kept.flatMap(({ entry: { name, description, numbers } }) =>
        numbers.map(({ label, phone }) => ({
          callCenterId,
          name: label === '' ? name : `${name} (${label})`,
          phone,
          description,
        })),
      ),
    );
    return listed.sort((a, b) => order(a.name, b.name));
  }

  /** @throws `already-exists` for a label, `bad-input` for a call center, `too-many`. */
  add(input: DirectoryInput): Promise<Directory> {
    return this.#put({ ...input, id: newId('directory') });
  }

  /** @throws as `add`, and `not-found`. */
  change(id: string, patch: Partial<DirectoryInput>): Promise<Directory> {
    const { label, callCenterId } = this.#must(id);
    return this.#put({ label, callCenterId, ...patch, id });
  }

  /** With all its entries. @throws `not-found`. */
  remove(id: string): Promise<void> {
    return this.#write(async () => {
      this.#must(id);
      await this.#o.db.query('DELETE FROM directory WHERE id = $1', [id]);
      this.#shelves.delete(id);
    });
  }

  /** @throws `not-found`, `too-many`; `bad-input` with the field for a number that cannot be dialled. */
  async addEntry(directoryId: string, input: DirectoryEntryInput): Promise<DirectoryEntry> {
    this.#check(input);
    const id = newId('number');
    await this.#write(async () => {
      this.#must(directoryId);
      this.#room(1);
      const made = await this.#insert(this.#o.db, directoryId, [{ ...input, id }]);
      for (const entry of made) this.#place(entry);
    });
    return this.#mustEntry(id);
  }

  async changeEntry(id: string, patch: Partial<DirectoryEntryInput>): Promise<DirectoryEntry> {
    await this.#write(async () => {
      const { name, numbers, description } = { ...this.#mustEntry(id), ...patch };
      this.#check({ name, numbers, description });
      const stored = this.#stored(numbers);
      await this.#o.db.query(
        'UPDATE directory_entry SET name = $2, numbers = $3, description = $4 WHERE id = $1',
        [id, name, JSON.stringify(stored), description],
      );
      this.#place({ id, directoryId: this.#mustEntry(id).directoryId, name, description, numbers: stored });
    });
    return this.#mustEntry(id);
  }

  removeEntry(id: string): Promise<void> {
    return this.#write(async () => {
      const { directoryId } = this.#mustEntry(id);
      await this.#o.db.query('DELETE FROM directory_entry WHERE id = $1', [id]);
      const shelf = this.#must(directoryId);
      shelf.kept = shelf.kept.filter(({ entry }) => entry.id !== id);
    });
  }

  /** All rows of a pasted table, or none. @throws `bad-input` with `problems` by row, `not-found`, `too-many`. */
  async importCsv(directoryId: string, csv: string, mode: 'add' | 'replace'): Promise<number> {
    const read = await readEntries(csv, (phone) => this.#phoneProblem(phone));
    await this.#write(async () => {
      const { kept } = this.#must(directoryId);
      this.#room(read.length - (mode === 'replace' ? kept.length : 0));
      await this.#o.db.tx(async (tx) => {
        if (mode === 'replace')
          await tx.query('DELETE FROM directory_entry WHERE directory_id = $1', [directoryId]);
        await this.#insert(
          tx,
          directoryId,
          read.map((entry) => ({ ...entry, id: newId('number') })),
        );
      });
      await this.#read();
    });
    return read.length;
  }

  #put({ id, label, callCenterId }: DirectoryInput & { id: string }): Promise<Directory> {
    return this.#write(async () => {
      if (!this.#shelves.has(id) && this.#shelves.size >= MAX_DIRECTORIES)
        throw new CodedError('too-many', { limit: MAX_DIRECTORIES });
      if (callCenterId !== null && !this.#o.callCenterExists(callCenterId))
        throw new CodedError('bad-input', {
          field: 'callCenterId',
          detail: 'callCenterId: there is no such call center',
        });
      await this.#o.db.query(
        `INSERT INTO directory (id, label, call_center_id) VALUES ($1, $2, $3)
          ON CONFLICT (id) DO UPDATE SET label = $2, call_center_id = $3`,
        [id, label, callCenterId],
      );
      const shelf = { kept: [], ...this.#shelves.get(id), id, label, callCenterId };
      const all = new Map(this.#shelves).set(id, shelf);
      this.#shelves = new Map([...all].sort(([, x], [, y]) => order(x.label, y.label)));
    }).then(() => toDirectory(this.#must(id)));
  }

  async #insert(
    db: Pick<Transactional, 'query'>,
    directoryId: string,
    entries: (DirectoryEntryInput & { id: string })[],
  ): Promise<StoredEntry[]> {
    const made: StoredEntry[] = [];
    for (const [index, { id, name, numbers, description }] of entries.entries()) {
      if (index % SLICE === SLICE - 1) await setImmediate();
      made.push({ id, directoryId, name, description, numbers: this.#stored(numbers) });
    }
    await db.query(
      `INSERT INTO directory_entry (id, directory_id, name, numbers, description)
        SELECT e.id, $1, e.name, e.numbers, e.description
        FROM jsonb_to_recordset($2) AS e(id text, name text, numbers jsonb, description text)`,
      [directoryId, JSON.stringify(made)],
    );
    return made;
  }

  #stored(numbers: DirectoryEntryInput['numbers']): StoredNumber[] {
    return numbers.map(({ label, phone }) => ({
      label,
      phone,
      value: parseAddress(phone, this.#o.country).value,
    }));
  }

  /** In memory, in its place by name. */
  #place(stored: StoredEntry): void {
    const shelf = this.#must(stored.directoryId);
    const rest = shelf.kept.filter(({ entry }) => entry.id !== stored.id);
    shelf.kept = [...rest, keep(stored)].sort((a, b) => order(a.entry.name, b.entry.name));
  }

  #check({ numbers }: DirectoryEntryInput): void {
    for (const [index, { phone }] of numbers.entries()) {
      const field = `numbers.${index}.phone`;
      const problem = this.#phoneProblem(phone);
      if (problem) throw new CodedError('bad-input', { field, detail: `${field}: ${problem}` });
    }
  }

  #phoneProblem(phone: string): string | undefined {
    const { kind } = parseAddress(phone, this.#o.country);
    return kind === 'e164' || kind === 'extension' || kind === 'service'
      ? undefined
      : 'not a number that can be dialled';
  }

  #room(more: number): void {
    const there = [...this.#shelves.values()].reduce((sum, { kept }) => sum + kept.length, 0);
    const { maxEntries: limit = MAX_ENTRIES } = this.#o;
    if (there + more > limit) throw new CodedError('too-many', { limit });
  }

  #must(id: string): Shelf {
    const shelf = this.#shelves.get(id);
    if (!shelf) throw new CodedError('not-found', { what: 'directory' });
    return shelf;
  }

  #mustEntry(id: string): DirectoryEntry {
    const entry = this.entry(id);
    if (!entry) throw new CodedError('not-found', { what: 'entry' });
    return entry;
  }

  #write(work: () => Promise<void>): Promise<void> {
    return this.#writes.run('', async () => {
      try {
        await work();
      } catch (error) {
        if (isUniqueViolation(error))
          throw new CodedError('already-exists', { what: 'directory', field: 'label' });
        throw error;
      }
    });
  }

  async #read(): Promise<void> {
    const { db } = this.#o;
    const shelves = await db.query<Omit<Shelf, 'kept'>>(
      'SELECT id, label, call_center_id AS "callCenterId" FROM directory ORDER BY lower(label), id',
    );
    const entries = await db.query<StoredEntry>(
      'SELECT id, directory_id AS "directoryId", name, numbers, description FROM directory_entry ORDER BY lower(name), id',
    );
    const read = new Map(shelves.map((shelf): [string, Shelf] => [shelf.id, { ...shelf, kept: [] }]));
    for (const [index, entry] of entries.entries()) {
      if (index % SLICE === SLICE - 1) await setImmediate();
      read.get(entry.directoryId)?.kept.push(keep(entry));
    }
    for (const { kept } of read.values()) kept.sort((a, b) => order(a.entry.name, b.entry.name));
    this.#shelves = read;
    const [source] = await db.query<{ value: unknown }>('SELECT value FROM directory_source');
    this.#source = DirectorySource.parse(source?.value ?? {});
  }
}

function toDirectory({ id, label, callCenterId, kept }: Shelf): Directory {
  return { id, label, callCenterId, entries: kept.length, standard: null };
}

function keep(stored: StoredEntry): Kept {
  const numbers = stored.numbers.map(({ label, phone }) => ({ label, phone }));
  const entry: DirectoryEntry = { ...stored, numbers };
  const text = [entry.name, entry.description, ...entry.numbers.map(({ label }) => label)].join(' ');
  const digits = stored.numbers.flatMap(({ phone, value }) => [phone, value]);
  return { entry, words: ` ${wordsOf(text).join(' ')}`, digits: digits.map(digitsOf) };
}

function order(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Each word typed begins a word of it, or the digits typed are in one of its numbers. Nothing typed fits all. */
function matcher(text: string): (kept: Kept) => boolean {
  const words = wordsOf(text).map((word) => ` ${word}`);
  const digits = /^[\d\s()+./-]+$/.test(text) ? digitsOf(text) : '';
  // An own prefix for outside or abroad may stand before what is stored, and the other way about.
  const typed = digits.replace(/^0+/, '');
  return (kept) =>
    words.every((word) => kept.words.includes(word)) ||
    (typed.length >= MIN_DIGITS && kept.digits.some((number) => number.includes(typed)));
}

function wordsOf(text: string): string[] {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return folded.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}
