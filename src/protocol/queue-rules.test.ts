import { expect, it } from 'vitest';
import { phasesFor, phasesOf, QueueRule } from './queue-rules.ts';

const billing = (minimum: number) => ({ skillId: 'billing', minimum });
const french = (minimum: number) => ({ skillId: 'french', minimum });

it('asks for the caller’s own skills until a step names them or asks for nothing', () => {
  const rule = QueueRule.parse({
    steps: [
      { afterMs: 20_000, requirements: [billing(1)] },
      { afterMs: 40_000, requirements: [billing(1), french(2)] },
      { afterMs: 60_000, requirements: [billing(1)] },
      { afterMs: 80_000, requirements: [] },
    ],
    helpers: [{ queueId: 'sales', afterMs: 30_000 }],
  });
  const phases = phasesFor([french(5), billing(4)], phasesOf([billing(3)], rule), rule);
  expect(phases.map(({ afterMs, requirements }) => [afterMs, requirements])).toEqual([
    [0, [billing(4), french(5)]],
    [20_000, [billing(1), french(5)]],
    [30_000, [billing(1), french(5)]],
    [40_000, [billing(1), french(2)]],
    [60_000, [billing(1)]],
    [80_000, []],
  ]);
});

it('is the queue’s phases where nothing more is asked', () => {
  const phases = phasesOf([billing(3)], QueueRule.parse({}));
  expect(phasesFor([], phases, QueueRule.parse({}))).toBe(phases);
  expect(phasesFor([french(1)], phases, QueueRule.parse({}))).toMatchObject([
    { afterMs: 0, requirements: [billing(3), french(1)] },
  ]);
});
