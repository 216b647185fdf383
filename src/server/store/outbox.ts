/**
 * The outbox: writes to other systems, entered in the transaction of the fact that asks for them, carried out until they
 * succeed (DESIGN rule 1). A handler must be idempotent by its key: a crash between its effect and our mark repeats it.
 *
 *     entered ─► due ─► handler ─┬─ resolves ─► done: marked with what else is done by then, in one transaction
 *                  ▲             ├─ rejects ──► error noted, due again after backoff (visible as stuck)
 *                  │             └─ is refused for good ──► error noted, due again in a day: a person corrects it, or what refuses it
 *
 * What is done keeps its key, which makes a repetition known, and not its body: that holds personal data, and nobody needs it.
 */
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import { DueWork } from '../../lib/due-work.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import type { Database, Sql } from './database.ts';
import type { AlsoInTransaction } from './journal.ts';

export interface OutboxEntry {
  kind: string;
  idemKey: string;
  body: object;
}

/** Enters a write, in the caller's transaction. A second entry with the same key is the same write and is left out: false. */
export async function enterOutbox(sql: Sql, entry: OutboxEntry, now: number): Promise<boolean> {
  const entered = await sql.query(
    'INSERT INTO outbox (kind, idem_key, body, next_at) VALUES ($1, $2, $3, $4) ON CONFLICT (idem_key) DO NOTHING RETURNING id',
    [entry.kind, entry.idemKey, JSON.stringify(entry.body), now],
    'outbox-enter',
  );
  return entered.length > 0;
}

/**
 * Enters a write that takes the place of an earlier one of this key: an earlier one that is not done is left out, and the
 * new one is carried out after one that is just under way. Its handler is given the key with a number behind `#`.
 */
export async function replaceOutbox(sql: Sql, entry: OutboxEntry, now: number): Promise<void> {
  if (await enterOutbox(sql, entry, now)) return;
  const { kind, idemKey, body } = entry;
  const keys = [idemKey, ...Array.from({ length: MAX_REPLACED }, (_, index) => `${idemKey}#${index + 2}`)];
  const entered = await sql.query(REPLACE, [keys, now, kind, JSON.stringify(body)]);
  if (entered.length === 0) throw new Error(`${idemKey} was replaced ${MAX_REPLACED} times`);
}

/** One statement, so that two writes of one key in the same transaction see each other. */
const REPLACE = `
  WITH earlier AS (UPDATE outbox SET done_at = coalesce(done_at, $2), body = '{}' WHERE idem_key = ANY($1) RETURNING id),
  next AS (SELECT ($1::text[])[1 + (SELECT count(*) FROM earlier)] AS idem_key)
  INSERT INTO outbox (kind, idem_key, body, next_at)
  SELECT $3, idem_key, $4::jsonb, $2::bigint FROM next WHERE idem_key IS NOT NULL RETURNING id`;

const MAX_REPLACED = 98;

/** May resolve with what is to be written together with the mark that the entry is done. */
export type OutboxHandler = (idemKey: string, body: unknown) => Promise<AlsoInTransaction | void>;

/** An entry whose handler has resolved. */
interface Done {
  row: DueRow;
  at: number;
  also?: AlsoInTransaction;
}

interface DueRow {
  id: number;
  kind: string;
  idem_key: string;
  body: unknown;
  attempts: number;
}

export interface OutboxOptions {
  db: Database;
  clock: Clock;
  handlers: Record<string, OutboxHandler>;
  /** Whether the other side will refuse it however often it is tried. Default: never. */
  isPermanent?: (error: unknown) => boolean;
  /** Told of every try: undefined when it is done, the error when it will be tried again. */
  onTried: (kind: string, idemKey: string, error: unknown) => void;
}

/** How long what was entered waits for company, in milliseconds. */
const GATHER_MS = 200;
/** How long the mark of what is done waits for others, while a slow one is carried out, in milliseconds. */
const MARK_MS = 200;
/** A write that has not ended after this many milliseconds counts as failed, so that the next ones get their turn. */
const HANDLER_MS = 30_000;
/** What was refused for good is tried again after a day, in milliseconds: what refused it may have been set otherwise. */
const REFUSED_MS = 86_400_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #life: Lifecycle;
  readonly #work: DueWork<DueRow>;
  readonly #marking = new Serial();
  #gathering = false;
  #done: Done[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(() => this.#markNow());
    this.#work = new DueWork({
      life: this.#life,
      due: () => this.#mark().then(() => this.#due()),
      carryOut: (row) => this.#try(row),
      onError: (error) => options.onTried('outbox', 'read', error),
    });
  }

  /** Starts carrying out what is due, and looks again every second for what falls due by backoff. */
  start(): void {
    this.#life.every(1_000, () => this.wake());
    this.wake();
  }

  /** What keeps entries of this kind from being done may be over: they are due now. */
  async hurry(kind: string): Promise<void> {
    await this.#options.db.query(
      'UPDATE outbox SET next_at = $2 WHERE kind = $1 AND attempts > 0 AND done_at IS NULL',
      [kind, this.#options.clock.now()],
    );
    this.wake();
  }

  /** Look now. */
  wake(): void {
    this.#work.wake();
  }

  /** Something was entered: it is carried out soon, with what else is entered by then. */
  entered(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#life.after(GATHER_MS, () => {
      this.#gathering = false;
      this.wake();
    });
  }

  /** Entries that failed at least once and are not done, oldest first, at most 200. */
  stuck(): Promise<
    {
      id: number;
      kind: string;
      idem_key: string;
      attempts: number;
      next_at: number;
      error: string;
      body: unknown;
    }[]
  > {
    return this.#options.db.query(
      'SELECT id, kind, idem_key, attempts, next_at, error, body FROM outbox WHERE done_at IS NULL AND attempts > 0 ORDER BY id LIMIT 200',
    );
  }

  /** How many entries are not done, and how many of these failed at least once. */
  async count(): Promise<{ waiting: number; stuck: number }> {
    const rows = await this.#options.db.query<{ waiting: number; stuck: number }>(
      'SELECT count(*) AS waiting, count(*) FILTER (WHERE attempts > 0) AS stuck FROM outbox WHERE done_at IS NULL',
    );
    return rows[0] ?? { waiting: 0, stuck: 0 };
  }

  /** How many entries are not done whose body has these values. */
  async waiting(values: object): Promise<number> {
    const rows = await this.#options.db.query<{ count: number }>(
      'SELECT count(*) FROM outbox WHERE done_at IS NULL AND body @> $1',
      [JSON.stringify(values)],
    );
    return rows[0]?.count ?? 0;
  }

  /** Corrects what a stuck entry says and makes it due now. False when there is no such entry, or it is done. */
  async correct(id: number, kind: string, values: object): Promise<boolean> {
    const changed = await this.#options.db.query(
      'UPDATE outbox SET body = body || $3, next_at = $4 WHERE id = $1 AND kind = $2 AND done_at IS NULL RETURNING id',
      [id, kind, JSON.stringify(values), this.#options.clock.now()],
    );
    this.wake();
    return changed.length > 0;
  }

  /** Makes a stuck entry due now. */
  async retry(id: number): Promise<void> {
    await this.#options.db.query('UPDATE outbox SET next_at = $2 WHERE id = $1 AND done_at IS NULL', [
      id,
      this.#options.clock.now(),
    ]);
    this.wake();
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  #due(): Promise<DueRow[]> {
    return this.#options.db.query<DueRow>(
      'SELECT id, kind, idem_key, body, attempts FROM outbox WHERE done_at IS NULL AND next_at <= $1 ORDER BY next_at, id LIMIT 50',
      [this.#options.clock.now()],
      'outbox-due',
    );
  }

  async #try(row: DueRow): Promise<void> {
    const { clock, handlers } = this.#options;
    try {
      const handler = handlers[row.kind];
      if (!handler) throw new Error(`nothing here carries out ${row.kind}`);
      const also = await withDeadline(clock, HANDLER_MS, row.kind, handler(row.idem_key, row.body));
      if (this.#done.length === 0) this.#life.after(MARK_MS, () => void this.#markNow());
      this.#done.push({ row, at: clock.now(), ...(also ? { also } : {}) });
    } catch (error) {
      await this.#failed(row, error);
    }
  }

  #markNow(): Promise<void> {
    return this.#mark().catch((error: unknown) => this.#options.onTried('outbox', 'mark', error));
  }

  /** Nothing that is done is due again after this. What cannot be marked together is marked one by one. */
  #mark(): Promise<void> {
    return this.#marking.run('', async () => {
      const done = this.#done;
      this.#done = [];
      if (done.length === 0) return;
      try {
        await this.#markAll(done);
      } catch (error) {
        const [only, ...others] = done;
        if (only && others.length === 0) return await this.#failed(only.row, error);
        for (const one of done)
          await this.#markAll([one]).catch((why: unknown) => this.#failed(one.row, why));
      }
    });
  }

  async #markAll(done: readonly Done[]): Promise<void> {
    await this.#options.db.tx((sql) => {
      const marked = sql.query(
        "UPDATE outbox SET done_at = d.at, error = NULL, body = '{}' FROM unnest($1::bigint[], $2::bigint[]) AS d(id, at) WHERE outbox.id = d.id",
        [done.map(({ row }) => row.id), done.map(({ at }) => at)],
        'outbox-done',
      );
      return Promise.all([marked, ...done.map(({ also }) => also?.(sql))]);
    });
    for (const { row } of done) this.#options.onTried(row.kind, row.idem_key, undefined);
  }

  async #failed(row: DueRow, error: unknown): Promise<void> {
    const { db, clock, isPermanent, onTried } = this.#options;
    // A zero byte, which a text cannot hold, would keep the error from being noted and so the entry from waiting.
    const text = error instanceof Error ? error.message.slice(0, 500).replaceAll('\0', '') : 'unknown error';
    await db.query('UPDATE outbox SET attempts = attempts + 1, error = $2, next_at = $3 WHERE id = $1', [
      row.id,
      text,
      clock.now() + (isPermanent?.(error) ? REFUSED_MS : backoff(row.attempts, 1_000, 300_000)),
    ]);
    onTried(row.kind, row.idem_key, error);
  }
}
