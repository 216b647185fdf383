/** Segments over consultations, transfers and conferences, from the journals of calls on the simulated exchange. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallWorld, WRAP_MS } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';
import { newId } from '../src/lib/ids.ts';
import type { TransferTarget } from '../src/server/telephony/ports.ts';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { foldConversation } from '../src/server/history/fold.ts';

const FROM = { kind: 'e164' as const, raw: '+442079460000', value: '+442079460000' };
const BOB: TransferTarget = { kind: 'user', userId: 'bob' };

let world: CallWorld;
let journal: MemoryJournal;
let caller: SimulatedParty;

beforeEach(async () => {
  world = await CallWorld.open({
    agents: ['ann', 'bob'],
    queues: { '100': 'sales', '200': 'service' },
    members: { sales: ['ann'], service: ['bob'] },
    journal: (clock) => (journal = new MemoryJournal(clock, () => 2)),
  });
  await world.ready('ann', 'bob');
  caller = await world.call();
  phone('ann').answer();
  await world.pass(10_000);
});

afterEach(async () => {
  await world.stop();
  expect(world.errors).toEqual([]);
});

const phone = (name: string) => world.exchange.device(name);
const act = async <T>(command: Promise<T>) => (await Promise.all([command, world.pass(60)]))[0];

/** Ann's leg in the consultation of Bob, who has answered. */
async function consult(target: TransferTarget): Promise<string> {
  const { legId } = await act(world.engine.consult(world.legOf('ann'), { target, from: FROM }));
  await world.pass(60);
  phone('bob').answer();
  await world.pass(10_000);
  return legId;
}

/** Everything is over; the rows of the conversation. */
async function rows() {
  caller.hangup();
  await world.pass(60);
  for (const agent of ['ann', 'bob']) phone(agent).hangup();
  await world.pass(WRAP_MS + 1_000);
  const entries = journal.entries
    .filter((event) => event.stream.startsWith('conversation:'))
    .map((event, index) => ({ ...event, position: index, id: newId('evt'), seq: index + 1 }));
  return foldConversation('conv', entries);
}

/** Seconds, because commands take some milliseconds. */
async function segments() {
  const { segment } = await rows();
  return segment.map((s) => ({
    of: s.user_id ?? s.queue_id,
    queue: s.queue_id,
    how: s.outcome,
    talk: Math.round(s.talk_ms / 1000),
    hold: Math.round(s.hold_ms / 1000),
    wrapped: s.wrap_ms > 0,
  }));
}

const waited = (queueId: string) => ({
  of: queueId,
  queue: queueId,
  how: 'answered',
  talk: 0,
  hold: 0,
  wrapped: false,
});

describe('segments', () => {
  it('of a completed transfer: the first agent’s hold while he consults, the second one’s talk with both', async () => {
    await act(world.engine.completeTransfer(await consult(BOB)));
    await world.pass(10_000);
    expect(await segments()).toEqual([
      waited('sales'),
      { of: 'ann', queue: 'sales', how: null, talk: 10, hold: 10, wrapped: true },
      { of: 'bob', queue: null, how: null, talk: 20, hold: 0, wrapped: false },
    ]);
  });

  it('of a conference: both talk until it ends', async () => {
    await act(world.engine.conference(await consult(BOB)));
    await world.pass(10_000);
    expect((await segments()).slice(1)).toMatchObject([
      { of: 'ann', talk: 20, hold: 10 },
      { of: 'bob', talk: 20, hold: 0 },
    ]);
  });

  it('of a swapped consultation: no hold while the agent talks to the customer', async () => {
    const first = world.legOf('ann');
    await consult(BOB);
    await act(world.engine.retrieve(first));
    await world.pass(5_000);
    expect((await segments())[1]).toMatchObject({ of: 'ann', talk: 15, hold: 10 });
  });

  it('of a transfer to a queue: each queue counts once, each agent with his own', async () => {
    const target: TransferTarget = { kind: 'queue', queueId: 'service' };
    await act(world.engine.transfer(world.legOf('ann'), { target, from: FROM }));
    await world.pass(60);
    phone('bob').answer();
    await world.pass(10_000);
    expect(await segments()).toMatchObject([
      waited('sales'),
      { of: 'ann', queue: 'sales', talk: 10 },
      waited('service'),
      { of: 'bob', queue: 'service', talk: 10 },
    ]);
  });

  it('lie in the call that the customer is in', async () => {
    await act(world.engine.completeTransfer(await consult(BOB)));
    const { call, segment } = await rows();
    const first = call.find(({ purpose }) => purpose === 'call')?.id;
    expect(segment.map(({ call_id: id }) => id)).toEqual([first, first, first]);
  });
});
