/** Rows of the table `record`, and what the port makes of them. */
import { type CrmRecord, type FieldValue, listFields, type ObjectMeta } from '../../../protocol/crm.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import type { Sql } from '../../store/database.ts';
import type { ObjectSet } from './object-set.ts';
import type { Fields } from './validate.ts';

export interface RecordRow {
  id: string;
  object: string;
  name: string;
  data: Fields;
  owner: string;
  rev: number;
  created_at: number;
  updated_at: number;
}

export const RECORD_COLUMNS = 'id, object, name, data, owner, rev, created_at, updated_at';

/** Names of users by their ids: the built-in CRM keeps no users itself. */
export type UserNames = (ids: readonly string[]) => Promise<Record<string, string>>;

/** The row of a record, or undefined. `lock` keeps others from changing it until the transaction ends. */
export async function findRow(sql: Sql, id: string, lock = false): Promise<RecordRow | undefined> {
  const text = `SELECT ${RECORD_COLUMNS} FROM record WHERE id = $1${lock ? ' FOR UPDATE' : ''}`;
  return (await sql.query<RecordRow>(text, [id]))[0];
}

/** Every field of the object, null where it is empty. */
export function fieldsOf(meta: ObjectMeta, row: Pick<RecordRow, 'data' | 'owner'>): Fields {
  const stored: Fields = { ...row.data, OwnerId: row.owner };
  return Object.fromEntries(meta.fields.map((field) => [field.name, stored[field.name] ?? null]));
}

/** Records with the names that their references show, read in one query for all. */
export async function toRecords(
  sql: Sql,
  objects: ObjectSet,
  rows: readonly RecordRow[],
  userNames: UserNames,
): Promise<CrmRecord[]> {
  const bare = rows.map((row) => {
    const meta = objects.named(row.object);
    const fields = fieldsOf(meta, row);
    return { row, fields, references: referencesOf(meta, fields) };
  });
  const names = await namesOf(
    sql,
    bare.flatMap((b) => b.references).filter((r) => r.isUser || objects.has(r.id)),
    userNames,
  );
  return bare.map(({ row, fields, references }) => ({
    id: row.id,
    object: row.object,
    name: row.name,
    fields,
    names: Object.fromEntries(references.flatMap(({ id }) => (names[id] ? [[id, names[id]]] : []))),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    rev: row.rev,
  }));
}

interface Reference {
  id: string;
  isUser: boolean;
}

function referencesOf(meta: ObjectMeta, fields: Record<string, FieldValue>): Reference[] {
  return meta.fields.flatMap((field) => {
    const id = fields[field.name];
    if (field.type !== 'reference' || typeof id !== 'string') return [];
    return [{ id, isUser: field.refersTo?.includes('User') === true }];
  });
}

async function namesOf(
  sql: Sql,
  references: readonly Reference[],
  userNames: UserNames,
): Promise<Record<string, string>> {
  const users = new Set(references.filter((r) => r.isUser).map((r) => r.id));
  const records = new Set(references.filter((r) => !r.isUser).map((r) => r.id));
  const names: Record<string, string> = users.size > 0 ? { ...(await userNames([...users])) } : {};
  if (records.size > 0) {
    const rows = await sql.query<{ id: string; name: string }>(
      'SELECT id, name FROM record WHERE id = ANY($1)',
      [[...records]],
    );
    for (const row of rows) names[row.id] = row.name;
  }
  return names;
}

/** What a reference needs of a row: `account` is the name of the account that its AccountId points at. */
export interface RefRow {
  id: string;
  object: string;
  name: string;
  data: Fields;
  account: string | null;
}

/** Columns and join of a RefRow; the record's table goes by `r`. */
export const REF_COLUMNS = 'r.id, r.object, r.name, r.data, a.name AS account';
export const REF_ACCOUNT = "LEFT JOIN record a ON a.id = r.data->>'AccountId'";

/** The record with the line that tells namesakes apart. */
export function toRef(objects: ObjectSet, row: RefRow): RecordRef {
  const meta = objects.named(row.object);
  const data = Object.fromEntries(meta.fields.map(({ name }) => [name, row.data[name] ?? null]));
  const parts = meta.custom ? listed(meta, data) : detailParts({ ...row, data });
  const detail = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  const plain = { id: row.id, object: row.object, name: row.name };
  return detail.length > 0 ? { ...plain, detail: detail.join(' · ') } : plain;
}

/** Of a custom object: the first two columns of its list that are no ids. */
function listed(meta: ObjectMeta, data: Fields): string[] {
  const columns = listFields(meta).filter((f) => f.name !== meta.nameField && f.type !== 'reference');
  return columns
    .map((field) => String(data[field.name] ?? ''))
    .filter((text) => text !== '')
    .slice(0, 2);
}

function detailParts({ object, data, account }: RefRow): (FieldValue | undefined)[] {
  switch (object) {
    case 'Contact':
      return [data.Title, account ?? data.MailingCity];
    case 'Lead':
      return [data.Company, data.Status];
    case 'Account':
      return [data.Type, data.BillingCity];
    case 'Case':
      return [data.CaseNumber, data.Status, account];
    default:
      return [data.Status, data.ActivityDate, account];
  }
}
