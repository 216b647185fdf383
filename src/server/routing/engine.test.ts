/**
 * Random orders of everything that happens to callers, agents and queues, in virtual time: the engine chooses what the plain
 * oracle chooses, and what it chooses is right whoever chose it.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seeded } from '../../../test/harness/seeded.ts';
import { phasesFor, phasesOf, QueueRule, STRATEGIES } from '../../protocol/queue-rules.ts';
import { type ArrivingItem as Item, Engine } from './engine.ts';
import {
  compareWaiting,
  match,
  mayTake,
  type Pair,
  phaseAt,
  preferredOf,
  type RoutedAgent,
  type RoutedQueue,
  standing,
  type WaitingItem,
} from './match.ts';

const RUNS = 10_000;
const QUEUES = ['q1', 'q2', 'q3'];
const SKILLS = ['billing', 'french'];
const PLATFORMS = ['near', 'far'];
const AGENTS = ['ann', 'bob', 'cat', 'dan'];

const seconds = fc.constantFrom(1, 2, 3, 5, 10, 20).map((s) => s * 1_000);
const requirements = fc.uniqueArray(
  fc.record({ skillId: fc.constantFrom(...SKILLS), minimum: fc.integer({ min: 1, max: 3 }) }),
  { selector: ({ skillId }) => skillId, maxLength: 2 },
);
const queue = (id: string): fc.Arbitrary<RoutedQueue> =>
  fc
    .record({
      requirements,
      steps: fc.uniqueArray(fc.record({ afterMs: seconds, requirements }), {
        selector: ({ afterMs }) => afterMs,
        maxLength: 2,
      }),
      late: fc.subarray(AGENTS, { maxLength: 2 }),
      lateMs: seconds,
      helpers: fc.uniqueArray(
        fc.record({
          queueId: fc.constantFrom(...QUEUES.filter((one) => one !== id)),
          afterMs: fc.oneof(fc.constant(0), seconds),
        }),
        { selector: ({ queueId }) => queueId, maxLength: 1 },
      ),
      priority: fc.nat(2),
      ageing: fc.option(fc.record({ points: fc.integer({ min: 1, max: 2 }), everyMs: seconds })),
      strategy: fc.constantFrom(...STRATEGIES),
      preferred: fc.option(fc.record({ forMs: seconds, lastAgentDays: fc.constant(0) })),
    })
    .map(({ requirements: required, steps, late, lateMs, ...rest }) => {
      const rule = QueueRule.parse({
        ...rest,
        steps: steps.sort((a, b) => a.afterMs - b.afterMs),
        groups: late.length > 0 ? [{ label: 'late', afterMs: lateMs, userIds: late }] : [],
      });
      return { id, rule, phases: phasesOf(required, rule) };
    });
const queues = fc.tuple(...QUEUES.map(queue));

const profile = fc.record({
  queueIds: fc.subarray(QUEUES),
  order: fc.shuffledSubarray(QUEUES),
  levels: fc.record({ billing: fc.nat(3), french: fc.nat(3) }),
  platforms: fc.oneof({ weight: 3, arbitrary: fc.constant(PLATFORMS) }, fc.subarray(PLATFORMS)),
});
type Profile = typeof profile extends fc.Arbitrary<infer T> ? T : never;

const agent = fc.constantFrom(...AGENTS);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      queueId: fc.constantFrom(...QUEUES),
      platformId: fc.constantFrom('near', 'near', 'near', 'far'),
      priority: fc.constantFrom(0, 0, 0, 1, 5),
      waitedMs: fc.constantFrom(0, 0, 0, 2_500, 30_000),
      preferredUserId: fc.option(agent, { nil: undefined, freq: 3 }),
      requirements: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, requirements),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), n: fc.nat(20) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom('ready' as const, 'ready' as const, 'not-ready' as const),
      userId: agent,
      occupancy: fc.constantFrom(0, 0.25, 0.5),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('offer-ends' as const), n: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('profile' as const), userId: agent, profile }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('depart' as const), userId: agent }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 1_000, 4_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('queues' as const), queues }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('platform' as const),
      platformId: fc.constantFrom(...PLATFORMS),
      on: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Held {
  item: Item;
  userId: string;
}

/** What the engine is told, kept plainly beside it. */
class Day {
  now = 1_000_000;
  readonly engine = new Engine();
  readonly waiting = new Map<string, Item>();
  readonly offered = new Map<string, Held>();
  readonly agents = new Map<string, RoutedAgent>();
  readonly running = new Set(PLATFORMS);
  readonly lastOffered = new Map<string, number>();
  queues: Map<string, RoutedQueue>;
  served = 0;
  left = 0;
  entered = 0;

  constructor(all: RoutedQueue[]) {
    this.queues = byId(all);
    this.engine.setQueues(all);
    for (const platformId of PLATFORMS) this.engine.run(platformId, true);
  }

  run(action: Step): void {
    const { engine } = this;
    switch (action.do) {
      case 'enter': {
        const { do: _do, waitedMs, ...rest } = action;
        const item = {
          ...rest,
          itemId: `i${String(++this.entered).padStart(2, '0')}`,
          enteredAt: this.now - waitedMs,
        };
        this.waiting.set(item.itemId, item);
        return engine.enter(item);
      }
      case 'leave': {
        const itemId = [...this.waiting.keys(), ...this.offered.keys()][action.n];
        if (itemId === undefined) return;
        this.left++;
        this.waiting.delete(itemId);
        this.offered.delete(itemId);
        return engine.leave(itemId);
      }
      case 'offer-ends': {
        const held = [...this.offered.values()][action.n];
        if (!held) return;
        this.offered.delete(held.item.itemId);
        this.waiting.set(held.item.itemId, held.item);
        return engine.free(held.item.itemId);
      }
      case 'ready':
      case 'not-ready':
        return this.#stand(action.userId, action.do === 'ready', action.occupancy);
      case 'profile': {
        const agent = this.#agentOf(action.userId, action.profile);
        this.agents.set(action.userId, agent);
        return engine.arrive(agent, agent);
      }
      case 'depart':
        this.agents.delete(action.userId);
        return engine.depart(action.userId);
      case 'wait':
        this.now += action.ms;
        return;
      case 'queues':
        this.queues = byId(action.queues);
        return engine.setQueues(action.queues);
      case 'platform':
        this.running[action.on ? 'add' : 'delete'](action.platformId);
        return engine.run(action.platformId, action.on);
    }
  }

  #agentOf(userId: string, { queueIds, order, levels, platforms }: Profile): RoutedAgent {
    const known = this.agents.get(userId);
    return {
      userId,
      queueIds: new Set(queueIds),
      rank: (id) => (order.includes(id) ? order.indexOf(id) : order.length),
      level: (id) => (levels as Record<string, number>)[id] ?? 0,
      reaches: (id) => platforms.includes(id),
      ready: known?.ready ?? false,
      idleSince: known?.idleSince ?? this.now,
      occupancy: known?.occupancy ?? 0,
      lastOffered: (id) => this.lastOffered.get(`${userId} ${id}`) ?? 0,
    };
  }

  #stand(userId: string, ready: boolean, occupancy: number): void {
    const agent = this.agents.get(userId);
    if (!agent) return;
    // Who is ready already has been so since then.
    const stood = ready && agent.ready ? agent : { ...agent, ready, idleSince: this.now, occupancy };
    this.agents.set(userId, stood);
    this.engine.stand(userId, stood);
  }

  items(): WaitingItem[] {
    return [...this.waiting.values()].flatMap((item) => {
      const queue = this.queues.get(item.queueId);
      if (!queue || !this.running.has(item.platformId)) return [];
      const phases = phasesFor(item.requirements ?? [], queue.phases, queue.rule);
      return [{ ...item, queue: { ...queue, phases } }];
    });
  }

  apply(pairs: readonly Pair[]): void {
    for (const { itemId, userId } of pairs) {
      const item = this.waiting.get(itemId);
      const agent = this.agents.get(userId);
      if (!item || !agent) throw new Error('a pair of somebody who is not there');
      this.served++;
      this.waiting.delete(itemId);
      this.offered.set(itemId, { item, userId });
      this.agents.set(userId, { ...agent, ready: false });
      this.lastOffered.set(`${userId} ${item.queueId}`, this.now);
    }
  }
}

function byId(all: readonly RoutedQueue[]): Map<string, RoutedQueue> {
  return new Map(all.map((one) => [one.id, one]));
}

const first = fc.tuple(...AGENTS.map(() => profile));
const days = fc.record({ queues, first, steps: fc.array(step, { minLength: 1, maxLength: 40 }) });

function play(
  { queues: all, first: profiles, steps }: { queues: RoutedQueue[]; first: Profile[]; steps: Step[] },
  check: (day: Day, items: WaitingItem[], pairs: Pair[]) => void,
): Day {
  const day = new Day(all);
  profiles.forEach((one, n) => day.run({ do: 'profile', userId: AGENTS[n] ?? '', profile: one }));
  for (const action of steps) {
    day.run(action);
    const items = day.items();
    const pairs = day.engine.decide(day.now);
    check(day, items, pairs);
    day.apply(pairs);
  }
  return day;
}

it('chooses what the oracle chooses, whatever happens in whatever order', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(days, (day) => {
      play(day, ({ agents, now }, items, pairs) =>
        expect(pairs).toEqual(match(items, [...agents.values()], now)),
      );
    }),
    seeded(RUNS),
  );
});

it('gives a caller to a ready agent who may take it, and leaves nobody waiting while such a one is ready', {
  timeout: 300_000,
}, () => {
  fc.assert(
    fc.property(days, (day) => {
      play(day, ({ agents, now }, items, pairs) => {
        const may = (item: WaitingItem, one: RoutedAgent) => {
          const own = preferredOf(item, agents, now);
          const allowed = own ? own === one : mayTake(one, item.queue, phaseAt(item, now));
          return one.ready && one.reaches(item.platformId) && allowed;
        };
        const byItem = new Map(items.map((item) => [item.itemId, item]));
        for (const { itemId, userId } of pairs) {
          const [item, one] = [byItem.get(itemId), agents.get(userId)];
          expect(item && one && may(item, one), `${itemId} to ${userId}`).toBe(true);
        }
        const gone = new Set(pairs.flatMap(({ itemId, userId }) => [itemId, userId]));
        for (const item of items)
          for (const one of agents.values())
            if (!gone.has(item.itemId) && !gone.has(one.userId))
              expect(may(item, one), `${item.itemId} waits while ${one.userId} is ready`).toBe(false);
      });
    }),
    seeded(RUNS),
  );
});

it('loses no caller and gives none to two agents, and no agent two callers', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(days, (day) => {
      const end = play(day, (_day, _items, pairs) => {
        expect(new Set(pairs.map(({ itemId }) => itemId)).size).toBe(pairs.length);
        expect(new Set(pairs.map(({ userId }) => userId)).size).toBe(pairs.length);
      });
      expect(end.waiting.size + end.offered.size + end.left).toBe(end.entered);
    }),
    seeded(RUNS),
  );
});

it('keeps the order among callers of one queue whom the same agents may take', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(days, (day) => {
      play(day, ({ agents, now }, items, pairs) => {
        const taken = new Set(pairs.map(({ itemId }) => itemId));
        const same = (a: WaitingItem, b: WaitingItem) =>
          a.queue.id === b.queue.id &&
          JSON.stringify(phaseAt(a, now)) === JSON.stringify(phaseAt(b, now)) &&
          a.platformId === b.platformId &&
          !preferredOf(a, agents, now) &&
          !preferredOf(b, agents, now);
        for (const later of items.filter(({ itemId }) => taken.has(itemId)))
          for (const earlier of items)
            if (!taken.has(earlier.itemId) && same(earlier, later))
              expect(compareWaiting(later, earlier, now)).toBeLessThan(0);
      });
    }),
    seeded(RUNS),
  );
});

it('knows when time alone brings somebody to an agent', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(days, (day) => {
      const end = play(day, () => undefined);
      const next = end.engine.nextChange;
      const until = next === undefined ? end.now + 60_000 : next - 1;
      // Until then nothing becomes possible; and never again once there is no change to come.
      expect(match(end.items(), [...end.agents.values()], until)).toEqual([]);
    }),
    seeded(RUNS),
  );
});

it('prefers an agent for whom the queue comes first, members before helpers', () => {
  const queueIds = new Set(['q1']);
  const plain = { rank: () => 0, level: () => 0, reaches: () => true };
  const [rule, phases] = [QueueRule.parse({}), phasesOf([], QueueRule.parse({}))];
  const member = { ...plain, userId: 'ann', queueIds };
  expect(standing(member, { id: 'q1', rule, phases })).toBeLessThan(
    standing(member, { id: 'q2', rule, phases }),
  );
});
