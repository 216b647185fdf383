import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { ShownPlatform } from '../../protocol/platforms.ts';
import { PLATFORM_KINDS } from '../platforms/kinds.ts';
import { Platforms } from '../platforms/platforms.ts';

let test: TestApi;
let token: string;
let folder: string;

beforeAll(async () => {
  test = await TestApi.create();
  token = await test.tokenOf('administrator');
  folder = await mkdtemp(join(tmpdir(), 'cp-platforms-'));
  await test.platforms.start(1_000);
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object) {
  const { statusCode, body: text } = await test.call(method, url, token, body);
  return { status: statusCode, body: (text ? JSON.parse(text) : undefined) as Record<string, unknown> };
}

async function all(): Promise<ShownPlatform[]> {
  return (await ask('GET', '/api/platforms')).body.platforms as ShownPlatform[];
}

const one = async (id: string) => (await all()).find((platform) => platform.id === id);

async function addSimulated(label: string): Promise<string> {
  const { body } = await ask('POST', '/api/platforms', { kind: 'simulated', label });
  await test.clock.advance(1_000);
  return String(body.id);
}

describe('a telephone system', () => {
  it('that the program brings is there, and cannot be changed or removed', async () => {
    expect(await all()).toMatchObject([{ id: 'private', builtIn: true, state: 'up' }]);
    expect(await ask('DELETE', '/api/platforms/private')).toMatchObject({
      status: 400,
      body: { code: 'bad-input' },
    });
    expect(await ask('PUT', '/api/platforms/private', { enabled: false })).toMatchObject({ status: 400 });
  });

  it('is added, connects, is renamed, and removed, without a restart', async () => {
    const id = await addSimulated('Köln Büro');
    expect(id).toBe('ko-ln-bu-ro');
    expect(await one(id)).toMatchObject({ label: 'Köln Büro', state: 'up', enabled: true, liveCalls: 0 });
    const node = test.platforms.switches.get(id)?.switch;
    await ask('PUT', `/api/platforms/${id}`, { label: 'Cologne', country: 'DE' });
    expect(test.platforms.switches.get(id)).toMatchObject({ label: 'Cologne', switch: node });
    expect(test.platforms.country(id)).toBe('DE');
    expect(await ask('DELETE', `/api/platforms/${id}`)).toEqual({
      status: 200,
      body: { outcome: 'removed' },
    });
    expect(test.platforms.switches.get(id)).toBeUndefined();
    expect(await one(id)).toBeUndefined();
  });

  it('is switched off and on again', async () => {
    const id = await addSimulated('Off and on');
    expect((await ask('PUT', `/api/platforms/${id}`, { enabled: false })).body).toMatchObject({
      state: 'off',
    });
    expect(test.platforms.switches.get(id)).toBeUndefined();
    await ask('PUT', `/api/platforms/${id}`, { enabled: true });
    await test.clock.advance(1_000);
    expect(await one(id)).toMatchObject({ state: 'up' });
    await ask('DELETE', `/api/platforms/${id}`);
  });

  it('that carries calls is neither switched off nor removed, and says why; drained, it goes after the last', async () => {
    const id = await addSimulated('Busy');
    test.liveCalls.set(id, 2);
    const busy = { status: 409, body: { code: 'platform-busy', data: { calls: 2 } } };
    expect(await ask('DELETE', `/api/platforms/${id}`)).toMatchObject(busy);
    expect(await ask('PUT', `/api/platforms/${id}`, { enabled: false })).toMatchObject(busy);
    expect((await ask('DELETE', `/api/platforms/${id}?drain=true`)).body).toEqual({ outcome: 'draining' });
    test.platforms.callEnded();
    expect(await one(id)).toMatchObject({ state: 'draining', liveCalls: 2 });
    test.liveCalls.delete(id);
    test.platforms.callEnded();
    await expect.poll(() => one(id)).toBeUndefined();
  });

  it('to which something belongs is not removed', async () => {
    const id = await addSimulated('Used');
    test.uses.set(id, '1 user, 2 numbers');
    expect(await ask('DELETE', `/api/platforms/${id}?drain=true`)).toMatchObject({
      status: 409,
      body: { code: 'in-use', data: { detail: '1 user, 2 numbers' } },
    });
    test.uses.delete(id);
    await ask('DELETE', `/api/platforms/${id}`);
  });

  it('is refused with a kind, a setting or a name that is wrong, and nothing is stored', async () => {
    const before = await all();
    const settings = { url: 'http://127.0.0.1:1/ari', user: 'u', password: 'p' };
    const wrong = [
      [{ kind: 'none', label: 'X' }, 'kind'],
      [{ kind: 'asterisk', label: 'X', settings: { ...settings, url: 'pbx' } }, 'url'],
      [{ kind: 'asterisk', label: 'X', settings: { url: settings.url, user: 'u' } }, 'password'],
      [{ kind: 'simulated', label: 'X', settings: { surprise: 1 } }, 'surprise'],
      [{ kind: 'simulated', label: 'X', id: 'Not An Id' }, 'id'],
      [{ kind: 'simulated', label: ' ' }, 'label'],
    ] as const;
    for (const [body, word] of wrong) {
      const answer = await ask('POST', '/api/platforms', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'bad-input' } });
      expect(JSON.stringify(answer.body)).toContain(word);
    }
    expect(
      await ask('POST', '/api/platforms', { kind: 'simulated', label: 'X', id: 'private' }),
    ).toMatchObject({
      body: { code: 'already-exists' },
    });
    expect(await all()).toEqual(before);
  });

  it('never shows a secret, keeps one that is not given, and the log has none', async () => {
    const settings = { url: 'http://127.0.0.1:1/ari/', user: 'u', password: 'hush-hush-1' };
    const { body } = await ask('POST', '/api/platforms', { kind: 'asterisk', label: 'Own PBX', settings });
    expect(body).toMatchObject({
      id: 'own-pbx',
      state: 'down',
      settings: { url: 'http://127.0.0.1:1/ari', user: 'u', application: 'crosspoint' },
      secretsSet: ['password'],
    });
    await ask('PUT', '/api/platforms/own-pbx', { settings: { user: 'other' } });
    const stored = await test.database.db.query<{ settings: Record<string, string> }>(
      `SELECT settings FROM platform WHERE id = 'own-pbx'`,
    );
    expect(stored[0]?.settings).toMatchObject({ user: 'other', password: 'hush-hush-1' });
    const said = [
      JSON.stringify(await all()),
      (await test.call('GET', '/api/audit', token)).body,
      JSON.stringify(test.log),
    ];
    expect(said.join()).not.toContain('hush-hush-1');
    await ask('DELETE', '/api/platforms/own-pbx');
  });

  it('is there again after a restart of the program, and one that is down keeps nobody from starting', async () => {
    const settings = { url: 'http://127.0.0.1:1/ari', user: 'u', password: 'p' };
    await ask('POST', '/api/platforms', { kind: 'asterisk', label: 'Away', settings });
    const next = await Platforms.load({
      db: test.database.db,
      clock: test.clock,
      log: test.api.log as never,
      kinds: PLATFORM_KINDS,
      builtIn: {
        id: 'private',
        kind: 'private',
        label: 'Own',
        platform: test.platforms.platform('private') as never,
      },
      folder,
      liveCalls: () => 0,
      usedBy: () => undefined,
    });
    await next.start(1_000);
    expect(next.all()).toMatchObject([
      { id: 'private', state: 'up' },
      { id: 'away', state: 'down' },
    ]);
    await next.close();
    await ask('DELETE', '/api/platforms/away');
  });

  it('of a kind without checks says that it cannot be tested', async () => {
    expect(await ask('POST', '/api/platforms/test', { kind: 'simulated' })).toMatchObject({
      status: 409,
      body: { code: 'not-capable' },
    });
  });
});

describe('a connector from outside the tree', () => {
  const MODULE = `export function createConnector({ id, settings, secrets }) {
    const node = { id, link: 'up', capabilities: { audio: false, browserPhone: false }, greeting: settings.greeting + secrets.word,
      events: { on: () => () => undefined }, start: async () => undefined, close: async () => undefined };
    return { switch: node };
  }`;

  it('is loaded by its path with its settings and secrets', async () => {
    const module = join(folder, 'connector.mjs');
    await writeFile(module, MODULE);
    const settings = { module, settings: { greeting: 'hi ' }, secrets: { word: 'xyz' } };
    const { body } = await ask('POST', '/api/platforms', { kind: 'connector', label: 'Outside', settings });
    expect(body).toMatchObject({ state: 'up', settings: { module }, secretsSet: ['secrets'] });
    expect(test.platforms.switches.get('outside')?.switch).toMatchObject({ greeting: 'hi xyz' });
    await ask('DELETE', '/api/platforms/outside');
  });

  it('that cannot be loaded shows why, and harms nobody', async () => {
    const module = join(folder, 'gone.mjs');
    const { body } = await ask('POST', '/api/platforms', {
      kind: 'connector',
      label: 'Gone',
      settings: { module },
    });
    expect(body).toMatchObject({ state: 'down', problem: expect.stringContaining('gone.mjs') as string });
    expect(test.platforms.switches.get('gone')).toBeUndefined();
    await ask('DELETE', '/api/platforms/gone');
  });
});

describe('a link between two telephone systems', () => {
  it('is set, listed and removed; it reaches while both are there', async () => {
    const id = await addSimulated('Far');
    const link = { from: 'private', to: id, address: 'sip:{number}@192.0.2.7' };
    expect(await ask('PUT', '/api/platform-links', link)).toMatchObject({
      status: 200,
      body: { id: `private~${id}` },
    });
    expect([...test.platforms.links.reaching(id)]).toEqual([id, 'private']);
    expect([...test.platforms.links.reaching('private')]).toEqual(['private']);
    expect((await ask('GET', '/api/platform-links')).body).toMatchObject({ links: [link] });
    expect((await test.call('DELETE', `/api/platform-links/private~${id}`, token)).statusCode).toBe(204);
    expect([...test.platforms.links.reaching(id)]).toEqual([id]);
    await ask('DELETE', `/api/platforms/${id}`);
  });

  it('is refused without exactly one way, with an address without {number}, and with a system that is not there', async () => {
    const refused = [
      { from: 'private', to: 'x' },
      { from: 'private', to: 'x', address: 'sip:100@192.0.2.7' },
      { from: 'private', to: 'x', address: 'sip:{number}@192.0.2.7', trunk: 't' },
      { from: 'private', to: 'private', trunk: 't' },
    ];
    for (const link of refused) expect((await ask('PUT', '/api/platform-links', link)).status).toBe(400);
    expect(await ask('PUT', '/api/platform-links', { from: 'private', to: 'x', trunk: 't' })).toMatchObject({
      body: { code: 'not-found' },
    });
  });
});
