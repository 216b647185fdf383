import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { generatedCertificate } from './certificate.ts';

let test: TestApi;
let pages: string;
beforeAll(async () => {
  pages = mkdtempSync(join(tmpdir(), 'pages '));
  mkdirSync(join(pages, 'assets'));
  for (const file of ['index.html', 'softphone.html', 'call.html', 'assets/app-1a2b.js'])
    writeFileSync(join(pages, file), `content of ${file}`);
  const routes = [
    (api: TestApi['api']) => {
      api.get('/api/broken', { config: { access: 'public' } }, async () => {
        throw new Error('password=hunter2 is in this message');
      });
    },
  ];
  test = await TestApi.create({ pages, routes });
});
afterAll(async () => {
  await test.close();
  rmSync(pages, { recursive: true });
});

const page = (url: string, accept = 'text/html,*/*') =>
  test.api.inject({ method: 'GET', url, headers: { accept } });

describe('the pages', () => {
  it.each([
    ['/', 'index.html'],
    ['/softphone', 'softphone.html'],
    ['/softphone?host=x', 'softphone.html'],
    ['/call', 'call.html'],
    ['/records/003abc', 'index.html'],
  ])('%s is %s, asked for anew each time', async (url, file) => {
    const response = await page(url);
    expect([response.statusCode, response.body, response.headers['cache-control']]).toEqual([
      200,
      `content of ${file}`,
      'no-cache',
    ]);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
  });

  it('keep what has its hash in its name', async () => {
    const response = await page('/assets/app-1a2b.js', '*/*');
    expect(response.headers['cache-control']).toContain('immutable');
    expect(response.headers['content-type']).toMatch(/javascript/);
  });

  it.each(['/assets/none.js', '/assets/..%2f..%2f..%2fetc%2fpasswd', '/api/none', '/api/socket'])(
    '%s is not found',
    async (url) => {
      const response = await page(url);
      expect([400, 401, 404]).toContain(response.statusCode);
      expect(response.json()).toHaveProperty('code');
    },
  );

  it('say what to do when they are not built', async () => {
    const other = await TestApi.create();
    expect(
      (await other.api.inject({ method: 'GET', url: '/', headers: { accept: 'text/html' } })).body,
    ).toContain('npm run build');
    await other.close();
  });

  it('may load our own files only, use the microphone, and be framed by our own pages only', async () => {
    const { headers } = await page('/softphone');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers['permissions-policy']).toContain('microphone=(self)');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
    expect(headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('errors', () => {
  it('of ours are told by an id that is in the log, and nothing else', async () => {
    const response = await test.call('GET', '/api/broken');
    expect(response.statusCode).toBe(500);
    const { code, data } = response.json<{ code: string; data: { id: string } }>();
    expect(code).toBe('internal');
    expect(response.body).not.toContain('hunter2');
    expect(test.log).toContainEqual(expect.objectContaining({ id: data.id, msg: 'a request failed' }));
  });

  it('of an unknown address have the code not-found', async () => {
    expect((await test.call('DELETE', '/api/none')).json()).toMatchObject({ code: 'not-found' });
  });
});

it('describes every REST route in OpenAPI', async () => {
  const { openapi, paths } = (await test.call('GET', '/api/openapi.json')).json<{
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
  }>();
  expect(openapi).toMatch(/^3\./);
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  const sockets = ['/api/socket', '/api/floor/socket', '/api/wallboards/socket', '/sip'];
  const hidden = [...sockets.map((path) => `GET ${path}`), 'GET /api/openapi.json'];
  const rest = test.api.accessTable
    .map(([route]) => route)
    .filter((route) => /^(GET|POST|PUT|PATCH|DELETE) \/(api|sip)/.test(route) && !hidden.includes(route));
  expect(described.sort()).toEqual(rest.sort());
});

describe('odd requests', () => {
  it('with characters that no table can hold are refused by the name of the field', async () => {
    const token = await test.tokenOf('administrator');
    for (const label of ['a\0b', 'a\ud800']) {
      const refused = await test.call('POST', '/api/reasons', token, { label });
      expect([refused.statusCode, refused.json()]).toEqual([
        400,
        expect.objectContaining({ code: 'bad-input', data: expect.objectContaining({ field: 'label' }) }),
      ]);
    }
    expect((await test.call('POST', '/api/reasons', token, { label: 'Bühne 😀' })).statusCode).toBe(201);
  });

  it('to an address that is none get a coded error that does not repeat it', async () => {
    const refused = await test.call('GET', '/api/crm/Contact/%ed%a0%80secret');
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ code: 'bad-input' });
    expect(refused.body).not.toContain('secret');
  });
});

describe('health', () => {
  it('is well, draining, or degraded without the switch', async () => {
    expect((await test.call('GET', '/api/health')).json()).toEqual({
      status: 'ok',
      database: 'up',
      recordings: { waiting: 0, failing: 0, oldestAt: null },
      switch: { link: 'up', audio: true },
    });
    test.draining = true;
    expect((await test.call('GET', '/api/health')).json()).toMatchObject({ status: 'draining' });
    test.draining = false;
    Object.assign(test.switch, { link: 'down' });
    expect((await test.call('GET', '/api/health')).statusCode).toBe(503);
    Object.assign(test.switch, { link: 'up' });
  });
});

it('serves HTTPS with a generated certificate, with a cookie for HTTPS only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls '));
  const names = { names: ['localhost'], addresses: ['127.0.0.1'] };
  const certificate = await generatedCertificate(folder, Date.now(), names);
  const secure = await TestApi.create({ certificate });
  await secure.api.listen({ host: '127.0.0.1', port: 0 });
  const { port } = secure.api.server.address() as AddressInfo;
  const body = JSON.stringify({ username: 'agent', password: 'crosspoint' });
  const cookie = await new Promise<string>((resolve, reject) => {
    const asked = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path: '/api/sign-in',
        method: 'POST',
        ca: certificate.cert,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        response.resume();
        resolve(String(response.headers['set-cookie']));
      },
    );
    asked.on('error', reject).end(body);
  });
  expect(cookie).toContain('; Secure');
  await secure.close();
  rmSync(folder, { recursive: true });
});
