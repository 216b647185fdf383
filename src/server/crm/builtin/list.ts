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
  /** An index finds what meets it, every record of the object is looked at, or all of them meet it. */
  way: 'indexed' | 'scanned' | 'all';
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
  if (text.trim() === '') return { where: 'object = $1', params: [meta.name], way: 'all' };
  const query = wordsQuery(meta.name, text);
  if (ids.length === 0) {
    return query
      ? { where: 'object = $1 AND terms @@ $2::tsquery', params: [meta.name, query], way: 'indexed' }
      : { where: 'object = $1 AND false', params: [meta.name], way: 'indexed' };
  }
  return {
    where: 'object = $1 AND (terms @@ $2::tsquery OR id = ANY($3))',
    params: [meta.name, query ?? '', ids],
    way: 'indexed',
  };
}

/** The records that a query for references finds (terms.ts). */
export function listReferring(query: string): Filter {
  return { where: 'terms @@ $1::tsquery', params: [query], way: 'indexed' };
}

/**
 * A page and how many there are. There are two ways to it: walk an index in the page's order until enough records fit,
 * or find all that fit and sort them. The planner chooses badly, since it cannot know that all Kims stand together far
 * from the beginning: few enough are always found first, and counted by the way.
 */
export async function readPage(
  sql: Sql,
  meta: ObjectMeta,
  filter: Filter,
  options: ListOptions,
): Promise<RowPage> {
  const limit = pageLimit(options.limit);
  const key = sortKeyOf(meta, options.sort ?? 'name');
  const page = { sql, filter, key, limit, descending: options.direction === 'desc', after: options.after };
  const few = filter.way === 'all' ? undefined : await readFew(page);
  const { rows, total } = few ?? (await readMany(page));
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    rows: rows.slice(0, limit),
    total: Math.min(total, MAX_TOTAL),
    next: last ? writeCursor(last.key, last.id) : null,
  };
}

interface PageOf {
  sql: Sql;
  filter: Filter;
  key: SortKey;
  limit: number;
  descending: boolean;
  after: string | undefined;
}

type KeyedRow = RecordRow & { key: string | number };

/** Undefined when more than MAX_TOTAL fit. */
async function readFew(page: PageOf): Promise<{ rows: KeyedRow[]; total: number } | undefined> {
  const [counted] = await page.sql.query<{ total: number; rows: KeyedRow[] | null }>(
    ...statementOf(page, {
      found: `MATERIALIZED (SELECT id, ${page.key.expression} AS key FROM record WHERE ${page.filter.where} LIMIT ${MAX_TOTAL + 1})`,
      select: `SELECT (SELECT count(*) FROM found) AS total,
        (SELECT json_agg(r) FROM (SELECT ${RECORD_COLUMNS}, key FROM page JOIN record USING (id) ORDER) r) AS rows`,
    }),
  );
  if (!counted || counted.total > MAX_TOTAL) return undefined;
  return { rows: counted.rows ?? [], total: counted.total };
}

async function readMany(page: PageOf): Promise<{ rows: KeyedRow[]; total: number }> {
  const { sql, filter, key } = page;
  // So many of those that are looked at one by one fit that the walk soon has a page.
  const total =
    filter.way === 'scanned'
      ? MAX_TOTAL
      : await countUpTo(sql, filter, filter.way === 'all' ? MAX_TOTAL : MAX_SORTED);
  const first = filter.way === 'indexed' && total < MAX_SORTED ? 'MATERIALIZED' : 'NOT MATERIALIZED';
  const rows = await sql.query<KeyedRow>(
    ...statementOf(page, {
      found: `${first} (SELECT id, ${key.expression} AS key FROM record WHERE ${filter.where})`,
      select: `SELECT ${RECORD_COLUMNS}, key FROM page JOIN record USING (id) ORDER`,
    }),
  );
  return { rows, total };
}

/** The statement and its parameters; `ORDER` stands for the page's order. */
function statementOf(
  { filter, key, limit, descending, after }: PageOf,
  { found, select }: { found: string; select: string },
): [text: string, params: unknown[]] {
  const params = [...filter.params];
  const behind = after ? behindCursor(key, descending, params, readCursor(after, key)) : '';
  const order = `ORDER BY key ${descending ? 'DESC' : 'ASC'}, id ${descending ? 'DESC' : 'ASC'}`;
  const text = `WITH found AS ${found},
      page AS (SELECT id, key FROM found WHERE true${behind} ${order} LIMIT ${limit + 1})
    ${select.replace('ORDER', order)}`;
  return [text, params];
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
