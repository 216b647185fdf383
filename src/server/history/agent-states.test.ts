import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import type { JournalEntry } from '../store/journal.ts';
import { projectAgentStates, stateTimes } from './agent-states.ts';

describe('the table of times', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await testDatabase()));
  afterAll(() => database.drop());

  const changed = (at: number, shown: string, more: object = {}): JournalEntry =>
    ({
      stream: 'agent:ann',
      type: 'agent.changed',
      at,
      body: { shown, requested: 'ready', work: 'idle', online: true, ...more },
    }) as JournalEntry;

  it('follows the journal batch by batch, and is asked for any time', async () => {
    const { db } = database;
    await projectAgentStates(db, [changed(1_000, 'ready'), changed(2_000, 'talking')]);
    await projectAgentStates(db, [
      changed(5_000, 'not-ready', { requested: 'not-ready', reason: 'lunch' }),
      changed(6_000, 'not-ready', { requested: 'not-ready', reason: 'break' }),
      changed(7_500, 'logged-out', { requested: 'logged-out' }),
    ]);
    await projectAgentStates(db, [changed(9_000, 'ready')]);
    const of = async (from: number, to: number) => (await stateTimes(db, ['ann'], from, to)).get('ann');
    expect(await of(0, 10_000)).toEqual({
      loggedInMs: 7_500,
      states: [
        { shown: 'talking', reason: null, ms: 3_000 },
        { shown: 'ready', reason: null, ms: 2_000 },
        { shown: 'not-ready', reason: 'break', ms: 1_500 },
        { shown: 'not-ready', reason: 'lunch', ms: 1_000 },
      ],
    });
    expect(await of(4_000, 5_500)).toEqual({
      loggedInMs: 1_500,
      states: [
        { shown: 'talking', reason: null, ms: 1_000 },
        { shown: 'not-ready', reason: 'lunch', ms: 500 },
      ],
    });
    expect((await stateTimes(db, ['bob'], 0, 10_000)).get('bob')).toEqual({ loggedInMs: 0, states: [] });
  });
});
