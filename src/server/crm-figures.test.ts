import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/postgres.ts';
import { VirtualClock } from '../lib/clock.ts';
import type { FigureRow } from '../protocol/crm.ts';
import { CrmFigures, crmFigureMigrations, FIGURES_KIND } from './crm-figures.ts';
import { historyMigrations } from './history/schema.ts';
import { Outbox } from './store/outbox.ts';
import { storeMigrations } from './store/schema.ts';

const QUARTER = 15 * 60_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase([...storeMigrations, ...historyMigrations, ...crmFigureMigrations]);
});
afterAll(() => database.drop());

it('writes each finished interval once, when its calls have ended', async () => {
  const { db } = database;
  const clock = new VirtualClock();
  await clock.advance(QUARTER - (clock.now() % QUARTER));
  const written: FigureRow[] = [];
  const book = { writeFigures: async (rows: readonly FigureRow[]) => void written.push(...rows) };
  const figures = new CrmFigures({
    db,
    reports: db,
    clock,
    book: () => ({ id: 'salesforce', book }),
    queueLabel: () => 'Sales',
    userName: () => 'Ann',
    onEntered: () => outbox.wake(),
    onError: (_what, error) => {
      throw error;
    },
  });
  const outbox: Outbox = new Outbox({
    db,
    clock,
    handlers: { [FIGURES_KIND]: figures.handler() },
    onTried: () => undefined,
  });
  await figures.look();
  const from = clock.now();
  const segment = (id: string, kind: string, at: number, ended: number | null, outcome: string | null) =>
    db.query(
      `INSERT INTO segment (id, conversation_id, call_id, kind, queue_id, user_id, queued_at, answered_at, ended_at, outcome, talk_ms)
        VALUES ($1, 'c', 'c', $2, 'sales', $3, $4, $5, $6, $7, 30000)`,
      [
        id,
        kind,
        kind === 'agent' ? 'ann' : null,
        kind === 'queue' ? at : null,
        kind === 'agent' ? at : null,
        ended,
        outcome,
      ],
    );
  await segment('q1', 'queue', from + 1_000, from + 11_000, 'answered');
  await segment('q2', 'queue', from + 2_000, from + 9_000, 'abandoned');
  await segment('a1', 'agent', from + 11_000, null, null);
  await clock.advance(QUARTER + 120_000);
  await figures.look();
  expect(await outbox.count()).toMatchObject({ waiting: 0 });
  await db.query("UPDATE segment SET ended_at = $1 WHERE id = 'a1'", [from + 60_000]);
  await figures.look();
  await figures.look();
  outbox.start();
  await expect.poll(() => written.length).toBe(2);
  await expect.poll(async () => (await outbox.count()).waiting).toBe(0);
  expect(written).toMatchObject([
    { from, queue: { label: 'Sales' }, user: null, offered: 2, answered: 1, abandoned: 1, waitSeconds: 10 },
    { user: { id: 'ann', name: 'Ann' }, answered: 1, talkSeconds: 30 },
  ]);
  await outbox.close();
  await figures.close();
});
