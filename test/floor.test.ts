/** The live floor over real routing and calls on the simulated exchange: what is pushed, to whom, and what supervisors may do. */
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FloorAgent, FloorMessage, FloorQueue } from '../src/protocol/floor.ts';
import { QueueWaiting } from '../src/protocol/waiting.ts';
import { must } from '../src/lib/must.ts';
import { callcenterMigrations } from '../src/server/callcenter/schema.ts';
import { CallCenter } from '../src/server/callcenter/call-center.ts';
import type { User } from '../src/server/callcenter/model.ts';
import {
  createFloor,
  type FloorServer,
  type FloorSettings,
  loadFloorSettings,
} from '../src/server/floor-server.ts';
import { floorStateMigrations } from '../src/server/floor/schema.ts';
import { scopeOf } from '../src/server/floor/scope.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { Journal } from '../src/server/store/journal.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { CallWorld } from './harness/call-world.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const fail = (error: unknown) => {
  throw error;
};

let database: TestDatabase;
let world: CallWorld;
let callCenter: CallCenter;
let settings: FloorSettings;
let server: FloorServer;
/** User id by name: routing knows them by their ids. */
const ids: Record<string, string> = {};

beforeEach(async () => {
  database = await testDatabase([
    ...storeMigrations,
    ...callcenterMigrations,
    ...routingMigrations,
    ...floorStateMigrations,
  ]);
  const { db } = database;
  callCenter = await CallCenter.load({ db, country: 'GB', onListenerError: fail });
  for (const name of ['ann', 'bob', 'eve', 'sam', 'root']) {
    const roles =
      name === 'root'
        ? ['administrator']
        : name === 'eve' || name === 'sam'
          ? ['agent', 'supervisor']
          : ['agent'];
    const { id } = await callCenter.addUser(
      {
        username: name,
        name,
        roles: roles as User['roles'],
        locale: 'en-GB',
        zone: 'Europe/London',
        country: 'GB',
        extension: null,
      },
      'no hash',
    );
    ids[name] = id;
  }
  for (const label of ['Sales', 'Service']) await callCenter.addQueue(queue(label));
  settings = await loadFloorSettings({ db, callCenter, onListenerError: fail });
  world = await CallWorld.open({
    agents: ['ann', 'bob', 'eve', 'sam'].map(idOf),
    queues: { '100': queueId('Sales'), '200': queueId('Service') },
    members: { [queueId('Sales')]: [idOf('ann'), idOf('bob')], [queueId('Service')]: [idOf('bob')] },
    db,
    journal: (clock) => new Journal({ db, clock, onError: (error) => world?.errors.push(String(error)) }),
  });
  server = await openFloor();
});

afterEach(async () => {
  await server.close();
  await world.stop();
  await database.drop();
  expect(world.errors).toEqual([]);
});

const idOf = (name: string) => must(ids[name], name);
const user = (name: string) => must(callCenter.user(idOf(name)), name);
const queueId = (label: string) => must(callCenter.queues().find((one) => one.label === label)?.id, label);

function queue(label: string) {
  const memberIds = label === 'Sales' ? [idOf('ann'), idOf('bob')] : [idOf('bob')];
  return {
    label,
    ringMs: 15_000,
    wrapMs: 30_000,
    dispositionRequired: false,
    greeting: '',
    memberIds,
    dispositions: [],
  };
}

function openFloor(): Promise<FloorServer> {
  return createFloor({
    db: database.db,
    clock: world.clock,
    log: pino({ level: 'silent' }),
    zone: 'Europe/London',
    settings,
    callCenter,
    conversations: world.conversations,
    states: world.routing,
    queues: world.routing,
    attend: (conversationId, callId) => world.waiting.attend(conversationId, callId),
    calls: world.engine,
    device: (userId) => world.device(userId),
    onEntered: () => undefined,
  });
}

/** A page of this user, with all that it was sent. */
function page(name: string) {
  const messages: FloorMessage[] = [];
  let ended = false;
  const stop = server.feed.follow({
    scope: () => scopeOf(user(name), settings.teams.all()),
    send: (text) => messages.push(JSON.parse(text) as FloorMessage),
    end: () => {
      ended = true;
    },
  });
  const agents = new Map<string, FloorAgent>();
  const queues = new Map<string, FloorQueue>();
  const read = () => {
    for (const message of messages.splice(0)) {
      if (message.type === 'ping') continue;
      const rows = message.type === 'snapshot' ? message.floor : message.patch;
      if (message.type === 'snapshot') {
        agents.clear();
        queues.clear();
      }
      for (const agent of rows.agents ?? []) agents.set(agent.id, agent);
      for (const one of rows.queues ?? []) queues.set(one.label, one);
    }
    return { agents, queues };
  };
  return {
    agent: (one: string) => read().agents.get(idOf(one)),
    queue: (label: string) => read().queues.get(label),
    names: () => [...read().agents.values()].map((one) => one.name).sort(),
    labels: () => [...read().queues.values()].map(({ label }) => label).sort(),
    frames: () => messages.length,
    stop,
    ended: () => ended,
  };
}

async function talk() {
  await world.ready(idOf('ann'));
  const caller = await world.call();
  world.exchange.device(idOf('ann')).answer();
  await world.pass(200);
  return caller;
}

describe('the floor', () => {
  it('shows who waits, talks and wraps up, and for how long, as it happens', async () => {
    const root = page('root');
    const caller = await world.call();
    await world.pass(200);
    expect(root.queue('Sales')).toMatchObject({ waiting: 1, ready: 0, next: [{ peer: '+442079460958' }] });
    await world.ready(idOf('ann'));
    await world.pass(200);
    expect(root.agent('ann')).toMatchObject({ state: 'offered', call: { direction: 'inbound' } });
    world.exchange.device(idOf('ann')).answer();
    await world.pass(200);
    expect(root.queue('Sales')).toMatchObject({
      waiting: 0,
      oldestAt: null,
      answeredToday: 1,
      busy: 1,
      serviceLevel: 1,
    });
    expect(root.agent('ann')).toMatchObject({
      state: 'talking',
      call: { queueId: queueId('Sales'), held: false, peer: '+442079460958' },
    });
    caller.hangup();
    await world.pass(200);
    expect(root.agent('ann')).toMatchObject({ state: 'wrap-up', wrapEndsAt: expect.any(Number) });
    expect(root.agent('ann')).not.toHaveProperty('call');
  });

  it('counts who gives up, by the threshold of the queue', async () => {
    const root = page('root');
    await settings.serviceLevels.set(queueId('Sales'), {
      seconds: 10,
      goal: 90,
      count: 'abandons-in-time',
      shortSeconds: 5,
    });
    const patient = await world.call();
    await world.pass(11_000);
    patient.hangup();
    const hasty = await world.call();
    hasty.hangup();
    await world.pass(200);
    expect(root.queue('Sales')).toMatchObject({
      abandonedToday: 2,
      serviceLevel: 0.5,
      target: { seconds: 10, goal: 90 },
    });
  });

  it('sends what happens within 100 ms in one frame, and nothing while nothing happens', async () => {
    const root = page('root');
    root.names();
    for (const name of ['ann', 'bob', 'eve', 'sam']) world.routing.setOnline(idOf(name), true);
    const requested = ['ann', 'bob', 'eve', 'sam'].map((name) =>
      world.routing.setRequested(idOf(name), 'ready', undefined, 'test'),
    );
    await world.pass(90);
    await Promise.all(requested);
    expect(root.frames()).toBeLessThanOrEqual(2);
    await world.pass(120);
    root.names();
    await world.pass(20_000);
    expect(root.frames(), 'no figure ticks').toBe(0);
  });

  it('shows a supervisor his teams alone, at once when they change, and nobody anything who leads none', async () => {
    const eve = page('eve');
    expect(eve.names(), 'without teams the floor is one').toEqual(['ann', 'bob', 'eve', 'sam']);
    const { id } = await settings.teams.add({
      label: 'A',
      memberIds: [idOf('ann')],
      supervisorIds: [idOf('eve')],
      queueIds: [queueId('Sales')],
    });
    const sam = page('sam');
    await world.pass(200);
    expect([eve.names(), eve.labels()]).toEqual([['ann'], ['Sales']]);
    expect([sam.names(), sam.labels()]).toEqual([[], []]);
    sam.frames();
    await world.ready(idOf('ann'), idOf('bob'));
    await world.pass(200);
    expect(eve.agent('ann')).toMatchObject({ state: 'ready' });
    expect(eve.agent('bob')).toBeUndefined();
    expect(sam.names()).toEqual([]);
    await settings.teams.change(id, { memberIds: [idOf('bob')] });
    await world.pass(200);
    expect(eve.names()).toEqual(['bob']);
  });

  it('knows after a restart what the queue did today', async () => {
    await talk();
    await server.close();
    await world.stop();
    await world.startProcess();
    await world.pass(200);
    server = await openFloor();
    const root = page('root');
    expect(root.queue('Sales')).toMatchObject({ answeredToday: 1, serviceLevelToday: 1 });
    expect(root.agent('ann')).toMatchObject({ state: 'talking' });
  });

  it('and minute by minute, also when somebody waits', async () => {
    const impatient = await world.call();
    impatient.hangup();
    await world.pass(60_000);
    await world.call();
    await world.pass(200);
    const before = server.floor
      .minutes(queueId('Sales'))
      .map(({ at, serviceLevel }) => ({ at, serviceLevel }));
    await server.close();
    await world.stop();
    await world.startProcess();
    server = await openFloor();
    expect(before).toHaveLength(2);
    expect(server.floor.minutes(queueId('Sales'))).toMatchObject(before);
  });
});

describe('a supervisor', () => {
  beforeEach(async () => {
    await settings.teams.add({
      label: 'A',
      memberIds: [idOf('ann')],
      supervisorIds: [idOf('eve')],
      queueIds: [queueId('Sales')],
    });
    await settings.teams.add({
      label: 'B',
      memberIds: [idOf('bob')],
      supervisorIds: [idOf('sam')],
      queueIds: [],
    });
    await world.pass(200);
  });

  it('listens to his agent, is offered nothing meanwhile, and another team’s is refused', async () => {
    const root = page('root');
    const caller = await talk();
    await expect(server.supervisors.supervise(user('sam'), idOf('ann'), 'listen')).rejects.toMatchObject({
      code: 'not-your-team',
    });
    const begun = server.supervisors.supervise(user('eve'), idOf('ann'), 'listen');
    await world.pass(300);
    const { legId } = await begun;
    expect(world.shown(idOf('eve'))).toBe('talking');
    expect(root.agent('ann')).toMatchObject({ supervisors: [{ userId: idOf('eve'), mode: 'listen' }] });
    const whispers = server.supervisors.supervise(user('eve'), idOf('ann'), 'whisper');
    await world.pass(300);
    expect(await whispers).toMatchObject({ legId, mode: 'whisper' });
    const ended = server.supervisors.endSupervision(user('eve'));
    await world.pass(300);
    await ended;
    expect(world.shown(idOf('eve'))).not.toBe('talking');
    expect(root.agent('ann')).not.toHaveProperty('supervisors');
    caller.hangup();
    await world.pass(100);
  });

  it('is told why it cannot be', async () => {
    const { supervisors } = server;
    await expect(supervisors.supervise(user('eve'), idOf('ann'), 'listen')).rejects.toMatchObject({
      code: 'agent-not-talking',
    });
    await expect(supervisors.supervise(user('eve'), 'nobody', 'listen')).rejects.toMatchObject({
      code: 'not-found',
    });
    await talk();
    world.exchange.device(idOf('eve')).unregister();
    await expect(supervisors.supervise(user('eve'), idOf('ann'), 'listen')).rejects.toMatchObject({
      code: 'no-phone-open',
    });
    await expect(supervisors.endWrapUp(user('eve'), idOf('ann'))).rejects.toMatchObject({
      code: 'wrong-state',
    });
    await expect(
      supervisors.setState(user('eve'), idOf('ann'), 'not-ready', undefined),
    ).rejects.toMatchObject({
      code: 'reason-required',
    });
    for (const state of ['not-ready', 'logged-out'] as const)
      await expect(
        supervisors.setState(user('eve'), idOf('ann'), state, 'no-such-reason'),
      ).rejects.toMatchObject({ code: 'bad-input', data: { field: 'reason' } });
  });

  it('sets states, ends wrap-ups, and logs out', async () => {
    const { supervisors } = server;
    const caller = await talk();
    caller.hangup();
    await world.pass(200);
    expect(world.shown(idOf('ann'))).toBe('wrap-up');
    await supervisors.endWrapUp(user('eve'), idOf('ann'));
    await world.pass(50);
    expect(world.shown(idOf('ann'))).toBe('ready');
    const out = supervisors.setState(user('eve'), idOf('ann'), 'logged-out', undefined);
    await world.pass(50);
    await out;
    expect(world.shown(idOf('ann'))).toBe('logged-out');
    await expect(supervisors.setState(user('sam'), idOf('ann'), 'ready', undefined)).rejects.toMatchObject({
      code: 'not-your-team',
    });
  });

  it('moves who waits to the front, and to a queue of his', async () => {
    const { supervisors } = server;
    const root = page('root');
    await world.call('100', '+442079460001');
    await world.pass(5_000);
    await world.call('100', '+442079460002');
    await world.pass(200);
    const [first, second] = root.queue('Sales')?.next ?? [];
    expect(first?.peer).toBe('+442079460001');
    const moved = supervisors.move(user('eve'), queueId('Sales'), second?.itemId ?? '', { to: 'front' });
    await world.pass(200);
    await moved;
    expect(root.queue('Sales')?.next.map(({ peer }) => peer)).toEqual(['+442079460002', '+442079460001']);
    expect(root.queue('Sales')).toMatchObject({ waiting: 2, abandonedToday: 0 });
    await expect(
      supervisors.move(user('eve'), queueId('Sales'), first?.itemId ?? '', {
        to: 'queue',
        queueId: queueId('Service'),
      }),
    ).rejects.toMatchObject({ code: 'not-your-team' });
    const away = supervisors.move(user('root'), queueId('Sales'), first?.itemId ?? '', {
      to: 'queue',
      queueId: queueId('Service'),
    });
    await world.pass(200);
    await away;
    expect(root.queue('Service')?.next).toMatchObject([{ peer: '+442079460001', since: first?.since }]);
    await expect(
      supervisors.move(user('root'), queueId('Sales'), first?.itemId ?? '', { to: 'front' }),
    ).rejects.toMatchObject({ code: 'no-longer-waiting' });
  });

  it('who was moved hears what is set for the queue that he came to', async () => {
    const root = page('root');
    world.waitingSettings[queueId('Service')] = QueueWaiting.parse({
      announcements: { position: true, firstMs: 10_000 },
    });
    await world.call();
    await world.pass(200);
    const [caller] = root.queue('Sales')?.next ?? [];
    const away = server.supervisors.move(user('root'), queueId('Sales'), caller?.itemId ?? '', {
      to: 'queue',
      queueId: queueId('Service'),
    });
    await world.pass(9_000);
    await away;
    expect(world.told).toEqual([]);
    await world.pass(2_000);
    expect(world.told).toEqual(['You are the next in the queue.']);
  });
});
