/**
 * Writes the figures of finished intervals to the organisation's CRM, where it takes figures: one outbox entry per interval, in the
 * transaction that notes how far it is, so that each is written once, whatever dies.
 *
 *     interval over ── nothing of it goes on any more, or six hours have passed ──► in the outbox ──► records of the CRM
 */
import type { Clock } from '../lib/clock.ts';
import { Lifecycle } from '../lib/lifecycle.ts';
import { FigureRow } from '../protocol/crm.ts';
import { CodedError } from '../protocol/errors.ts';
import type { FigureBook } from './crm/ports.ts';
import { intervalFigures, type IntervalFigures } from './history/interval-figures.ts';
import type { Database } from './store/database.ts';
import type { Migration } from './store/migrations.ts';
import { enterOutbox, type OutboxHandler } from './store/outbox.ts';

export const FIGURES_KIND = 'crm.figures';

export const crmFigureMigrations: Migration[] = [
  {
    id: 'crm-figures-001-start',
    sql: `
      -- Up to when (UTC milliseconds) figures are in the outbox, by CRM.
      CREATE TABLE crm_figures (crm_id text PRIMARY KEY, until bigint NOT NULL);
    `,
  },
];

export interface CrmFiguresOptions {
  db: Database;
  /** The projections' own connections: figures never wait in the calls' way. */
  reports: Database;
  clock: Clock;
  /** The CRM that takes figures; undefined where none does. */
  book(): { id: string; book: FigureBook } | undefined;
  queueLabel(queueId: string): string | undefined;
  userName(userId: string): string | undefined;
  /** Something is in the outbox. */
  onEntered(): void;
  onError: (what: string, error: unknown, ids: object) => void;
}

const INTERVAL_MS = 15 * 60_000;
const LOOK_MS = 60_000;
/** The projections may be so far behind, in milliseconds. */
const BEHIND_MS = 60_000;
/** A call that goes on longer does not keep the figures of its interval back. */
const PATIENCE_MS = 6 * 3_600_000;
/** Intervals in one look. */
const AT_ONCE = 50;

export class CrmFigures {
  readonly #o: CrmFiguresOptions;
  readonly #life: Lifecycle;
  #looking = false;

  constructor(options: CrmFiguresOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  start(): void {
    this.#life.every(LOOK_MS, () => this.#lookSoon());
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  /** The outbox handler of `crm.figures`. */
  handler(): OutboxHandler {
    return async (_key, body) => {
      const { crmId, rows } = body as { crmId: string; rows: unknown };
      const found = this.#o.book();
      if (found?.id !== crmId)
        throw new CodedError('crm-unavailable', { crm: crmId, detail: 'it takes no figures any more.' });
      await found.book.writeFigures(FigureRow.array().parse(rows));
    };
  }

  /** Enters every interval that is over and not entered yet; for a CRM that is new from the running one on. */
  async look(): Promise<void> {
    const found = this.#o.book();
    if (!found) return;
    const { clock, db, reports, onEntered } = this.#o;
    const now = clock.now();
    const current = now - (now % INTERVAL_MS);
    let from = await this.#until(found.id, current);
    for (let count = 0; count < AT_ONCE && from + INTERVAL_MS + BEHIND_MS <= now; count++) {
      const to = from + INTERVAL_MS;
      const figures = await intervalFigures(reports, from, to, now - to > PATIENCE_MS);
      if (!figures) return;
      const rows = figures.map((one) => this.#row(one, from, to));
      await db.tx(async (tx) => {
        await tx.query('UPDATE crm_figures SET until = $2 WHERE crm_id = $1', [found.id, to]);
        const idemKey = `figures:${found.id}:${from}`;
        if (rows.length > 0)
          await enterOutbox(tx, { kind: FIGURES_KIND, idemKey, body: { crmId: found.id, rows } }, now);
      });
      if (rows.length > 0) onEntered();
      from = to;
    }
  }

  async #until(crmId: string, current: number): Promise<number> {
    const { db } = this.#o;
    await db.query('INSERT INTO crm_figures (crm_id, until) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      crmId,
      current,
    ]);
    const [row] = await db.query<{ until: number }>('SELECT until FROM crm_figures WHERE crm_id = $1', [
      crmId,
    ]);
    return row?.until ?? current;
  }

  #row(figures: IntervalFigures, from: number, to: number): FigureRow {
    const { queueId, userId, offered, answered, abandoned } = figures;
    const seconds = (ms: number) => Math.round(ms / 1_000);
    return {
      key: `${new Date(from).toISOString()} ${queueId ?? '-'} ${userId ?? '-'}`,
      from,
      to,
      queue: queueId === null ? null : { id: queueId, label: this.#o.queueLabel(queueId) ?? queueId },
      user: userId === null ? null : { id: userId, name: this.#o.userName(userId) ?? userId },
      offered,
      answered,
      abandoned,
      talkSeconds: seconds(figures.talkMs),
      holdSeconds: seconds(figures.holdMs),
      wrapSeconds: seconds(figures.wrapMs),
      waitSeconds: seconds(figures.waitMs),
    };
  }

  #lookSoon(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.look()
      .catch((error: unknown) => this.#o.onError('figures for the CRM', error, {}))
      .finally(() => {
        this.#looking = false;
      });
  }
}
