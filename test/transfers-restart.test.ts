/** Our process dies in the middle of a consultation, conference, transfer or parking: what goes on is adopted and finished. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { isLive } from '../src/server/telephony/model.ts';
import type { TransferTarget } from '../src/server/telephony/ports.ts';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, PARK_MS, REATTACH_MS, WRAP_MS } from './harness/call-world.ts';
import { expectNothingRemains, expectSoundWorld } from './harness/call-world-check.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const FROM = { kind: 'e164' as const, raw: '+442079460000', value: '+442079460000' };
const BOB: TransferTarget = { kind: 'user', userId: 'bob' };

let database: TestDatabase;
let world: CallWorld;
let caller: SimulatedParty;

beforeEach(async () => {
  database = await testDatabase([...storeMigrations, ...routingMigrations]);
  world = await CallWorld.open({
    agents: ['ann', 'bob'],
    members: { sales: ['ann'] },
    db: database.db,
    journal: (clock) =>
      new Journal({ db: database.db, clock, onError: (error) => world?.errors.push(String(error)) }),
  });
  await world.ready('ann', 'bob');
  caller = await world.call();
  phone('ann').answer();
  await world.pass(60);
});

afterEach(async () => {
  expectSoundWorld(world);
  await expectNothingRemains(world, WRAP_MS + REATTACH_MS + 1_000);
  await world.stop();
  await database.drop();
  expect(world.errors).toEqual([]);
});

const phone = (name: string) => world.exchange.device(name);
const legIn = (name: string) => phone(name).call?.legId ?? '';
const act = async <T>(command: Promise<T>) => (await Promise.all([command, world.pass(80)]))[0];

function line(purpose: 'call' | 'consult'): string {
  const { calls, legs } = world.conversation;
  const mine = [...legs.values()].filter((leg) => leg.userId === 'ann' && isLive(leg));
  return mine.findLast((leg) => calls.get(leg.callId)?.purpose === purpose)?.id ?? 'leg_none';
}

async function consult(target: TransferTarget, answered = true): Promise<void> {
  await act(world.engine.consult(line('call'), { target, from: FROM }));
  if (answered) phone('bob').answer();
  await world.pass(60);
}

async function restart(meanwhile: () => void = () => undefined): Promise<void> {
  await world.stop();
  meanwhile();
  await world.pass(60);
  await world.startProcess();
  world.routing.setOnline('ann', true);
  world.routing.setOnline('bob', true);
  await world.pass(60);
  expectSoundWorld(world, 'after the restart');
}

describe('when our process dies during', () => {
  it('a consultation that is connected, it goes on and is completed', async () => {
    await consult(BOB);
    await restart();
    expect([caller.hears, phone('bob').call?.hears]).toEqual(['music', [legIn('ann')]]);
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['talking', 'talking']);
    await act(world.engine.completeTransfer(line('consult')));
    expect(caller.hears).toEqual([legIn('bob')]);
  });

  it('a consultation that rings, it is answered and merged', async () => {
    await consult(BOB, false);
    await restart();
    expect(world.shown('bob')).toBe('offered');
    phone('bob').answer();
    await world.pass(60);
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
    await act(world.engine.conference(line('consult')));
    expect(new Set(caller.hears)).toEqual(new Set([legIn('ann'), legIn('bob')]));
  });

  it('a consultation, and the target answers meanwhile, both hear each other', async () => {
    await consult(BOB, false);
    await restart(() => phone('bob').answer());
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
    expect(caller.hears).toBe('music');
  });

  it('a consultation, and the customer hangs up meanwhile, it goes on', async () => {
    await consult(BOB);
    await restart(() => caller.hangup());
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
  });

  it('a consultation, and the target hangs up meanwhile, the customer is taken back', async () => {
    await consult(BOB);
    await restart(() => phone('bob').hangup());
    expect(caller.hears).toBe('music');
    await act(world.engine.retrieve(line('call')));
    expect(caller.hears).toEqual([legIn('ann')]);
  });

  it('a consultation of a queue, who waits there keeps the place', async () => {
    await act(
      world.engine.consult(line('call'), { target: { kind: 'queue', queueId: 'sales' }, from: FROM }),
    );
    await restart();
    expect(world.routing.waiting('sales')).toBe(1);
    await act(world.engine.completeTransfer(line('consult')));
    expect([caller.hears, world.routing.waiting('sales')]).toEqual(['music', 1]);
  });

  it('a conference, it goes on for all, and for two when one leaves', async () => {
    await consult(BOB);
    await act(world.engine.conference(line('consult')));
    await restart();
    expect(caller.hears).toHaveLength(2);
    phone('ann').hangup();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('bob')]);
  });

  it('a blind transfer that rings, its target gets the call', async () => {
    await act(world.engine.transfer(line('call'), { target: BOB, from: FROM }));
    await restart();
    expect(caller.hears).toBe('music');
    phone('bob').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('bob')]);
  });

  it('a blind transfer, and the target refuses meanwhile, the call comes back', async () => {
    await act(world.engine.transfer(line('call'), { target: BOB, from: FROM }));
    await restart(() => phone('bob').reject());
    if (phone('ann').call?.state !== 'ringing') expect(world.routing.waiting('sales')).toBe(1);
    expect(caller.hears).toBe('music');
  });

  it('a transfer to a queue, the customer keeps the place', async () => {
    const target: TransferTarget = { kind: 'queue', queueId: 'sales' };
    await act(world.engine.transfer(line('call'), { target, from: FROM }));
    await restart();
    expect([caller.hears, world.routing.waiting('sales')]).toEqual(['music', 1]);
  });

  it('the hang-up of an agent who has transferred, he is let go', async () => {
    await consult(BOB);
    const hangup = world.node.hangup.bind(world.node);
    world.node.hangup = () => Promise.reject(new Error('the process died'));
    await act(world.engine.completeTransfer(line('consult')).catch(() => undefined));
    world.errors.length = 0;
    world.node.hangup = hangup;
    await restart();
    expect(phone('ann').call?.state).toBe('ended');
    expect(caller.hears).toEqual([legIn('bob')]);
    world.errors.length = 0;
  });

  it('parking, the call is still in its slot and comes back when its time is over', async () => {
    const { slot } = await act(world.engine.park(line('call')));
    const until = world.clock.now() + PARK_MS;
    await restart();
    expect(caller.hears).toBe('music');
    await world.pass(until - world.clock.now() - 200);
    expect(phone('ann').call?.state).toBe('ended');
    await world.pass(400);
    expect([slot, phone('ann').call?.state]).toEqual(['701', 'ringing']);
  });

  it('parking, the call is picked up by the next process', async () => {
    const { slot } = await act(world.engine.park(line('call')));
    await restart();
    const device = world.device('bob');
    if (!device) throw new Error('no device');
    await act(world.engine.pickUp(slot, 'bob', device));
    expect(caller.hears).toEqual([legIn('bob')]);
  });

  it('a standing leg, it stands and carries the next call', async () => {
    phone('ann').hangup();
    await world.pass(WRAP_MS + 100);
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    world.personal['ann'] = { autoAnswer: true };
    await act(world.engine.nailUp('ann', device));
    await restart();
    const next = await world.call('100', '+442079460111');
    expect(next.hears).toEqual([world.engine.standingLeg('ann')]);
  });
});

describe('when our process stays away, the switch’s armed fallback takes a customer', () => {
  const states: Record<string, () => Promise<unknown>> = {
    'on hold in a consultation': () => consult(BOB),
    'on the way to a colleague': () => act(world.engine.transfer(line('call'), { target: BOB, from: FROM })),
    'transferred to a queue': () =>
      act(world.engine.transfer(line('call'), { target: { kind: 'queue', queueId: 'sales' }, from: FROM })),
    'who is parked': () => act(world.engine.park(line('call'))),
  };
  it.each(Object.entries(states))('%s', async (_name, bring) => {
    await bring();
    expect(caller.hears).toBe('music');
    await world.stop();
    await world.pass(40_000);
    expect([caller.state, caller.cause]).toEqual(['ended', 'fallback']);
    await world.startProcess();
    await world.pass(REATTACH_MS);
  });

  it('but nobody in a conference', async () => {
    await consult(BOB);
    await act(world.engine.conference(line('consult')));
    await world.stop();
    await world.pass(120_000);
    expect(caller.hears).toHaveLength(2);
    await world.startProcess();
  });
});

describe('when the link to the switch is cut during', () => {
  const cut = async (meanwhile: () => void) => {
    world.exchange.cutLink();
    await world.pass(200);
    meanwhile();
    await world.pass(200);
    world.exchange.restoreLink();
    await world.pass(200);
    expectSoundWorld(world, 'after the cut');
  };

  it('a consultation, who left meanwhile is gone and the others are where they should be', async () => {
    await consult(BOB);
    await cut(() => phone('bob').hangup());
    expect(caller.hears).toBe('music');
    await act(world.engine.retrieve(line('call')));
    expect(caller.hears).toEqual([legIn('ann')]);
  });

  it('it, commands are refused and change nothing', async () => {
    await consult(BOB);
    let refused = '';
    await cut(() => {
      world.engine.completeTransfer(line('consult')).catch((error: { code: string }) => {
        refused = error.code;
      });
    });
    expect(refused).toBe('switch-down');
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
  });
});
