/**
 * Objects and fields as an administrator makes them. They are held in memory and answered synchronously; a change is written
 * first, one at a time, together with what it does to the records.
 */
import type { Clock } from '../../../lib/clock.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { Serial } from '../../../lib/serial.ts';
import type { FieldMeta, ObjectMeta } from '../../../protocol/crm.ts';
import {
  apiNameOf,
  type FieldChange,
  type NewField,
  type NewObject,
  type ObjectChange,
} from '../../../protocol/crm-objects.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { Sql, Transactional } from '../../store/database.ts';
import { clearField, countRecords, countValues, removeRecords } from './clear-records.ts';
import { type KeptObject, type ObjectSet, objectSetOf } from './object-set.ts';
import { DEFAULT_LENGTH } from './objects.ts';
import { refuse } from './validate.ts';

export interface MetadataOptions {
  db: Transactional;
  clock: Pick<Clock, 'now'>;
  /** What else names an object, or a field of it, such as a softphone layout; undefined: nothing. */
  usedBy?: (object: string, field?: string) => string | undefined | Promise<string | undefined>;
  onListenerError: (error: unknown) => void;
}

const MAX_OBJECTS = 200;
const MAX_FIELDS = 200;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export class Metadata {
  readonly events: Emitter<{ changed: [] }>;
  readonly #o: MetadataOptions;
  readonly #writes = new Serial();
  #kept: KeptObject[];
  #now: ObjectSet;

  private constructor(options: MetadataOptions, kept: KeptObject[]) {
    this.#o = options;
    this.#kept = kept;
    this.#now = objectSetOf(kept);
    this.events = new Emitter(options.onListenerError);
  }

  /** Reads what there is. The tables must be there (`crmMigrations`). */
  static async load(options: MetadataOptions): Promise<Metadata> {
    return new Metadata(options, await readKept(options.db));
  }

  /** All objects; the same set until something is changed. */
  now(): ObjectSet {
    return this.#now;
  }

  /** @throws `already-exists` for a name or label that is taken, `bad-input`, `too-many`. */
  async addObject(input: NewObject): Promise<ObjectMeta> {
    const name = input.name ?? nameFor(input.label);
    await this.#write(async (tx) => {
      if (this.#kept.filter((one) => one.prefix !== undefined).length >= MAX_OBJECTS)
        throw new CodedError('too-many', { limit: MAX_OBJECTS });
      if (this.#now.all.some((meta) => meta.name === name))
        throw new CodedError('already-exists', { what: 'object', field: 'name' });
      this.#mustBeFree(name, input);
      const { label, labelPlural } = input;
      await save(tx, { name, prefix: await newPrefix(tx), label, labelPlural, fields: [], changes: {} });
    });
    return this.#now.named(name);
  }

  /** Labels, and what the record page and lists show in which order. @throws `not-found`, `already-exists`, `bad-input`. */
  async changeObject(name: string, change: ObjectChange): Promise<ObjectMeta> {
    await this.#write(async (tx) => {
      const meta = this.#now.named(name);
      this.#mustBeFree(name, change);
      checkShown(meta, change);
      await save(tx, { ...this.#keptOf(name), ...change });
    });
    return this.#now.named(name);
  }

  /**
   * Removes a custom object with its records.
   * @param records how many there may be at most: what the administrator was told and agreed to.
   * @throws `in-use` while another object or a layout refers to it; `would-lose` with `data.records` when there are more.
   */
  async removeObject(name: string, records: number): Promise<void> {
    const used = await this.#o.usedBy?.(name);
    await this.#write(async (tx) => {
      const meta = this.#now.named(name);
      if (!meta.custom) throw refuse('name', `${meta.label} is a standard object and stays`);
      const [pointing] = this.#now.all.flatMap((other) =>
        other.fields
          .filter((field) => field.custom && other !== meta && field.refersTo?.includes(name))
          .map((field) => `the field ${field.label} of ${other.label} refers to it`),
      );
      const detail = pointing ?? used;
      if (detail) throw new CodedError('in-use', { detail });
      mayLose(await countRecords(tx, name), records);
      await removeRecords(tx, meta, { objects: this.#now, now: this.#o.clock.now() });
      await tx.query('DELETE FROM crm_object WHERE name = $1', [name]);
    });
  }

  /** @throws `not-found`, `already-exists`, `bad-input`, `too-many`. */
  async addField(object: string, input: NewField): Promise<FieldMeta> {
    const name = input.name ?? nameFor(input.label);
    await this.#write(async (tx) => {
      const meta = this.#now.named(object);
      const kept = this.#keptOf(object);
      if (kept.fields.length >= MAX_FIELDS) throw new CodedError('too-many', { limit: MAX_FIELDS });
      const taken = meta.fields.find(
        (field) => sameText(field.name, name) || sameText(field.label, input.label),
      );
      if (taken)
        throw new CodedError('already-exists', {
          what: 'field',
          field: taken.name === name ? 'name' : 'label',
        });
      const field = this.#newField(name, input);
      const page = kept.page && { page: [...kept.page, name] };
      await save(tx, { ...kept, fields: [...kept.fields, field], ...page });
    });
    return this.#field(object, name);
  }

  /** @throws `not-found`, `already-exists`, `bad-input`. */
  async changeField(object: string, name: string, change: FieldChange): Promise<FieldMeta> {
    await this.#write(async (tx) => {
      const field = this.#field(object, name);
      const { label } = change;
      const others = this.#now.named(object).fields.filter((one) => one !== field);
      if (label !== undefined && others.some((one) => sameText(one.label, label)))
        throw new CodedError('already-exists', { what: 'field', field: 'label' });
      checkChange(object, field, change);
      const kept = this.#keptOf(object);
      if (!field.custom) {
        const changes = { ...kept.changes, [name]: { ...kept.changes[name], ...change } };
        return await save(tx, { ...kept, changes });
      }
      const fields = kept.fields.map((one) => (one.name === name ? { ...one, ...change } : one));
      await save(tx, { ...kept, fields });
    });
    return this.#field(object, name);
  }

  /**
   * Removes a custom field with its values, from the search and the index of telephone numbers, too.
   * @param records how many may have a value at most: what the administrator was told and agreed to.
   * @throws `in-use`, `would-lose` with `data.records`.
   */
  async removeField(object: string, name: string, records: number): Promise<void> {
    const detail = await this.#o.usedBy?.(object, name);
    await this.#write(async (tx) => {
      const field = this.#field(object, name);
      if (!field.custom) throw refuse('name', `${field.label} is a standard field and stays`);
      if (detail) throw new CodedError('in-use', { detail });
      mayLose(await countValues(tx, object, name), records);
      await clearField(tx, this.#now.named(object), field);
      const kept = this.#keptOf(object);
      await save(tx, {
        ...kept,
        fields: kept.fields.filter((one) => one.name !== name),
        ...(kept.page ? { page: without(kept.page, name) } : {}),
        ...(kept.list ? { list: without(kept.list, name) } : {}),
      });
    });
  }

  /** What was changed of standard fields, as `Object.Field`. */
  changedStandardFields(): { path: string; change: Pick<FieldChange, 'label' | 'options'> }[] {
    return this.#kept.flatMap(({ name, changes }) =>
      Object.entries(changes).map(([field, change]) => ({ path: `${name}.${field}`, change })),
    );
  }

  /** A standard field is as it was from the beginning. @throws `not-found`. */
  async forgetChange(object: string, field: string): Promise<void> {
    await this.#write(async (tx) => {
      const kept = this.#keptOf(this.#now.named(object).name);
      const { [field]: _, ...changes } = kept.changes;
      await save(tx, { ...kept, changes });
    });
  }

  /** The record page and the list show what they show from the beginning. @throws `not-found`. */
  async forgetShown(object: string): Promise<void> {
    await this.#write(async (tx) => {
      const { page: _page, list: _list, ...kept } = this.#keptOf(this.#now.named(object).name);
      await save(tx, kept);
    });
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    await this.#writes.run('', () => this.#read());
    this.events.emit('changed');
  }

  /** How many records have a value in the field, or how many the object has. @throws `not-found`. */
  async count(object: string, field?: string): Promise<number> {
    const meta = this.#now.named(object);
    if (field === undefined) return await countRecords(this.#o.db, meta.name);
    return await countValues(this.#o.db, meta.name, this.#field(object, field).name);
  }

  #newField(
    name: string,
    { label, type, required = false, options, refersTo, maxLength }: NewField,
  ): FieldMeta {
    if (type === 'picklist' && !options) throw refuse('options', 'A picklist needs options');
    if (type === 'reference' && !refersTo)
      throw refuse('refersTo', 'A reference needs an object to point at');
    const known = new Set(this.#now.all.map((meta) => meta.name));
    const stranger = refersTo?.find((object) => !known.has(object));
    if (stranger) throw refuse('refersTo', `there is no object ${stranger}`);
    const length = type === 'text' ? (maxLength ?? DEFAULT_LENGTH.text) : DEFAULT_LENGTH[type];
    return {
      name,
      label,
      type,
      required,
      readOnly: false,
      inList: false,
      custom: true,
      ...(length === undefined ? {} : { maxLength: length }),
      ...(type === 'picklist' && options ? { options } : {}),
      ...(type === 'reference' && refersTo ? { refersTo } : {}),
    };
  }

  /** Name and labels are nobody else's. */
  #mustBeFree(name: string, labels: Pick<ObjectChange, 'label' | 'labelPlural'>): void {
    for (const meta of this.#now.all) {
      if (meta.name === name) continue;
      const field = sameText(meta.name, name)
        ? 'name'
        : (['label', 'labelPlural'] as const).find((key) => sameText(meta[key], labels[key] ?? ''));
      if (field) throw new CodedError('already-exists', { what: 'object', field });
    }
  }

  #keptOf(name: string): KeptObject {
    return this.#kept.find((one) => one.name === name) ?? { name, fields: [], changes: {} };
  }

  #field(object: string, name: string): FieldMeta {
    const field = this.#now.named(object).fields.find((one) => one.name === name);
    if (!field) throw new CodedError('not-found', { what: 'field' });
    return field;
  }

  async #write(work: (tx: Sql) => Promise<unknown>): Promise<void> {
    await this.#writes.run('', async () => {
      await this.#o.db.tx(work);
      await this.#read();
    });
    this.events.emit('changed');
  }

  async #read(): Promise<void> {
    this.#kept = await readKept(this.#o.db);
    this.#now = objectSetOf(this.#kept);
  }
}

async function readKept(db: Sql): Promise<KeptObject[]> {
  const rows = await db.query<{ body: KeptObject }>('SELECT body FROM crm_object ORDER BY position, name');
  return rows.map((row) => row.body);
}

async function save(tx: Sql, kept: KeptObject): Promise<void> {
  await tx.query(
    `INSERT INTO crm_object (name, position, body)
     VALUES ($1, (SELECT coalesce(max(position), -1) + 1 FROM crm_object), $2)
     ON CONFLICT (name) DO UPDATE SET body = $2`,
    [kept.name, JSON.stringify(kept)],
  );
}

/** `a00`, `a01`, … `aZZ`, as Salesforce's. */
async function newPrefix(tx: Sql): Promise<string> {
  const [row] = await tx.query<{ n: number }>("SELECT nextval('crm_prefix') AS n");
  const n = row?.n ?? 0;
  return `a${DIGITS[Math.floor(n / 62)]}${DIGITS[n % 62]}`;
}

function nameFor(label: string): string {
  const name = apiNameOf(label);
  if (!name) throw refuse('name', 'A name of letters and digits is wanted that ends in __c');
  return name;
}

/** What pages and lists show is there, and what must be filled in can be. */
function checkShown({ label, fields }: ObjectMeta, { page, list }: ObjectChange): void {
  for (const [key, names] of Object.entries({ page: page ?? [], list: list ?? [] })) {
    const stranger = names.find((name) => !fields.some((field) => field.name === name));
    if (stranger) throw refuse(key, `${label} has no field ${stranger}`);
  }
  const missing = page && fields.find((f) => f.required && !f.readOnly && !page.includes(f.name));
  if (missing) throw refuse('page', `${missing.label} is required and must be on the page`);
}

function checkChange(object: string, field: FieldMeta, change: FieldChange): void {
  if (change.options && field.type !== 'picklist') throw refuse('options', `${field.label} is no picklist`);
  if (change.maxLength !== undefined && (field.type !== 'text' || !field.custom))
    throw refuse('maxLength', `the length of ${field.label} cannot be changed`);
  if (change.required !== undefined && !field.custom)
    throw refuse(
      'required',
      `${field.label} is a standard field: its label can be changed, and a picklist's options`,
    );
  // Who logs a call writes these.
  if (change.options && object === 'Task')
    throw refuse('options', 'the options of tasks are written by the call log and stay');
}

function mayLose(records: number, agreed: number): void {
  if (records > agreed) throw new CodedError('would-lose', { records });
}

function without(names: readonly string[], name: string): string[] {
  return names.filter((one) => one !== name);
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
