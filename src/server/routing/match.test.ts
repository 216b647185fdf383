import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { phasesOf, QueueRule } from '../../protocol/queue-rules.ts';
import type { Requirement } from '../../protocol/skills.ts';
import { match, type Pair, type RoutedAgent, type RoutedQueue, type WaitingItem } from './match.ts';

const NOW = 1_000_000;

const queue = (
  id: string,
  requirements: Requirement[] = [],
  given: z.input<typeof QueueRule> = {},
): RoutedQueue => {
  const rule = QueueRule.parse(given);
  return { id, rule, phases: phasesOf(requirements, rule) };
};
const Q = queue('q');
const item = (itemId: string, more: Partial<WaitingItem> & { waited?: number } = {}): WaitingItem => {
  const { waited = 0, ...rest } = more;
  return { itemId, queue: Q, platformId: 'p', priority: 0, enteredAt: NOW - waited, ...rest };
};
const agent = (
  userId: string,
  more: Partial<RoutedAgent> & { levels?: Record<string, number>; queues?: string[]; order?: string[] } = {},
): RoutedAgent => {
  const { levels = {}, queues = ['q'], order = [], ...rest } = more;
  return {
    userId,
    queueIds: new Set(queues),
    rank: (id) => (order.includes(id) ? order.indexOf(id) : order.length),
    level: (skillId) => levels[skillId] ?? 0,
    reaches: (platformId) => platformId === 'p',
    ready: true,
    idleSince: 0,
    occupancy: 0,
    lastOffered: () => 0,
    ...rest,
  };
};
const pairs = (...all: [string, string][]): Pair[] => all.map(([itemId, userId]) => ({ itemId, userId }));
const who = (waiting: WaitingItem[], agents: RoutedAgent[]) => match(waiting, agents, NOW);

describe('who gets which call', () => {
  it('gives the caller who waits longest to the agent who has been idle longest', () => {
    const waiting = [item('late', { waited: 1 }), item('early', { waited: 2 })];
    expect(who(waiting, [agent('ann', { idleSince: 20 }), agent('bob', { idleSince: 10 })])).toEqual(
      pairs(['early', 'bob'], ['late', 'ann']),
    );
  });

  it('takes a higher priority before a longer wait, the call’s and the queue’s added', () => {
    const urgent = queue('q', [], { priority: 5 });
    const waiting = [
      item('patient', { waited: 9 }),
      item('back again', { priority: 6 }),
      item('urgent', { queue: urgent }),
    ];
    expect(who(waiting, [agent('ann')])).toEqual(pairs(['back again', 'ann']));
    expect(who(waiting.toSpliced(1, 1), [agent('ann')])).toEqual(pairs(['urgent', 'ann']));
  });

  it('lets the priority grow as a caller waits', () => {
    const ageing = queue('q', [], { ageing: { points: 2, everyMs: 10_000 } });
    const waiting = (waited: number) => [
      item('old', { queue: ageing, waited }),
      item('new', { priority: 5 }),
    ];
    expect(who(waiting(29_999), [agent('ann')])).toEqual(pairs(['new', 'ann']));
    expect(who(waiting(30_000), [agent('ann')])).toEqual(pairs(['old', 'ann']));
  });

  it('skips a caller for whom nobody is there, and goes on', () => {
    const waiting = [item('first', { queue: queue('french'), waited: 5 }), item('second')];
    expect(who(waiting, [agent('ann')])).toEqual(pairs(['second', 'ann']));
  });

  it('gives a caller to nobody who is not ready, or whose device his platform does not reach', () => {
    expect(who([item('one')], [agent('ann', { ready: false })])).toEqual([]);
    expect(who([item('far', { platformId: 'other' }), item('near')], [agent('ann')])).toEqual(
      pairs(['near', 'ann']),
    );
  });

  it('requires every level, less as the caller waits', () => {
    const relaxing = queue(
      'q',
      [
        { skillId: 'billing', minimum: 3 },
        { skillId: 'french', minimum: 1 },
      ],
      { steps: [{ afterMs: 20_000, requirements: [{ skillId: 'billing', minimum: 1 }] }] },
    );
    const after = (waited: number, levels: Record<string, number>) =>
      who([item('one', { queue: relaxing, waited })], [agent('ann', { levels })]).length;
    expect([
      after(0, { billing: 3, french: 1 }),
      after(0, { billing: 3 }),
      after(0, { billing: 2, french: 1 }),
    ]).toEqual([1, 0, 0]);
    expect([after(19_999, { billing: 1 }), after(20_000, { billing: 1 }), after(20_000, {})]).toEqual([
      0, 1, 0,
    ]);
  });

  it('offers to a group, and to the members of a helping queue, when their time has come; members go first', () => {
    const stepped = queue('q', [], {
      groups: [{ label: 'Night', afterMs: 30_000, userIds: ['bob'] }],
      helpers: [{ queueId: 'sales', afterMs: 60_000 }],
    });
    const [bob, sue] = [agent('bob'), agent('sue', { queues: ['sales'], idleSince: -10 })];
    const after = (waited: number, ...agents: RoutedAgent[]) =>
      who([item('one', { queue: stepped, waited })], agents).map(({ userId }) => userId);
    expect([after(29_999, bob, sue), after(30_000, bob, sue), after(60_000, bob, sue)]).toEqual([
      [],
      ['bob'],
      ['bob'],
    ]);
    expect([after(59_999, sue), after(60_000, sue)]).toEqual([[], ['sue']]);
  });

  it('serves an agent’s queues in his order, whatever the priorities', () => {
    const sales = queue('sales', [], { priority: 100 });
    const waiting = [item('sales', { queue: sales, waited: 9 }), item('q')];
    const one = (order: string[]) =>
      who(waiting, [agent('ann', { queues: ['q', 'sales'], order })])[0]?.itemId;
    expect([one(['q']), one(['sales']), one([])]).toEqual(['q', 'sales', 'sales']);
  });

  it('chooses the agent by the strategy of the queue', () => {
    const requirements = [{ skillId: 'billing', minimum: 1 }];
    const agents = [
      agent('idle', { idleSince: 1, occupancy: 0.9, lastOffered: () => 30, levels: { billing: 2 } }),
      agent('fresh', { idleSince: 2, occupancy: 0.1, lastOffered: () => 20, levels: { billing: 3 } }),
      agent('turn', { idleSince: 3, occupancy: 0.5, lastOffered: () => 10, levels: { billing: 4 } }),
      agent('best', { idleSince: 4, occupancy: 0.5, lastOffered: () => 40, levels: { billing: 9 } }),
    ];
    const by = (strategy: QueueRule['strategy']) =>
      who([item('one', { queue: queue('q', requirements, { strategy }) })], agents)[0]?.userId;
    expect([by('longest-idle'), by('least-occupied'), by('round-robin'), by('most-skilled')]).toEqual([
      'idle',
      'fresh',
      'turn',
      'best',
    ]);
  });

  it('keeps a caller for his own agent for a time, while that one is logged in and a member', () => {
    const waits = queue('q', [], { preferred: { forMs: 30_000, lastAgentDays: 0 } });
    const mine = (waited: number) => item('one', { queue: waits, preferredUserId: 'ann', waited });
    const [ann, bob] = [agent('ann', { idleSince: 9 }), agent('bob')];
    const busy = agent('ann', { ready: false });
    expect(who([mine(0)], [ann, bob])).toEqual(pairs(['one', 'ann']));
    expect([who([mine(29_999)], [busy, bob]), who([mine(30_000)], [busy, bob])]).toEqual([
      [],
      pairs(['one', 'bob']),
    ]);
    expect(who([mine(0)], [bob])).toEqual(pairs(['one', 'bob']));
    expect(who([mine(0)], [agent('ann', { queues: [], ready: false }), bob])).toEqual(pairs(['one', 'bob']));
    expect(who([{ ...mine(0), queue: Q }], [busy, bob]), 'where the rule says nothing of it').toEqual(
      pairs(['one', 'bob']),
    );
  });

  it('chooses the same in whatever order they are listed', () => {
    const queues = ['p', 'q'].map((id) => queue(id, [{ skillId: 'billing', minimum: 2 }]));
    const items = fc.uniqueArray(
      fc.record({
        itemId: fc.string({ minLength: 1, maxLength: 3 }),
        queue: fc.constantFrom(...queues),
        priority: fc.nat(2),
        waited: fc.nat(3),
      }),
      { selector: (i) => i.itemId, maxLength: 7 },
    );
    const agents = fc.uniqueArray(
      fc.record({
        userId: fc.string({ minLength: 1, maxLength: 3 }),
        idleSince: fc.nat(3),
        queues: fc.subarray(['p', 'q']),
        order: fc.shuffledSubarray(['p', 'q']),
        levels: fc.record({ billing: fc.nat(4) }),
      }),
      { selector: (a) => a.userId, maxLength: 7 },
    );
    fc.assert(
      fc.property(items, agents, (waiting, ready) => {
        const [all, some] = [
          waiting.map(({ itemId, ...rest }) => item(itemId, rest)),
          ready.map(({ userId, ...rest }) => agent(userId, rest)),
        ];
        expect(who([...all].reverse(), [...some].reverse())).toEqual(who(all, some));
      }),
    );
  });
});
