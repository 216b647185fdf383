import { expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { CommandResults } from './command-results.ts';

function counted() {
  let runs = 0;
  return { work: async () => ++runs, runs: () => runs };
}

it('carries a repeated command out once and answers it each time', async () => {
  const results = new CommandResults<number>(new VirtualClock());
  const { work, runs } = counted();
  expect([await results.once('c1', work), await results.once('c1', work)]).toEqual([1, 1]);
  expect(runs()).toBe(1);
});

it('forgets a command after five minutes', async () => {
  const clock = new VirtualClock();
  const results = new CommandResults<number>(clock);
  const { work } = counted();
  await results.once('c1', work);
  await clock.advance(299_000);
  expect(await results.once('c1', work)).toBe(1);
  await clock.advance(2_000);
  expect(await results.once('c1', work)).toBe(2);
});

it('keeps a bounded number, the newest', async () => {
  const results = new CommandResults<number>(new VirtualClock(), { max: 2 });
  const { work, runs } = counted();
  for (const id of ['c1', 'c2', 'c3', 'c3', 'c1']) await results.once(id, work);
  expect(runs()).toBe(4);
});
