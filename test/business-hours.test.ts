/** Numbers outside of their business hours, on the simulated exchange, in virtual time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../src/protocol/address.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { CallWorld } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const OUTSIDE: Address = { kind: 'e164', raw: '+441614960000', value: '+441614960000' };
const LONG_MS = 90_000;

let database: TestDatabase;
let world: CallWorld;

beforeEach(async () => {
  database = await testDatabase([...storeMigrations, ...routingMigrations]);
  world = await CallWorld.open({
    agents: ['ann'],
    queues: { '100': 'sales', '200': 'night' },
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

describe('a call outside of the hours', () => {
  it('hears what is said then, and is hung up; no agent is rung', async () => {
    await world.ready('ann');
    world.closed = () => ({ closed: 'We are open from nine to five.' });
    const caller = await world.call('100');
    expect(caller).toMatchObject({ state: 'talking', hears: 'playback' });
    await world.pass(LONG_MS);
    expect(caller).toMatchObject({ state: 'ended', cause: 'normal' });
    expect(world.happened).not.toContain('queue.entered');
    expect(world.conversations.all()).toEqual([]);
  });

  it('waits in another queue', async () => {
    await world.ready('ann');
    world.closed = () => ({ queueId: 'night', greeting: '' });
    await world.call('100');
    const [stay] = world.conversation.queueStays.values();
    expect(stay?.queueId).toBe('night');
  });

  it('rings a number outside, and is joined with whoever answers there', async () => {
    world.closed = () => ({ number: OUTSIDE });
    const caller = await world.call('100');
    expect(caller).toMatchObject({ state: 'ringing', hears: 'tone' });
    const outside = world.exchange.outside('+441614960000');
    expect(outside.call?.callerId?.number).toBe('+442079460958');
    outside.answer();
    await world.pass(60);
    expect(caller.state).toBe('talking');
    outside.hangup();
    await world.pass(60);
    expect(caller.state).toBe('ended');
    expect(world.conversations.all()).toEqual([]);
  });

  it('is told that nobody answers when nobody does there', async () => {
    world.closed = () => ({ number: OUTSIDE });
    const caller = await world.call('100');
    world.exchange.outside('+441614960000').reject('busy');
    await world.pass(60);
    expect(caller).toMatchObject({ state: 'talking', hears: 'playback' });
    await world.pass(LONG_MS);
    expect(caller).toMatchObject({ state: 'ended', cause: 'normal' });
    expect(world.conversations.all()).toEqual([]);
  });
});

it('a caller who came in time is not turned away at closing time', async () => {
  const closing = world.clock.now() + 10_000;
  world.closed = (_dnis, at) => (at < closing ? undefined : { closed: 'Too late.' });
  const caller = await world.call('100');
  await world.pass(20_000);
  world.flow.resume('sim');
  await world.ready('ann');
  await world.pass(60);
  world.exchange.device('ann').answer();
  await world.pass(60);
  expect(caller).toMatchObject({ state: 'talking', hears: [world.legOf('ann')] });
});
