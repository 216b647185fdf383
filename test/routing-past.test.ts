/** What routing keeps in memory is there again after a restart: from its own tables, and from the history. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { QueueRule } from '../src/protocol/queue-rules.ts';
import { ProjectionRunner } from '../src/server/history/projections.ts';
import { answeredCallers, workSinceLogin } from '../src/server/history/routing-past.ts';
import { historyMigrations } from '../src/server/history/schema.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { CallWorld, WRAP_MS } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const ANI = '+442079460001';
let database: TestDatabase;
let world: CallWorld;

beforeEach(async () => {
  database = await testDatabase([...storeMigrations, ...routingMigrations, ...historyMigrations]);
  const { db } = database;
  const onError = (error: unknown) => world.errors.push(String(error));
  world = await CallWorld.open({
    agents: ['ann', 'bob'],
    db,
    journal: (clock) => new Journal({ db, clock, onError }),
    past: async ({ queueIds, since, most, now, forMs }) => ({
      answers: await answeredCallers(db, queueIds, since, most),
      work: await workSinceLogin(db, now, forMs),
    }),
  });
});

afterEach(async () => {
  await world.stop();
  await database.drop();
  expect(world.errors).toEqual([]);
});

/** The queue has the rule; ann answers a caller and talks for a minute, bob nobody; then ann is idle longer than bob. */
async function annWorks(rule: object): Promise<void> {
  world.queueRules = { sales: QueueRule.parse(rule) };
  world.routing.settingsChanged();
  await world.ready('ann');
  const caller = await world.call('100', ANI);
  await world.ready('bob');
  world.exchange.device('ann').answer();
  await world.pass(60_000);
  expect(world.shown('ann')).toBe('talking');
  caller.hangup();
  await world.pass(WRAP_MS + 1_000);
  await world.routing.setRequested('bob', 'not-ready', undefined, 'bob');
  await world.pass(1_000);
  await world.ready('bob');
}

async function restart(): Promise<void> {
  const { db } = database;
  const { clock, journal } = world;
  const runner = new ProjectionRunner({
    db,
    journal,
    clock,
    onError: (error) => world.errors.push(String(error)),
  });
  await journal.drain();
  await runner.catchUp();
  await runner.close();
  await world.stop();
  await world.startProcess();
  await world.ready('ann', 'bob');
}

it.each([['least-occupied'], ['round-robin']])('%s goes on as before', async (strategy) => {
  await annWorks({ strategy });
  await restart();
  await world.call('100', '+442079460002');
  expect([world.shown('ann'), world.shown('bob')]).toEqual(['ready', 'offered']);
});

it('a caller waits for the agent who answered him last', async () => {
  await annWorks({ preferred: { forMs: 30_000, lastAgentDays: 1 }, strategy: 'round-robin' });
  await restart();
  await world.call('100', ANI);
  expect([world.shown('ann'), world.shown('bob')]).toEqual(['offered', 'ready']);
});
