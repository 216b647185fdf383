/** Our own engine and routing over the simulated switch, in virtual time, against the suites that every platform's roles pass. */
import { CallWorld } from '../harness/call-world.ts';
import { MemoryJournal } from '../harness/memory-journal.ts';
import type { SimulatedDevice } from '../../src/server/telephony/simulated/device.ts';
import type { SimulatedParty } from '../../src/server/telephony/simulated/party.ts';
import { isLive } from '../../src/server/telephony/model.ts';
import { must } from '../../src/lib/must.ts';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { acdConformance } from './acd.ts';
import { declareSuite } from './suite.ts';
import { callControlConformance, type FarEnd } from './call-control.ts';

const OUTSIDE = '+447700900123';

function openWorld(): Promise<CallWorld> {
  return CallWorld.open({
    agents: ['ann', 'bob'],
    members: { sales: ['ann'] },
    journal: (clock) => new MemoryJournal(clock, () => 2),
  });
}

/** What is asked of the world takes its time: it passes until there is an answer. */
function driven<T extends object>(world: CallWorld, target: T): T {
  return new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key, of);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, of, args);
        return result instanceof Promise ? pumped(world, result) : result;
      };
    },
  });
}

async function pumped<T>(world: CallWorld, work: Promise<T>): Promise<T> {
  let settled = false;
  work.then(
    () => (settled = true),
    () => (settled = true),
  );
  for (let tries = 0; tries < 1_000 && !settled; tries++) await world.pass(10);
  return work;
}

function farEnd(party: SimulatedParty, device?: SimulatedDevice): FarEnd {
  const names = { ringing: 'ringing', talking: 'up', ended: 'over' } as const;
  return {
    answer: () => device?.answer(),
    hangup: () => party.hangup(),
    state: () => names[party.state],
  };
}

async function until(world: CallWorld, what: string, check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2_000 && !check(); tries++) await world.pass(10);
  if (!check())
    throw new Error(`waited for ${what}; ${world.errors.join(', ')}; ${world.happened.slice(-15).join(' ')}`);
}

/** The next call of each phone that nobody has taken up. */
class Phones {
  readonly #world: CallWorld;
  readonly #taken = new Set<string>();

  constructor(world: CallWorld) {
    this.#world = world;
  }

  async rings(device: SimulatedDevice): Promise<FarEnd> {
    const next = () => (device.call && !this.#taken.has(device.call.legId) ? device.call : undefined);
    await until(this.#world, `a call to ${device.name}`, () => next() !== undefined);
    const call = must(next(), 'call');
    this.#taken.add(call.legId);
    return farEnd(call, device);
  }
}

async function reset(world: CallWorld): Promise<void> {
  for (const conversation of world.conversations.all())
    for (const leg of conversation.legs.values()) if (isLive(leg)) world.exchange.party(leg.id)?.hangup();
  await until(world, 'quiet', () =>
    world.conversations
      .all()
      .every((one) => [...one.calls.values()].every((call) => call.endedAt !== undefined)),
  );
  for (const conversation of world.conversations.all())
    for (const { userId } of conversation.wraps.values())
      await world.routing.finishWrap(userId, conversation.id);
  await world.ready('ann', 'bob');
  await until(world, 'Ann to be ready', () => world.shown('ann') === 'ready');
}

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  callControlConformance('our engine over the simulated switch', async () => {
    const world = await openWorld();
    const phones = new Phones(world);
    const device = (name: string) => must(world.device(name), 'device');
    return {
      control: driven(world, world.engine),
      conversations: world.conversations,
      ann: { userId: 'ann', device: device('ann') },
      bob: { userId: 'bob', device: device('bob') },
      outside: OUTSIDE,
      country: 'GB',
      async customerCalls() {
        const customer = world.exchange.arrive({ entry: 'public', ani: '+442079460958', dnis: '100' });
        return { customer: farEnd(customer), phone: await phones.rings(world.exchange.device('ann')) };
      },
      rings: (where) =>
        phones.rings(where === 'outside' ? world.exchange.outside(OUTSIDE) : world.exchange.device(where)),
      until: (what, check) => until(world, what, check),
      reset: () => reset(world),
      close: () => pumped(world, world.stop()),
    };
  }),
);

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  acdConformance('our routing over the simulated switch', async () => {
    const world = await openWorld();
    const phones = new Phones(world);
    return {
      acd: driven(world, world.routing),
      conversations: world.conversations,
      userId: 'ann',
      queueId: 'sales',
      reason: 'lunch',
      async customerCalls() {
        return farEnd(world.exchange.arrive({ entry: 'public', ani: '+442079460958', dnis: '100' }));
      },
      rings: () => phones.rings(world.exchange.device('ann')),
      until: (what, check) => until(world, what, check),
      reset: () => reset(world),
      close: () => pumped(world, world.stop()),
    };
  }),
);
