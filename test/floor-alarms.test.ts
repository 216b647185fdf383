/** Alarms of the floor: when they begin and end, what the webhook is told, and what a restart changes about it. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../src/lib/clock.ts';
import type { AlarmInput, AlarmNotice } from '../src/protocol/alarms.ts';
import { callcenterMigrations } from '../src/server/callcenter/schema.ts';
import { seedCallCenter } from '../src/server/callcenter/seed.ts';
import { CallCenter } from '../src/server/callcenter/call-center.ts';
import { type FloorSettings, loadFloorSettings } from '../src/server/floor-server.ts';
import { alarmWebhookHandler } from '../src/server/floor/alarm-webhook.ts';
import { floorStateMigrations } from '../src/server/floor/schema.ts';
import { webRequester } from '../src/server/flows/web-request.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { storeMigrations } from '../src/server/store/schema.ts';
import { FloorDouble } from './harness/floor-double.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const fail = (error: unknown) => {
  throw error;
};
const AGENT = 'user_agent';
const KEY = 'a key of sixteen characters';

let database: TestDatabase;
let clock: VirtualClock;
let callCenter: CallCenter;
let settings: FloorSettings;
let floor: FloorDouble;

beforeEach(async () => {
  database = await testDatabase([
    ...storeMigrations,
    ...callcenterMigrations,
    ...routingMigrations,
    ...floorStateMigrations,
  ]);
  clock = new VirtualClock();
  const { db } = database;
  callCenter = await CallCenter.load({ db, country: 'GB', onListenerError: fail });
  const place = { office: false, country: 'GB', locale: 'en-GB', zone: 'Europe/London' };
  await seedCallCenter(callCenter, { ...place, ringMs: 20_000, wrapMs: 30_000 });
  settings = await loadFloorSettings({ db, callCenter, onListenerError: fail });
  floor = await open();
});
afterEach(async () => {
  await floor.server.close();
  await database.drop();
});

const open = () => FloorDouble.create({ db: database.db, clock, callCenter, settings });

const add = (input: Partial<AlarmInput> & Pick<AlarmInput, 'kind' | 'limit'>) =>
  settings.alarms.add({
    label: input.kind,
    state: null,
    queueIds: [],
    active: true,
    webhook: 'https://example.com/alarms',
    key: KEY,
    ...input,
  });

/** What goes on, as pages see it. */
const active = () => floor.server.feed.snapshot({ agents: undefined, queues: undefined }).alarms;

/** What is in the outbox, oldest first. */
async function entered(): Promise<AlarmNotice[]> {
  await floor.server.close();
  const rows = await database.db.query<{ body: AlarmNotice }>('SELECT body FROM outbox ORDER BY id');
  return rows.map(({ body }) => body);
}

async function become(shown: 'ready' | 'not-ready'): Promise<void> {
  floor.set(AGENT, shown, clock.now());
  await clock.advance(150);
}

describe('an alarm', () => {
  it('about a state begins by the clock and ends with the state', async () => {
    await add({ kind: 'state', limit: 60, state: 'not-ready' });
    await become('not-ready');
    await clock.advance(59_000);
    expect(active()).toEqual([]);
    await clock.advance(1_000);
    expect(active()).toMatchObject([
      { userId: AGENT, text: 'Alice Moreau has been not ready for more than 1 min' },
    ]);
    await become('ready');
    expect(active()).toEqual([]);
    expect((await entered()).map(({ event, agent }) => [event, agent?.name])).toEqual([
      ['alarm.began', 'Alice Moreau'],
      ['alarm.ended', 'Alice Moreau'],
    ]);
  });

  it('does not begin when the state is over in time, nor for an alarm that is off', async () => {
    await add({ kind: 'state', limit: 60, state: 'not-ready' });
    await add({ kind: 'ready', limit: 1, active: false });
    await become('not-ready');
    await clock.advance(50_000);
    await become('ready');
    await clock.advance(60_000);
    expect(active()).toEqual([]);
  });

  it('about ready agents follows them, and goes with its deletion', async () => {
    const { id } = await add({ kind: 'ready', limit: 1, queueIds: ['queue_sales'] });
    expect(active()).toMatchObject([{ queueId: 'queue_sales', kind: 'ready' }]);
    await become('ready');
    expect(active()).toEqual([]);
    await become('not-ready');
    expect(active()).toHaveLength(1);
    await settings.alarms.remove(id);
    expect(active()).toEqual([]);
  });

  it('that goes on when the process dies is told of once, and its end by the next process', async () => {
    await add({ kind: 'ready', limit: 1, queueIds: ['queue_sales'] });
    await floor.server.close();
    floor = await open();
    expect(active()).toHaveLength(1);
    await become('ready');
    expect((await entered()).map(({ event }) => event)).toEqual(['alarm.began', 'alarm.ended']);
  });

  it('is shown to those alone who see what it is about', async () => {
    await add({ kind: 'ready', limit: 1, queueIds: ['queue_sales'] });
    const { feed } = floor.server;
    expect(feed.snapshot({ agents: new Set(), queues: new Set(['queue_support']) }).alarms).toEqual([]);
    expect(feed.snapshot({ agents: new Set(), queues: new Set(['queue_sales']) }).alarms).toHaveLength(1);
  });

  it('needs a key for its webhook, a state for its kind, and queues that there are', async () => {
    const without = { label: 'x', kind: 'ready' as const, limit: 1, state: null, active: true };
    await expect(
      settings.alarms.add({ ...without, queueIds: [], webhook: 'https://example.com' }),
    ).rejects.toMatchObject({ code: 'bad-input', data: { field: 'key' } });
    await expect(
      settings.alarms.add({ ...without, queueIds: ['nowhere'], webhook: null }),
    ).rejects.toMatchObject({ code: 'bad-input', data: { field: 'queueIds' } });
    const { id } = await add({ kind: 'ready', limit: 1 });
    await expect(settings.alarms.change(id, { kind: 'state' })).rejects.toMatchObject({
      code: 'bad-input',
      data: { field: 'state' },
    });
  });
});

describe('a webhook', () => {
  let server: Server;
  let answer = 204;
  const got: { body: string; headers: Record<string, unknown> }[] = [];

  beforeEach(async () => {
    got.length = 0;
    answer = 204;
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        got.push({ body, headers: request.headers });
        response.writeHead(answer, { location: 'http://127.0.0.1/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms`;
  const send = async (allowedHosts: string[]) => {
    await add({ kind: 'ready', limit: 1, queueIds: ['queue_sales'], webhook: url() });
    const [notice] = await entered();
    const handler = alarmWebhookHandler({
      alarms: settings.alarms,
      clock,
      request: webRequester({ allowedHosts }),
    });
    await handler('key_1', notice);
  };

  it('is signed, so that the other side can check it', async () => {
    await send(['127.0.0.1']);
    const [{ body, headers } = { body: '', headers: {} }] = got;
    const [, at, hex] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(headers['crosspoint-signature'])) ?? [];
    expect(hex).toBe(createHmac('sha256', KEY).update(`${at}.${body}`).digest('hex'));
    expect(JSON.parse(body)).toMatchObject({ event: 'alarm.began', queue: { label: 'Sales' } });
    expect(headers['idempotency-key']).toBe('key_1');
  });

  it('fails on what is no success, a redirect too, so that it is tried again', async () => {
    answer = 302;
    await expect(send(['127.0.0.1'])).rejects.toMatchObject({
      code: 'webhook-refused',
      data: { status: 302 },
    });
    expect(got).toHaveLength(1);
  });

  it('reaches no address of our own network', async () => {
    await expect(send([])).rejects.toMatchObject({ code: 'bad-input' });
    expect(got).toEqual([]);
  });
});
