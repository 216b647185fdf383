import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seeded } from '../../../test/harness/seeded.ts';
import { compareWaiting } from './match.ts';
import { Places } from './places.ts';

const RUNS = 10_000;

const item = fc.record({
  do: fc.constantFrom('add' as const, 'add' as const, 'remove' as const),
  n: fc.nat(20),
  priority: fc.constantFrom(0, 0, 0, 1, 5),
  enteredAt: fc.integer({ min: 900, max: 1_000 }),
});
const rule = fc.record({
  priority: fc.nat(2),
  ageing: fc.option(
    fc.record({ points: fc.integer({ min: 1, max: 3 }), everyMs: fc.constantFrom(1, 7, 30) }),
  ),
});

it('gives everybody the place that comparing with each of the others gives', () => {
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 40 }),
      rule,
      fc.integer({ min: 990, max: 1_100 }),
      (steps, one, now) => {
        const places = new Places();
        const inside: { itemId: string; priority: number; enteredAt: number }[] = [];
        steps.forEach(({ do: what, n, priority, enteredAt }, at) => {
          if (what === 'add') {
            const entering = { itemId: `i${at}`, priority, enteredAt };
            inside.push(entering);
            places.add(entering);
          } else {
            const [leaving] = inside.splice(n, 1);
            if (leaving) places.remove(leaving);
          }
        });
        const queue = { rule: one };
        const turns = inside
          .map((placed) => ({ ...placed, queue }))
          .sort((a, b) => compareWaiting(a, b, now))
          .map(({ itemId }) => itemId);
        expect(places.size).toBe(inside.length);
        for (const placed of inside)
          expect(places.before(placed, one, now)).toBe(turns.indexOf(placed.itemId));
      },
    ),
    seeded(RUNS),
  );
});
