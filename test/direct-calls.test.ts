/** Numbers that lead to a user: he is rung directly, by his own rules. On the simulated exchange, in virtual time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../src/protocol/address.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, REATTACH_MS } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const ANN = '+442079460801';
const OUTSIDE: Address = { kind: 'e164', raw: '+441614960000', value: '+441614960000' };
const BOB: Address = { kind: 'extension', raw: 'bob', value: 'bob' };
/** More than the longest apology and ringing. */
const LONG_MS = 90_000;

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
  world.direct = { [ANN]: 'ann' };
});

afterEach(async () => {
  await world.stop();
  await database.drop();
  expect(world.errors).toEqual([]);
});

const device = (user: string) => world.exchange.device(user);

/** What the caller heard before he was hung up. */
async function isApologisedTo(caller: SimulatedParty): Promise<void> {
  await world.pass(60);
  expect(caller).toMatchObject({ state: 'talking', hears: 'playback' });
  await world.pass(LONG_MS);
  expect(caller).toMatchObject({ state: 'ended', cause: 'normal' });
  expect(world.conversations.all()).toEqual([]);
}

describe('a number that leads to a user', () => {
  it('rings him, whatever his agent state is, and the caller is answered when he answers', async () => {
    const caller = await world.call(ANN);
    expect(caller).toMatchObject({ state: 'ringing', hears: 'tone' });
    expect(device('ann').call?.callerId?.number).toBe('+442079460958');
    expect(world.shown('ann')).toBe('offered');
    device('ann').answer();
    await world.pass(60);
    expect(caller).toMatchObject({ state: 'talking', hears: [device('ann').call?.legId] });
    expect(world.shown('ann')).toBe('talking');
    device('ann').hangup();
    await world.pass(60);
    expect(caller.state).toBe('ended');
    expect(world.conversations.all()).toEqual([]);
  });

  it('stops ringing when the caller hangs up', async () => {
    const caller = await world.call(ANN);
    caller.hangup();
    await world.pass(60);
    expect(device('ann').call?.state).toBe('ended');
    expect(world.conversations.all()).toEqual([]);
  });

  it('keeps him from an offer while it rings', async () => {
    await world.ready('ann');
    await world.call(ANN);
    await world.call('100');
    expect(world.happened).not.toContain('offer.made');
  });

  it('tells the caller that nobody answers when he does not', async () => {
    const caller = await world.call(ANN);
    await world.pass(59_000);
    expect(caller.state).toBe('ringing');
    await world.pass(1_000);
    await isApologisedTo(caller);
  });

  it.each(['busy', 'rejected'] as const)('tells the caller so when his phone says %s', async (cause) => {
    const caller = await world.call(ANN);
    device('ann').reject(cause);
    await isApologisedTo(caller);
    expect(world.happened).not.toContain('legs.joined');
  });

  it('tells the caller so when he has no phone', async () => {
    device('ann').unregister();
    await isApologisedTo(await world.call(ANN));
  });

  it.each([
    ['do not disturb', { dnd: true }],
    ['a call and no call waiting', { callWaiting: false }],
  ])('tells the caller so when he has %s', async (_what, settings) => {
    await world.call(ANN);
    device('ann').answer();
    await world.pass(60);
    world.personal['ann'] = settings;
    const second = world.exchange.arrive({ entry: 'public', ani: '+442079460999', dnis: ANN });
    await world.pass(60);
    expect(second).toMatchObject({ state: 'talking', hears: 'playback' });
    await world.pass(LONG_MS);
    expect(second.state).toBe('ended');
    expect(device('ann').call?.state).toBe('talking');
  });

  it('rings on the phone that he talks on when he has call waiting, and answering it holds the other', async () => {
    world.personal['ann'] = { callWaiting: true };
    const first = await world.call(ANN);
    device('ann').answer();
    await world.pass(60);
    const second = world.exchange.arrive({ entry: 'public', ani: '+442079460999', dnis: ANN });
    await world.pass(60);
    expect(second.hears).toBe('tone');
    await world.engine.answer(world.legOf('ann'));
    await world.pass(60);
    expect(second.hears).toEqual([device('ann').call?.legId]);
    expect(first.hears).toBe('music');
  });

  it.each([
    ['always', { forward: { always: OUTSIDE } }],
    ['in do not disturb', { dnd: true, forward: { busy: OUTSIDE } }],
  ])('is forwarded %s, and the caller is answered by whoever takes it', async (_when, settings) => {
    world.personal['ann'] = settings;
    const caller = await world.call(ANN);
    expect(device('ann').call).toBeUndefined();
    expect(caller.state).toBe('ringing');
    world.exchange.outside(OUTSIDE.value).answer();
    await world.pass(60);
    expect(caller).toMatchObject({
      state: 'talking',
      hears: [world.exchange.outside(OUTSIDE.value).call?.legId],
    });
  });

  it('is forwarded while he has no phone', async () => {
    world.personal['ann'] = { forward: { noAnswer: BOB } };
    device('ann').unregister();
    const caller = await world.call(ANN);
    device('bob').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([device('bob').call?.legId]);
  });

  it('is forwarded without an answer, and its caller told when nobody takes it there either', async () => {
    world.personal['ann'] = { forward: { noAnswer: BOB, noAnswerMs: 10_000 } };
    const caller = await world.call(ANN);
    await world.pass(10_100);
    expect(device('ann').call?.state).toBe('ended');
    expect(device('bob').call?.state).toBe('ringing');
    expect(caller.state).toBe('ringing');
    device('bob').reject('busy');
    await isApologisedTo(caller);
  });

  it('to nobody who is there is answered and ended', async () => {
    world.direct = { [ANN]: 'zoe' };
    await isApologisedTo(await world.call(ANN));
  });

  it('waits for the user whose page is lost, and rings him again when it did not come back', async () => {
    const caller = await world.call(ANN);
    device('ann').answer();
    await world.pass(60);
    world.engine.loseAgentLeg(world.legOf('ann'));
    await world.pass(4_000);
    expect(caller.hears).toBe('music');
    await world.pass(REATTACH_MS);
    expect(device('ann').call?.state).toBe('ringing');
    device('ann').answer();
    await world.pass(60);
    expect(caller.hears).toEqual([device('ann').call?.legId]);
  });

  it('goes on when the process died while it rang', async () => {
    const caller = await world.call(ANN);
    await world.stop();
    await world.startProcess();
    await world.pass(200);
    device('ann').answer();
    await world.pass(100);
    expect(caller.hears).toEqual([device('ann').call?.legId]);
  });
});

describe('a number that leads to a user with voicemail', () => {
  beforeEach(() => {
    world.userVoicemail = true;
  });

  /** From the greeting on: his message is recorded for ann, and he is thanked. */
  async function leavesMessage(caller: SimulatedParty): Promise<void> {
    while (!world.told.includes('beep')) await world.pass(100);
    await world.pass(2_000);
    const [conversation] = world.conversations.all();
    expect([...(conversation?.calls.values() ?? [])]).toMatchObject([
      { led: { kind: 'voicemail', box: { kind: 'user', id: 'ann' } } },
    ]);
    const listed = world.node.list();
    await world.pass(50);
    expect((await listed).recordings).toMatchObject([{ state: 'recording' }]);
    caller.digit('#');
    await world.pass(20_000);
    expect(caller).toMatchObject({ state: 'ended', cause: 'normal' });
    expect(world.told).toEqual([
      expect.stringContaining('Please leave a message'),
      'beep',
      expect.stringContaining('has been recorded'),
    ]);
    expect(world.happened.filter((type) => type === 'recording.started')).toHaveLength(1);
  }

  it('lets the caller leave him a message when he does not answer, and not before', async () => {
    const caller = await world.call(ANN);
    await world.pass(59_000);
    expect([caller.state, world.told]).toEqual(['ringing', []]);
    await leavesMessage(caller);
  });

  it('does so when he has no phone', async () => {
    device('ann').unregister();
    await leavesMessage(await world.call(ANN));
  });

  it('does so when he does not want to be disturbed', async () => {
    world.personal['ann'] = { dnd: true };
    await leavesMessage(await world.call(ANN));
  });

  it('lets whom he forwards to take the call first', async () => {
    world.personal['ann'] = { forward: { noAnswer: BOB, noAnswerMs: 10_000 } };
    const caller = await world.call(ANN);
    await world.pass(10_100);
    expect([device('bob').call?.state, world.told]).toEqual(['ringing', []]);
    device('bob').reject('busy');
    await leavesMessage(caller);
  });

  it('goes on with it when the process died before the tone', async () => {
    device('ann').unregister();
    const caller = await world.call(ANN);
    expect(caller.state).toBe('talking');
    await world.stop();
    world.told.length = 0;
    await world.startProcess();
    await leavesMessage(caller);
  });

  it('leaves nothing of a caller who hangs up while it rings', async () => {
    const caller = await world.call(ANN);
    caller.hangup();
    await world.pass(LONG_MS);
    expect([world.told, world.conversations.all()]).toEqual([[], []]);
  });
});
