/** Full call control as agents see it: what each one's softphone shows at every step, on the simulated switch. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CALLER,
  type FakePage,
  type SoftphoneWorld,
  worldForEachTest,
} from '../../../test/harness/softphone-world.ts';
import type { Line, Verb } from '../../protocol/softphone.ts';

let world: SoftphoneWorld;
let ann: FakePage;
let bob: FakePage;
worldForEachTest(
  (made) => {
    world = made;
  },
  { agents: ['ann', 'bob', 'cem'] },
);

const DORA = { id: '003A', object: 'Contact', name: 'Dora Dean' };
const BOB = { kind: 'user', userId: 'bob' } as const;

/** Ann talks to Dora and has written something; Bob is there. */
beforeEach(async () => {
  world.records.push({ ...DORA, number: CALLER });
  const talk = await world.talk();
  ann = talk.page;
  await ann.command({ verb: 'log.edit', lineId: ann.line.id, comments: 'Order 4711 is late.' });
  bob = world.page('bob');
  await world.pass(50);
  await bob.command({ verb: 'agent.state', state: 'not-ready', reason: 'lunch' });
});

const lines = (page: FakePage) => page.state?.lines ?? [];
const own = (page: FakePage): Line => {
  const line = lines(page).find((one) => one.parent === undefined);
  if (!line) throw new Error('there is no own line');
  return line;
};
const consultation = (page: FakePage): Line => {
  const line = lines(page).find((one) => one.parent !== undefined);
  if (!line) throw new Error('there is no consultation');
  return line;
};
const enabled = (line: Line) =>
  Object.entries(line.actions).flatMap(([verb, action]) => (action.enabled ? [verb as Verb] : []));

async function press(page: FakePage, verb: Verb | 'pickup', more: object = {}): Promise<void> {
  expect(await page.command({ verb, ...more })).toBe(true);
  await world.pass(100);
}

/** Ann asks Bob, who answers. */
async function consult(): Promise<void> {
  await press(ann, 'consult', { lineId: own(ann).id, target: BOB });
  await press(bob, 'answer', { lineId: bob.line.id });
}

describe('a consultation', () => {
  it('rings at the colleague with the customer that it is about, his pop, his data and the notes so far', async () => {
    await press(ann, 'consult', { lineId: own(ann).id, target: BOB });
    expect(bob.line).toMatchObject({
      state: 'alerting',
      purpose: 'consult',
      dialled: false,
      peer: { value: '801' },
      about: { peer: { value: CALLER }, peerName: 'Dora Dean' },
      handedBy: { userId: 'ann', how: 'attended' },
      pop: { decision: 'record', record: DORA, number: CALLER },
      match: { records: [DORA] },
      earlier: [{ userId: 'ann', name: 'ann', comments: 'Order 4711 is late.' }],
    });
    expect(bob.line.parent).toBeUndefined();
    expect(enabled(bob.line)).toEqual(['answer', 'decline']);
  });

  it('is a second line of the agent who asks, under the first one, which is on hold', async () => {
    const { id, log } = own(ann);
    await press(ann, 'consult', { lineId: id, target: BOB });
    expect(lines(ann).map((line) => [line.state, line.purpose])).toEqual([
      ['held', 'call'],
      ['alerting', 'consult'],
    ]);
    expect(own(ann)).toMatchObject({ id, log: { comments: log?.comments } });
    expect(consultation(ann)).toMatchObject({
      parent: id,
      conversationId: id,
      dialled: true,
      peerName: 'bob',
    });
    expect(enabled(own(ann))).toEqual(['hangup', 'retrieve', 'mute']);
    expect(own(ann).actions.transfer).toMatchObject({ reason: 'consulting' });
    expect(enabled(consultation(ann))).toEqual(['hangup', 'complete', 'cancel']);
  });

  it('completed, gives the caller to the colleague, with pop and notes; the first agent wraps up', async () => {
    await consult();
    expect(enabled(consultation(ann))).toEqual(
      expect.arrayContaining(['hold', 'mute', 'complete', 'cancel', 'conference']),
    );
    await press(ann, 'complete', { lineId: consultation(ann).id });
    expect(bob.line).toMatchObject({
      state: 'connected',
      purpose: 'call',
      peer: { value: CALLER },
      peerName: 'Dora Dean',
      earlier: [{ userId: 'ann' }],
    });
    expect(bob.line.about).toBeUndefined();
    expect(ann.line).toMatchObject({ state: 'wrap-up', log: { comments: 'Order 4711 is late.' } });
  });

  it('leaves one log of the call for each of the two agents', async () => {
    await consult();
    await press(ann, 'complete', { lineId: consultation(ann).id });
    await bob.command({ verb: 'log.edit', lineId: bob.line.id, comments: 'Sent again.' });
    await press(bob, 'hangup', { lineId: bob.line.id });
    await world.pass(40_000);
    expect(
      world.written.map(({ entry }) => [entry.userId, entry.direction, entry.from, entry.comments]),
    ).toEqual(
      expect.arrayContaining([
        ['ann', 'inbound', CALLER, 'Order 4711 is late.'],
        ['bob', 'inbound', CALLER, 'Sent again.'],
      ]),
    );
    expect(world.written).toHaveLength(2);
  });

  it('cancelled, brings the caller back', async () => {
    await consult();
    await press(ann, 'cancel', { lineId: consultation(ann).id });
    expect(ann.line).toMatchObject({ state: 'connected', peer: { value: CALLER } });
    expect(lines(bob).filter((line) => line.legId !== undefined)).toEqual([]);
  });

  it('is swapped with the caller, back and forth', async () => {
    await consult();
    await press(ann, 'retrieve', { lineId: own(ann).id });
    expect(lines(ann).map((line) => line.state)).toEqual(['connected', 'held']);
    await press(ann, 'retrieve', { lineId: consultation(ann).id });
    expect(lines(ann).map((line) => line.state)).toEqual(['held', 'connected']);
  });

  it('goes on as the own call when the caller hangs up meanwhile', async () => {
    await consult();
    world.caller.hangup();
    await world.pass(100);
    expect(ann.line).toMatchObject({ state: 'connected', peerName: 'bob' });
    expect(bob.line).toMatchObject({ state: 'connected' });
  });

  it('that is declined leaves the caller on hold, to be taken back', async () => {
    await press(ann, 'consult', { lineId: own(ann).id, target: BOB });
    await press(bob, 'decline', { lineId: bob.line.id });
    expect(ann.line.state).toBe('held');
    await press(ann, 'retrieve', { lineId: ann.line.id });
    expect(ann.line.state).toBe('connected');
  });

  it('is there again after our process was restarted', async () => {
    await consult();
    await world.stop();
    await world.startProcess();
    ann = world.page('ann', 'ann-tab-1', { legs: [own(ann).legId ?? ''] });
    bob = world.page('bob', 'bob-tab-1', { legs: [bob.line.legId ?? ''] });
    await world.pass(200);
    expect(lines(ann).map((line) => line.state)).toEqual(['held', 'connected']);
    await press(ann, 'complete', { lineId: consultation(ann).id });
    expect(bob.line).toMatchObject({ state: 'connected', peer: { value: CALLER } });
  });
});

describe('a conference', () => {
  beforeEach(async () => {
    await consult();
    await press(ann, 'conference', { lineId: consultation(ann).id });
  });

  it('is one line with its parties, of whom each other one can be dropped', () => {
    expect(ann.line).toMatchObject({ state: 'connected', conference: true });
    expect(ann.line.parties.map(({ me, name, role, drop }) => [me, name, role, drop.enabled])).toEqual([
      [false, 'Dora Dean', 'customer', true],
      [true, 'ann', 'agent', false],
      [false, 'bob', 'agent', true],
    ]);
    expect(ann.line.actions.transfer.enabled).toBe(false);
    expect(bob.line).toMatchObject({ conference: true, peer: { value: CALLER } });
  });

  it('loses who is dropped, and is a call of two again', async () => {
    const legId = ann.line.parties.find(({ name }) => name === 'bob')?.legId;
    await press(ann, 'drop', { lineId: ann.line.id, legId });
    expect(ann.line).toMatchObject({ state: 'connected', conference: false });
    expect(lines(bob).filter((line) => line.legId !== undefined)).toEqual([]);
  });

  it('refuses to drop oneself, or somebody who is not in it', async () => {
    const me = ann.line.parties.find((party) => party.me)?.legId;
    expect(await ann.command({ verb: 'drop', lineId: ann.line.id, legId: me })).toMatchObject({
      code: 'bad-input',
    });
    expect(await ann.command({ verb: 'drop', lineId: ann.line.id, legId: 'leg_x' })).toMatchObject({
      code: 'no-such-line',
    });
    expect(ann.line.parties).toHaveLength(3);
  });

  it('goes on for the others when the agent who made it leaves', async () => {
    await press(ann, 'hangup', { lineId: ann.line.id });
    expect(bob.line).toMatchObject({ state: 'connected', conference: false, peer: { value: CALLER } });
    expect(ann.line.state).toBe('wrap-up');
  });
});

describe('a blind transfer', () => {
  it('rings at the colleague as the caller, from whom, with pop and notes; the first agent is out at once', async () => {
    await press(ann, 'transfer', { lineId: own(ann).id, target: BOB });
    expect(ann.line.state).toBe('wrap-up');
    expect(bob.line).toMatchObject({
      state: 'alerting',
      direction: 'inbound',
      peer: { value: CALLER },
      handedBy: { userId: 'ann', how: 'blind' },
      pop: { decision: 'record', record: DORA },
      earlier: [{ comments: 'Order 4711 is late.' }],
    });
    await press(bob, 'answer', { lineId: bob.line.id });
    expect(bob.line).toMatchObject({ state: 'connected', peerName: 'Dora Dean' });
  });

  it('to a queue is offered there to whoever is ready', async () => {
    await press(bob, 'agent.state' as never, { state: 'ready' });
    await press(ann, 'transfer', { lineId: own(ann).id, target: { kind: 'queue', queueId: 'sales' } });
    expect(bob.line).toMatchObject({ state: 'alerting', queue: { id: 'sales' }, pop: { record: DORA } });
  });

  it('to an outside number reaches it', async () => {
    await press(ann, 'transfer', {
      lineId: own(ann).id,
      target: { kind: 'number', number: '0161 496 0000' },
    });
    world.exchange.outside('+441614960000').answer();
    await world.pass(100);
    expect(world.caller.state).toBe('talking');
  });

  it.each([
    ['a number that is none', { kind: 'number', number: 'home' }, 'number-invalid'],
    ['a user who does not exist', { kind: 'user', userId: 'nobody' }, 'not-found'],
    ['oneself', { kind: 'user', userId: 'ann' }, 'own-extension'],
  ])('to %s is refused, and the call goes on', async (_what, target, code) => {
    expect(await ann.command({ verb: 'transfer', lineId: own(ann).id, target })).toMatchObject({ code });
    expect(ann.line.state).toBe('connected');
  });

  it('to a colleague who does not want to be disturbed is refused', async () => {
    await bob.command({ verb: 'settings', change: { doNotDisturb: true } });
    expect(await ann.command({ verb: 'transfer', lineId: own(ann).id, target: BOB })).toMatchObject({
      code: 'colleague-busy',
    });
    expect(ann.line.state).toBe('connected');
  });
});

describe('a parked call', () => {
  beforeEach(() => press(ann, 'park', { lineId: own(ann).id }));

  it('is shown to everybody: slot, who, by whom and since when', () => {
    for (const page of [ann, bob]) {
      expect(page.state?.parked).toMatchObject([
        {
          slot: '701',
          peer: { value: CALLER },
          peerName: 'Dora Dean',
          by: { userId: 'ann' },
          pickUp: { enabled: true },
        },
      ]);
    }
    expect(ann.line.state).toBe('wrap-up');
  });

  it('is picked up by a colleague, with pop and notes', async () => {
    await press(bob, 'pickup', { slot: '701' });
    expect(bob.line).toMatchObject({
      state: 'connected',
      peer: { value: CALLER },
      earlier: [{ userId: 'ann' }],
    });
    expect(bob.state?.parked).toEqual([]);
    expect(ann.state?.parked).toEqual([]);
  });

  it('that is gone says so', async () => {
    world.caller.hangup();
    await world.pass(100);
    expect(ann.state?.parked).toEqual([]);
    expect(await bob.command({ verb: 'pickup', slot: '701' })).toMatchObject({ code: 'not-parked' });
  });

  it('is still shown after a restart', async () => {
    await world.stop();
    await world.startProcess();
    bob = world.page('bob');
    await world.pass(200);
    expect(bob.state?.parked).toMatchObject([{ slot: '701', by: { userId: 'ann' } }]);
  });
});

describe('two calls of one agent', () => {
  it('are made one after the other, the first goes on hold, and are swapped', async () => {
    await press(ann, 'dial' as never, { number: '0161 496 0000' });
    world.exchange.outside('+441614960000').answer();
    await world.pass(100);
    expect(lines(ann).map((line) => [line.state, line.direction])).toEqual([
      ['held', 'inbound'],
      ['connected', 'outbound'],
    ]);
    const [first, second] = lines(ann);
    await press(ann, 'retrieve', { lineId: first?.id });
    expect(lines(ann).map((line) => line.state)).toEqual(['connected', 'held']);
    await press(ann, 'hangup', { lineId: second?.id });
    expect(lines(ann).map((line) => line.state)).toContain('connected');
  });

  it('ring and talk: a direct call waits, is answered, and puts the first on hold', async () => {
    const cem = world.page('cem');
    await world.pass(50);
    await press(cem, 'agent.state' as never, { state: 'not-ready', reason: 'lunch' });
    await press(cem, 'dial' as never, { number: '801' });
    expect(lines(ann).map((line) => line.state)).toEqual(['connected', 'alerting']);
    await press(ann, 'answer', { lineId: lines(ann)[1]?.id });
    expect(lines(ann).map((line) => line.state)).toEqual(['held', 'connected']);
    expect(cem.line).toMatchObject({ state: 'connected', peerName: 'ann' });
  });

  it('do not ring an agent without call waiting', async () => {
    await ann.command({ verb: 'settings', change: { callWaiting: false } });
    const cem = world.page('cem');
    await world.pass(50);
    await press(cem, 'agent.state' as never, { state: 'not-ready', reason: 'lunch' });
    expect(await cem.command({ verb: 'dial', number: '801' })).toMatchObject({ code: 'colleague-busy' });
    expect(lines(ann)).toHaveLength(1);
  });
});

it("nobody commands a colleague's line", async () => {
  const lineId = own(ann).id;
  for (const verb of ['hold', 'hangup', 'park', 'mute'] as const)
    expect(await bob.command({ verb, lineId })).toMatchObject({ code: 'no-such-line' });
  expect(own(ann).state).toBe('connected');
});

it('answers by itself when the agent has chosen so', async () => {
  await bob.command({ verb: 'settings', change: { autoAnswer: true } });
  await press(ann, 'transfer', { lineId: own(ann).id, target: BOB });
  expect(bob.line).toMatchObject({ state: 'connected', peer: { value: CALLER } });
});

it('records, pauses and goes on, as the state of the recording allows', async () => {
  const { id, conversationId, callId } = own(ann);
  const recorded = () => enabled(own(ann)).filter((verb) => verb.startsWith('record'));
  expect(recorded()).toEqual(['record']);
  await press(ann, 'record', { lineId: id });
  world.recordings.becomes(conversationId, callId, 'on');
  await world.pass(20);
  expect(own(ann).recording).toBe('on');
  expect(recorded()).toEqual(['record.pause']);
  await press(ann, 'record.pause', { lineId: id });
  world.recordings.becomes(conversationId, callId, 'paused');
  await world.pass(20);
  expect(recorded()).toEqual(['record.resume']);
  expect(await ann.command({ verb: 'record', lineId: id })).toMatchObject({ code: 'wrong-state' });
  await press(ann, 'record.resume', { lineId: id });
  expect(world.recordings.asked.map((one) => one.split(' ')[0])).toEqual(['start', 'pause', 'resume']);
  expect(world.recordings.asked.every((one) => one.endsWith(' ann'))).toBe(true);
});
