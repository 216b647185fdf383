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
/** A total says no more than this. */
const MAX_TOTAL = 10_000;
/** So many records are found first and sorted then. */
const MAX_SORTED = 100_000;

export interface RowPage {
  rows: RecordRow[];
  total: number;
  next: string | null;
}

/** What a page shows: a condition on `record` and its parameters. */
export interface Filter {
  where: string;
  params: readonly unknown[];
  /** It looks up words or references, and does not take all records of the object. */
  selective: boolean;
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
  if (text.trim() === '') return { where: 'object = $1', params: [meta.name], selective: false };
  const query = wordsQuery(meta.name, text);
  if (ids.length === 0) {
    return query
      ? { where: 'object = $1 AND terms @@ $2::tsquery', params: [meta.name, query], selective: true }
      : { where: 'object = $1 AND false', params: [meta.name], selective: true };
  }
  return {
    where: 'object = $1 AND (terms @@ $2::tsquery OR id = ANY($3))',
    params: [meta.name, query ?? '', ids],
    selective: true,
  };
}

/** The records that a query for references finds (terms.ts). */
export function listReferring(query: string): Filter {
  return { where: 'terms @@ $1::tsquery', params: [query], selective: true };
}

/**
 * A page and how many there are. There are two ways to it: walk an index in the page's order until enough records fit,
 * or find all that fit and sort them. The planner chooses badly, since it cannot know that all Kims stand together far
 * from the beginning: few enough are always found first.
 */
export async function readPage(
  sql: Sql,
  meta: ObjectMeta,
  filter: Filter,
  options: ListOptions,
): Promise<RowPage> {
  const limit = pageLimit(options.limit);
  const key = sortKeyOf(meta, options.sort ?? 'name');
  const descending = options.direction === 'desc';
  const params = [...filter.params];
  const behind = options.after ? behindCursor(key, descending, params, readCursor(options.after, key)) : '';
  const total = await countUpTo(sql, filter, filter.selective ? MAX_SORTED : MAX_TOTAL);
  const found = filter.selective && total < MAX_SORTED ? 'MATERIALIZED' : 'NOT MATERIALIZED';
  const order = `ORDER BY key ${descending ? 'DESC' : 'ASC'}, id ${descending ? 'DESC' : 'ASC'}`;
  const rows = await sql.query<RecordRow & { key: string | number }>(
    `WITH found AS ${found} (SELECT id, ${key.expression} AS key FROM record WHERE ${filter.where}),
       page AS (SELECT id, key FROM found WHERE true${behind} ${order} LIMIT ${limit + 1})
     SELECT ${RECORD_COLUMNS}, key FROM page JOIN record USING (id) ${order}`,
    params,
  );
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    rows: rows.slice(0, limit),
    total: Math.min(total, MAX_TOTAL),
    next: last ? writeCursor(last.key, last.id) : null,
  };
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
  return ` AND (key, id) ${descending ? '<' : '>'} (${value}, $${from + 1})`;
}

async function countUpTo(sql: Sql, { where, params }: Filter, limit: number): Promise<number> {
  const [row] = await sql.query<{ total: number }>(
    `SELECT count(*) AS total FROM (SELECT 1 FROM record WHERE ${where} LIMIT ${limit}) counted`,
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
