/** Calls from arrival to wrap-up on the simulated exchange, with the real journal and PostgreSQL. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { CallWorld, REATTACH_MS, RING_MS, WRAP_MS } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

let database: TestDatabase;
let world: CallWorld;

beforeEach(async () => {
  database = await testDatabase([...storeMigrations, ...routingMigrations]);
  world = await CallWorld.open({
    agents: ['ann', 'bob'],
    db: database.db,
    journal: (clock) =>
      new Journal({ db: database.db, clock, onError: (error) => world?.errors.push(String(error)) }),
  });
});

afterEach(async () => {
  await world.stop();
  await database.drop();
  expect(world.errors).toEqual([]);
});

/** A caller and Ann, talking. */
async function talk() {
  await world.ready('ann');
  const caller = await world.call();
  world.exchange.device('ann').answer();
  await world.pass(60);
  return { caller, ann: world.exchange.device('ann') };
}

describe('a call to a queue', () => {
  it('rings the ready agent, joins both on the answer and goes to wrap-up when the caller hangs up', async () => {
    const { caller, ann } = await talk();
    expect(caller.hears).toEqual([ann.call?.legId]);
    expect(world.shown('ann')).toBe('talking');
    caller.hangup();
    await world.pass(60);
    expect(ann.call?.state).toBe('ended');
    expect(world.shown('ann')).toBe('wrap-up');
    await world.pass(WRAP_MS);
    expect(world.shown('ann')).toBe('ready');
    expect(world.conversations.all()).toEqual([]);
  });

  it('gives the caller music while nobody is ready, and the agent who becomes ready the call', async () => {
    const caller = await world.call();
    expect(caller.hears).toBe('music');
    await world.ready('bob');
    await world.pass(60);
    expect(world.exchange.device('bob').call?.state).toBe('ringing');
  });

  it('refuses a number that is none of ours', async () => {
    const caller = await world.call('999999');
    expect(caller).toMatchObject({ state: 'ended', cause: 'not-found' });
    expect(world.conversations.all()).toEqual([]);
  });

  it('goes to the agent who has been idle longest', async () => {
    await world.ready('bob');
    await world.pass(1_000);
    await world.ready('ann');
    await world.call();
    expect(world.shown('bob')).toBe('offered');
    expect(world.shown('ann')).toBe('ready');
  });

  it('leaves the queue at once when the caller hangs up while it rings, and the agent keeps his place', async () => {
    await world.ready('ann');
    await world.pass(1_000);
    await world.ready('bob');
    const caller = await world.call();
    caller.hangup();
    await world.pass(60);
    expect(world.exchange.device('ann').call?.state).toBe('ended');
    expect(world.shown('ann')).toBe('ready');
    expect(world.routing.waiting('sales')).toBe(0);
    await world.call();
    expect(world.shown('ann')).toBe('offered');
    expect(world.happened).toContain('queue.left');
  });

  it('rings out: the agent is not ready for no answer, the call goes to the next', async () => {
    await world.ready('ann');
    const caller = await world.call();
    await world.ready('bob');
    await world.pass(RING_MS);
    expect(world.routing.agent('ann')).toMatchObject({
      shown: 'not-ready',
      requested: { reason: 'no-answer' },
    });
    expect(world.shown('bob')).toBe('offered');
    expect(world.exchange.device('ann').call?.state).toBe('ended');
    expect(caller.state).toBe('talking');
  });

  it('is declined: the agent is not ready, the call goes to the next', async () => {
    await world.ready('ann');
    await world.call();
    await world.ready('bob');
    await world.routing.decline('ann', world.routing.agent('ann').offer?.offerId ?? '');
    await world.pass(60);
    expect(world.routing.agent('ann')).toMatchObject({
      shown: 'not-ready',
      requested: { reason: 'declined' },
    });
    expect(world.shown('bob')).toBe('offered');
  });

  it('refuses to decline an offer that somebody else has decided', async () => {
    await world.ready('ann');
    const caller = await world.call();
    const offerId = world.routing.agent('ann').offer?.offerId ?? '';
    caller.hangup();
    await world.pass(60);
    await expect(world.routing.decline('ann', offerId)).rejects.toMatchObject({ code: 'offer-gone' });
  });

  it('does not ring an agent whose phone is not registered', async () => {
    world.exchange.device('ann').unregister();
    await world.ready('ann');
    await world.call();
    expect(world.shown('ann')).toBe('ready');
    world.exchange.device('ann').register();
    world.routing.deviceChanged('ann');
    expect(world.shown('ann')).toBe('offered');
    await world.pass(60);
  });

  it('does not ring an agent whose pages are gone', async () => {
    await world.ready('ann');
    world.routing.setOnline('ann', false);
    await world.call();
    expect(world.shown('ann')).toBe('lost');
    world.routing.setOnline('ann', true);
    expect(world.shown('ann')).toBe('offered');
    await world.pass(60);
  });
});

describe('during a call', () => {
  it('gives the caller music on hold and joins both again on retrieve', async () => {
    const { caller, ann } = await talk();
    await Promise.all([world.engine.hold(world.legOf('ann')), world.pass(60)]);
    expect(caller.hears).toBe('music');
    await Promise.all([world.engine.retrieve(world.legOf('ann')), world.pass(60)]);
    expect(caller.hears).toEqual([ann.call?.legId]);
  });

  it('refuses to hold a call that is held', async () => {
    await talk();
    await Promise.all([world.engine.hold(world.legOf('ann')), world.pass(60)]);
    await expect(world.engine.hold(world.legOf('ann'))).rejects.toMatchObject({
      code: 'wrong-state',
      data: { state: 'held' },
    });
  });

  it('ends for the caller too when the agent hangs up', async () => {
    const { caller } = await talk();
    await Promise.all([world.engine.hangup(world.legOf('ann')), world.pass(60)]);
    expect(caller.state).toBe('ended');
  });

  it('goes on with a new leg of the agent when his page was reloaded', async () => {
    const { caller, ann } = await talk();
    const old = ann.call?.legId ?? '';
    world.engine.loseAgentLeg(old);
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    await Promise.all([world.engine.reattach(world.conversation.id, old, device), world.pass(100)]);
    expect(ann.call?.legId).not.toBe(old);
    expect(caller.hears).toEqual([ann.call?.legId]);
    expect(world.exchange.party(old)).toBeUndefined();
    expect(world.shown('ann')).toBe('talking');
  });

  it('gives the caller music and then the front of the queue when the agent does not come back', async () => {
    const { caller } = await talk();
    world.engine.loseAgentLeg(world.exchange.device('ann').call?.legId ?? '');
    world.routing.setOnline('ann', false);
    await world.pass(4_000);
    expect(caller.hears).toBe('music');
    const other = await world.call('100', '+442079460111');
    await world.pass(REATTACH_MS);
    await world.ready('bob');
    await world.pass(60);
    expect(world.routing.agent('bob').offer?.callId).toBe(
      world.conversations
        .all()
        .flatMap((c) => [...c.calls.values()])
        .find((call) => call.ani.value === '+442079460958')?.id,
    );
    expect(caller.state).toBe('talking');
    expect(other.hears).toBe('music');
  });
});

describe('a call that the agent makes', () => {
  const to = { kind: 'e164' as const, raw: '+441614960000', value: '+441614960000' };
  const from = { kind: 'e164' as const, raw: '+442079460000', value: '+442079460000' };

  async function dial() {
    await world.ready('ann');
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    await world.routing.reserve('ann', 'conv_out');
    const made = world.engine.makeCall({ userId: 'ann', device, from, to, callerName: '' }, 'conv_out');
    await world.pass(60);
    await made;
    return world.exchange.outside(to.value);
  }

  it('connects the agent first, then the other party, and joins them on the answer', async () => {
    const other = await dial();
    expect(world.exchange.device('ann').call?.hears).toBe('tone');
    other.answer();
    await world.pass(60);
    expect(other.call?.hears).toEqual([world.exchange.device('ann').call?.legId]);
    other.hangup();
    await world.pass(60);
    expect(world.shown('ann')).toBe('ready');
  });

  it('ends with the cause when the other party is busy, and the agent is free again', async () => {
    world.exchange.outside(to.value).whenRung = 'busy';
    await dial();
    expect(world.exchange.device('ann').call?.state).toBe('ended');
    expect(world.shown('ann')).toBe('ready');
    expect(world.conversations.all()).toEqual([]);
  });

  it('is refused to an agent for whom a call rings, and keeps offers away while he dials', async () => {
    await dial();
    await world.call();
    expect(world.shown('ann')).toBe('talking');
    await world.ready('bob');
    await expect(world.routing.reserve('bob', 'conv_2')).rejects.toMatchObject({ code: 'busy' });
    await world.pass(60);
  });
});

describe('when our process dies', () => {
  it('adopts a call that goes on, and its end leads to wrap-up', async () => {
    const { caller, ann } = await talk();
    await world.stop();
    await world.startProcess();
    expect(caller.hears).toEqual([ann.call?.legId]);
    expect(world.shown('ann')).toBe('talking');
    caller.hangup();
    await world.pass(60);
    expect(world.shown('ann')).toBe('wrap-up');
  });

  it('keeps a caller in his place in the queue', async () => {
    await world.call();
    await world.stop();
    await world.startProcess();
    expect(world.routing.waiting('sales')).toBe(1);
    await world.ready('ann');
    await world.pass(60);
    expect(world.exchange.device('ann').call?.state).toBe('ringing');
  });

  it('makes an offer anew that was ringing', async () => {
    await world.ready('ann');
    await world.call();
    const old = world.exchange.device('ann').call?.legId ?? '';
    await world.stop();
    await world.startProcess();
    world.routing.setOnline('ann', true);
    await world.pass(60);
    expect(world.exchange.party(old)).toBeUndefined();
    expect(world.exchange.device('ann').call).toMatchObject({ state: 'ringing' });
    expect(world.exchange.device('ann').call?.legId).not.toBe(old);
  });

  it('joins an agent who had answered with the caller', async () => {
    world.node.bridge = () => Promise.reject(new Error('the process died'));
    const { caller, ann } = await talk();
    expect(caller.hears).toBe('music');
    world.errors.length = 0;
    await world.stop();
    await world.startProcess();
    expect(caller.hears).toEqual([ann.call?.legId]);
    expect(world.shown('ann')).toBe('talking');
  });

  it('joins again who was being put on hold when that is not written down, and leaves who is', async () => {
    const { caller, ann } = await talk();
    await Promise.all([world.node.unbridge(caller.legId), world.pass(60)]);
    await world.stop();
    await world.startProcess();
    expect(caller.hears).toEqual([ann.call?.legId]);
    await Promise.all([world.engine.hold(world.legOf('ann')), world.pass(60)]);
    await world.stop();
    await world.startProcess();
    expect(caller.hears).toBe('music');
  });

  it('dials the other party of a call whose agent had lifted his phone', async () => {
    const commit = world.conversations.commit.bind(world.conversations);
    world.conversations.commit = (id, events, options) =>
      events.some((event) => event.type === 'leg.created' && event.role === 'external')
        ? Promise.reject(new Error('the process died'))
        : commit(id, events, options);
    world.node.hangup = () => Promise.reject(new Error('the process died'));
    await world.ready('ann');
    const device = world.device('ann');
    if (!device) throw new Error('Ann has no phone');
    const to = { kind: 'e164' as const, raw: '+442079460958', value: '+442079460958' };
    const call = { userId: 'ann', device, from: device.address, to, callerName: '' };
    await Promise.all([world.engine.makeCall(call, 'conv_made'), world.pass(100)]);
    world.errors.length = 0;
    await world.stop();
    await world.startProcess();
    await world.pass(60);
    const roles = [...world.conversation.legs.values()].map((leg) => leg.role);
    expect(roles).toEqual(['agent', 'external']);
  });

  it('closes a call whose caller hung up meanwhile, as lost', async () => {
    const { caller } = await talk();
    await world.stop();
    caller.hangup();
    await world.pass(60);
    await world.startProcess();
    await world.pass(60);
    const [call] = world.conversation.calls.values();
    expect(call).toMatchObject({ cause: expect.stringMatching(/lost|normal/) as string });
    expect(world.shown('ann')).toBe('wrap-up');
  });

  it('goes on with the wrap-up that was running', async () => {
    const { caller } = await talk();
    caller.hangup();
    await world.pass(60);
    await world.stop();
    await world.startProcess();
    world.routing.setOnline('ann', true);
    expect(world.shown('ann')).toBe('wrap-up');
    await world.pass(WRAP_MS);
    expect(world.shown('ann')).toBe('ready');
  });
});

describe('when the switch is away', () => {
  it('offers nothing until it is back, and clears what was lost in its restart', async () => {
    const { caller } = await talk();
    world.exchange.restart();
    await world.pass(100);
    expect(caller.state).toBe('ended');
    expect(world.shown('ann')).toBe('wrap-up');
  });
});
