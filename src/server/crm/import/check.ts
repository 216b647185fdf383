/**
 * Checks the staged rows of a file and works out what each is to become, so that applying them is a matter of a few
 * statements. Nothing but the staged rows is written.
 *
 *     read every row ─► keys: twice in the file? which record? ─► records pointed at ─► what is to be stored
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { ID_KEY } from '../../../protocol/imports.ts';
import type { Sql } from '../../store/database.ts';
import type { Fields } from '../builtin/validate.ts';
import { defaultsOf } from '../builtin/validate.ts';
import { nextCaseNumber, type Stored, storedForm } from '../builtin/write.ts';
import { type Reading, readRow } from './read-row.ts';

/** A step over the staged rows of one job. */
export interface Step extends Reading {
  sql: Sql;
  jobId: string;
  /** How many rows there are. */
  rows: number;
  signal: AbortSignal;
  /** 0 to 1. */
  progress: (done: number) => void;
}

export interface Checked {
  bad: number;
  inserts: number;
  updates: number;
}

/** Rows of one statement. */
const BATCH = 250;
/** Milliseconds that rows are worked on before calls get the processor again. */
const SLICE_MS = 2;

export async function checkRows(step: Step): Promise<Checked> {
  await inBatches(step, 0, readBatch);
  await resolve(step);
  await inBatches(step, 0.5, prepareBatch);
  const [counted] = await step.sql.query<Checked>(
    `SELECT count(*) FILTER (WHERE error IS NOT NULL) AS bad,
       count(*) FILTER (WHERE error IS NULL AND target IS NULL) AS inserts,
       count(*) FILTER (WHERE error IS NULL AND target IS NOT NULL) AS updates
     FROM import_row WHERE job_id = $1`,
    [step.jobId],
  );
  return counted ?? { bad: 0, inserts: 0, updates: 0 };
}

/** Works through all rows; `from` is how far the whole step is at the beginning of this half. */
async function inBatches(
  step: Step,
  from: number,
  work: (step: Step, after: number) => Promise<void>,
): Promise<void> {
  for (let after = 0; after < step.rows; after += BATCH) {
    step.signal.throwIfAborted();
    await work(step, after);
    step.progress(from + (Math.min(step.rows, after + BATCH) / step.rows) * 0.5);
  }
}

interface StagedRow {
  row: number;
  cells: string[];
}

async function readBatch(step: Step, after: number): Promise<void> {
  const rows = await step.sql.query<StagedRow>(
    'SELECT row, cells FROM import_row WHERE job_id = $1 AND row > $2 AND row <= $3 ORDER BY row',
    [step.jobId, after, after + BATCH],
  );
  const read = await mapped(rows, ({ row, cells }) => {
    const { given, key, names, problems } = readRow(step, cells);
    const error = problems.map((problem) => problem.error).join('; ') || null;
    return { row, given, key, names, error, field: problems[0]?.field ?? null };
  });
  await step.sql.query(
    `UPDATE import_row i SET given = v.given, key = v.key, names = v.names, error = v.error, error_field = v.field,
       target = NULL, target_rev = NULL, record_id = NULL, data = NULL
     FROM jsonb_to_recordset($2) AS v(row integer, given jsonb, key text, names jsonb, error text, field text)
     WHERE i.job_id = $1 AND i.row = v.row`,
    [step.jobId, JSON.stringify(read)],
  );
}

async function mapped<T, R>(rows: readonly T[], work: (row: T) => R): Promise<R[]> {
  const done: R[] = [];
  let until = performance.now() + SLICE_MS;
  for (const row of rows) {
    if (performance.now() > until) {
      await breathe();
      until = performance.now() + SLICE_MS;
    }
    done.push(work(row));
  }
  return done;
}

/** What only the tables know: which records the keys and names mean. */
async function resolve(step: Step): Promise<void> {
  const { sql, plan, signal } = step;
  await sql.query('ANALYZE import_row');
  if (plan.key !== null && plan.mode !== 'insert') {
    await refuseRepeatedKeys(step);
    await findTargets(step);
  }
  signal.throwIfAborted();
  for (const { field, by } of plan.columns) {
    const refersTo = step.meta.fields.find(
      ({ name, type }) => name === field && type === 'reference',
    )?.refersTo;
    if (refersTo) await (by === 'name' ? findByName(step, field, refersTo) : checkIds(step, field, refersTo));
    signal.throwIfAborted();
  }
}

async function refuseRepeatedKeys({ sql, jobId, plan, meta }: Step): Promise<void> {
  await sql.query(
    `UPDATE import_row i SET error = 'the same ' || $2 || ' as in row ' || d.first, error_field = $3
     FROM (SELECT key, min(row) AS first FROM import_row WHERE job_id = $1 AND error IS NULL GROUP BY key HAVING count(*) > 1) d
     WHERE i.job_id = $1 AND i.error IS NULL AND i.key = d.key AND i.row > d.first`,
    [jobId, labelOf(meta, plan.key), plan.key],
  );
}

function labelOf(meta: ObjectMeta, key: string | null): string {
  return meta.fields.find(({ name }) => name === key)?.label ?? 'record id';
}

async function findTargets({ sql, jobId, plan, meta }: Step): Promise<void> {
  await sql.query(
    `UPDATE import_row i SET target = m.id, target_rev = m.rev,
       error = CASE WHEN m.found > 1 THEN m.found || ' ' || $3 || ' have this ' || $4 END,
       error_field = CASE WHEN m.found > 1 THEN $5 END
     FROM (${targetsQuery(meta, plan.key)}) m WHERE i.job_id = $1 AND i.row = m.row`,
    [jobId, meta.name, meta.labelPlural.toLowerCase(), labelOf(meta, plan.key), plan.key],
  );
  if (plan.mode === 'upsert') return;
  await sql.query(
    `UPDATE import_row SET error = 'no ' || $2 || ' has this ' || $3, error_field = $4
     WHERE job_id = $1 AND error IS NULL AND target IS NULL`,
    [jobId, meta.label.toLowerCase(), labelOf(meta, plan.key), plan.key],
  );
}

/** For each good row ($1: job) the record of the object ($2) that has its key, and how many have. */
export function targetsQuery(meta: ObjectMeta, key: string | null): string {
  const field = meta.fields.find(({ name }) => name === key);
  // The field's name is the metadata's, never the request's.
  const found =
    key === ID_KEY
      ? 'JOIN record r ON r.id = g.key AND r.object = $2'
      : field?.type === 'phone'
        ? `JOIN phone_index p ON p.object = $2 AND p.field = '${field.name}'
             AND p.digits_reversed = reverse(ltrim(g.key, '+')) JOIN record r ON r.id = p.record_id`
        : `JOIN record r ON r.object = $2 AND lower(r.data->>'${field?.name}') = lower(g.key)`;
  return `SELECT g.row, min(r.id) AS id, min(r.rev) AS rev, count(*) AS found
    FROM import_row g ${found} WHERE g.job_id = $1 AND g.error IS NULL GROUP BY g.row`;
}

async function findByName({ sql, jobId }: Step, field: string, refersTo: readonly string[]): Promise<void> {
  await sql.query(
    `UPDATE import_row i SET given = i.given || CASE WHEN m.found = 1 THEN jsonb_build_object($2::text, m.id) ELSE '{}' END,
       error = CASE m.found WHEN 1 THEN NULL WHEN 0 THEN $4 || ' “' || m.wanted || '” does not exist'
         ELSE m.found || ' records of ' || $4 || ' are called “' || m.wanted || '”: name it by its id' END,
       error_field = CASE WHEN m.found <> 1 THEN $2 END
     FROM (SELECT g.row, g.names->>$2 AS wanted, min(r.id) AS id, count(r.id) AS found
           FROM import_row g LEFT JOIN record r ON r.object = ANY($3) AND r.sort_name = g.names->>$2
           WHERE g.job_id = $1 AND g.error IS NULL AND g.names ? $2 GROUP BY g.row, wanted) m
     WHERE i.job_id = $1 AND i.row = m.row`,
    [jobId, field, refersTo, refersTo.join(' or ')],
  );
}

async function checkIds({ sql, jobId }: Step, field: string, refersTo: readonly string[]): Promise<void> {
  await sql.query(
    `UPDATE import_row i SET error = $4 || ' with the id ' || (i.given->>$2) || ' does not exist', error_field = $2
     WHERE i.job_id = $1 AND i.error IS NULL AND i.given ? $2
       AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = i.given->>$2 AND r.object = ANY($3))`,
    [jobId, field, refersTo, refersTo.join(' or ')],
  );
}

interface GoodRow {
  row: number;
  given: Fields;
  target: string | null;
  current: Fields | null;
}

async function prepareBatch(step: Step, after: number): Promise<void> {
  const { sql, meta, jobId, country } = step;
  const rows = await sql.query<GoodRow>(
    `SELECT i.row, i.given, i.target, r.data AS current FROM import_row i LEFT JOIN record r ON r.id = i.target
     WHERE i.job_id = $1 AND i.row > $2 AND i.row <= $3 AND i.error IS NULL ORDER BY i.row`,
    [jobId, after, after + BATCH],
  );
  const numbers = meta.name === 'Case' ? await caseNumbers(sql, rows) : [];
  const first = defaultsOf(meta);
  const stored = await mapped(rows, ({ row, given, current }) => {
    const fields = { ...(current ?? first), ...given };
    if (!current && numbers.length > 0) fields.CaseNumber = numbers.pop() ?? null;
    return { row, ...form(meta, fields, country) };
  });
  await sql.query(
    `UPDATE import_row i SET data = v.data, name = v.name, sort_name = v."sortName", terms = v.terms, phones = v.phones,
       record_id = coalesce(i.target, new_record_id($3, nextval('record_number'))), error = v.error, error_field = v.field
     FROM jsonb_to_recordset($2) AS v(row integer, data jsonb, name text, "sortName" text, terms text[], phones jsonb, error text, field text)
     WHERE i.job_id = $1 AND i.row = v.row`,
    [jobId, JSON.stringify(stored), meta.prefix],
  );
}

type Form = Stored | { error: string; field: string };

function form(meta: ObjectMeta, fields: Fields, country: string): Form {
  try {
    return storedForm(meta, fields, country);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { error: String(error.data.detail ?? error.message), field: String(error.data.field ?? '') };
  }
}

/** Of new cases; a number that is not used after all stays unused. */
async function caseNumbers(sql: Sql, rows: readonly GoodRow[]): Promise<string[]> {
  const numbers: string[] = [];
  for (const { target } of rows) if (target === null) numbers.unshift(await nextCaseNumber(sql));
  return numbers;
}
