/** Requests of flows against a server on this machine: what may be asked, and what comes back. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInside, webRequester } from './web-request.ts';

let server: Server;
let port: number;
let reached = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    reached++;
    if (request.url === '/silent') return;
    if (request.url === '/elsewhere') response.writeHead(302, { location: '/' });
    if (request.url === '/long') response.write(Buffer.alloc(300_000));
    response.end(`${request.method} ${request.headers.authorization ?? ''}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string, { allowedHosts = [`127.0.0.1:${port}`], host = '127.0.0.1' } = {}) =>
  webRequester({ allowedHosts })({
    method: 'POST',
    url: `http://${host}:${port}${path}`,
    headers: { authorization: 'Bearer x' },
    body: '{}',
    timeoutMs: path === '/silent' ? 100 : 10_000,
  });

describe('a host that an administrator allows', () => {
  it('is asked, and answers', async () => {
    expect(await ask('/')).toEqual({ status: 200, body: 'POST Bearer x' });
  });

  it('leads nobody elsewhere', async () => {
    expect((await ask('/elsewhere')).status).toBe(302);
  });

  it('that does not answer in time, or says too much, fails', async () => {
    await expect(ask('/silent')).rejects.toMatchObject({ code: 'timeout' });
    await expect(ask('/long')).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('this machine and private networks', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f000001'])(
    'are not asked as %s',
    async (host) => {
      const before = reached;
      await expect(ask('/', { allowedHosts: ['example.com'], host })).rejects.toMatchObject({
        code: 'bad-input',
      });
      expect(reached).toBe(before);
    },
  );

  it.each([
    ['10.1.2.3', true],
    ['169.254.169.254', true],
    ['172.31.255.255', true],
    ['192.168.0.1', true],
    ['100.64.0.1', true],
    ['::1', true],
    ['fe80::1', true],
    ['fd00::1', true],
    ['::ffff:10.0.0.1', true],
    ['2002:7f00:1::', true],
    ['8.8.8.8', false],
    ['172.32.0.1', false],
    ['2606:4700::1111', false],
  ])('%s is inside: %s', (address, inside) => {
    expect(isInside(address)).toBe(inside);
  });
});
