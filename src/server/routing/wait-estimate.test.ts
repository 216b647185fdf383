import { expect, it } from 'vitest';
import { WaitEstimate } from './wait-estimate.ts';

const SECOND = 1_000;

it('predicts after a restart what it predicted before', () => {
  const before = new WaitEstimate();
  // Twenty come at once; one is answered every ten seconds, the seventh gives up.
  const stays = Array.from({ length: 15 }, (_, n) => ({
    queueId: 'sales',
    enteredAt: 0,
    leftAt: (n + 1) * 10 * SECOND,
    how: n === 6 ? 'abandoned' : 'answered',
  }));
  const waiting = Array.from({ length: 5 }, () => ({ queueId: 'sales', enteredAt: 0 }));
  stays.forEach(({ queueId, leftAt, how }, n) => {
    const left = 19 - n;
    if (how === 'answered') before.answered(queueId, leftAt, left);
    else before.left(queueId, left);
  });
  const after = new WaitEstimate();
  after.restore(stays, waiting);
  const now = 160 * SECOND;
  expect(before.of('sales', 3, now, true).honest).toBe(true);
  expect(after.of('sales', 3, now, true)).toEqual(before.of('sales', 3, now, true));
  after.answered('sales', now, 4);
  before.answered('sales', now, 4);
  expect(after.of('sales', 3, now, true)).toEqual(before.of('sales', 3, now, true));
});

it('learns nothing of a time in which nobody waited', () => {
  const after = new WaitEstimate();
  const stays = [1, 2, 3].map((n) => ({
    queueId: 'sales',
    enteredAt: n * 60 * SECOND,
    leftAt: n * 60 * SECOND + 5,
    how: 'answered',
  }));
  after.restore(stays, []);
  expect(after.of('sales', 1, 200 * SECOND, true)).toEqual({ ms: 0, honest: false });
});
