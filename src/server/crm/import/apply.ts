/**
 * Writes what the check worked out, in the transaction that it is given: all of it, or nothing. What has changed since the
 * check makes it fail instead of being overwritten.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { CodedError } from '../../../protocol/errors.ts';
import { type Step, targetsQuery } from './check.ts';

export interface Applying extends Step {
  /** Owner of new records. */
  owner: string;
  /** UTC milliseconds. */
  now: number;
}

const BATCH = 1_000;
/** Somebody who edits one of the records is waited for so long. */
const LOCK_TIMEOUT = '10s';

/** @throws CodedError `import-refused` when a record was changed, removed or made since the check. */
export async function applyRows(step: Applying): Promise<void> {
  const { sql, signal, rows, progress } = step;
  await sql.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  await holdReferences(step);
  await refuseNewMatches(step);
  for (let after = 0; after < rows; after += BATCH) {
    signal.throwIfAborted();
    await insertBatch(step, after);
    await updateBatch(step, after);
    await breathe();
    progress(Math.min(rows, after + BATCH) / rows);
  }
  signal.throwIfAborted();
}

/** The records pointed at are still there, and stay until we commit. */
async function holdReferences({ sql, jobId, meta, plan }: Applying): Promise<void> {
  const fields = plan.columns
    .map(({ field }) => field)
    .filter((name) => meta.fields.some((field) => field.name === name && field.type === 'reference'));
  for (const field of fields) {
    const [gone] = await sql.query(
      `WITH wanted AS (SELECT DISTINCT given->>$2 AS id FROM import_row WHERE job_id = $1 AND error IS NULL AND given ? $2),
         held AS MATERIALIZED (SELECT r.id FROM record r WHERE r.id IN (SELECT id FROM wanted) ORDER BY r.id FOR KEY SHARE)
       SELECT 1 FROM wanted LEFT JOIN held USING (id) WHERE held.id IS NULL LIMIT 1`,
      [jobId, field],
    );
    if (gone) throw changed('a record that rows point at is gone');
  }
}

/** No record has been made meanwhile that a row would have changed. */
async function refuseNewMatches({ sql, jobId, meta, plan }: Applying): Promise<void> {
  if (plan.mode !== 'upsert') return;
  const [made] = await sql.query(
    `SELECT 1 FROM (${targetsQuery(meta, plan.key)}) m JOIN import_row i ON i.job_id = $1 AND i.row = m.row
     WHERE i.target IS NULL LIMIT 1`,
    [jobId, meta.name],
  );
  if (made) throw changed('a record that a row means has been made');
}

const GOOD = 'job_id = $1 AND row > $2 AND row <= $3 AND error IS NULL';

async function insertBatch({ sql, jobId, meta, owner, now }: Applying, after: number): Promise<void> {
  await sql.query(
    `WITH made AS (
       INSERT INTO record (id, object, name, sort_name, data, terms, owner, created_at, updated_at)
       SELECT record_id, $4, name, sort_name, data, array_to_tsvector(terms), $5, $6, $6 FROM import_row
       WHERE ${GOOD} AND target IS NULL ORDER BY row RETURNING 1)
     SELECT count(*) FROM made`,
    [jobId, after, after + BATCH, meta.name, owner, now],
  );
  await indexPhones(sql, jobId, meta.name, after, 'target IS NULL');
}

async function updateBatch({ sql, jobId, meta, now }: Applying, after: number): Promise<void> {
  const range = [jobId, after, after + BATCH];
  const [counted] = await sql.query<{ wanted: number; written: number }>(
    `WITH wanted AS (SELECT * FROM import_row WHERE ${GOOD} AND target IS NOT NULL),
       written AS (
         UPDATE record r SET name = w.name, sort_name = w.sort_name, data = w.data, terms = array_to_tsvector(w.terms),
           rev = r.rev + 1, updated_at = $4
         FROM wanted w WHERE r.id = w.target AND r.rev = w.target_rev RETURNING r.id)
     SELECT (SELECT count(*) FROM wanted) AS wanted, (SELECT count(*) FROM written) AS written`,
    [...range, now],
  );
  if (!counted || counted.wanted === 0) return;
  if (counted.written < counted.wanted) throw changed('a record has been changed or removed');
  await sql.query(
    `DELETE FROM phone_index WHERE record_id IN (SELECT target FROM import_row WHERE ${GOOD} AND target IS NOT NULL)`,
    range,
  );
  await indexPhones(sql, jobId, meta.name, after, 'target IS NOT NULL');
}

async function indexPhones(
  sql: Applying['sql'],
  jobId: string,
  object: string,
  after: number,
  which: 'target IS NULL' | 'target IS NOT NULL',
): Promise<void> {
  await sql.query(
    `INSERT INTO phone_index (digits_reversed, e164, record_id, object, field)
     SELECT p.reversed, p.e164, record_id, $4, p.field
     FROM import_row, jsonb_to_recordset(phones) AS p(field text, e164 text, reversed text)
     WHERE ${GOOD} AND ${which} ORDER BY row`,
    [jobId, after, after + BATCH, object],
  );
}

function changed(what: string): CodedError {
  return new CodedError('import-refused', { detail: `since the check, ${what}. Check the file again.` });
}
