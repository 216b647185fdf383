/** Consultations, transfers, conferences, parking, lines and personal settings, on the simulated exchange in virtual time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../src/lib/ids.ts';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import type { TransferTarget } from '../src/server/telephony/ports.ts';
import { CallWorld, PARK_MS, REATTACH_MS, WRAP_MS } from './harness/call-world.ts';
import { expectNothingRemains, expectSoundWorld } from './harness/call-world-check.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

const OUTSIDE = { kind: 'e164' as const, raw: '+441614960000', value: '+441614960000' };
const FROM = { kind: 'e164' as const, raw: '+442079460000', value: '+442079460000' };
const user = (userId: string): TransferTarget => ({ kind: 'user', userId });
const queue = (queueId: string): TransferTarget => ({ kind: 'queue', queueId });
const number: TransferTarget = { kind: 'number', number: OUTSIDE };

let world: CallWorld;

beforeEach(async () => {
  world = await CallWorld.open({
    agents: ['ann', 'bob', 'cat'],
    queues: { '100': 'sales', '200': 'service' },
    members: { sales: ['ann'], service: ['bob', 'cat'] },
    journal: (clock) => new MemoryJournal(clock, () => 2),
  });
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
const outside = () => world.exchange.outside(OUTSIDE.value);
const legIn = (name: string) => phone(name).call?.legId ?? '';
const main = () => {
  const [first] = world.conversation.calls.values();
  if (!first) throw new Error('no call');
  return first;
};

/** Lets the command and what follows from it take their time; what it returns or throws is the command's. */
async function act<T>(command: Promise<T>, ms = 60): Promise<T> {
  const [result] = await Promise.all([command, world.pass(ms)]);
  return result;
}

async function talk(): Promise<SimulatedParty> {
  await world.ready('ann');
  const caller = await world.call();
  phone('ann').answer();
  await world.pass(60);
  return caller;
}

async function consult(
  target: TransferTarget,
): Promise<{ caller: SimulatedParty; line: string; first: string }> {
  const caller = await talk();
  const first = world.legOf('ann');
  const { legId } = await act(world.engine.consult(first, { target, from: FROM }));
  return { caller, line: legId, first };
}

async function consultBob(): Promise<{ caller: SimulatedParty; line: string; first: string }> {
  await world.ready('bob');
  const made = await consult(user('bob'));
  phone('bob').answer();
  await world.pass(60);
  return made;
}

describe('a consultation', () => {
  it('gives the customer music, rings the colleague with the customer’s number, and joins the two agents', async () => {
    const { caller } = await consultBob();
    expect(caller.hears).toBe('music');
    expect(phone('bob').call?.callerId?.number).toBe('+442079460958');
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['talking', 'talking']);
  });

  it('lets the consulting agent hear it ring, on the leg that he has', async () => {
    await world.ready('bob');
    await consult(user('bob'));
    expect(phone('ann').call?.hears).toBe('tone');
    expect(world.shown('bob')).toBe('offered');
  });

  it('completed, joins the customer with the target, and the agent goes to wrap-up', async () => {
    const { caller, line } = await consultBob();
    await act(world.engine.completeTransfer(line));
    expect(caller.hears).toEqual([legIn('bob')]);
    expect(phone('ann').call?.state).toBe('ended');
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['wrap-up', 'talking']);
  });

  it('cancelled, brings the customer back and lets the target go without wrap-up', async () => {
    const { caller, line } = await consultBob();
    await act(world.engine.cancelConsult(line));
    expect(caller.hears).toEqual([legIn('ann')]);
    expect(phone('bob').call?.state).toBe('ended');
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['talking', 'ready']);
  });

  it('merged, lets all three hear each other', async () => {
    const { caller, line } = await consultBob();
    await act(world.engine.conference(line));
    expect(new Set(caller.hears)).toEqual(new Set([legIn('ann'), legIn('bob')]));
    expect(new Set(phone('bob').call?.hears)).toEqual(new Set([legIn('ann'), caller.legId]));
  });

  it('is swapped with the first call as often as one likes', async () => {
    const { caller, line, first } = await consultBob();
    await act(world.engine.retrieve(first));
    expect(caller.hears).toEqual([legIn('ann')]);
    expect(phone('bob').call?.hears).toBe('music');
    await act(world.engine.retrieve(line));
    expect(caller.hears).toBe('music');
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
  });

  it('of an outside number shows ours, and completed leaves customer and outside party alone', async () => {
    const { caller, line } = await consult(number);
    expect(outside().call?.callerId?.number).toBe(FROM.value);
    outside().answer();
    await world.pass(60);
    await act(world.engine.completeTransfer(line));
    expect(caller.hears).toEqual([outside().call?.legId]);
    expect(world.shown('ann')).toBe('wrap-up');
    outside().hangup();
    await world.pass(60);
    expect(caller.state).toBe('ended');
  });

  it('completed while it rings is a blind transfer', async () => {
    await world.ready('bob');
    const { caller, line } = await consult(user('bob'));
    await act(world.engine.completeTransfer(line));
    expect(caller.hears).toBe('music');
    expect(world.shown('ann')).toBe('wrap-up');
    phone('bob').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('bob')]);
  });

  it('whose target is busy ends, and the customer waits on hold for the agent', async () => {
    phone('bob').whenRung = 'busy';
    const { caller, first } = await consult(user('bob'));
    expect(caller.hears).toBe('music');
    expect(phone('ann').call?.hears).toBe('silence');
    await act(world.engine.retrieve(first));
    expect(caller.hears).toEqual([legIn('ann')]);
  });

  it('goes on when the customer hangs up', async () => {
    const { caller } = await consultBob();
    caller.hangup();
    await world.pass(60);
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
  });

  it('is a transfer when the agent hangs his phone up', async () => {
    const { caller } = await consultBob();
    phone('ann').hangup();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('bob')]);
  });

  it('of a queue waits there with music, and the accepting agent is joined with the consulting one', async () => {
    const { caller, line } = await consult(queue('service'));
    expect(phone('ann').call?.hears).toBe('music');
    await world.ready('bob');
    await world.pass(60);
    phone('bob').answer();
    await world.pass(60);
    expect(phone('ann').call?.hears).toEqual([legIn('bob')]);
    expect(caller.hears).toBe('music');
    await act(world.engine.completeTransfer(line));
    expect(caller.hears).toEqual([legIn('bob')]);
    expect([world.shown('ann'), world.shown('bob')]).toEqual(['wrap-up', 'talking']);
  });

  it('of a queue, completed while it waits, gives the customer its place', async () => {
    const { caller, line } = await consult(queue('service'));
    await act(world.engine.completeTransfer(line));
    expect(caller.hears).toBe('music');
    expect(world.routing.waiting('service')).toBe(1);
    await world.ready('cat');
    await world.pass(60);
    phone('cat').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('cat')]);
  });

  it('of a queue, cancelled while it rings there, withdraws the offer', async () => {
    await world.ready('bob');
    const { caller, line } = await consult(queue('service'));
    expect(world.shown('bob')).toBe('offered');
    await act(world.engine.cancelConsult(line));
    expect(world.shown('bob')).toBe('ready');
    expect(caller.hears).toEqual([legIn('ann')]);
  });

  it('is refused to who consults already, is consulted, or has nobody to talk to', async () => {
    const { line, first } = await consultBob();
    for (const legId of [line, first, world.legOf('bob')])
      await expect(world.engine.consult(legId, { target: number, from: FROM })).rejects.toMatchObject({
        code: 'wrong-state',
      });
    expect(world.engine.capabilities(line)).toMatchObject({ complete: true, cancel: true, conference: true });
  });

  it('comes back with both lines when the page of the agent was reloaded', async () => {
    const { caller, line, first } = await consultBob();
    world.engine.loseAgentLeg(legIn('ann'));
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    const id = world.conversation.id;
    await act(
      Promise.all([world.engine.reattach(id, first, device), world.engine.reattach(id, line, device)]),
      150,
    );
    expect(phone('bob').call?.hears).toEqual([legIn('ann')]);
    expect(caller.hears).toBe('music');
    expect(world.conversations.carriedBy(legIn('ann'))).toHaveLength(2);
  });

  it('ends, and the customer goes to the front of the queue, when the agent does not come back', async () => {
    const { caller } = await consultBob();
    world.engine.loseAgentLeg(legIn('ann'));
    await world.pass(REATTACH_MS + 1_000);
    expect(phone('bob').call?.state).toBe('ended');
    expect(caller.hears).toBe('music');
    expect(world.routing.waiting('sales')).toBe(1);
  });
});

describe('a blind transfer', () => {
  const transfer = async (target: TransferTarget) => {
    const caller = await talk();
    await act(world.engine.transfer(world.legOf('ann'), { target, from: FROM }));
    return caller;
  };

  it('lets the agent go at once and joins the customer with the target that answers', async () => {
    await world.ready('bob');
    const caller = await transfer(user('bob'));
    expect([caller.hears, world.shown('ann'), world.shown('bob')]).toEqual(['music', 'wrap-up', 'offered']);
    phone('bob').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('bob')]);
    expect(world.shown('bob')).toBe('talking');
  });

  it('comes back to the agent when the target is busy', async () => {
    phone('bob').whenRung = 'busy';
    const caller = await transfer(user('bob'));
    expect(phone('ann').call?.state).toBe('ringing');
    phone('ann').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('ann')]);
  });

  it('comes back to the agent when the target does not answer, then to the front of its queue', async () => {
    const caller = await transfer(number);
    await world.pass(61_000);
    expect(outside().call?.state).toBe('ended');
    expect(phone('ann').call?.state).toBe('ringing');
    await world.pass(31_000);
    expect(world.routing.waiting('sales')).toBe(1);
    expect(caller.hears).toBe('music');
    const item = world.conversation.queueStays;
    expect([...item.values()].at(-1)?.priority).toBe(100);
  });

  it('goes to the front of its queue when the agent is not free any more', async () => {
    const caller = await transfer(number);
    world.routing.setOnline('ann', false);
    outside().reject();
    await world.pass(60);
    expect(world.routing.waiting('sales')).toBe(1);
    expect(caller.hears).toBe('music');
  });

  it('of a call that the agent made, and that nobody takes, ends with an apology', async () => {
    await world.ready('ann');
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    const to = { kind: 'e164' as const, raw: '+441614960001', value: '+441614960001' };
    await act(world.engine.makeCall({ userId: 'ann', device, from: FROM, to, callerName: '' }, 'conv_out'));
    const customer = world.exchange.outside(to.value);
    customer.answer();
    await world.pass(60);
    phone('bob').whenRung = 'busy';
    world.routing.setOnline('ann', false);
    await act(world.engine.transfer(world.legOf('ann'), { target: user('bob'), from: FROM }), 100);
    expect(customer.call?.hears).toBe('playback');
    await world.pass(10_000);
    expect(customer.call?.state).toBe('ended');
  });

  it('to a queue waits there before new callers, with the data and the original number', async () => {
    const caller = await talk();
    world.conversations.record(world.conversation.id, [
      { type: 'data.set', key: 'order', value: '7', from: 'ivr' },
    ]);
    await act(world.engine.transfer(world.legOf('ann'), { target: queue('service'), from: FROM }));
    expect(caller.hears).toBe('music');
    expect(world.conversation.data.get('order')?.value).toBe('7');
    await world.ready('bob');
    await world.pass(60);
    expect(phone('bob').call?.callerId?.number).toBe('+442079460958');
    phone('bob').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([legIn('bob')]);
    const stays = [...world.conversation.queueStays.values()].map(({ queueId, how }) => [queueId, how]);
    expect(stays).toEqual([
      ['sales', 'answered'],
      ['service', 'answered'],
    ]);
  });

  it('to a queue that does not exist, or a colleague without extension, changes nothing', async () => {
    const caller = await talk();
    const refused = world.engine.transfer(world.legOf('ann'), { target: queue('none'), from: FROM });
    await expect(refused).rejects.toMatchObject({ code: 'not-found' });
    expect(caller.hears).toEqual([legIn('ann')]);
  });

  it('ends when the customer hangs up while it rings', async () => {
    await world.ready('bob');
    const caller = await transfer(user('bob'));
    caller.hangup();
    await world.pass(60);
    expect(phone('bob').call?.state).toBe('ended');
    expect(world.shown('bob')).toBe('ready');
  });
});

describe('parking', () => {
  const park = async () => {
    const caller = await talk();
    const { slot } = await act(world.engine.park(world.legOf('ann')));
    return { caller, slot };
  };
  const pickUp = (who: string, slot: string) => {
    const device = world.device(who);
    if (!device) throw new Error('no device');
    return act(world.engine.pickUp(slot, who, device));
  };

  it('gives the customer music in slot 701, and who picks up is joined with him', async () => {
    const { caller, slot } = await park();
    expect([slot, caller.hears, world.shown('ann')]).toEqual(['701', 'music', 'wrap-up']);
    await world.ready('bob');
    await pickUp('bob', slot);
    expect(caller.hears).toEqual([legIn('bob')]);
    await expect(pickUp('cat', slot)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('takes the next slot for the next call, and a free one again', async () => {
    await park();
    await world.pass(WRAP_MS);
    const second = await world.call('100', '+442079460111');
    phone('ann').answer();
    await world.pass(60);
    expect((await act(world.engine.park(world.legOf('ann')))).slot).toBe('702');
    second.hangup();
    await world.pass(60);
  });

  it('comes back to who parked, and from there to the queue', async () => {
    const { caller } = await park();
    await world.pass(PARK_MS);
    expect(phone('ann').call?.state).toBe('ringing');
    await world.pass(31_000);
    expect(world.routing.waiting('sales')).toBe(1);
    expect(caller.hears).toBe('music');
  });

  it('is over when the customer hangs up, and the slot is free', async () => {
    const { caller, slot } = await park();
    caller.hangup();
    await world.pass(60);
    await expect(pickUp('bob', slot)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('several lines', () => {
  it('a second call of the agent’s goes over the leg that he has, the first one waits', async () => {
    const caller = await talk();
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    const first = world.legOf('ann');
    const call = { userId: 'ann', device, from: FROM, to: OUTSIDE, callerName: '' };
    const { legId } = await act(world.engine.makeCall(call, 'conv_second'));
    outside().answer();
    await world.pass(60);
    expect(caller.hears).toBe('music');
    expect(outside().call?.hears).toEqual([legIn('ann')]);
    await act(world.engine.retrieve(first));
    expect([caller.hears, outside().call?.hears]).toEqual([[legIn('ann')], 'music']);
    await act(world.engine.hangup(first));
    expect([caller.state, outside().call?.hears]).toEqual(['ended', 'music']);
    await act(world.engine.retrieve(legId));
    expect(outside().call?.hears).toEqual([legIn('ann')]);
  });

  async function callBob(from: string): Promise<void> {
    const device = world.device(from);
    if (!device) throw new Error('no device');
    const to = { kind: 'extension' as const, raw: 'bob', value: 'bob' };
    const call = { userId: from, device, from: device.address, to, callerName: '' };
    await act(world.engine.makeCall(call, newId('conv')));
  }

  it('a colleague who talks is busy, with call waiting his second line rings and he swaps', async () => {
    await callBob('ann');
    phone('bob').answer();
    await world.pass(60);
    await expect(callBob('cat')).rejects.toMatchObject({ code: 'colleague-busy' });
    world.personal['bob'] = { callWaiting: true };
    await callBob('cat');
    const waiting = world.legOf('bob');
    expect(world.conversations.find(waiting)?.leg.state).toBe('alerting');
    expect(phone('cat').call?.hears).toBe('tone');
    await act(world.engine.answer(waiting));
    expect(phone('cat').call?.hears).toEqual([legIn('bob')]);
    expect(phone('ann').call?.hears).toBe('music');
  });

  it('a second line that nobody answers ends by itself', async () => {
    world.personal['bob'] = { callWaiting: true };
    await callBob('ann');
    phone('bob').answer();
    await world.pass(60);
    await callBob('cat');
    await world.pass(61_000);
    expect(phone('cat').call?.state).toBe('ended');
    expect(phone('ann').call?.hears).toEqual([legIn('bob')]);
  });

  it('do not disturb refuses, forwards lead on: always, when busy, without an answer', async () => {
    world.personal['bob'] = { dnd: true };
    await expect(callBob('ann')).rejects.toMatchObject({ code: 'colleague-busy' });
    const cat = { kind: 'extension' as const, raw: 'cat', value: 'cat' };
    world.personal['bob'] = { dnd: true, forward: { busy: cat } };
    await callBob('ann');
    expect(phone('cat').call?.state).toBe('ringing');
    phone('cat').hangup();
    await world.pass(60);
    world.personal['bob'] = { forward: { noAnswer: OUTSIDE, noAnswerMs: 10_000 } };
    await callBob('ann');
    expect(phone('bob').call?.state).toBe('ringing');
    await world.pass(10_100);
    expect(outside().call?.state).toBe('ringing');
    outside().answer();
    await world.pass(60);
    expect(outside().call?.hears).toEqual([legIn('ann')]);
  });

  it('forwards in a circle end as busy', async () => {
    world.personal['bob'] = { forward: { always: { kind: 'extension', raw: 'cat', value: 'cat' } } };
    world.personal['cat'] = { forward: { always: { kind: 'extension', raw: 'bob', value: 'bob' } } };
    await expect(callBob('ann')).rejects.toMatchObject({ code: 'colleague-busy' });
  });
});

describe('a standing leg', () => {
  async function stand(): Promise<string> {
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    world.personal['ann'] = { nailedUp: true, autoAnswer: true };
    await act(world.engine.nailUp('ann', device));
    return legIn('ann');
  }

  it('carries call after call without a ringing', async () => {
    const standing = await stand();
    await world.ready('ann');
    for (const ani of ['+442079460111', '+442079460112']) {
      const caller = await world.call('100', ani);
      expect(caller.hears).toEqual([standing]);
      expect(world.shown('ann')).toBe('talking');
      caller.hangup();
      await world.pass(WRAP_MS + 100);
      expect(phone('ann').call).toMatchObject({ legId: standing, state: 'talking', hears: 'silence' });
    }
    expect(world.engine.standingLeg('ann')).toBe(standing);
  });

  it('goes on standing when its agent transfers', async () => {
    const standing = await stand();
    await world.ready('ann', 'bob');
    const caller = await world.call();
    const { legId } = await act(
      world.engine.consult(world.legOf('ann'), { target: user('bob'), from: FROM }),
    );
    phone('bob').answer();
    await world.pass(60);
    await act(world.engine.completeTransfer(legId));
    expect(caller.hears).toEqual([legIn('bob')]);
    expect(phone('ann').call).toMatchObject({ legId: standing, state: 'talking', hears: 'silence' });
  });

  it('that is hung up ends the call on it', async () => {
    await stand();
    await world.ready('ann');
    const caller = await world.call();
    phone('ann').hangup();
    await world.pass(60);
    expect(caller.state).toBe('ended');
    expect(world.engine.standingLeg('ann')).toBeUndefined();
  });

  it('cannot be made twice, and is released', async () => {
    const standing = await stand();
    const device = world.device('ann');
    if (!device) throw new Error('no device');
    await expect(world.engine.nailUp('ann', device)).rejects.toMatchObject({ code: 'already-exists' });
    await act(world.engine.releaseStanding('ann'));
    expect(world.exchange.party(standing)).toBeUndefined();
  });
});

describe('a dropped party', () => {
  it('leaves the conference, which goes on', async () => {
    const { caller, line, first } = await consultBob();
    await act(world.engine.conference(line));
    await act(world.engine.drop(first, legIn('bob')));
    expect(phone('bob').call?.state).toBe('ended');
    expect(caller.hears).toEqual([legIn('ann')]);
    expect(main().endedAt).toBeUndefined();
  });

  it('must be one of it', async () => {
    const { line, first } = await consultBob();
    await act(world.engine.conference(line));
    await expect(world.engine.drop(first, 'leg_none')).rejects.toMatchObject({ code: 'no-such-line' });
  });
});
