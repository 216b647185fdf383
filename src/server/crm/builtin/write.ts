/** Writing records: the row, its lexemes and its telephone numbers always in one transaction. */
import type { ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { Sql } from '../../store/database.ts';
import type { ObjectSet } from './object-set.ts';
import { readPhoneNumber, reverse } from './phone-number.ts';
import { findRow, RECORD_COLUMNS, type RecordRow } from './rows.ts';
import { fold, referenceTerm, termsOf } from './terms.ts';
import { checkRequired, type Fields, refuse } from './validate.ts';

/** Sorted names are compared by their first characters only, so that they fit their index. */
const SORT_NAME_LENGTH = 120;

export interface WritePlace {
  sql: Sql;
  objects: ObjectSet;
  country: string;
  /** UTC milliseconds. */
  now: number;
}

/** Inserts a record with values that are checked already, except for references and required fields. */
export async function insertRecord(
  place: WritePlace,
  meta: ObjectMeta,
  fields: Fields,
  owner: string,
): Promise<RecordRow> {
  const { sql, now } = place;
  const numbered = meta.name === 'Case' ? { ...fields, CaseNumber: await nextCaseNumber(sql) } : fields;
  const data = await complete(sql, meta, numbered);
  const name = nameOf(meta, data);
  const [row] = await sql.query<RecordRow>(
    `INSERT INTO record (id, object, name, sort_name, data, terms, owner, created_at, updated_at)
     VALUES (new_record_id($1, nextval('record_number')), $2, $3, $4, $5, array_to_tsvector($6), $7, $8, $8)
     RETURNING ${RECORD_COLUMNS}`,
    [meta.prefix, meta.name, name, sortName(name), JSON.stringify(data), termsOf(meta, data), owner, now],
    'record-insert',
  );
  if (!row) throw new Error('the database gave no row back');
  await indexPhones(place, meta, row);
  return row;
}

/** Stores changed values of a record whose row the transaction has locked. */
export async function updateRecord(
  place: WritePlace,
  meta: ObjectMeta,
  row: RecordRow,
  changes: Fields,
): Promise<RecordRow> {
  const data = await complete(place.sql, meta, { ...row.data, ...changes });
  const name = nameOf(meta, data);
  const [updated] = await place.sql.query<RecordRow>(
    `UPDATE record SET name = $2, sort_name = $3, data = $4, terms = array_to_tsvector($5), rev = rev + 1, updated_at = $6
     WHERE id = $1 RETURNING ${RECORD_COLUMNS}`,
    [row.id, name, sortName(name), JSON.stringify(data), termsOf(meta, data), place.now],
  );
  if (!updated) throw new CodedError('not-found', { what: 'record' });
  await indexPhones(place, meta, updated);
  return updated;
}

/** Removes a record. Tasks lose their link to it; any other record that refers to it keeps it: `in-use`. */
export async function deleteRecord(place: WritePlace, row: RecordRow): Promise<void> {
  const { sql } = place;
  const referring = await referringRows(place, row);
  const keeping = referring.filter((r) => r.object !== 'Task');
  const first = keeping[0];
  if (first) {
    const others = keeping.length > 1 ? ` and ${keeping.length - 1} more` : '';
    throw new CodedError('in-use', { detail: `${first.object} ${first.id}${others} refers to it` });
  }
  for (const task of referring) {
    const links = Object.entries(task.data).filter(([, value]) => value === row.id);
    const cleared = Object.fromEntries(links.map(([field]) => [field, null]));
    await updateRecord(place, place.objects.ofId(task.id), task, cleared);
  }
  await sql.query('DELETE FROM record WHERE id = $1', [row.id]);
}

async function referringRows({ sql, objects }: WritePlace, { id, object }: RecordRow): Promise<RecordRow[]> {
  // A task's account follows from what it is about.
  const fields = new Set(['AccountId', ...objects.referring(object)]);
  const query = [...fields].map((field) => `'${referenceTerm(field, id)}'`).join(' | ');
  return await sql.query<RecordRow>(
    `SELECT ${RECORD_COLUMNS} FROM record WHERE terms @@ $1::tsquery ORDER BY id FOR UPDATE`,
    [query],
  );
}

/** The values with what follows from others, without empty ones; required fields and references are checked. */
async function complete(sql: Sql, meta: ObjectMeta, fields: Fields): Promise<Fields> {
  checkRequired(meta, fields);
  await checkReferences(sql, meta, fields);
  const derived = withName(meta, fields);
  if (meta.name === 'Task') derived.AccountId = await accountOfTask(sql, fields);
  return withoutEmpty(derived);
}

/** With a person's whole name, which follows from its parts. */
function withName(meta: ObjectMeta, fields: Fields): Fields {
  if (meta.nameField !== 'Name' || !meta.fields.some((f) => f.name === 'LastName')) return { ...fields };
  return { ...fields, Name: [fields.FirstName, fields.LastName].filter(Boolean).join(' ') };
}

function withoutEmpty(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** What is stored of a record: its row's derived columns and the entries of the index of telephone numbers. */
export interface Stored {
  data: Fields;
  name: string;
  sortName: string;
  terms: string[];
  phones: PhoneEntry[];
}

/**
 * What a record of any object but Task comes to, for whoever writes very many at once. References are to be checked before.
 * @throws CodedError for a required field that has no value.
 */
export function storedForm(meta: ObjectMeta, fields: Fields, country: string): Stored {
  checkRequired(meta, fields);
  const data = withoutEmpty(withName(meta, fields));
  const name = nameOf(meta, data);
  return {
    data,
    name,
    sortName: sortName(name),
    terms: termsOf(meta, data),
    phones: phoneEntries(meta, data, country),
  };
}

/** Each reference must point at a record that is there, of an object that the field allows; it then stays until we commit. */
async function checkReferences(sql: Sql, meta: ObjectMeta, fields: Fields): Promise<void> {
  for (const field of meta.fields) {
    const id = fields[field.name];
    if (field.type !== 'reference' || field.readOnly || typeof id !== 'string') continue;
    const [found] = await sql.query<{ object: string }>(
      'SELECT object FROM record WHERE id = $1 FOR KEY SHARE',
      [id],
    );
    if (!found || !field.refersTo?.includes(found.object)) {
      throw refuse(field.name, `${field.label} must be an existing ${field.refersTo?.join(' or ')}`);
    }
  }
}

/** The account whose timeline shows a task: what it is about, or the account of the case or the person. */
async function accountOfTask(sql: Sql, { WhatId, WhoId }: Fields): Promise<string | null> {
  for (const id of [WhatId, WhoId]) {
    if (typeof id !== 'string') continue;
    const row = await findRow(sql, id);
    const account = row?.object === 'Account' ? row.id : row?.data.AccountId;
    if (typeof account === 'string') return account;
  }
  return null;
}

/** Replaces the index entries of a record by those of its phone fields. Calls' numbers are nobody's: tasks have none. */
async function indexPhones({ sql, country }: WritePlace, meta: ObjectMeta, row: RecordRow): Promise<void> {
  if (meta.name === 'Task') return;
  const entries = phoneEntries(meta, row.data, country);
  await sql.query('DELETE FROM phone_index WHERE record_id = $1', [row.id]);
  if (entries.length === 0) return;
  await sql.query(
    `INSERT INTO phone_index (digits_reversed, e164, record_id, object, field)
     SELECT reversed, e164, $2, $3, field FROM jsonb_to_recordset($1) AS e(field text, e164 text, reversed text)`,
    [JSON.stringify(entries), row.id, row.object],
  );
}

/** One telephone number of a record. */
export interface PhoneEntry {
  field: string;
  e164: string | null;
  /** Its digits, the last one first. */
  reversed: string;
}

function phoneEntries(meta: ObjectMeta, data: Fields, country: string): PhoneEntry[] {
  return meta.fields.flatMap((field) => {
    const value = data[field.name];
    if (field.type !== 'phone' || typeof value !== 'string') return [];
    const number = readPhoneNumber(value, country);
    return number ? [{ field: field.name, e164: number.e164 ?? null, reversed: reverse(number.digits) }] : [];
  });
}

/** Cases are numbered in the order of their making. */
export async function nextCaseNumber(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ n: number }>("SELECT nextval('case_number') AS n");
  return String(row?.n ?? 0).padStart(8, '0');
}

function nameOf(meta: ObjectMeta, data: Fields): string {
  return String(data[meta.nameField] ?? '');
}

/** How a name is sorted and compared. */
export function sortName(name: string): string {
  return fold(name).slice(0, SORT_NAME_LENGTH);
}
