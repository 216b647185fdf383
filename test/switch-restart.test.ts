/** The switch itself dies with fifty calls in every state: each is closed once, with its cause, and work goes on when it is back. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConversationEvent } from '../src/protocol/facts.ts';
import { isLive } from '../src/server/telephony/model.ts';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, REATTACH_MS, WRAP_MS } from './harness/call-world.ts';
import { expectSoundWorld } from './harness/call-world-check.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

const FROM = { kind: 'e164' as const, raw: '+442079460000', value: '+442079460000' };
const AGENTS = Array.from({ length: 12 }, (_, n) => `agent${n}`);
const WAITING = 42;

let world: CallWorld;
const happened: ConversationEvent[] = [];

beforeEach(async () => {
  happened.length = 0;
  world = await CallWorld.open({
    agents: AGENTS,
    journal: (clock) => new MemoryJournal(clock, () => 2),
  });
  world.conversations.events.on('event', (_, event) => happened.push(event));
});
afterEach(async () => {
  await world.stop();
  expect(world.errors).toEqual([]);
});

const act = async <T>(command: Promise<T>) => (await Promise.all([command, world.pass(80)]))[0];
const number = (n: number) => `+4420794${61_000 + n}`;

/** This agent takes the next customer's call. */
async function talk(n: number): Promise<string> {
  const agent = `agent${n}`;
  await world.ready(agent);
  await world.call('100', number(n));
  world.exchange.device(agent).answer();
  await world.pass(60);
  return world.legOf(agent);
}

async function consult(n: number, about: number): Promise<string> {
  const target = { kind: 'user' as const, userId: `agent${about}` };
  const first = await talk(n);
  const { legId } = await act(world.engine.consult(first, { target, from: FROM }));
  world.exchange.device(`agent${about}`).answer();
  await world.pass(60);
  return legId;
}

const count = (type: ConversationEvent['type'], fits: (event: ConversationEvent) => boolean = () => true) =>
  happened.filter((event) => event.type === type && fits(event)).length;

it('closes every call once, has its agents free again, and takes new calls', {
  timeout: 60_000,
}, async () => {
  for (let n = 0; n < 4; n++) await talk(n);
  await act(world.engine.hold(await talk(4)));
  await act(world.engine.mute(await talk(5), true));
  await consult(6, 7);
  await act(world.engine.conference(await consult(8, 9)));
  await act(world.engine.park(await talk(10)));
  const waiting: SimulatedParty[] = [];
  for (let n = 0; n < WAITING; n++) waiting.push(await world.call('100', number(100 + n)));
  await world.ready('agent11'); // his phone rings when it all ends
  await world.pass(60);
  const before = world.conversations.all();
  expect(before.length).toBeGreaterThanOrEqual(50);
  const states = new Set(
    before.flatMap(({ legs }) => [...legs.values()].filter(isLive).map(({ state }) => state)),
  );
  expect([...states].toSorted()).toEqual(expect.arrayContaining(['alerting', 'connected', 'held']));
  const calls = before.flatMap((conversation) =>
    [...conversation.calls.values()].filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id),
  );

  world.exchange.restart();
  await world.pass(2_000);
  expect(waiting.every(({ state }) => state === 'ended')).toBe(true);
  for (const callId of calls) {
    const ends = happened.filter((event) => event.type === 'call.ended' && event.callId === callId);
    expect(ends, callId).toMatchObject([{ cause: 'lost' }]);
  }
  const cleared = happened.flatMap((event) => (event.type === 'leg.cleared' ? [event.legId] : []));
  expect(new Set(cleared).size).toBe(cleared.length);

  for (const agent of AGENTS) world.exchange.device(agent).register();
  await world.pass(WRAP_MS + REATTACH_MS + 1_000);
  expect(world.conversations.all()).toEqual([]);
  expect(count('conversation.ended')).toBe(count('call.arrived'));
  for (const agent of AGENTS) expect(world.shown(agent), agent).not.toMatch(/talking|offered|wrap-up/);
  await world.ready(...AGENTS);
  const caller = await world.call('100', number(200));
  const rung = AGENTS.map((agent) => world.exchange.device(agent)).find(
    ({ call }) => call?.state === 'ringing',
  );
  rung?.answer();
  await world.pass(60);
  expect(caller.state).toBe('talking');
  expectSoundWorld(world);
  caller.hangup();
  await world.pass(WRAP_MS + 1_000);
});
