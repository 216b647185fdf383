/** Pages of records: keyset paging, so that page 1,000 costs what page 1 costs and nothing is skipped or repeated. */
import type { FieldMeta, ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { Sql } from '../../store/database.ts';
import type { ListOptions } from '../ports.ts';
import { RECORD_COLUMNS, type RecordRow } from './rows.ts';
import { wordsQuery } from './terms.ts';
import { refuse } from './validate.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Counting goes no further. */
const MAX_TOTAL = 10_000;

export interface RowPage {
  rows: RecordRow[];
  total: number;
  next: string | null;
}

/** What a page shows: a condition on `record` and its parameters. */
export interface Filter {
  where: string;
  params: readonly unknown[];
}

interface SortKey {
  expression: string;
  type: 'text' | 'bigint' | 'numeric';
}

const OWN_KEYS: Record<string, SortKey> = {
  name: { expression: 'sort_name', type: 'text' },
  createdAt: { expression: 'created_at', type: 'bigint' },
  updatedAt: { expression: 'updated_at', type: 'bigint' },
};

/** The records of an object that have these words, or one of `ids` (found by number). */
export function listFilter(meta: ObjectMeta, text: string, ids: readonly string[]): Filter {
  if (text.trim() === '') return { where: 'object = $1', params: [meta.name] };
  const query = wordsQuery(meta.name, text);
  if (ids.length === 0) {
    return query
      ? { where: 'object = $1 AND terms @@ $2::tsquery', params: [meta.name, query] }
      : { where: 'object = $1 AND false', params: [meta.name] };
  }
  return {
    where: 'object = $1 AND (terms @@ $2::tsquery OR id = ANY($3))',
    params: [meta.name, query ?? '', ids],
  };
}

export async function readPage(
  sql: Sql,
  meta: ObjectMeta,
  filter: Filter,
  options: ListOptions,
): Promise<RowPage> {
  const limit = pageLimit(options.limit);
  const key = sortKeyOf(meta, options.sort ?? 'name');
  const descending = options.direction === 'desc';
  const direction = descending ? 'DESC' : 'ASC';
  const params = [...filter.params];
  const behind = options.after ? behindCursor(key, descending, params, readCursor(options.after, key)) : '';
  const [rows, total] = await Promise.all([
    sql.query<RecordRow & { key: string | number }>(
      `SELECT ${RECORD_COLUMNS}, ${key.expression} AS key FROM record WHERE ${filter.where}${behind}
       ORDER BY ${key.expression} ${direction}, id ${direction} LIMIT ${limit + 1}`,
      params,
    ),
    countUpTo(sql, filter),
  ]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { rows: rows.slice(0, limit), total, next: last ? writeCursor(last.key, last.id) : null };
}

function pageLimit(limit: number | undefined): number {
  return Math.min(MAX_LIMIT, Math.max(1, Math.floor(limit ?? DEFAULT_LIMIT)));
}

/** Adds the cursor to `params`; the condition for what comes after it. */
function behindCursor(
  key: SortKey,
  descending: boolean,
  params: unknown[],
  cursor: [string, string],
): string {
  const from = params.push(...cursor) - 1;
  const value = key.type === 'text' ? `$${from}::text COLLATE "C"` : `$${from}::${key.type}`;
  return ` AND (${key.expression}, id) ${descending ? '<' : '>'} (${value}, $${from + 1})`;
}

async function countUpTo(sql: Sql, { where, params }: Filter): Promise<number> {
  const [row] = await sql.query<{ total: number }>(
    `SELECT count(*) AS total FROM (SELECT 1 FROM record WHERE ${where} LIMIT ${MAX_TOTAL}) counted`,
    params,
  );
  return row?.total ?? 0;
}

function sortKeyOf(meta: ObjectMeta, sort: string): SortKey {
  const own = Object.hasOwn(OWN_KEYS, sort) ? OWN_KEYS[sort] : undefined;
  if (own) return own;
  const field = meta.fields.find((f) => f.name === sort);
  if (!field || field.type === 'textarea' || field.type === 'reference') {
    throw refuse(sort, `${meta.labelPlural} cannot be sorted by ${sort}`);
  }
  return field.name === 'Name' || field.name === meta.nameField ? nameKey() : fieldKey(field);
}

function nameKey(): SortKey {
  return { expression: 'sort_name', type: 'text' };
}

/** The field's name comes from the metadata, never from the request. Empty values: first as text, last as numbers. */
function fieldKey({ name, type }: FieldMeta): SortKey {
  return type === 'number'
    ? { expression: `coalesce((data->>'${name}')::numeric, 'NaN')`, type: 'numeric' }
    : { expression: `lower(coalesce(data->>'${name}', '')) COLLATE "C"`, type: 'text' };
}

function writeCursor(key: string | number, id: string): string {
  return Buffer.from(JSON.stringify([String(key), id])).toString('base64url');
}

function readCursor(text: string, key: SortKey): [string, string] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Array.isArray(parsed) && parsed.length === 2) {
      const [value, id] = parsed as unknown[];
      const fits = key.type === 'text' || value === 'NaN' || (value !== '' && Number.isFinite(Number(value)));
      if (typeof value === 'string' && typeof id === 'string' && fits) return [value, id];
    }
  } catch {
    // Not a cursor of ours: said below.
  }
  throw new CodedError('bad-input', { field: 'after', detail: 'this is not the next page of this list' });
}
