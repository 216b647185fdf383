import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { StateTimes } from '../history/agent-states.ts';
import { stateTimeRoutes } from './state-times.ts';

const NOON = Date.parse('2026-07-01T12:00:00Z');

let test: TestApi;
const asked: [readonly string[], number, number][] = [];
let times: StateTimes | undefined;

beforeAll(async () => {
  test = await TestApi.create({
    routes: [
      (api) =>
        stateTimeRoutes(api, {
          clock: { now: () => NOON },
          stateTimes: (userIds, from, to) => {
            asked.push([userIds, from, to]);
            return Promise.resolve(new Map(times ? userIds.map((id) => [id, times as StateTimes]) : []));
          },
          reasonLabel: (id) => (id === 'lunch' ? 'Lunch' : undefined),
        }),
    ],
  });
});
afterAll(() => test.close());

const ask = async () => {
  const answer = await test.call('GET', '/api/me/state-times', await test.tokenOf('agent'));
  return answer.json<object>();
};

it('tells a user of his own time today in his own zone, with the words of the reasons', async () => {
  times = {
    loggedInMs: 5_000,
    states: [
      { shown: 'ready', reason: null, ms: 3_000 },
      { shown: 'not-ready', reason: 'lunch', ms: 1_500 },
      { shown: 'not-ready', reason: 'gone', ms: 500 },
    ],
  };
  const answer = await ask();
  expect(answer).toMatchObject({
    to: NOON,
    loggedInMs: 5_000,
    states: [
      { shown: 'ready', ms: 3_000 },
      { shown: 'not-ready', reason: 'Lunch', ms: 1_500 },
      { shown: 'not-ready', reason: 'gone', ms: 500 },
    ],
  });
  const [userIds, from, to] = asked[0] ?? [[], 0, 0];
  expect(userIds).toHaveLength(1);
  expect(to).toBe(NOON);
  expect(to - from).toBeLessThanOrEqual(26 * 3_600_000);
});

it('has nothing to tell of who never logged in', async () => {
  times = undefined;
  expect(await ask()).toMatchObject({ loggedInMs: 0, states: [] });
});
