/** The built-in CRM: the port over our own tables. */
import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { callingCode } from '../../../protocol/address.ts';
import type { Role } from '../../../protocol/api.ts';
import type {
  CallLogEntry,
  CrmRecord,
  FieldValue,
  ObjectMeta,
  RecordPage,
  SearchResult,
} from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import { ALL_RIGHTS, type ObjectRights } from '../../../protocol/profiles.ts';
import { type Database, isStatementTimeout, type Sql } from '../../store/database.ts';
import type {
  Actor,
  Crm,
  CrmMissing,
  ListOptions,
  MatchOptions,
  Paging,
  SearchOptions,
  WriteOptions,
} from '../ports.ts';
import { writeCallLogTask } from './call-log.ts';
import { withConditions } from './conditions.ts';
import { listFilter, listReferring, type RowPage, readPage } from './list.ts';
import { findByNumber } from './match.ts';
import { type ObjectSet, STANDARD_SET } from './object-set.ts';
import { CALL_FIELDS } from './objects.ts';
import { readPhoneNumber } from './phone-number.ts';
import { noteViewed, viewedRefs, viewedRows } from './recent.ts';
import { fieldsOf, findRow, type RecordRow, toRecords, toRef, type UserNames } from './rows.ts';
import { idsByNumber, type SearchPlace, searchRecords } from './search.ts';
import { referenceQuery } from './terms.ts';
import { checkFields, defaultsOf, refuse } from './validate.ts';
import { deleteRecord, insertRecord, updateRecord, type WritePlace } from './write.ts';

export interface BuiltinCrmOptions {
  db: Database;
  clock: Clock;
  /** ISO 3166 code of the country whose numbers are typed without a prefix, such as `GB`. */
  country: string;
  /** The objects and fields that there are now. Default: the standard ones. */
  objects?: () => ObjectSet;
  /** Connections for lists, which may take seconds among millions of records. Default: `db`. */
  lists?: Database;
  /** What somebody may do with the records of each object; undefined, and for objects not named: everything. */
  rightsOf?: (actor: Actor) => Readonly<Record<string, ObjectRights>> | undefined;
  /** Names of users, for owners. Default: none. */
  userNames?: UserNames;
}

const MISSING = {
  'recording-link': 'recordings are played beside the log itself.',
  figures: 'they are shown by Crosspoint itself.',
} satisfies CrmMissing;

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 50;
const DEFAULT_DEADLINE_MS = 1_000;
const MAX_TEXT = 200;
const LIST_MS = 8_000;

export class BuiltinCrm implements Crm {
  readonly #db: Database;
  readonly #lists: Database;
  readonly #clock: Clock;
  readonly #country: string;
  readonly #objects: () => ObjectSet;
  readonly #rightsOf: NonNullable<BuiltinCrmOptions['rightsOf']>;
  readonly #userNames: UserNames;

  constructor(options: BuiltinCrmOptions) {
    this.#db = options.db;
    this.#lists = options.lists ?? options.db;
    this.#clock = options.clock;
    this.#country = options.country;
    this.#objects = options.objects ?? (() => STANDARD_SET);
    this.#rightsOf = options.rightsOf ?? (() => undefined);
    this.#userNames = options.userNames ?? (() => Promise.resolve({}));
  }

  missing(): CrmMissing {
    return MISSING;
  }

  async objects(actor?: Actor): Promise<ObjectMeta[]> {
    return [...(actor ? this.#seenBy(actor) : this.#objects()).all];
  }

  rights(actor: Actor, object: string): ObjectRights {
    return this.#rightsOf(actor)?.[object] ?? ALL_RIGHTS;
  }

  /** The objects and fields that somebody sees: to him there are no others. */
  #seenBy(actor: Actor): ObjectSet {
    const rights = this.#rightsOf(actor);
    return rights && Object.keys(rights).length > 0 ? this.#objects().seenWith(rights) : this.#objects();
  }

  async match(actor: Actor, number: string, options: MatchOptions = {}): Promise<SearchResult> {
    allow(actor);
    const country = options.country ?? this.#country;
    const read = readPhoneNumber(number, country);
    if (!read) return { records: [], more: false };
    const found = findByNumber(this.#searchPlace(actor, country), read, resultLimit(options));
    return await this.#inTime(options, found);
  }

  async search(actor: Actor, text: string, options: SearchOptions = {}): Promise<SearchResult> {
    allow(actor);
    const seen = this.#seenBy(actor);
    const objects = (options.objects ?? seen.searched()).map((name) => seen.named(name).name);
    const place = this.#searchPlace(actor, options.country);
    const found = searchRecords(place, text.slice(0, MAX_TEXT), objects, resultLimit(options));
    return await this.#inTime(options, found);
  }

  async list(actor: Actor, object: string, options: ListOptions = {}): Promise<RecordPage> {
    allow(actor);
    const meta = this.#seenBy(actor).named(object);
    const text = (options.text ?? '').slice(0, MAX_TEXT);
    const reader = {
      userId: actor.userId,
      now: this.#clock.now(),
      zone: options.zone ?? 'UTC',
      country: options.country ?? this.#country,
    };
    const ids = await idsByNumber(this.#searchPlace(actor), text, object);
    const filter = withConditions(listFilter(meta, text, ids), meta, options.conditions ?? [], reader);
    return await this.#toPage(actor, await this.#readList((sql) => readPage(sql, meta, filter, options)));
  }

  async read(actor: Actor, id: string): Promise<CrmRecord> {
    allow(actor);
    return await this.#toRecord(actor, await this.#existing(actor, this.#db, id));
  }

  async create(
    actor: Actor,
    object: string,
    fields: Record<string, FieldValue>,
    options: WriteOptions = {},
  ): Promise<CrmRecord> {
    allow(actor);
    const meta = this.#objects().named(object);
    const seen = this.#seenBy(actor).named(object);
    if (!this.rights(actor, object).create) throw new CodedError('not-allowed');
    const checked = {
      ...defaultsOf(meta),
      ...given(checkFields(seen, fields, {}, this.#country, writable(options))),
    };
    return await this.#write(actor, (place) => insertRecord(place, meta, checked, actor.userId));
  }

  async update(
    actor: Actor,
    id: string,
    fields: Record<string, FieldValue>,
    rev?: number,
    options: WriteOptions = {},
  ): Promise<CrmRecord> {
    allow(actor);
    return await this.#write(actor, async (place) => {
      const row = await this.#existing(actor, place.sql, id, true);
      allowEdit(actor, row);
      if (!this.rights(actor, row.object).edit) throw new CodedError('not-allowed');
      if (rev !== undefined && rev !== row.rev) throw new CodedError('conflict', { rev: row.rev });
      const meta = this.#objects().named(row.object);
      const current = fieldsOf(meta, row);
      const seen = this.#seenBy(actor).named(row.object);
      const changes = checkFields(seen, fields, current, this.#country, writable(options));
      const changed = Object.entries(changes).some(([name, value]) => value !== current[name]);
      return changed ? await updateRecord(place, meta, row, changes) : row;
    });
  }

  async remove(actor: Actor, id: string): Promise<void> {
    allow(actor, 'administrator');
    await this.#db.tx(async (sql) =>
      deleteRecord(this.#writePlace(sql), await this.#existing(actor, sql, id, true)),
    );
  }

  async related(
    actor: Actor,
    id: string,
    object: string,
    field: string,
    paging: Paging = {},
  ): Promise<RecordPage> {
    allow(actor);
    const meta = this.#seenBy(actor).named(object);
    const reference = meta.fields.find((f) => f.name === field && f.type === 'reference');
    if (!reference) throw refuse(field, `${meta.label} has no reference ${field}`);
    await this.#existing(actor, this.#db, id);
    const filter = listReferring(referenceQuery(object, field, id));
    return await this.#toPage(actor, await readPage(this.#db, meta, filter, newestFirst(paging)));
  }

  async activity(actor: Actor, id: string, paging: Paging = {}): Promise<RecordPage> {
    allow(actor);
    const { id: known } = await this.#existing(actor, this.#db, id);
    const links = ['WhoId', 'WhatId', 'AccountId'].map(
      (field) => `(${referenceQuery('Task', field, known)})`,
    );
    const filter = listReferring(links.join(' | '));
    const meta = this.#seenBy(actor).named('Task');
    return await this.#toPage(actor, await readPage(this.#db, meta, filter, newestFirst(paging)));
  }

  /** Remembers that the user has this record before him. */
  async noteViewed(actor: Actor, id: string): Promise<void> {
    allow(actor);
    await noteViewed(this.#db, actor.userId, id, this.#clock.now());
  }

  /** What the user viewed last, the newest first. */
  async viewed(actor: Actor, limit = DEFAULT_LIMIT): Promise<RecordRef[]> {
    allow(actor);
    return await viewedRefs(this.#db, this.#seenBy(actor), actor.userId, limit);
  }

  /** What the user viewed last of one object, the newest first, as one page. */
  async viewedPage(actor: Actor, object: string): Promise<RecordPage> {
    allow(actor);
    const rows = await viewedRows(this.#db, actor.userId, this.#seenBy(actor).named(object).name);
    return await this.#toPage(actor, { rows, total: rows.length, next: null });
  }

  // Our key is the pair in the entry itself: the outbox's key adds nothing to it.
  async writeCallLog(_idemKey: string, entry: CallLogEntry): Promise<RecordRef> {
    const row = await this.#db.tx((sql) => writeCallLogTask(this.#writePlace(sql), entry));
    return toRef(this.#objects(), { ...row, account: null });
  }

  attachRecording(): Promise<void> {
    const reason = MISSING['recording-link'];
    return Promise.reject(new CodedError('crm-not-capable', { crm: 'The built-in CRM', reason }));
  }

  /** On connections of its own, and no longer than a person waits. */
  async #readList(read: (sql: Sql) => Promise<RowPage>): Promise<RowPage> {
    try {
      return await this.#lists.tx(async (sql) => {
        await sql.query(`SET LOCAL statement_timeout = ${LIST_MS}`);
        return await read(sql);
      });
    } catch (error) {
      throw isStatementTimeout(error)
        ? new CodedError('timeout', { what: 'A list of so many records' })
        : error;
    }
  }

  // The record's names are read after the transaction: userNames may need a connection of its own.
  async #write(actor: Actor, work: (place: WritePlace) => Promise<RecordRow>): Promise<CrmRecord> {
    return await this.#toRecord(actor, await this.#db.tx((sql) => work(this.#writePlace(sql))));
  }

  /** The row, or `not-found`. */
  async #existing(actor: Actor, sql: Sql, id: string, lock = false): Promise<RecordRow> {
    this.#seenBy(actor).ofId(id);
    const row = await findRow(sql, id, lock);
    if (!row) throw new CodedError('not-found', { what: 'record' });
    return row;
  }

  async #toRecord(actor: Actor, row: RecordRow): Promise<CrmRecord> {
    const [record] = await toRecords(this.#db, this.#seenBy(actor), [row], this.#userNames);
    if (!record) throw new CodedError('not-found', { what: 'record' });
    return record;
  }

  async #toPage(actor: Actor, page: RowPage): Promise<RecordPage> {
    const records = await toRecords(this.#db, this.#seenBy(actor), page.rows, this.#userNames);
    return { records, total: page.total, next: page.next };
  }

  #writePlace(sql: Sql): WritePlace {
    return { sql, objects: this.#objects(), country: this.#country, now: this.#clock.now() };
  }

  #searchPlace(actor: Actor, country = this.#country): SearchPlace {
    return { sql: this.#db, objects: this.#seenBy(actor), country, home: callingCode(country) };
  }

  async #inTime<T>(options: MatchOptions, work: Promise<T>): Promise<T> {
    try {
      return await withDeadline(this.#clock, options.deadlineMs ?? DEFAULT_DEADLINE_MS, 'The CRM', work);
    } catch (error) {
      throw error instanceof DeadlineError ? new CodedError('timeout', { what: 'The CRM' }) : error;
    }
  }
}

const EVERYBODY: readonly Role[] = ['agent', 'supervisor', 'administrator'];

function allow(actor: Actor, ...roles: Role[]): void {
  const wanted = roles.length > 0 ? roles : EVERYBODY;
  if (!actor.roles.some((role) => wanted.includes(role))) throw new CodedError('not-allowed');
}

/** Everybody edits customers; what an agent did himself, his tasks and call logs, only he and those above him. */
function allowEdit(actor: Actor, row: RecordRow): void {
  if (row.object !== 'Task' || row.owner === actor.userId) return;
  allow(actor, 'supervisor', 'administrator');
}

/** The read-only fields that may be written after all. */
function writable({ callFields }: WriteOptions): readonly string[] {
  return callFields ? CALL_FIELDS : [];
}

function given(fields: Record<string, FieldValue>): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function newestFirst(paging: Paging): ListOptions {
  return { ...paging, sort: 'createdAt', direction: 'desc' };
}

function resultLimit(options: MatchOptions): number {
  return Math.min(MAX_LIMIT, Math.max(1, Math.floor(options.limit ?? DEFAULT_LIMIT)));
}
