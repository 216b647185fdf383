/** What waiting callers hear, and how they leave a queue by key or rule: on the simulated exchange, in virtual time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueRule } from '../src/protocol/queue-rules.ts';
import { QueueWaiting } from '../src/protocol/waiting.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, WRAP_MS } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

let database: TestDatabase;
let world: CallWorld;

beforeEach(async () => {
  database = await testDatabase([...storeMigrations, ...routingMigrations]);
  world = await CallWorld.open({
    agents: ['ann', 'bob'],
    queues: { '100': 'sales', '200': 'service' },
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

function set(settings: object, queueId = 'sales'): void {
  world.waitingSettings[queueId] = QueueWaiting.parse(settings);
}

async function press(party: SimulatedParty, keys: string): Promise<void> {
  for (const key of keys) {
    party.digit(key);
    await world.pass(20);
  }
}

/** He is ready, and what waits for him rings. */
async function ready(user: string): Promise<void> {
  await world.ready(user);
  await world.pass(60);
}

async function restart(): Promise<void> {
  await world.stop();
  await world.startProcess();
  await world.pass(100);
}

/** What was asked, while the world goes on. */
async function settled(work: Promise<unknown>): Promise<void> {
  await world.pass(100);
  await work;
}

/** A caller has asked to be called back, and hung up. @returns the callback's id. */
async function requested(): Promise<string> {
  const caller = await world.call();
  await press(caller, '11');
  await world.pass(20_000);
  expect(caller.state).toBe('ended');
  return world.waiting.callbacks.all()[0]?.id ?? '';
}

const told = (text: string) => world.told.filter((one) => one.includes(text)).length;
const CALLBACK = { callback: { key: '1', attempts: 2, intervalMs: 60_000 } };
const MINE = '+442079460958';

describe('who waits', () => {
  it('hears his position, comfort messages in turn, and music between them', async () => {
    set({
      announcements: { firstMs: 10_000, everyMs: 30_000, position: true },
      comfort: { everyMs: 20_000, texts: [{ en: 'Thank you for waiting.' }, { en: 'We are still here.' }] },
    });
    await world.call();
    const second = await world.call('100', '+442079460111');
    await world.pass(9_000);
    expect(world.told).toEqual([]);
    expect(second.hears).toBe('music');
    await world.pass(2_000);
    expect(world.told).toEqual(['You are the next in the queue.', 'You are number 2 in the queue.']);
    await world.pass(60_000);
    expect([told('Thank you for waiting.'), told('We are still here.')]).toEqual([4, 2]);
    expect(told('You are the next')).toBe(3);
  });

  it('hears how long it takes only when that is honest', async () => {
    set({ announcements: { firstMs: 10_000, wait: true } });
    await world.call();
    await world.pass(20_000);
    expect(told('estimated wait')).toBe(0);
  });

  it('hears the language of his call', async () => {
    set({ announcements: { firstMs: 10_000, position: true } });
    await world.call();
    const language = { type: 'data.set', key: 'language', value: 'de-AT', from: 'ivr' } as const;
    world.conversations.record(world.conversation.id, [language]);
    await world.pass(12_000);
    expect(world.told).toEqual(['Sie sind als Nächstes an der Reihe.']);
  });

  it('is joined at once while something is being said to him', async () => {
    set({ announcements: { firstMs: 10_000, position: true } });
    const caller = await world.call();
    await world.pass(10_100);
    expect(caller.hears).toBe('playback');
    await ready('ann');
    world.exchange.device('ann').answer();
    await world.pass(100);
    expect(caller.hears).toEqual([world.exchange.device('ann').call?.legId]);
    await world.pass(90_000);
    expect(world.told).toHaveLength(1);
  });

  it('is attended again after a restart, and hears what is due by the time since which he waits', async () => {
    set({ announcements: { firstMs: 10_000, everyMs: 60_000, position: true } });
    await world.call();
    await world.pass(12_000);
    await restart();
    await world.pass(50_000);
    expect(world.told).toHaveLength(1);
    await world.pass(10_000);
    expect(world.told).toHaveLength(2);
  });
});

describe('a callback', () => {
  it('keeps the place of its caller, is offered like a call, and calls him when the agent has accepted', async () => {
    set(CALLBACK);
    const caller = await world.call();
    await world.call('100', '+442079460111');
    await world.pass(5_000);
    await press(caller, '11');
    expect(told('You keep your place')).toBe(1);
    await world.pass(20_000);
    expect(caller.state).toBe('ended');
    expect(world.waiting.callbacks.all()).toMatchObject([
      { state: 'waiting', queueId: 'sales', number: { value: MINE }, attempts: 0, position: 1 },
    ]);
    await ready('ann');
    await world.pass(50);
    const ann = world.exchange.device('ann');
    expect(ann.call?.callerId?.number).toBe(MINE);
    ann.answer();
    await world.pass(100);
    const customer = world.exchange.outside(MINE);
    expect(customer.call?.callerId).toBeDefined();
    expect(world.waiting.callbacks.all()).toMatchObject([{ state: 'calling', attempts: 1 }]);
    customer.answer();
    await world.pass(100);
    expect(customer.call?.hears).toEqual([ann.call?.legId]);
    expect(world.waiting.callbacks.all()).toEqual([]);
    const conversation = world.conversations.all().find(({ callback }) => callback?.ended === 'reached');
    expect(conversation?.calls.size).toBe(2);
    ann.hangup();
    await world.pass(100);
    expect(world.shown('ann')).toBe('wrap-up');
    await world.pass(WRAP_MS);
    expect(world.conversations.all()).toHaveLength(1);
  });

  it('to another number has it typed, read out and confirmed', async () => {
    set(CALLBACK);
    const caller = await world.call();
    await press(caller, '12');
    await press(caller, '02079460111#');
    expect(told('The number is 0 2 0 7 9 4 6 0 1 1 1')).toBe(1);
    expect(world.waiting.callbacks.all()).toEqual([]);
    await press(caller, '1');
    await world.pass(20_000);
    expect(world.waiting.callbacks.all()).toMatchObject([{ number: { value: '+442079460111' } }]);
  });

  it('to a number that may not be called is refused, and the caller waits on', async () => {
    set(CALLBACK);
    const caller = await world.call();
    await press(caller, '12');
    await press(caller, '999#');
    await world.pass(5_000);
    expect(told('We cannot call this number.')).toBe(1);
    await press(caller, '*');
    await world.pass(500);
    expect([caller.state, caller.hears]).toEqual(['talking', 'music']);
    expect(world.routing.waiting('sales')).toBe(1);
  });

  it('asked for twice by the same number is one', async () => {
    set(CALLBACK);
    for (const _ of [1, 2]) {
      const caller = await world.call();
      await press(caller, '11');
      await world.pass(20_000);
    }
    expect(told('already')).toBe(1);
    expect(world.waiting.callbacks.all()).toHaveLength(1);
    expect(world.conversations.all()).toHaveLength(1);
  });

  it('is not made when the caller hangs up before he has confirmed it', async () => {
    set(CALLBACK);
    const caller = await world.call();
    await press(caller, '1');
    caller.hangup();
    await world.pass(100);
    expect(world.waiting.callbacks.all()).toEqual([]);
    expect(world.conversations.all()).toEqual([]);
  });

  it('is made when he hangs up right after he has', async () => {
    set(CALLBACK);
    const caller = await world.call();
    await press(caller, '1');
    caller.digit('1');
    caller.hangup();
    await world.pass(200);
    expect(world.waiting.callbacks.all()).toMatchObject([{ state: 'waiting', position: 1 }]);
  });

  it('is not made when an agent accepts before the key', async () => {
    set(CALLBACK);
    const caller = await world.call();
    await press(caller, '1');
    await ready('ann');
    const ann = world.exchange.device('ann');
    ann.answer();
    await world.pass(100);
    caller.digit('1');
    await world.pass(100);
    expect(caller.hears).toEqual([ann.call?.legId]);
    expect(world.waiting.callbacks.all()).toEqual([]);
  });

  it('is made when the key comes before the agent accepts: his phone stops ringing', async () => {
    set(CALLBACK);
    const caller = await world.call();
    await press(caller, '1');
    await ready('ann');
    caller.digit('1');
    await world.pass(60);
    expect(world.exchange.device('ann').call?.state).toBe('ended');
    while (caller.state !== 'ended') await world.pass(100);
    await world.pass(100);
    expect(world.waiting.callbacks.all()).toMatchObject([{ state: 'offered' }]);
    expect(world.shown('ann')).toBe('offered');
  });

  it('is tried again at its place after one in vain, as often as is set', async () => {
    set(CALLBACK);
    await requested();
    await ready('ann');
    world.exchange.outside(MINE).whenRung = 'busy';
    for (const attempts of [1, 2]) {
      while (world.shown('ann') !== 'offered') await world.pass(1_000);
      await world.pass(60);
      world.exchange.device('ann').answer();
      await world.pass(200);
      expect(world.shown('ann')).toBe('ready');
      expect(world.waiting.callbacks.all()).toMatchObject(
        attempts === 1 ? [{ state: 'later', attempts }] : [],
      );
    }
    expect(world.conversations.all()).toEqual([]);
  });

  it('that its agent declines goes to the next one', async () => {
    set(CALLBACK);
    await requested();
    await ready('ann');
    world.exchange.device('ann').reject();
    await world.pass(100);
    await ready('bob');
    world.exchange.device('bob').answer();
    await world.pass(100);
    world.exchange.outside(MINE).answer();
    await world.pass(100);
    expect(world.shown('bob')).toBe('talking');
    expect(world.waiting.callbacks.all()).toEqual([]);
  });

  it('waits while its queue is closed, and goes on at its place when it opens', async () => {
    set(CALLBACK);
    await requested();
    world.closedQueues = ['sales'];
    await world.pass(6_000);
    expect(world.waiting.callbacks.all()).toMatchObject([{ state: 'closed' }]);
    await ready('ann');
    await world.pass(60_000);
    expect(world.shown('ann')).toBe('ready');
    world.closedQueues = [];
    await world.pass(6_000);
    expect(world.shown('ann')).toBe('offered');
  });

  it('is changed, called earlier and cancelled by a supervisor, but not while an agent has it', async () => {
    set(CALLBACK);
    set({}, 'service');
    const { callbacks } = world.waiting;
    const id = await requested();
    await settled(callbacks.change(id, { queueId: 'service', number: '020 7946 0222' }, 'sue'));
    await settled(callbacks.change(id, { notBefore: world.clock.now() + 600_000 }, 'sue'));
    expect(callbacks.all()).toMatchObject([{ state: 'later', queueId: 'service', attempts: 0 }]);
    await settled(callbacks.callNow(id, 'sue'));
    expect(callbacks.all()).toMatchObject([{ state: 'waiting', number: { value: '+442079460222' } }]);
    await ready('ann');
    world.exchange.device('ann').answer();
    await world.pass(100);
    await expect(callbacks.cancel(id, 'sue')).rejects.toMatchObject({ code: 'wrong-state' });
    world.exchange.outside('+442079460222').reject('busy');
    await world.pass(100);
    await settled(callbacks.cancel(id, 'sue'));
    expect(callbacks.all()).toEqual([]);
    expect(world.conversations.all()).toEqual([]);
  });

  describe('after a restart', () => {
    it('while its caller is told that it is noted, he is told again and hung up', async () => {
      set(CALLBACK);
      const caller = await world.call();
      await press(caller, '11');
      await restart();
      await world.pass(20_000);
      expect(caller.state).toBe('ended');
      expect(world.waiting.callbacks.all()).toMatchObject([{ state: 'waiting' }]);
    });

    it('while it waits, it waits at its place', async () => {
      set(CALLBACK);
      const id = await requested();
      const since = world.waiting.callbacks.get(id)?.enteredAt;
      await restart();
      expect(world.waiting.callbacks.all()).toMatchObject([
        { state: 'waiting', position: 1, enteredAt: since },
      ]);
    });

    it('while it is offered, it is offered anew', async () => {
      set(CALLBACK);
      await requested();
      await ready('ann');
      await restart();
      await ready('ann');
      world.exchange.device('ann').answer();
      await world.pass(100);
      expect(world.exchange.outside(MINE).call?.state).toBe('ringing');
    });

    it('while the customer rings, he is joined when he answers', async () => {
      set(CALLBACK);
      await requested();
      await ready('ann');
      world.exchange.device('ann').answer();
      await world.pass(100);
      await restart();
      world.exchange.outside(MINE).answer();
      await world.pass(200);
      expect(world.exchange.outside(MINE).call?.hears).toEqual([world.exchange.device('ann').call?.legId]);
      expect(world.waiting.callbacks.all()).toEqual([]);
    });

    it('before the time of its next try, it is tried at that time', async () => {
      set(CALLBACK);
      const id = await requested();
      await settled(world.waiting.callbacks.change(id, { notBefore: world.clock.now() + 60_000 }, 'sue'));
      await restart();
      expect(world.waiting.callbacks.all()).toMatchObject([{ state: 'later' }]);
      await world.pass(65_000);
      expect(world.waiting.callbacks.all()).toMatchObject([{ state: 'waiting', position: 1 }]);
    });
  });
});

describe('a message', () => {
  const VOICEMAIL = { voicemail: { key: '2', maxMs: 60_000, silenceMs: 4_000 } };
  const recordings = async () => {
    const listed = world.node.list();
    await world.pass(50);
    return (await listed).recordings;
  };
  const LOUD = new Uint8Array(new Int16Array(160).fill(4_000).buffer);

  /** Until the tone has been heard. */
  async function toTheTone(): Promise<SimulatedParty> {
    set(VOICEMAIL);
    const caller = await world.call();
    await press(caller, '2');
    while (!world.told.includes('beep')) await world.pass(100);
    await world.pass(2_000);
    return caller;
  }

  it('is recorded after greeting and tone until the caller presses the hash key', async () => {
    const caller = await toTheTone();
    expect(world.told).toEqual([expect.stringContaining('Please leave a message'), 'beep']);
    expect(await recordings()).toMatchObject([{ state: 'recording' }]);
    await press(caller, '#');
    await world.pass(10_000);
    expect(await recordings()).toMatchObject([{ state: 'finished' }]);
    expect([told('has been recorded'), caller.state]).toEqual([1, 'ended']);
    expect(world.routing.waiting('sales')).toBe(0);
  });

  it('ends with silence, and not before', async () => {
    const caller = await toTheTone();
    for (let n = 0; n < 10; n++) {
      caller.say(LOUD);
      await world.pass(1_000);
    }
    expect(await recordings()).toMatchObject([{ state: 'recording' }]);
    await world.pass(4_000);
    expect(await recordings()).toMatchObject([{ state: 'finished' }]);
  });

  it('is no longer than allowed', async () => {
    const caller = await toTheTone();
    for (let n = 0; n < 60; n++) {
      caller.say(LOUD);
      await world.pass(1_000);
    }
    expect(await recordings()).toMatchObject([{ state: 'finished' }]);
  });

  it('goes on over a restart, and ends by its key', async () => {
    const caller = await toTheTone();
    await restart();
    expect(await recordings()).toMatchObject([{ state: 'recording' }]);
    await press(caller, '#');
    await world.pass(10_000);
    expect([(await recordings())[0]?.state, caller.state]).toEqual(['finished', 'ended']);
    expect(world.told.filter((one) => one === 'beep')).toHaveLength(1);
  });

  it('is asked for again when a restart came before the tone', async () => {
    set(VOICEMAIL);
    const caller = await world.call();
    await press(caller, '2');
    await restart();
    await world.pass(15_000);
    expect(await recordings()).toMatchObject([{ state: 'recording' }]);
    caller.hangup();
    await world.pass(100);
    expect(world.conversations.all()).toEqual([]);
  });
});

describe('a rule that sends callers elsewhere', () => {
  const rule = (target: object) => {
    world.queueRules['sales'] = QueueRule.parse({ overflow: [{ when: 'wait', afterMs: 30_000, target }] });
    world.routing.settingsChanged();
  };

  it('lets them wait in another queue, at their place', async () => {
    rule({ kind: 'queue', queueId: 'service' });
    const caller = await world.call();
    await world.pass(31_000);
    const first = world.clock.now();
    await world.call('200', '+442079460111');
    expect(caller.hears).toBe('music');
    const stays = [...(world.conversations.all()[0]?.queueStays.values() ?? [])];
    expect(stays).toMatchObject([{ queueId: 'sales', how: 'overflow' }, { queueId: 'service' }]);
    expect(stays[1]?.since).toBeLessThan(first - 30_000);
  });

  it('rings a number, and says so when nobody answers there', async () => {
    rule({ kind: 'number', number: '+442079460333' });
    world.exchange.outside('+442079460333').whenRung = 'busy';
    const caller = await world.call();
    await world.pass(31_000);
    expect(told('nobody can take your call')).toBe(1);
    await world.pass(10_000);
    expect(caller.state).toBe('ended');
  });

  it('rings a number, and joins who answers there', async () => {
    rule({ kind: 'number', number: '+442079460333' });
    world.exchange.outside('+442079460333').whenRung = 'answers';
    const caller = await world.call();
    await world.pass(31_500);
    expect(caller.hears).toEqual([world.exchange.outside('+442079460333').call?.legId]);
  });

  it('begins a flow, records a message, or says a word and hangs up', async () => {
    rule({ kind: 'flow', flowId: 'flow_1' });
    await world.call();
    await world.pass(31_000);
    expect(world.flowsBegun).toEqual(['flow_1']);
    rule({ kind: 'voicemail' });
    await world.call('100', '+442079460111');
    await world.pass(31_000);
    expect(told('Please leave a message')).toBe(1);
    rule({ kind: 'hangup', text: 'Come back tomorrow.' });
    const third = await world.call('100', '+442079460222');
    await world.pass(40_000);
    expect([told('Come back tomorrow.'), third.state]).toEqual([1, 'ended']);
  });

  it.each(['queue', 'hangup'])('loses nobody over a restart in between: %s', async (kind) => {
    rule(kind === 'queue' ? { kind, queueId: 'service' } : { kind, text: 'Come back tomorrow.' });
    const caller = await world.call();
    await world.pass(29_900);
    await world.clock.advance(200); // decided, and nothing of it carried out
    await restart();
    await world.pass(20_000);
    if (kind === 'queue') expect(world.routing.waiting('service')).toBe(1);
    else expect(caller.state).toBe('ended');
  });
});
