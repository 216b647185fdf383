/**
 * Follows the journal and keeps history's tables. It runs after the fact, on connections of its own: whatever fails here is
 * reported and tried again, and no call notices.
 *
 *     committed ──► what more comes is gathered for a moment ──► read on from the stored position ──► rows and the new position in one transaction ──► …
 */
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import type { Database, Sql } from '../store/database.ts';
import type { Journal, JournalEntry } from '../store/journal.ts';
import { projectAgentStates } from './agent-states.ts';
import { foldConversation } from './fold.ts';
import type { Rows } from './rows.ts';

export interface ProjectionRunnerOptions {
  /** Connections of its own: not the pool that the calls use. */
  db: Database;
  journal: Journal;
  clock: Clock;
  onError: (error: unknown) => void;
}

const NAME = 'history';
const BATCH = 500;
/** A call commits some six times within its first second: its rows are written once, not six times. */
const GATHER_MS = 1_000;
const TABLES: (keyof Rows)[] = ['conversation', 'call', 'leg', 'segment', 'call_log'];

export class ProjectionRunner {
  readonly #o: ProjectionRunnerOptions;
  readonly #life: Lifecycle;
  readonly #serial = new Serial();
  /** Events of conversations that go on, so that their streams are not read again for each event. */
  readonly #open = new Map<string, JournalEntry[]>();
  #waiting = false;
  #failures = 0;

  constructor(options: ProjectionRunnerOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  /** Catches up with the journal and follows it from now on. */
  start(): void {
    this.#life.add(() => this.#serial.idle());
    this.#life.add(this.#o.journal.onCommitted(() => this.#wake(GATHER_MS)));
    this.#wake(0);
  }

  /** Resolves when everything that was committed before is in the tables. @throws what the database says. */
  catchUp(): Promise<void> {
    return this.#serial.run(NAME, () => this.#readOn());
  }

  /** Empties the tables and makes them anew from the journal. */
  rebuild(): Promise<void> {
    return this.#serial.run(NAME, async () => {
      await this.#o.db.tx(async (sql) => {
        await sql.query(`TRUNCATE ${TABLES.join(', ')}, agent_state`);
        await sql.query('DELETE FROM projection WHERE name = $1', [NAME]);
      });
      this.#open.clear();
      await this.#readOn();
    });
  }

  /** Resolves when the batch that is under way is done. Idempotent. */
  close(): Promise<void> {
    return this.#life.close();
  }

  #wake(afterMs: number): void {
    if (this.#waiting || this.#life.closed) return;
    this.#waiting = true;
    this.#life.after(afterMs, () => {
      this.#waiting = false;
      this.#serial
        .run(NAME, () => this.#readOn())
        .then(
          () => {
            this.#failures = 0;
          },
          (error: unknown) => {
            this.#o.onError(error);
            this.#wake(backoff(this.#failures++, 200, 30_000));
          },
        );
    });
  }

  async #readOn(): Promise<void> {
    while (!this.#life.closed && (await this.#batch()) === BATCH) continue;
  }

  /** One transaction; the number of events that it took in. */
  async #batch(): Promise<number> {
    const folded = new Map<string, JournalEntry[]>();
    const count = await this.#o.db.tx(async (sql) => {
      const begun = sql.query(
        'INSERT INTO projection (name, position) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING',
        [NAME],
      );
      const position = sql.query<{ position: number }>(
        'SELECT position FROM projection WHERE name = $1 FOR UPDATE',
        [NAME],
      );
      const [[row]] = await Promise.all([position, begun]);
      const entries = await this.#o.journal.readAfter(row?.position ?? 0, BATCH, sql);
      const last = entries.at(-1);
      if (!last) return 0;
      for (const [id, news] of byConversation(entries))
        folded.set(id, [...(await this.#before(sql, news)), ...news]);
      await projectAgentStates(sql, entries);
      const rows = [...folded].map(([id, all]) => foldConversation(id, all));
      await Promise.all([
        ...writeRows(sql, rows, [...folded.keys()]),
        sql.query('UPDATE projection SET position = $2 WHERE name = $1', [NAME, last.position]),
      ]);
      return entries.length;
    });
    for (const [id, all] of folded) {
      if (all.some((entry) => entry.type === 'conversation.ended')) this.#open.delete(id);
      else this.#open.set(id, all);
    }
    return count;
  }

  /** What happened in the conversation before these events. */
  async #before(sql: Sql, news: readonly JournalEntry[]): Promise<JournalEntry[]> {
    const [first] = news;
    if (!first || first.seq === 1) return [];
    const known = this.#open.get(first.conversationId ?? '');
    // Another process that rebuilds the tables may have taken in what came between.
    if (known?.at(-1)?.seq === first.seq - 1) return known;
    return (await this.#o.journal.read(first.stream, sql)).filter((entry) => entry.seq < first.seq);
  }
}

function byConversation(entries: readonly JournalEntry[]): Map<string, JournalEntry[]> {
  const groups = new Map<string, JournalEntry[]>();
  for (const entry of entries) {
    if (entry.conversationId === undefined || entry.stream !== `conversation:${entry.conversationId}`)
      continue;
    groups.set(entry.conversationId, [...(groups.get(entry.conversationId) ?? []), entry]);
  }
  return groups;
}

/** Puts the conversations' rows in place of those that were there: all statements at once, in their order. */
function writeRows(
  sql: Sql,
  folded: readonly Rows[],
  conversationIds: readonly string[],
): Promise<unknown>[] {
  return TABLES.flatMap((table) => {
    const key = table === 'conversation' ? 'id' : 'conversation_id';
    const emptied = sql.query(`DELETE FROM ${table} WHERE ${key} = ANY($1)`, [conversationIds]);
    const rows = folded.flatMap((one): object[] => one[table]);
    if (rows.length === 0) return [emptied];
    const into = `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`;
    return [emptied, sql.query(into, [JSON.stringify(rows)])];
  });
}
