import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff } from './backoff.ts';

describe('backoff', () => {
  it('doubles from the first wait to the longest', () => {
    const waits = [0, 1, 2, 3, 4, 5].map((attempt) => backoff(attempt, 100, 1_000, () => 0.5));
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('is never further than a fifth from the plain wait, whatever the attempt', () => {
    const cases = fc.tuple(
      fc.nat(10_000),
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 600_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
    );
    fc.assert(
      fc.property(cases, ([attempt, first, max, random]) => {
        const wait = backoff(attempt, first, max, () => random);
        const plain = Math.min(max, first * 2 ** Math.min(attempt, 30));
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(plain * 0.8));
        expect(wait).toBeLessThanOrEqual(Math.ceil(plain * 1.2));
      }),
    );
  });
});
