/**
 * Random orders of everything that can happen to callers and agents, on the simulated exchange: whatever comes when,
 * exactly one agent gets a call, an agent has one offer at most, nobody waits while an eligible agent is ready, nothing is lost.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

const AGENTS = ['ann', 'bob', 'cat'];
const QUEUES = { '100': 'sales', '200': 'support' };
const MEMBERS = { sales: ['ann', 'bob'], support: ['bob', 'cat'] };

/** Support asks for a level: who has less is a member and gets none of its calls. */
const MINIMUM: Record<string, number> = { sales: 0, support: 3 };

type Step =
  | { do: 'level'; agent: string; level: number }
  | { do: 'arrive'; dnis: string }
  | { do: 'caller-hangs-up'; n: number }
  | {
      do:
        | 'ready'
        | 'not-ready'
        | 'offline'
        | 'online'
        | 'answer'
        | 'decline'
        | 'reject'
        | 'hangup'
        | 'unregister'
        | 'register';
      agent: string;
    }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('arrive' as const), dnis: fc.constantFrom('100', '200') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('caller-hangs-up' as const), n: fc.nat(9) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'ready',
        'ready',
        'ready',
        'not-ready',
        'offline',
        'online',
        'online',
        'answer',
        'answer',
        'answer',
        'decline',
        'reject',
        'hangup',
        'unregister',
        'register',
        'register',
      ),
      agent: fc.constantFrom(...AGENTS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('level' as const),
      agent: fc.constantFrom(...AGENTS),
      level: fc.constantFrom(0, 2, 3, 10),
    }),
  },
  // Zero and one millisecond: the next event comes while the last one's commit, command or fact is under way.
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 2, 3, 7, 20, 16_000),
    }),
  },
);

class Day {
  readonly callers: SimulatedParty[] = [];
  constructor(readonly world: CallWorld) {}

  async run(action: Step): Promise<void> {
    const { world } = this;
    if (action.do === 'wait') return world.pass(action.ms);
    if (action.do === 'arrive') {
      this.callers.push(
        world.exchange.arrive({
          entry: 'public',
          ani: `+4420794601${10 + this.callers.length}`,
          dnis: action.dnis,
        }),
      );
      return;
    }
    if (action.do === 'level') {
      world.levels[action.agent] = { french: action.level };
      return world.routing.settingsChanged();
    }
    if (action.do === 'caller-hangs-up') return this.callers[action.n]?.hangup();
    this.#agentDoes(action.do, action.agent);
  }

  #agentDoes(
    what: Exclude<Step['do'], 'wait' | 'arrive' | 'level' | 'caller-hangs-up'>,
    agent: string,
  ): void {
    const { routing, exchange } = this.world;
    const device = exchange.device(agent);
    switch (what) {
      case 'ready':
      case 'not-ready':
        void routing.setRequested(agent, what, undefined, agent);
        return;
      case 'offline':
      case 'online':
        return routing.setOnline(agent, what === 'online');
      case 'answer':
        return device.answer();
      case 'decline': {
        const { offer } = routing.agent(agent);
        if (offer) void routing.decline(agent, offer.offerId);
        return;
      }
      case 'reject':
        return device.reject();
      case 'hangup':
        return device.hangup();
      case 'unregister':
        device.unregister();
        return routing.deviceChanged(agent);
      case 'register':
        device.register();
        return routing.deviceChanged(agent);
    }
  }
}

function checkAlways(world: CallWorld): void {
  const offers = world.routing.agents().flatMap((agent) => (agent.offer ? [agent.offer] : []));
  expect(new Set(offers.map((offer) => offer.callId)).size, 'one agent per call').toBe(offers.length);
  for (const agent of world.routing.agents().filter((one) => one.offer))
    expect([agent.requested.state, agent.online], 'an offer to who is ready and there').toEqual([
      'ready',
      true,
    ]);
  for (const conversation of world.conversations.all()) {
    for (const call of conversation.calls.values()) {
      const talking = [...conversation.legs.values()].filter(
        (leg) => leg.callId === call.id && leg.role === 'agent' && leg.joined && leg.state === 'connected',
      );
      expect(talking.length, 'agents talking in one call').toBeLessThanOrEqual(1);
    }
  }
}

/** Holds when everything under way has come to rest. */
function checkAtRest(day: Day): void {
  const { world, callers } = day;
  const ready = world.routing
    .agents()
    .filter((agent) => agent.shown === 'ready' && world.device(agent.userId));
  for (const [queueId, members] of Object.entries(MEMBERS)) {
    const unoffered =
      world.routing.waiting(queueId) -
      world.routing.agents().filter((agent) => agent.offer?.queueId === queueId).length;
    const eligible = (userId: string) =>
      members.includes(userId) && (world.levels[userId]?.french ?? 0) >= (MINIMUM[queueId] ?? 0);
    if (ready.some((agent) => eligible(agent.userId)))
      expect(unoffered, `waiting in ${queueId} beside a ready, eligible agent`).toBe(0);
  }
  const live = callers.filter((caller) => caller.state !== 'ended');
  expect(
    world.conversations.all().filter((c) => [...c.calls.values()].some((call) => call.endedAt === undefined))
      .length,
    'calls that the model has',
  ).toBe(live.length);
  for (const caller of live) expect(caller.hears, 'a caller hears silence').not.toBe('silence');
  const waiting = Object.keys(MEMBERS).reduce((sum, queueId) => sum + world.routing.waiting(queueId), 0);
  const talking = live.filter((caller) => Array.isArray(caller.hears)).length;
  expect(waiting + talking, 'each live caller waits or talks').toBe(live.length);
}

describe('whatever comes in whatever order', () => {
  it('every caller waits or talks to one agent, every agent has one offer at most, and nothing is left over', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.infiniteStream(fc.constantFrom(0, 1, 2, 5)),
        async (steps, commitMs) => {
          const delays = commitMs[Symbol.iterator]();
          const world = await CallWorld.open({
            agents: AGENTS,
            queues: QUEUES,
            members: MEMBERS,
            journal: (clock) => new MemoryJournal(clock, () => delays.next().value ?? 0),
          });
          world.requirements = { support: [{ skillId: 'french', minimum: MINIMUM.support ?? 0 }] };
          world.levels = { bob: { french: 3 }, cat: { french: 2 } };
          const day = new Day(world);
          for (const agent of AGENTS) world.routing.setOnline(agent, true);
          for (const action of steps) {
            await day.run(action);
            checkAlways(world);
          }
          await world.pass(300);
          checkAlways(world);
          checkAtRest(day);
          expect(world.errors).toEqual([]);
          for (const caller of day.callers) caller.hangup();
          await world.pass(60_000);
          expect(world.conversations.all(), 'conversations left over').toEqual([]);
          expect(world.routing.agents().map((agent) => agent.work)).toEqual(
            world.routing.agents().map(() => 'idle'),
          );
          await world.stop();
        },
      ),
      { numRuns: Number(process.env.ROUTING_RUNS ?? 300), verbose: 1 },
    );
  }, 120_000);
});
