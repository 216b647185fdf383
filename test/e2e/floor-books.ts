/** What is written down after everything: PostgreSQL, Asterisk and the CRM, read from outside. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../src/lib/clock.ts';
import type { CrmRecord, RecordPage } from '../../src/protocol/crm.ts';
import { socketFolder } from '../../src/server/bundled/account.ts';
import { ProjectionRunner } from '../../src/server/history/projections.ts';
import { Database } from '../../src/server/store/database.ts';
import { Journal } from '../../src/server/store/journal.ts';
import type { Product } from './product.ts';

const HISTORY = ['conversation', 'call', 'leg', 'segment', 'call_log'];

export class FloorBooks {
  readonly #product: Product;
  readonly db: Database;

  constructor(product: Product) {
    this.#product = product;
    this.db = new Database({
      connection: {
        host: socketFolder(this.#data, 'postgres'),
        port: 5432,
        user: 'crosspoint',
        database: 'crosspoint',
      },
      max: 2,
      onError: () => undefined,
    });
  }

  /** Whether the database takes questions now. */
  answers(): Promise<boolean> {
    return this.db.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  /** Everything that is not finished, by kind: empty when all is. */
  async leftOver(): Promise<Record<string, unknown[]>> {
    const { db } = this;
    const found: Record<string, unknown[]> = {
      openConversations: await db.query('SELECT stream FROM open_stream'),
      queueItems: await db.query('SELECT * FROM queue_item WHERE left_at IS NULL'),
      offers: await db.query('SELECT * FROM offer WHERE ended_at IS NULL'),
      outbox: await db.query('SELECT kind, idem_key, error FROM outbox WHERE done_at IS NULL'),
      channels: (await this.#ari<{ name: string }[]>('channels')).map(({ name }) => name),
      bridges: (await this.#ari<{ id: string }[]>('bridges')).map(({ id }) => id),
    };
    return Object.fromEntries(Object.entries(found).filter(([, rows]) => rows.length > 0));
  }

  /** Every Task that a call left. */
  async tasks(): Promise<CrmRecord[]> {
    const all: CrmRecord[] = [];
    let after = '';
    do {
      const page: RecordPage = await this.#product.api(`/api/crm/Task?limit=200${after}`, 'admin');
      all.push(...page.records.filter((task) => task.fields['CallObject']));
      after = page.next ? `&after=${encodeURIComponent(page.next)}` : '';
    } while (after);
    return all;
  }

  /** Conversations and agents that were joined: each must have one Task. */
  async talks(): Promise<{ conversation: string; user: string }[]> {
    return this.db.query(
      `SELECT DISTINCT j.conversation_id AS conversation, c.body->>'userId' AS user
       FROM journal j
       CROSS JOIN LATERAL jsonb_array_elements_text(j.body->'legIds') AS joined(leg)
       JOIN journal c ON c.stream = j.stream AND c.type = 'leg.created' AND c.body->>'legId' = joined.leg
       WHERE j.type = 'legs.joined' AND c.body->>'role' = 'agent'`,
    );
  }

  /** Agents' callers' numbers in the order in which they were answered, of one queue. */
  async answered(queueId: string): Promise<{ entered_at: number; left_at: number; how: string }[]> {
    return this.db.query(
      'SELECT entered_at, left_at, how FROM queue_item WHERE queue_id = $1 ORDER BY entered_at, id',
      [queueId],
    );
  }

  /** Events that may happen once to each leg or call, and happened more than once. */
  async doubled(): Promise<unknown[]> {
    return this.db.query(
      `SELECT type, coalesce(body->>'legId', body->>'callId') AS id, count(*) FROM journal
       WHERE type IN ('leg.cleared', 'call.ended', 'call.arrived') GROUP BY 1, 2 HAVING count(*) > 1`,
    );
  }

  /** History's rows as they are, and as the journal makes them anew. */
  async history(): Promise<{ kept: unknown; rebuilt: unknown }> {
    const { db } = this;
    const journal = new Journal({ db, clock: realClock, onError: () => undefined });
    const runner = new ProjectionRunner({
      db,
      journal,
      clock: realClock,
      onError: () => undefined,
    });
    await runner.catchUp();
    const kept = await this.#rows();
    await runner.rebuild();
    const rebuilt = await this.#rows();
    await runner.close();
    return { kept, rebuilt };
  }

  close(): Promise<void> {
    return this.db.close();
  }

  get #data(): string {
    return join(this.#product.folder, 'data');
  }

  async #rows(): Promise<Record<string, unknown[]>> {
    const entries = HISTORY.map(
      async (table): Promise<[string, unknown[]]> => [
        table,
        (await this.db.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY 1`)).map(
          ({ row }) => row,
        ),
      ],
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  async #ari<T>(path: string): Promise<T> {
    const etc = join(this.#data, 'asterisk/etc');
    const port = /^bindport = (\d+)/m.exec(readFileSync(join(etc, 'http.conf'), 'utf8'))?.[1];
    const password = /\[crosspoint\][^[]*?^password = (.+)$/m.exec(
      readFileSync(join(etc, 'ari.conf'), 'utf8'),
    )?.[1];
    const response = await fetch(`http://127.0.0.1:${port}/ari/${path}`, {
      headers: { authorization: `Basic ${Buffer.from(`crosspoint:${password}`).toString('base64')}` },
    });
    if (!response.ok) throw new Error(`ARI ${path}: ${response.status}`);
    return (await response.json()) as T;
  }
}

/** Ends a part of this product at once, as a crash would. */
export function killPart(product: Product, part: 'asterisk' | 'postgres'): void {
  const word = part === 'asterisk' ? 'asterisk.conf' : '/postgres/data -k';
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  const line = lines.find((candidate) => candidate.includes(word) && candidate.includes(product.folder));
  if (!line) throw new Error(`there is no ${part} in this folder`);
  process.kill(Number.parseInt(line, 10), 'SIGKILL');
}
