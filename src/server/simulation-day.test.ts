import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/postgres.ts';
import { PLAIN_RULE } from '../protocol/queue-rules.ts';
import type { Queue, User } from './callcenter/model.ts';
import { historyMigrations } from './history/schema.ts';
import { configuredDay } from './simulation-day.ts';

const MIDNIGHT = Date.UTC(2026, 0, 5);
const at = (hour: number, seconds = 0) => MIDNIGHT + hour * 3_600_000 + seconds * 1_000;

const user = (id: string, skills: User['skills'] = []) => ({ id, name: `User ${id}`, skills }) as User;
const queue = (id: string, memberIds: string[], more: Partial<Queue> = {}) =>
  ({
    id,
    label: id,
    ringMs: 15_000,
    wrapMs: 30_000,
    memberIds,
    requirements: [],
    rule: PLAIN_RULE,
    ...more,
  }) as Queue;

const USERS = [user('u1'), user('u2'), user('u3', [{ skillId: 'fr', level: 4 }]), user('boss')];
const QUEUES = [
  queue('sales', ['u1', 'u2'], { requirements: [] }),
  queue('french', ['u3'], { requirements: [{ skillId: 'fr', minimum: 3 }] }),
  queue('empty', []),
];

describe('a simulation file of what is configured', () => {
  let database: TestDatabase;
  const source = () => ({
    callCenter: { queues: () => QUEUES, users: () => USERS, takesCalls: (id: string) => id !== 'boss' },
    sql: database.db,
  });
  beforeAll(async () => {
    database = await testDatabase(historyMigrations);
  });
  afterAll(() => database.drop());

  let calls = 0;
  /** A caller: in a queue, and with an agent where one answered. */
  async function caller(
    queueId: string,
    enteredAt: number,
    waited: number,
    userId?: string,
    talk = 0,
    wrap = 0,
  ) {
    const id = `c${++calls}`;
    const left = enteredAt + waited * 1_000;
    const insert = (columns: string, values: unknown[]) =>
      database.db.query(
        `INSERT INTO ${columns} VALUES (${values.map((_, n) => `$${n + 1}`).join(', ')})`,
        values,
      );
    await insert('call (id, conversation_id, platform_id, direction, purpose, started_at)', [
      id,
      id,
      'p',
      'inbound',
      'call',
      enteredAt,
    ]);
    await insert('segment (id, conversation_id, call_id, kind, queue_id, queued_at, ended_at, outcome)', [
      `${id}q`,
      id,
      id,
      'queue',
      queueId,
      enteredAt,
      left,
      userId ? 'answered' : 'abandoned',
    ]);
    if (!userId) return;
    await insert(
      'segment (id, conversation_id, call_id, kind, queue_id, user_id, answered_at, ended_at, talk_ms, wrap_ms)',
      [`${id}a`, id, id, 'agent', queueId, userId, left, left + talk * 1_000, talk * 1_000, wrap * 1_000],
    );
  }

  it('groups agents who are alike, and makes calls up', async () => {
    const file = await configuredDay(source(), undefined);
    expect(
      file?.a.queues.map(({ id, ringSeconds, wrapUpSeconds }) => ({ id, ringSeconds, wrapUpSeconds })),
    ).toEqual([
      { id: 'sales', ringSeconds: 15, wrapUpSeconds: 30 },
      { id: 'french', ringSeconds: 15, wrapUpSeconds: 30 },
    ]);
    expect(file?.a.agents).toMatchObject([
      { name: 'sales', count: 2, queueIds: ['sales'], shifts: [{ from: '08:00', to: '18:00' }] },
      { name: 'User u3', count: 1, queueIds: ['french'], skills: [{ skillId: 'fr', level: 4 }] },
    ]);
    expect(file?.demand.map(({ arrivals }) => arrivals)).toEqual([
      [{ from: '08:00', to: '18:00', perHour: 20 }],
      [{ from: '08:00', to: '18:00', perHour: 20 }],
    ]);
  });

  const state = (userId: string, from: number, to: number, shown: string) =>
    database.db.query(
      'INSERT INTO agent_state (user_id, from_at, to_at, shown, logged_in) VALUES ($1, $2, $3, $4, true)',
      [userId, from, to, shown],
    );

  it('plays a day that was again: its calls, who took them when, and the patience that they show', async () => {
    await caller('sales', at(9), 10, 'u1', 100, 20);
    await caller('sales', at(11, 50), 20, 'u1', 200, 20);
    for (let n = 0; n < 5; n++) await caller('sales', at(10, n), 30);
    await caller('sales', at(-2), 30); // the day before
    await state('u1', at(8, 3_300), at(9, 0), 'ready');
    await state('u1', at(9, 0), at(9, 100), 'talking');
    await state('u1', at(9, 100), at(9, 160), 'not-ready'); // too short for a break
    await state('u1', at(9, 160), at(10), 'ready');
    await state('u1', at(10), at(10, 1_800), 'not-ready');
    await state('u1', at(10, 1_800), at(12, 30), 'ready');
    await state('u2', at(8), at(12), 'not-ready');
    await state('u3', at(-2), at(-1), 'ready');
    const file = await configuredDay(source(), MIDNIGHT);
    expect(file).toMatchObject({ from: '09:00', to: '12:00' });
    const [sales, french] = file?.demand ?? [];
    expect(sales?.recorded[0]).toEqual({ at: 9 * 3_600, waited: 10, gaveUp: false, talk: 100, wrapUp: 20 });
    expect(sales?.recorded[1]).toEqual({ at: 10 * 3_600, waited: 30, gaveUp: true });
    expect(sales?.recorded).toHaveLength(7);
    expect(sales?.talk).toMatchObject({ mean: 150, cv: 0.33 });
    // 180 seconds waited in all, by five who gave up.
    expect(sales?.patience?.mean).toBe(36);
    expect(french).toMatchObject({ recorded: [], patience: { mean: 180 } });
    // He had a break; who was not there is left out.
    expect(file?.a.agents).toMatchObject([
      {
        name: 'User u1',
        count: 1,
        shifts: [
          { from: '08:55', to: '10:00' },
          { from: '10:30', to: '12:01' },
        ],
      },
    ]);
  });

  it('keeps the rules of queues, with groups of agents in place of users', async () => {
    const { callCenter, sql } = source();
    const rule = {
      ...PLAIN_RULE,
      priority: 5,
      groups: [{ label: 'Later', afterMs: 10_000, userIds: ['u2'] }],
    };
    const queues = () => [queue('sales', ['u1', 'u2'], { rule })];
    const file = await configuredDay({ callCenter: { ...callCenter, queues }, sql }, undefined);
    expect(file?.a.agents.map(({ name }) => name)).toEqual(['User u1', 'User u2']);
    expect(file?.a.queues[0]?.rule).toMatchObject({ priority: 5, groups: [{ userIds: ['User u2'] }] });
  });

  it('is none where no queue has a member', async () => {
    const { callCenter, sql } = source();
    expect(
      await configuredDay(
        { callCenter: { ...callCenter, queues: () => [queue('empty', [])] }, sql },
        undefined,
      ),
    ).toBeUndefined();
  });
});
