/** The two WebSockets through a real listening server: who gets in, and how the SIP one carries messages to the switch. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { TestApi } from '../../../test/harness/test-api.ts';

let test: TestApi;
let base: string;
const opened: WebSocket[] = [];

beforeAll(async () => {
  test = await TestApi.create();
  await test.api.listen({ host: '127.0.0.1', port: 0 });
  base = `127.0.0.1:${(test.api.server.address() as AddressInfo).port}`;
});
afterAll(() => test.close());
afterEach(() => {
  for (const socket of opened.splice(0)) socket.terminate();
});

interface Attempt {
  cookie?: string;
  origin?: string;
  token?: string;
  protocol?: string;
}

function connect(path: string, { cookie, origin, token, protocol }: Attempt = {}): WebSocket {
  const headers: Record<string, string> = {};
  if (cookie) headers.cookie = cookie;
  if (origin) headers.origin = origin;
  if (token) headers.authorization = `Bearer ${token}`;
  const socket = new WebSocket(`ws://${base}${path}`, protocol ? [protocol] : [], { headers });
  opened.push(socket);
  return socket;
}

/** 101 when the server lets it in, else the HTTP status. */
async function outcome(path: string, attempt?: Attempt): Promise<number> {
  const socket = connect(path, attempt);
  socket.on('error', () => undefined);
  return await new Promise<number>((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });
}

const own = () => `http://${base}`;
const nextMessage = async (socket: WebSocket): Promise<string> => String((await once(socket, 'message'))[0]);
const closing = async (socket: WebSocket): Promise<{ code: number; reason: string }> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
};

describe('/api/socket', () => {
  it('refuses strangers, and cookies from a page that is not ours, before the upgrade', async () => {
    const cookie = await test.cookieOf('agent');
    expect(await outcome('/api/socket')).toBe(401);
    expect(await outcome('/api/socket', { cookie: 'crosspoint=wrong', origin: own() })).toBe(401);
    expect(await outcome('/api/socket', { cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await outcome('/api/socket', { cookie })).toBe(403);
    expect(await outcome('/api/socket', { cookie, origin: own() })).toBe(101);
    expect(await outcome('/api/socket', { token: await test.tokenOf('agent') })).toBe(101);
    expect(await outcome('/api/socket?format=yaml', { cookie, origin: own() })).toBe(400);
  });

  it('hands over a page that says hello, carries messages both ways, and closes it at sign-out', async () => {
    const token = await test.tokenOf('agent');
    const socket = connect('/api/socket', { token });
    await once(socket, 'open');
    socket.send(
      JSON.stringify({ type: 'hello', protocol: 1, tabId: 'tab-0001', canAudio: false, canPop: false }),
    );
    await expect.poll(() => test.tabs.at(-1)?.tab.tabId).toBe('tab-0001');
    const page = test.tabs.at(-1);
    socket.send(JSON.stringify({ type: 'focus', focused: true }));
    await expect.poll(() => page?.received).toEqual([{ type: 'focus', focused: true }]);
    const got = nextMessage(socket);
    page?.send({ type: 'welcome', protocol: 1, epoch: 'e', tabId: 'tab-0001' });
    expect(JSON.parse(await got)).toMatchObject({ type: 'welcome' });
    const closed = closing(socket);
    await test.call('POST', '/api/sign-out', token);
    expect(await closed).toEqual({ code: 1008, reason: 'not-signed-in' });
    expect(page?.closed).toBe(true);
  });

  it('is open fifty times at most for one user, and goes on for others', async () => {
    const token = await test.tokenOf('supervisor');
    for (let i = 0; i < 50; i++) expect(await outcome('/api/socket', { token })).toBe(101);
    expect(await outcome('/api/socket', { token })).toBe(409);
    expect(await outcome('/api/socket', { token: await test.tokenOf('agent') })).toBe(101);
    opened.pop()?.terminate();
    opened.shift()?.terminate();
    await expect.poll(() => outcome('/api/socket', { token })).toBe(101);
  });

  it('ends on a frame that is too large, which is no error of ours', async () => {
    const socket = connect('/api/socket', { token: await test.tokenOf('agent') });
    await once(socket, 'open');
    const closed = closing(socket);
    socket.send('x'.repeat(300_000));
    expect((await closed).code).toBe(1009);
    expect(test.log.filter((line) => Number(line.level) >= 50)).toEqual([]);
  });
});

describe('/sip', () => {
  let upstream: WebSocketServer;
  let phones: WebSocket[];
  /** What the switch got, and whether it was binary. */
  let got: [string, boolean][];

  beforeEach(async () => {
    phones = [];
    got = [];
    upstream = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'sip' });
    upstream.on('connection', (socket) => {
      phones.push(socket);
      socket.on('message', (data, binary) => got.push([String(data), binary]));
    });
    await once(upstream, 'listening');
    test.sipUrl = `ws://127.0.0.1:${(upstream.address() as AddressInfo).port}/ws`;
  });
  afterEach(async () => {
    for (const phone of phones) phone.terminate();
    await new Promise((resolve) => upstream.close(resolve));
  });

  const phone = async (attempt?: Attempt, path = '/sip') => {
    const socket = connect(path, { token: await test.tokenOf('agent'), protocol: 'sip', ...attempt });
    await once(socket, 'open');
    return socket;
  };

  it('lets in whoever is signed in or has a ticket, with the subprotocol sip', async () => {
    const cookie = await test.cookieOf('agent');
    expect(await outcome('/sip', { protocol: 'sip' })).toBe(401);
    expect(await outcome('/sip?ticket=guessed', { protocol: 'sip' })).toBe(401);
    expect(await outcome('/sip', { protocol: 'sip', cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await outcome('/sip', { cookie, origin: own() })).toBe(400);
    expect(await outcome('/sip', { protocol: 'sip', cookie, origin: own() })).toBe(101);
    const { sip } = await test.visitorCalls.open({ entry: '100', address: '198.51.100.1' });
    expect(await outcome(sip?.path ?? '', { protocol: 'sip', origin: own() })).toBe(101);
    expect(await outcome(sip?.path ?? '', { protocol: 'sip', origin: 'https://evil.example' })).toBe(403);
    test.sipUrl = undefined;
    expect(await outcome('/sip', { protocol: 'sip', cookie, origin: own() })).toBe(503);
  });

  it('leads to the telephone system that the phone belongs to, and to no other', async () => {
    const cookie = await test.cookieOf('agent');
    const at = (platform: string) =>
      outcome(`/sip?platform=${platform}`, { protocol: 'sip', cookie, origin: own() });
    expect(await at('private')).toBe(101);
    expect(await at('not-there')).toBe(503);
  });

  it('gives one ticket or sign-in twenty connections at most, so that nobody takes up all of the switch', async () => {
    const { sip } = await test.visitorCalls.open({ entry: '100', address: '198.51.100.3' });
    for (let i = 0; i < 20; i++) await phone({ token: undefined }, sip?.path);
    expect(await outcome(sip?.path ?? '', { protocol: 'sip' })).toBe(409);
    await phone();
  });

  it('carries what was sent before the switch was reached, in order, text as text and binary as binary', async () => {
    const socket = await phone();
    expect(socket.protocol).toBe('sip');
    for (const text of ['one', 'two', 'three']) socket.send(text);
    socket.send(Buffer.from([1, 2]), { binary: true });
    await expect
      .poll(() => got)
      .toEqual([
        ['one', false],
        ['two', false],
        ['three', false],
        ['\u0001\u0002', true],
      ]);
    const answer = nextMessage(socket);
    phones[0]?.send('SIP/2.0 200 OK\r\n\r\n');
    expect(await answer).toBe('SIP/2.0 200 OK\r\n\r\n');
  });

  it('ends on a message that no switch takes', async () => {
    const socket = await phone();
    const closed = closing(socket);
    socket.send('x'.repeat(64 * 1024 + 1));
    expect(await closed).toEqual({ code: 1008, reason: 'too-large' });
  });

  it('closes the other end when one closes', async () => {
    const first = await phone();
    await expect.poll(() => phones.length).toBe(1);
    const atSwitch = closing(phones[0] as WebSocket);
    first.close(1000);
    await atSwitch;
    const second = await phone();
    await expect.poll(() => phones.length).toBe(2);
    const atBrowser = closing(second);
    phones[1]?.terminate();
    expect(await atBrowser).toEqual({ code: 1013, reason: 'switch-down' });
  });

  it('says that the switch is down when it does not answer', async () => {
    test.sipUrl = 'ws://127.0.0.1:9/ws';
    expect(await closing(await phone())).toEqual({ code: 1013, reason: 'switch-down' });
  });

  it('is closed by the sign-out that it belongs to', async () => {
    const token = await test.tokenOf('agent');
    const closed = closing(await phone({ token }));
    await test.call('POST', '/api/sign-out', token);
    expect(await closed).toEqual({ code: 1008, reason: 'not-signed-in' });
  });

  it("is not closed by an agent's sign-out when it is a visitor's in the same browser", async () => {
    const token = await test.tokenOf('agent');
    const { sip } = await test.visitorCalls.open({ entry: '100', address: '198.51.100.2' });
    const visitor = await phone({ token }, sip?.path);
    const agent = await phone({ token });
    const closed = closing(agent);
    await test.call('POST', '/api/sign-out', token);
    await closed;
    expect(visitor.readyState).toBe(WebSocket.OPEN);
  });

  it('ends and blocks a sign-in for a while after five wrong passwords, and no other one', async () => {
    upstream.on('connection', (socket) =>
      socket.on('message', (data) => {
        const cseq = /CSeq: (.*)\r\n/.exec(String(data))?.[1] ?? '';
        socket.send(
          `SIP/2.0 401 Unauthorized\r\nCall-ID: x\r\nCSeq: ${cseq}\r\nWWW-Authenticate: Digest nonce="n"\r\n\r\n`,
        );
      }),
    );
    const token = await test.tokenOf('agent');
    const socket = await phone({ token });
    const closed = closing(socket);
    for (let i = 1; i <= 5; i++)
      socket.send(
        `REGISTER sip:x SIP/2.0\r\nCall-ID: x\r\nCSeq: ${i} REGISTER\r\nAuthorization: Digest response="guess"\r\n\r\n`,
      );
    expect(await closed).toEqual({ code: 1008, reason: 'too-many-attempts' });
    expect(await outcome('/sip', { protocol: 'sip', token })).toBe(429);
    expect(await outcome('/sip', { protocol: 'sip', token: await test.tokenOf('agent') })).toBe(101);
    await test.clock.advance(300_000);
    expect(await outcome('/sip', { protocol: 'sip', token })).toBe(101);
  });

  it('ends a browser that answers no ping', async () => {
    const socket = await phone();
    await expect.poll(() => phones.length).toBe(1);
    await test.clock.advance(20_000);
    await once(socket, 'ping');
    socket.pause(); // a laptop that was shut
    const closed = closing(phones[0] as WebSocket);
    await new Promise((resolve) => setImmediate(resolve));
    await test.clock.advance(40_000);
    await closed;
  });
});
