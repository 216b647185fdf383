/** Desk phones: calls dialled at them, transfers by their own buttons, and how they are answered from here; in virtual time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, OUR_NUMBER, REATTACH_MS, WRAP_MS } from './harness/call-world.ts';
import { expectNothingRemains, expectSoundWorld } from './harness/call-world-check.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

const OUTSIDE = '+441614960000';

let world: CallWorld;

beforeEach(async () => {
  world = await CallWorld.open({
    agents: ['201', '202', '203'],
    queues: { '100': 'sales', '300': 'service' },
    members: { sales: ['201'], service: ['203'] },
    journal: (clock) => new MemoryJournal(clock, () => 2),
  });
  world.controls = { '201': 'none', '202': 'none', '203': 'none' };
});

afterEach(async () => {
  if (world.errors.length === 0) {
    expectSoundWorld(world);
    await expectNothingRemains(world, WRAP_MS + REATTACH_MS + 1_000);
  }
  await world.stop();
  expect(world.errors).toEqual([]);
});

const phone = (name: string) => world.exchange.device(name);
const outside = () => world.exchange.outside(OUTSIDE);

/** The user dials at his telephone. */
async function dials(name: string, dnis: string): Promise<SimulatedParty> {
  const party = world.exchange.arrive({ entry: `device:${name}`, ani: name, dnis });
  await world.pass(80);
  return party;
}

/** A customer of the queue talks with 201. */
async function talk(): Promise<SimulatedParty> {
  await world.ready('201');
  const caller = await world.call();
  phone('201').answer();
  await world.pass(60);
  return caller;
}

const bothTalk = (one: SimulatedParty | undefined, other: SimulatedParty | undefined) => {
  expect(one?.state).toBe('talking');
  expect(one?.hears).toMatchObject([other?.legId]);
  expect(other?.hears).toMatchObject([one?.legId]);
};

describe('a call dialled at the phone', () => {
  it('is an outbound call of its user, shown with our number, and hears ringing until it is answered', async () => {
    const party = await dials('201', '0161 496 0000');
    const [call] = world.conversation.calls.values();
    expect(call).toMatchObject({ direction: 'outbound', userId: '201', ani: OUR_NUMBER });
    expect(call?.dnis.value).toBe(OUTSIDE);
    expect(outside().call?.callerId?.number).toBe(OUR_NUMBER.value);
    expect(party.state).toBe('talking');
    expect(world.shown('201')).toBe('talking');
    outside().answer();
    await world.pass(60);
    bothTalk(party, outside().call);
    party.hangup();
    await world.pass(60);
    expect(outside().call?.state).toBe('ended');
  });

  it('can be held, taken back and given away from the softphone', async () => {
    const party = await dials('201', OUTSIDE);
    outside().answer();
    await world.pass(60);
    const legId = world.legOf('201');
    const held = world.engine.hold(legId);
    await world.pass(60);
    await held;
    expect(outside().call?.hears).toBe('music');
    const back = world.engine.retrieve(legId);
    await world.pass(60);
    await back;
    bothTalk(party, outside().call);
    const given = world.engine.transfer(legId, { target: { kind: 'user', userId: '202' }, from: OUR_NUMBER });
    await world.pass(60);
    await given;
    expect(party.state).toBe('ended');
    phone('202').answer();
    await world.pass(60);
    bothTalk(phone('202').call, outside().call);
    outside().hangup();
    await world.pass(60);
  });

  it('reaches a colleague', async () => {
    const party = await dials('201', '202');
    expect(phone('202').call?.callerId?.number).toBe(OUR_NUMBER.value);
    phone('202').answer();
    await world.pass(60);
    bothTalk(party, phone('202').call);
    party.hangup();
    await world.pass(60);
  });

  it('waits in a queue whose number it is, with music', async () => {
    const party = await dials('202', '300');
    expect(party.hears).toBe('music');
    await world.ready('203');
    await world.pass(60);
    phone('203').answer();
    await world.pass(60);
    bothTalk(party, phone('203').call);
    party.hangup();
    await world.pass(60);
  });

  it('is refused where the dial plan refuses it, and nothing of it is written down', async () => {
    world.personal = { '202': { dnd: true } };
    const [busy, nobody] = [await dials('201', '202'), await dials('201', 'anonymous')];
    expect([busy.state, busy.cause, nobody.state, nobody.cause]).toEqual([
      'ended',
      'busy',
      'ended',
      'not-found',
    ]);
    expect(world.happened).toEqual([]);
  });

  it('by a name that is no user’s telephone is a caller like any other', async () => {
    const party = world.exchange.arrive({ entry: 'device:kitchen', ani: '299', dnis: '100' });
    await world.pass(60);
    expect(world.happened).toContain('call.arrived');
    expect(party.hears).toBe('music');
    party.hangup();
    await world.pass(60);
  });
});

describe('the phone’s own transfer button', () => {
  it('gives the customer to a colleague, and the phone is told so before it is hung up', async () => {
    const caller = await talk();
    const mine = phone('201').call;
    mine?.transfer('202');
    await world.pass(400);
    expect(mine?.transferProgress).toBe('done');
    expect(mine?.state).toBe('ended');
    expect(phone('202').call?.callerId?.number).toBe('+442079460958');
    phone('202').answer();
    await world.pass(60);
    bothTalk(phone('202').call, caller);
    expect(world.conversation.calls.size).toBe(1);
    caller.hangup();
    await world.pass(60);
  });

  it('asked for twice at once is carried out once', async () => {
    const caller = await talk();
    const mine = phone('201').call;
    mine?.transfer('202');
    mine?.transfer('202');
    await world.pass(400);
    expect(mine?.transferProgress).toBe('done');
    expect(world.happened.filter((type) => type === 'call.transferred')).toHaveLength(1);
    caller.hangup();
    await world.pass(60);
  });

  it('brings the customer back when the colleague does not answer', async () => {
    const caller = await talk();
    phone('201').call?.transfer('202');
    await world.pass(400);
    const before = phone('201').call;
    phone('202').reject();
    await world.pass(60);
    expect(phone('201').call).not.toBe(before);
    phone('201').answer();
    await world.pass(60);
    bothTalk(phone('201').call, caller);
    caller.hangup();
    await world.pass(60);
  });

  it('reaches an outside number with our own number, and a queue', async () => {
    const caller = await talk();
    phone('201').call?.transfer('0161 496 0000');
    await world.pass(400);
    expect(outside().call?.callerId?.number).toBe(OUR_NUMBER.value);
    outside().answer();
    await world.pass(60);
    bothTalk(outside().call, caller);
    caller.hangup();
    await world.pass(60);
    await world.pass(WRAP_MS);
    const next = await talk();
    phone('201').call?.transfer('300');
    await world.pass(400);
    expect(next.hears).toBe('music');
    expect(world.conversation.queueStays.size).toBe(2);
    next.hangup();
    await world.pass(60);
  });

  it('is refused to who may not, and for what cannot be dialled: they talk on', async () => {
    const caller = await talk();
    const mine = phone('201').call;
    caller.transfer('202');
    mine?.transfer('anonymous');
    await world.pass(400);
    expect([caller.transferProgress, mine?.transferProgress]).toEqual(['failed', 'failed']);
    world.personal = { '202': { dnd: true } };
    mine?.transfer('202');
    await world.pass(400);
    expect(mine?.transferProgress).toBe('failed');
    bothTalk(mine, caller);
    caller.hangup();
    await world.pass(60);
  });

  /** 201 holds the customer at the phone and dials somebody on its second line. */
  async function asks(
    dnis: string,
  ): Promise<{ caller: SimulatedParty; first: SimulatedParty; second: SimulatedParty }> {
    const caller = await talk();
    const first = phone('201').call;
    if (!first) throw new Error('no call');
    first.hold();
    await world.pass(60);
    return { caller, first, second: await dials('201', dnis) };
  }

  it('joins the customer with the colleague of a second call, which goes on in the customer’s conversation', async () => {
    const { caller, first, second } = await asks('202');
    phone('202').answer();
    await world.pass(60);
    bothTalk(second, phone('202').call);
    const [conversation] = world.conversations.all();
    first.transfer('202', second.legId);
    await world.pass(400);
    expect(first.transferProgress).toBe('done');
    bothTalk(phone('202').call, caller);
    expect([first.state, second.state]).toEqual(['ended', 'ended']);
    await world.pass(WRAP_MS + 100);
    expect(world.conversation).toBe(conversation);
    const held = world.engine.hold(world.legOf('202'));
    await world.pass(60);
    await held;
    expect(caller.hears).toBe('music');
    caller.hangup();
    await world.pass(60);
    expect(phone('202').call?.state).toBe('ended');
  });

  it('may be pressed on the second call, and for an outside party', async () => {
    const { caller, first, second } = await asks(OUTSIDE);
    outside().answer();
    await world.pass(60);
    second.transfer('', first.legId);
    await world.pass(400);
    expect(second.transferProgress).toBe('done');
    bothTalk(outside().call, caller);
    outside().hangup();
    await world.pass(60);
    expect(caller.state).toBe('ended');
  });

  it('may be pressed while the second one still rings, who then gets the call, or gives it back', async () => {
    const { caller, first, second } = await asks('202');
    first.transfer('202', second.legId);
    await world.pass(400);
    expect(caller.hears).toBe('music');
    phone('202').answer();
    await world.pass(60);
    bothTalk(phone('202').call, caller);
    caller.hangup();
    await world.pass(60);
  });

  it('leaves everybody where he is when there is nobody to join', async () => {
    const { caller, first, second } = await asks('202');
    phone('202').answer();
    await world.pass(60);
    first.transfer('202', first.legId);
    await world.pass(400);
    expect(first.transferProgress).toBe('failed');
    bothTalk(second, phone('202').call);
    second.hangup();
    first.retrieve();
    await world.pass(60);
    bothTalk(first, caller);
    caller.hangup();
    await world.pass(60);
  });
});

describe('a phone is answered from the softphone', () => {
  it('when it is told to while it rings', async () => {
    world.controls['201'] = 'talk-event';
    await world.ready('201');
    const caller = await world.call();
    expect(phone('201').call?.state).toBe('ringing');
    const answered = world.engine.answer(world.legOf('201'));
    await world.pass(60);
    await answered;
    bothTalk(phone('201').call, caller);
    caller.hangup();
    await world.pass(60);
  });

  it('by a second INVITE that it answers by itself, in the same leg', async () => {
    world.controls['201'] = 'auto-answer';
    await world.ready('201');
    const caller = await world.call();
    const [legId, rang] = [world.legOf('201'), phone('201').call];
    const answered = world.engine.answer(legId);
    await world.pass(80);
    await answered;
    expect(rang?.state).toBe('ended');
    expect(phone('201').call).not.toBe(rang);
    bothTalk(phone('201').call, caller);
    expect(world.legOf('201')).toBe(legId);
    expect(world.shown('201')).toBe('talking');
    const hung = world.engine.hangup(legId);
    await world.pass(60);
    await hung;
    expect(caller.state).toBe('ended');
  });

  it('which fails when it does not take the second one: the offer ends, the caller waits on', async () => {
    world.controls['201'] = 'auto-answer';
    await world.ready('201');
    const caller = await world.call();
    const legId = world.legOf('201');
    phone('201').whenRung = 'rejects';
    const answered = world.engine.answer(legId);
    await world.pass(80);
    await answered;
    expect(world.shown('201')).toBe('not-ready');
    expect(caller.hears).toBe('music');
    caller.hangup();
    await world.pass(60);
  });

  it('only where it can be: a plain one rings when its user dials, and is lifted', async () => {
    const device = world.device('201');
    if (!device) throw new Error('no device');
    const to = { kind: 'e164' as const, raw: OUTSIDE, value: OUTSIDE };
    const made = world.engine.makeCall(
      { userId: '201', device, from: OUR_NUMBER, to, callerName: '' },
      'conv_1',
    );
    await world.pass(60);
    await made;
    expect(phone('201').call?.state).toBe('ringing');
    phone('201').answer();
    await world.pass(60);
    outside().answer();
    await world.pass(60);
    bothTalk(phone('201').call, outside().call);
    outside().hangup();
    await world.pass(60);
  });
});
