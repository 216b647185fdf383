/** Pairs of things that happen at nearly the same time, in both orders and with little and less between them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, REATTACH_MS, RING_MS, WRAP_MS } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

/** Milliseconds between the two: commits take 2, the exchange's commands and facts a few more. */
const GAPS = [0, 1, 2, 3, 5, 8, 20];

let world: CallWorld;

beforeEach(async () => {
  world = await CallWorld.open({
    agents: ['ann', 'bob'],
    outboundWrapMs: WRAP_MS,
    journal: (clock) => new MemoryJournal(clock, () => 2),
  });
});
afterEach(async () => {
  await world.stop();
  expect(world.errors).toEqual([]);
});

const phone = (user: string) => world.exchange.device(user);
const offerOf = (user: string) => world.routing.agent(user).offer?.offerId ?? '';

/** A caller for whom Ann's phone rings. */
async function ring(): Promise<SimulatedParty> {
  await world.ready('ann');
  return world.call();
}

async function talk(): Promise<SimulatedParty> {
  const caller = await ring();
  phone('ann').answer();
  await world.pass(60);
  return caller;
}

/** Both things with the gap between them, and then time for everything to come to rest. */
async function race(first: () => unknown, gap: number, second: () => unknown): Promise<void> {
  first();
  if (gap > 0) await world.pass(gap);
  second();
  await world.pass(100);
}

/** Nobody talks, rings or waits any more, and Ann gets the next call when she is ready. */
async function expectNothingLeft(): Promise<void> {
  await world.pass(WRAP_MS + 1_000);
  expect(phone('ann').call?.state).toBe('ended');
  expect(world.conversations.all()).toEqual([]);
  expect(world.routing.waiting('sales')).toBe(0);
  await world.ready('ann');
  await world.call('100', '+442079460111');
  expect(world.shown('ann')).toBe('offered');
}

/** The caller waits with music and Bob, who becomes ready, gets him. */
async function expectStillWaiting(caller: SimulatedParty): Promise<void> {
  expect(phone('ann').call?.state).toBe('ended');
  expect(caller).toMatchObject({ state: 'talking', hears: 'music' });
  await world.ready('bob');
  await world.pass(60);
  expect(world.shown('bob')).toBe('offered');
}

describe.each(GAPS)('within %i ms', (gap) => {
  it('the agent answers, the caller hangs up: nothing is left over', async () => {
    const caller = await ring();
    await race(
      () => phone('ann').answer(),
      gap,
      () => caller.hangup(),
    );
    await expectNothingLeft();
  });

  it('the caller hangs up, the agent answers: nothing is left over', async () => {
    const caller = await ring();
    await race(
      () => caller.hangup(),
      gap,
      () => phone('ann').answer(),
    );
    await expectNothingLeft();
  });

  it('the agent answers, the deadline comes: one of the two counts, for everybody', async () => {
    const caller = await ring();
    const left = (world.routing.agent('ann').offer?.deadline ?? 0) - world.clock.now() - gap;
    await world.pass(left);
    await race(
      () => phone('ann').answer(),
      gap,
      () => undefined,
    );
    if (world.shown('ann') === 'talking') return expect(caller.hears).toEqual([phone('ann').call?.legId]);
    expect(world.routing.agent('ann').requested).toEqual({ state: 'not-ready', reason: 'no-answer' });
    await expectStillWaiting(caller);
  });

  it('the deadline comes, the agent answers: too late, the caller waits on', async () => {
    const caller = await ring();
    await world.pass((world.routing.agent('ann').offer?.deadline ?? 0) - world.clock.now());
    await race(
      () => undefined,
      gap,
      () => phone('ann').answer(),
    );
    expect(world.routing.agent('ann').requested).toEqual({ state: 'not-ready', reason: 'no-answer' });
    await expectStillWaiting(caller);
  });

  it('the agent declines, the caller hangs up: he is not ready, nothing is left over', async () => {
    const caller = await ring();
    await race(
      () => void world.routing.decline('ann', offerOf('ann')),
      gap,
      () => caller.hangup(),
    );
    expect(world.routing.agent('ann').requested.reason).toBe('declined');
    await expectNothingLeft();
  });

  it('the caller hangs up, the agent declines: whichever the server saw first, nothing is left over', async () => {
    const caller = await ring();
    const offerId = offerOf('ann');
    let refused = '';
    const decline = () =>
      world.routing.decline('ann', offerId).catch((error: { code: string }) => {
        refused = error.code;
      });
    await race(() => caller.hangup(), gap, decline);
    expect([refused, world.shown('ann')]).toEqual(refused ? ['offer-gone', 'ready'] : ['', 'not-ready']);
    await expectNothingLeft();
  });

  it('the agent chooses not ready, his phone answers: the answer counts for nothing', async () => {
    const caller = await ring();
    await race(
      () => void world.routing.setRequested('ann', 'not-ready', 'lunch', 'ann'),
      gap,
      () => phone('ann').answer(),
    );
    expect(world.routing.agent('ann').requested).toEqual({ state: 'not-ready', reason: 'lunch' });
    expect(world.shown('ann')).toBe('not-ready');
    await expectStillWaiting(caller);
  });

  it('the agent goes offline, his phone answers: the answer counts for nothing', async () => {
    const caller = await ring();
    await race(
      () => world.routing.setOnline('ann', false),
      gap,
      () => phone('ann').answer(),
    );
    expect(world.shown('ann')).toBe('lost');
    await expectStillWaiting(caller);
  });

  it('the phone answers, the agent goes offline: he talks, or the caller waits on', async () => {
    const caller = await ring();
    await race(
      () => phone('ann').answer(),
      gap,
      () => world.routing.setOnline('ann', false),
    );
    if (world.shown('ann') === 'talking') return expect(caller.hears).toEqual([phone('ann').call?.legId]);
    await expectStillWaiting(caller);
  });

  it('two agents answer one after the other, the first too late: the second has the call alone', async () => {
    const caller = await ring();
    await world.ready('bob');
    await race(
      () => void world.routing.decline('ann', offerOf('ann')),
      gap,
      () => phone('ann').answer(),
    );
    expect(world.shown('bob')).toBe('offered');
    await race(
      () => phone('ann').answer(),
      gap,
      () => phone('bob').answer(),
    );
    expect(caller.hears).toEqual([phone('bob').call?.legId]);
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['not-ready', 'talking']);
    expect(phone('ann').call?.state).toBe('ended');
  });
});

describe('draining', () => {
  const to = { kind: 'e164' as const, raw: '+441614960000', value: '+441614960000' };

  it('refuses new calls with congestion, those that agents make too, and lets live ones go on', async () => {
    const caller = await talk();
    world.engine.drain();
    const late = await world.call('100', '+442079460111');
    expect(late).toMatchObject({ state: 'ended', cause: 'congestion' });
    expect(world.conversations.all()).toHaveLength(1);
    const device = world.device('bob');
    if (!device) throw new Error('no device');
    const made = world.engine.makeCall({ userId: 'bob', device, from: to, to, callerName: '' }, 'conv_out');
    await expect(made).rejects.toMatchObject({ code: 'draining' });
    expect(caller.hears).toEqual([phone('ann').call?.legId]);
  });
});

describe('a call that an agent makes', () => {
  const from = { kind: 'extension' as const, raw: 'ann', value: 'ann' };

  async function dial(to: { kind: 'extension' | 'e164'; raw: string; value: string }): Promise<void> {
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    await world.routing.reserve('ann', 'conv_out');
    const made = world.engine.makeCall({ userId: 'ann', device, from, to, callerName: '' }, 'conv_out');
    await world.pass(60);
    await made;
  }

  it('to a colleague’s extension rings him, joins both, and ends for both', async () => {
    await world.ready('ann', 'bob');
    await dial({ kind: 'extension', raw: 'bob', value: 'bob' });
    expect(phone('bob').call).toMatchObject({ state: 'ringing', callerId: { number: 'ann' } });
    expect(phone('ann').call?.hears).toBe('tone');
    phone('bob').answer();
    await world.pass(60);
    expect(world.conversation.calls.get(world.callId)).toMatchObject({
      direction: 'internal',
      userId: 'ann',
    });
    expect(phone('bob').call?.hears).toEqual([phone('ann').call?.legId]);
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['talking', 'talking']);
    phone('bob').hangup();
    await world.pass(60);
    expect(phone('ann').call?.state).toBe('ended');
    world.routing.setOnline('bob', false);
    await expectNothingLeft();
  });

  it('during his wrap-up ends that one, and has its own', async () => {
    const caller = await talk();
    caller.hangup();
    await world.pass(60);
    expect(world.shown('ann')).toBe('wrap-up');
    await dial({ kind: 'e164', raw: '+441614960000', value: '+441614960000' });
    world.exchange.outside('+441614960000').answer();
    await world.pass(5_000);
    world.exchange.outside('+441614960000').hangup();
    await world.pass(60);
    expect(world.shown('ann')).toBe('wrap-up');
    await world.pass(WRAP_MS - 100);
    expect(world.shown('ann'), 'its whole time').toBe('wrap-up');
    await expectNothingLeft();
  });
});

describe('an agent whose page was reloaded', () => {
  async function reload(): Promise<void> {
    const old = phone('ann').call?.legId ?? '';
    world.engine.loseAgentLeg(old);
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    await Promise.all([world.engine.reattach(world.conversation.id, old, device), world.pass(100)]);
  }
  const act = (what: 'hold' | 'retrieve' | 'hangup') =>
    Promise.all([world.engine[what](world.legOf('ann')), world.pass(60)]);
  const myLeg = () => world.conversations.find(phone('ann').call?.legId ?? '')?.leg;

  it('is still muted', async () => {
    await talk();
    await Promise.all([world.engine.mute(world.legOf('ann'), true), world.pass(60)]);
    await reload();
    expect(myLeg()).toMatchObject({ muted: true, state: 'connected' });
  });

  it('still has the caller on hold, and takes him back', async () => {
    const caller = await talk();
    await act('hold');
    await reload();
    expect(myLeg()?.state).toBe('held');
    expect(caller.hears).toBe('music');
    await act('retrieve');
    expect(caller.hears).toEqual([phone('ann').call?.legId]);
  });

  it('ends the call for the caller when he hangs up with him on hold', async () => {
    const caller = await talk();
    await act('hold');
    await reload();
    await act('hangup');
    expect(caller.state).toBe('ended');
    expect(world.shown('ann')).toBe('wrap-up');
  });

  it('has as long again when his new leg was not answered; then the caller goes to the next', async () => {
    const caller = await talk();
    const old = phone('ann').call?.legId ?? '';
    phone('ann').whenRung = 'ignores';
    world.engine.loseAgentLeg(old);
    await world.pass(REATTACH_MS - 1_000);
    await reload();
    world.routing.setOnline('ann', false);
    await world.pass(30_000 + REATTACH_MS);
    expect(world.exchange.party(old)).toBeUndefined();
    await world.ready('bob');
    await world.pass(60);
    expect(world.shown('bob')).toBe('offered');
    expect(caller.state).toBe('talking');
  });
});

describe('a caller', () => {
  it('is offered once at a time, however long nobody answers', async () => {
    await world.ready('ann', 'bob');
    const caller = await world.call();
    await world.pass(RING_MS * 2 + 500);
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['not-ready', 'not-ready']);
    expect(caller.hears).toBe('music');
    expect(world.happened.filter((type) => type === 'offer.made')).toHaveLength(2);
  });
});
