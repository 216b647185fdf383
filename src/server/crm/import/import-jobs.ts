/**
 * Imports of records from CSV files: each is a job whose rows are staged, checked as a whole, and written in one
 * transaction. One works at a time, on connections of its own, so that calls never wait for it.
 */
import type { Clock } from '../../../lib/clock.ts';
import { newId } from '../../../lib/ids.ts';
import type { ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { ImportError, ImportJob, ImportPlan, UploadQuery } from '../../../protocol/imports.ts';
import type { Database } from '../../store/database.ts';
import { isStorable } from '../../store/storable.ts';
import { applyRows } from './apply.ts';
import { checkRows, type Step } from './check.ts';
import { type CsvDialect, readCsv } from './read-csv.ts';
import { checkPlan } from './read-row.ts';

export interface ImportJobsOptions {
  /** Connections of its own, two at least, whose statements may take long. */
  db: Database;
  clock: Pick<Clock, 'now'>;
  /** What the CRM has. */
  objects(): Promise<ObjectMeta[]>;
  /** ISO 3166: how numbers without a country are meant. */
  country: string;
  /** Rows of a file at most. Default 500,000. */
  maxRows?: number;
  /** Told of a step that failed for a reason of ours. */
  onError: (error: unknown) => void;
}

interface Running {
  id: string;
  fileName: string;
  abort: AbortController;
  progress: number;
  /** Resolves when the step has ended, however. */
  ended: Promise<void>;
}

/** What a step is told and tells. */
type StepHandle = Pick<Step, 'signal' | 'progress'>;

const MAX_ROWS = 500_000;
const MAX_COLUMNS = 500;
const SAMPLE_ROWS = 5;
const STAGE_BATCH = 500;
/** Jobs are kept for so long, in milliseconds: a month. */
const KEPT_MS = 30 * 86_400_000;
const SHOWN_ERRORS = 50;

const COLUMNS = `id, file_name AS "fileName", status, user_id AS "userId", created_at AS "createdAt",
  finished_at AS "finishedAt", encoding, delimiter, columns, sample, rows, plan, bad, inserts, updates, problem`;

export class ImportJobs {
  readonly #o: ImportJobsOptions;
  #running: Running | undefined;

  private constructor(options: ImportJobsOptions) {
    this.#o = options;
  }

  /** What a process before us left unfinished is over: none of it has been written. */
  static async load(options: ImportJobsOptions): Promise<ImportJobs> {
    await options.db.query(
      `UPDATE import_job SET status = 'aborted', finished_at = $1, problem = 'The server was stopped meanwhile.'
       WHERE status NOT IN ('done', 'cancelled', 'failed', 'aborted')`,
      [options.clock.now()],
    );
    await options.db.query(
      `DELETE FROM import_row WHERE NOT EXISTS (SELECT 1 FROM import_job j WHERE j.id = job_id AND j.status = 'done')`,
    );
    return new ImportJobs(options);
  }

  /** The newest first. */
  async list(): Promise<ImportJob[]> {
    const jobs = await this.#o.db.query<ImportJob>(
      `SELECT ${COLUMNS} FROM import_job ORDER BY created_at DESC, id LIMIT 50`,
    );
    return jobs.map((job) => this.#withProgress(job));
  }

  /** @throws CodedError `not-found`. */
  async read(id: string): Promise<ImportJob> {
    const [job] = await this.#o.db.query<ImportJob>(`SELECT ${COLUMNS} FROM import_job WHERE id = $1`, [id]);
    if (!job) throw new CodedError('not-found', { what: 'import' });
    // The database shows the end of a step before the step itself has heard of it: who is told that, may begin the next one.
    if (this.#running?.id === id && !AT_WORK.has(job.status)) {
      await this.#running.ended;
      return await this.read(id);
    }
    return this.#withProgress(job);
  }

  /** Stages a file. @throws CodedError `bad-input`, `too-large`, `too-many` for a file that cannot be read; then there is no job. */
  async upload(userId: string, query: UploadQuery, source: AsyncIterable<Uint8Array>): Promise<ImportJob> {
    const id = newId('import');
    await this.#step(id, query.fileName, async ({ signal }) => {
      await this.#forgetOld();
      await this.#o.db.query(
        "INSERT INTO import_job (id, file_name, status, user_id, created_at) VALUES ($1, $2, 'uploading', $3, $4)",
        [id, query.fileName, userId, this.#o.clock.now()],
      );
      try {
        await this.#stage(id, query, source, signal);
      } catch (error) {
        await this.#forget(id);
        throw error;
      }
    });
    return await this.read(id);
  }

  /** Begins to check the staged rows. The plan is kept with the job. */
  async check(id: string, plan: ImportPlan): Promise<ImportJob> {
    const job = await this.read(id);
    if (job.status !== 'uploaded' && job.status !== 'checked') throw notNow(job);
    const meta = await this.#objectOf(plan);
    checkPlan(meta, plan, job.columns.length);
    const begun = { status: 'checking', plan: JSON.stringify(plan), bad: 0, inserts: 0, updates: 0 } as const;
    await this.#begin(job, begun, async (step) => {
      const { db, country } = this.#o;
      const found = await checkRows({ sql: db, jobId: id, rows: job.rows, meta, plan, country, ...step });
      await this.#set(id, { status: 'checked', ...found });
    });
    return await this.read(id);
  }

  /** Begins to write what was checked. With bad rows only if these may be left out. */
  async apply(id: string, userId: string, skipBad: boolean): Promise<ImportJob> {
    const job = await this.read(id);
    const { plan } = job;
    if (job.status !== 'checked' || !plan) throw notNow(job);
    if (job.bad > 0 && !skipBad) {
      throw new CodedError('import-refused', {
        detail: `${job.bad} rows have errors. Mend them, or leave them out.`,
      });
    }
    if (job.inserts + job.updates === 0)
      throw new CodedError('import-refused', { detail: 'no row is good.' });
    const meta = await this.#objectOf(plan);
    await this.#begin(job, { status: 'applying' }, async (step) => {
      const { db, clock, country } = this.#o;
      await db.tx(async (sql) => {
        const now = clock.now();
        const place = { sql, jobId: id, rows: job.rows, meta, plan, country, owner: userId, now };
        await applyRows({ ...place, ...step });
        // In the same transaction: done is what is written, and nothing else.
        await sql.query("UPDATE import_job SET status = 'done', finished_at = $2 WHERE id = $1", [id, now]);
        await sql.query('DELETE FROM import_row WHERE job_id = $1 AND error IS NULL', [id]);
      });
    });
    return await this.read(id);
  }

  /** Ends the step at work, or gives the job up; resolves when nothing of it goes on. What is done stays done. */
  async cancel(id: string): Promise<ImportJob> {
    const running = this.#running?.id === id ? this.#running : undefined;
    running?.abort.abort();
    await running?.ended;
    const { status } = await this.read(id);
    if (status === 'uploaded' || status === 'checked') await this.#finish(id, 'cancelled');
    return await this.read(id);
  }

  /** The first errors, by row. */
  async errors(id: string): Promise<ImportError[]> {
    await this.read(id);
    return await this.#o.db.query<ImportError>(
      `SELECT row, coalesce(error_field, '') AS field, error FROM import_row
       WHERE job_id = $1 AND error IS NOT NULL ORDER BY row LIMIT ${SHOWN_ERRORS}`,
      [id],
    );
  }

  /** The bad rows as CSV, each with its number in the file and what is wrong: to be mended and imported again. */
  async *errorFile(id: string): AsyncGenerator<string, void, undefined> {
    const { columns } = await this.read(id);
    yield csvLine(['Row', 'Error', ...columns]);
    for (let after = 0; ; ) {
      const rows = await this.#o.db.query<{ row: number; error: string; cells: string[] }>(
        `SELECT row, error, cells FROM import_row WHERE job_id = $1 AND row > $2 AND error IS NOT NULL
         ORDER BY row LIMIT 1000`,
        [id, after],
      );
      for (const { row, error, cells } of rows) yield csvLine([String(row + 1), error, ...cells]);
      const last = rows.at(-1);
      if (!last) return;
      after = last.row;
    }
  }

  /** Waits for a step that is at work to be undone. Idempotent. */
  async close(): Promise<void> {
    this.#running?.abort.abort();
    await this.#running?.ended;
  }

  async #objectOf(plan: ImportPlan): Promise<ObjectMeta> {
    const meta = (await this.#o.objects()).find(({ name }) => name === plan.object);
    if (!meta)
      throw new CodedError('bad-input', { field: 'object', detail: `there is no object ${plan.object}` });
    return meta;
  }

  async #stage(
    id: string,
    query: UploadQuery,
    source: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const { maxRows = MAX_ROWS } = this.#o;
    const dialect: Partial<CsvDialect> = {};
    let columns: string[] | undefined;
    const sample: string[][] = [];
    let batch: { row: number; cells: string[] }[] = [];
    let rows = 0;
    for await (const cells of readCsv(source, dialect, query)) {
      signal.throwIfAborted();
      if (cells.length > MAX_COLUMNS) throw unreadable(`a row has more than ${MAX_COLUMNS} columns`);
      if (!isStorable(cells)) throw unreadable(`row ${rows + 2} holds characters that cannot be stored`);
      if (!columns) {
        columns = cells;
        continue;
      }
      if (++rows > maxRows) throw new CodedError('too-large', { limit: `${maxRows} rows` });
      if (sample.length < SAMPLE_ROWS) sample.push(cells);
      batch.push({ row: rows, cells });
      if (batch.length < STAGE_BATCH) continue;
      await this.#stageBatch(id, batch);
      batch = [];
    }
    if (!columns || rows === 0) throw unreadable('it has no rows below the names of its columns');
    await this.#stageBatch(id, batch);
    await this.#set(id, {
      ...dialect,
      status: 'uploaded',
      columns: JSON.stringify(columns),
      sample: JSON.stringify(sample),
      rows,
    });
  }

  async #stageBatch(id: string, batch: readonly { row: number; cells: string[] }[]): Promise<void> {
    await this.#o.db.query(
      `INSERT INTO import_row (job_id, row, cells)
       SELECT $1, row, cells FROM jsonb_to_recordset($2) AS v(row integer, cells jsonb)`,
      [id, JSON.stringify(batch)],
    );
  }

  /** Lets a step begin that goes on by itself; how it ends is seen in the job. @throws CodedError `import-busy`. */
  async #begin(
    job: ImportJob,
    begun: Record<string, unknown>,
    work: (step: StepHandle) => Promise<void>,
  ): Promise<void> {
    const step = async (handle: StepHandle) => {
      try {
        await this.#set(job.id, begun);
        begins();
        await work(handle);
      } catch (error) {
        await this.#ended(job.id, error, handle.signal);
      }
    };
    let begins = () => {};
    const underWay = new Promise<void>((resolve) => {
      begins = resolve;
    });
    const over = this.#step(job.id, job.fileName, step);
    over.catch((error: unknown) => {
      if (!(error instanceof CodedError)) this.#o.onError(error);
    });
    await Promise.race([underWay, over]);
  }

  /** Runs the one step that may be at work. @throws CodedError `import-busy`. */
  async #step(id: string, fileName: string, work: (step: StepHandle) => Promise<void>): Promise<void> {
    if (this.#running) throw new CodedError('import-busy', { file: this.#running.fileName });
    const abort = new AbortController();
    const running: Running = { id, fileName, abort, progress: 0, ended: Promise.resolve() };
    this.#running = running;
    const progress = (fraction: number) => {
      running.progress = fraction;
    };
    const done = work({ signal: abort.signal, progress }).finally(() => {
      this.#running = undefined;
    });
    running.ended = done.catch(() => undefined);
    await done;
  }

  /** A step did not come to its end. What it wrote has been rolled back. */
  async #ended(id: string, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return await this.#finish(id, 'cancelled');
    if (!(error instanceof CodedError)) this.#o.onError(error);
    const problem = error instanceof CodedError ? error.message : 'Something went wrong on the server.';
    await this.#finish(id, 'failed', problem);
  }

  /** What was staged holds personal data: it goes with the job's end. */
  async #finish(id: string, status: 'cancelled' | 'failed', problem: string | null = null): Promise<void> {
    await this.#o.db.query('DELETE FROM import_row WHERE job_id = $1', [id]);
    await this.#set(id, { status, problem, finished_at: this.#o.clock.now() });
  }

  async #set(id: string, values: Record<string, unknown>): Promise<void> {
    const names = Object.keys(values);
    const sets = names.map((name, i) => `${name} = $${i + 2}`).join(', ');
    await this.#o.db.query(`UPDATE import_job SET ${sets} WHERE id = $1`, [id, ...Object.values(values)]);
  }

  async #forget(id: string): Promise<void> {
    await this.#o.db.query('DELETE FROM import_row WHERE job_id = $1', [id]);
    await this.#o.db.query('DELETE FROM import_job WHERE id = $1', [id]);
  }

  async #forgetOld(): Promise<void> {
    const old = await this.#o.db.query<{ id: string }>('SELECT id FROM import_job WHERE created_at < $1', [
      this.#o.clock.now() - KEPT_MS,
    ]);
    for (const { id } of old) await this.#forget(id);
  }

  #withProgress(job: ImportJob): ImportJob {
    const running = this.#running?.id === job.id ? this.#running : undefined;
    return { ...job, progress: running?.progress ?? (job.status === 'done' ? 1 : 0) };
  }
}

const AT_WORK: ReadonlySet<ImportJob['status']> = new Set(['uploading', 'checking', 'applying']);

function notNow({ status }: ImportJob): CodedError {
  return new CodedError('import-refused', { detail: `this file is ${status}. Upload it again.` });
}

function unreadable(detail: string): CodedError {
  return new CodedError('bad-input', { field: 'file', detail });
}

function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(',')}\r\n`;
}
