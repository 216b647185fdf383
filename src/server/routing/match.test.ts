import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { match, type Pair, type ReadyAgent, type WaitingItem } from './match.ts';

const item = (itemId: string, more: Partial<WaitingItem> = {}): WaitingItem => ({
  itemId,
  queueId: 'q',
  platformId: 'p',
  requirements: [],
  priority: 0,
  enteredAt: 0,
  ...more,
});
const agent = (
  userId: string,
  idleSince: number,
  queueIds = ['q'],
  platformIds = ['p'],
  levels: Record<string, number> = {},
): ReadyAgent => ({
  userId,
  level: (skillId) => levels[skillId] ?? 0,
  idleSince,
  queueIds: new Set(queueIds),
  reaches: (platformId) => platformIds.includes(platformId),
});

const canTake = (a: ReadyAgent, i: WaitingItem) =>
  a.queueIds.has(i.queueId) &&
  a.reaches(i.platformId) &&
  !i.requirements.some(({ skillId, minimum }) => a.level(skillId) < minimum);

/** The same said another way: again and again the best of all pairs that are possible, compared one with one. */
function bruteForce(waiting: WaitingItem[], agents: ReadyAgent[]): Pair[] {
  const pairs = waiting.flatMap((i) => agents.filter((a) => canTake(a, i)).map((a) => ({ i, a })));
  const [best] = pairs.sort(
    (x, y) =>
      y.i.priority - x.i.priority ||
      x.i.enteredAt - y.i.enteredAt ||
      (x.i.itemId < y.i.itemId ? -1 : x.i.itemId > y.i.itemId ? 1 : 0) ||
      x.a.idleSince - y.a.idleSince ||
      (x.a.userId < y.a.userId ? -1 : 1),
  );
  if (!best) return [];
  const rest = bruteForce(
    waiting.filter((i) => i !== best.i),
    agents.filter((a) => a !== best.a),
  );
  return [{ itemId: best.i.itemId, userId: best.a.userId }, ...rest];
}

const queues = ['p', 'q', 'r'];
const items = fc.uniqueArray(
  fc.record({
    itemId: fc.string({ minLength: 1, maxLength: 3 }),
    queueId: fc.constantFrom(...queues),
    platformId: fc.constantFrom('p', 'other'),
    requirements: fc.uniqueArray(
      fc.record({ skillId: fc.constantFrom('billing', 'french'), minimum: fc.integer({ min: 1, max: 4 }) }),
      { selector: ({ skillId }) => skillId, maxLength: 2 },
    ),
    priority: fc.nat(2),
    enteredAt: fc.nat(3),
  }),
  { selector: (i) => i.itemId, maxLength: 7 },
);
const agents = fc.uniqueArray(
  fc.record({
    userId: fc.string({ minLength: 1, maxLength: 3 }),
    idleSince: fc.nat(3),
    level: fc
      .record({ billing: fc.nat(4), french: fc.nat(4) })
      .map((levels: Record<string, number>) => (skillId: string) => levels[skillId] ?? 0),
    queueIds: fc.subarray(queues).map((ids) => new Set(ids)),
    reaches: fc
      .subarray(['p', 'other'])
      .map((ids: readonly string[]) => (platformId: string) => ids.includes(platformId)),
  }),
  { selector: (a) => a.userId, maxLength: 7 },
);

describe('who gets which call', () => {
  it('gives the caller who waits longest to the agent who has been idle longest', () => {
    const waiting = [item('late', { enteredAt: 2 }), item('early', { enteredAt: 1 })];
    expect(match(waiting, [agent('ann', 20), agent('bob', 10)])).toEqual([
      { itemId: 'early', userId: 'bob' },
      { itemId: 'late', userId: 'ann' },
    ]);
  });

  it('takes a higher priority before a longer wait', () => {
    const waiting = [item('patient', { enteredAt: 1 }), item('back again', { enteredAt: 9, priority: 100 })];
    expect(match(waiting, [agent('ann', 0)])).toEqual([{ itemId: 'back again', userId: 'ann' }]);
  });

  it('skips a caller for whom nobody is there, and goes on', () => {
    const waiting = [item('first', { queueId: 'french' }), item('second', { enteredAt: 5 })];
    expect(match(waiting, [agent('ann', 0)])).toEqual([{ itemId: 'second', userId: 'ann' }]);
  });

  it('gives a caller to nobody whose device his platform does not reach', () => {
    const waiting = [item('far', { platformId: 'other' }), item('near')];
    expect(match(waiting, [agent('ann', 0)])).toEqual([{ itemId: 'near', userId: 'ann' }]);
    expect(match(waiting, [agent('ann', 0), agent('bob', 1, ['q'], ['p', 'other'])])).toEqual([
      { itemId: 'far', userId: 'bob' },
      { itemId: 'near', userId: 'ann' },
    ]);
  });

  it('gives a caller to nobody who does not reach every level that his queue requires', () => {
    const requirements = [
      { skillId: 'billing', minimum: 3 },
      { skillId: 'french', minimum: 1 },
    ];
    const waiting = [item('first', { requirements }), item('second', { enteredAt: 5 })];
    const good = (billing: number, french: number) => agent('bob', 1, ['q'], ['p'], { billing, french });
    expect(match(waiting, [agent('ann', 0)])).toEqual([{ itemId: 'second', userId: 'ann' }]);
    for (const bob of [good(2, 10), good(10, 0)])
      expect(match([item('first', { requirements })], [bob])).toEqual([]);
    expect(match(waiting, [agent('ann', 0), good(3, 1)])).toEqual([
      { itemId: 'first', userId: 'bob' },
      { itemId: 'second', userId: 'ann' },
    ]);
  });

  it('chooses what the brute force chooses, and the same in whatever order they are listed', () => {
    fc.assert(
      fc.property(items, agents, (waiting, ready) => {
        const expected = bruteForce(waiting, ready);
        expect(match(waiting, ready)).toEqual(expected);
        expect(match([...waiting].reverse(), [...ready].reverse())).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('gives one caller one agent, one agent one caller, and leaves no pair that could be made', () => {
    fc.assert(
      fc.property(items, agents, (waiting, ready) => {
        const pairs = match(waiting, ready);
        const [served, busy] = [new Set(pairs.map((p) => p.itemId)), new Set(pairs.map((p) => p.userId))];
        expect([served.size, busy.size]).toEqual([pairs.length, pairs.length]);
        for (const { itemId, userId } of pairs) {
          const [i, a] = [waiting.find((w) => w.itemId === itemId), ready.find((r) => r.userId === userId)];
          expect(i && a && canTake(a, i)).toBe(true);
        }
        for (const i of waiting.filter((w) => !served.has(w.itemId)))
          expect(ready.some((a) => !busy.has(a.userId) && canTake(a, i))).toBe(false);
      }),
    );
  });
});
