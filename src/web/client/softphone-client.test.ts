import { describe, expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import type { Downstream, PatchOperation, Upstream } from '../../protocol/socket.ts';
import { DEFAULT_PERSONAL_SETTINGS, type SoftphoneState } from '../../protocol/softphone.ts';
import { SoftphoneClient } from './softphone-client.ts';
import type { SocketLike } from './socket-like.ts';

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  readonly sent: Upstream[] = [];
  send = (text: string) => void this.sent.push(JSON.parse(text));
  close = () => {
    this.closed = true;
  };
  say(message: Downstream): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  commands() {
    return this.sent.flatMap((m) => (m.type === 'command' ? [m.command] : []));
  }
}

const STATE: SoftphoneState = {
  v: 1,
  rev: 7,
  epoch: 'e1',
  serverNow: 1_000_000,
  user: { id: 'u', name: 'Ada', locale: 'en', zone: 'UTC', country: 'GB', roles: ['agent'] },
  platforms: [],
  agent: { shown: 'ready', since: 0, requested: { state: 'ready' }, choices: [] },
  phone: { kind: 'none', label: 'No phone', devices: [], registered: false },
  lines: [],
  dial: { enabled: true },
  parked: [],
  settings: { values: DEFAULT_PERSONAL_SETTINGS, unavailable: {} },
  previous: [],
  notices: [],
};

function patch(rev: number, ...ops: PatchOperation[]): Downstream {
  return { type: 'patch', rev, serverNow: 1_000_500, ops };
}

function start() {
  const clock = new VirtualClock();
  const sockets: FakeSocket[] = [];
  const seen: string[] = [];
  const legs: string[] = [];
  const client = new SoftphoneClient({
    url: 'ws://here/api/socket',
    tabId: 'tab_12345678',
    canAudio: true,
    canPop: false,
    legs: () => legs,
    clock,
    random: () => 0.5,
    onListenerError: (error) => {
      throw error;
    },
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
  });
  client.on('phone', (c) => seen.push(`phone ${c?.username ?? 'none'}`));
  client.on('phone.answer', (leg) => seen.push(`answer ${leg}`));
  client.on('unreachable', () => seen.push('unreachable'));
  const last = () => sockets.at(-1) as FakeSocket;
  const online = () => {
    last().onopen?.();
    last().say({ type: 'welcome', protocol: 1, epoch: 'e1', tabId: 'tab_12345678' });
    last().say({ type: 'snapshot', state: STATE });
  };
  client.connect();
  return { client, clock, sockets, seen, legs, last, online };
}

describe('connecting', () => {
  test('says hello and shows the snapshot', () => {
    const { client, last, online } = start();
    expect(client.view.status).toBe('connecting');
    online();
    expect(last().sent[0]).toEqual({
      type: 'hello',
      protocol: 1,
      tabId: 'tab_12345678',
      canAudio: true,
      canPop: false,
      legs: [],
    });
    expect(client.view.status).toBe('online');
    expect(client.view.state).toEqual(STATE);
  });

  test('answers a ping', () => {
    const { last, online } = start();
    online();
    last().say({ type: 'ping' });
    expect(last().sent.at(-1)).toEqual({ type: 'pong' });
  });

  test('passes the phone messages on', () => {
    const { seen, last, online } = start();
    online();
    const credentials = { path: '/sip', username: 'w1', password: 'x', domain: 'd', iceServers: [] };
    last().say({ type: 'phone', credentials });
    last().say({ type: 'phone.answer', legId: 'leg_1' });
    last().say({ type: 'phone', credentials: null });
    expect(seen).toEqual(['phone w1', 'answer leg_1', 'phone none']);
  });

  test('passes over frames that are not of the protocol', () => {
    const { client, last, online } = start();
    online();
    for (const data of ['', '{', '[]', 'null', '{"type":"else"}', '7']) last().onmessage?.({ data });
    expect(client.view.status).toBe('online');
  });
});

describe('the mirror', () => {
  test('follows the patches without changing the object it showed before', () => {
    const { client, last, online } = start();
    online();
    const before = client.view.state;
    last().say(patch(8, { op: 'replace', path: '/agent/shown', value: 'talking' }));
    expect(client.view.state?.agent.shown).toBe('talking');
    expect(client.view.state?.rev).toBe(8);
    expect(before?.agent.shown).toBe('ready');
  });

  test.each([
    ['a revision is missing', patch(9, { op: 'replace', path: '/agent/shown', value: 'talking' })],
    ['a revision comes twice', patch(7, { op: 'replace', path: '/agent/shown', value: 'talking' })],
    ['an operation does not fit', patch(8, { op: 'remove', path: '/lines/3/name' })],
  ])('takes a new snapshot when %s', (_, message) => {
    const { client, sockets, last, online } = start();
    online();
    last().say(message);
    expect(client.view.status).toBe('lost');
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
    expect(client.view.state?.agent.shown).toBe('ready');
    online();
    expect(client.view.status).toBe('online');
  });
});

describe('a lost connection', () => {
  test('keeps the last state and comes back with growing waits', async () => {
    const { client, clock, sockets, last, online } = start();
    online();
    last().onclose?.();
    expect(client.view.status).toBe('lost');
    expect(client.view.state).toEqual(STATE);
    await clock.advance(249);
    expect(sockets).toHaveLength(1);
    await clock.advance(1);
    expect(sockets).toHaveLength(2);
    last().onclose?.();
    await clock.advance(499);
    expect(sockets).toHaveLength(2);
    await clock.advance(1);
    expect(sockets).toHaveLength(3);
    online();
    expect(client.view.status).toBe('online');
  });

  test('is noticed when the server falls silent', async () => {
    const { client, clock, sockets, last, online } = start();
    online();
    await clock.advance(11_000);
    last().say({ type: 'ping' });
    await clock.advance(11_999);
    expect(client.view.status).toBe('online');
    await clock.advance(1);
    expect(client.view.status).toBe('lost');
    expect(sockets[0]?.closed).toBe(true);
  });

  test('tells that nothing was said at all, so that the sign-in can be checked', () => {
    const { seen, last } = start();
    last().onclose?.();
    expect(seen).toEqual(['unreachable']);
  });

  test('says which legs live on in this page', async () => {
    const { clock, legs, last, online } = start();
    online();
    legs.push('leg_1');
    last().onclose?.();
    await clock.advance(300);
    online();
    expect(last().sent[0]).toMatchObject({ type: 'hello', legs: ['leg_1'] });
  });

  test('repeats how the phone is and what is open', async () => {
    const { client, clock, last, online } = start();
    online();
    client.reportPhone(true);
    client.reportFocus(true, null);
    last().onclose?.();
    await clock.advance(300);
    online();
    expect(last().sent.slice(1)).toEqual([
      { type: 'focus', focused: true, record: null },
      { type: 'phone', registered: true },
    ]);
  });
});

describe('a refusal', () => {
  const error = { code: 'not-signed-in', message: 'You are not signed in.' } as const;

  test('stops the tries until connect is called', async () => {
    const { client, clock, sockets, last, online } = start();
    last().say({ type: 'bye', error });
    expect(client.view.status).toBe('refused');
    expect(client.view.refusal?.code).toBe('not-signed-in');
    await clock.advance(60_000);
    expect(sockets).toHaveLength(1);
    client.connect();
    online();
    expect(client.view.status).toBe('online');
    expect(client.view.refusal).toBeUndefined();
  });

  test('by a server that shuts down is a lost connection', async () => {
    const { client, clock, sockets, last, online } = start();
    online();
    last().say({ type: 'bye', error: { code: 'draining', message: 'Shutting down.' } });
    expect(client.view.status).toBe('lost');
    await clock.advance(300);
    expect(sockets).toHaveLength(2);
  });
});

describe('a command', () => {
  test('resolves when the server accepts it', async () => {
    const { client, last, online } = start();
    online();
    const done = client.command({ verb: 'hold', lineId: 'l1' });
    const command = last().commands()[0];
    expect(command).toMatchObject({ verb: 'hold', lineId: 'l1' });
    last().say({ type: 'result', commandId: command?.commandId ?? '', ok: true });
    await expect(done).resolves.toBeUndefined();
  });

  test('rejects with the code and the sentence of the server', async () => {
    const { client, last, online } = start();
    online();
    const done = client.command({ verb: 'answer', lineId: 'l1' });
    const error = { code: 'offer-gone', message: 'Gone.' } as const;
    last().say({ type: 'result', commandId: last().commands()[0]?.commandId ?? '', ok: false, error });
    await expect(done).rejects.toMatchObject({ code: 'offer-gone', message: 'Gone.' });
  });

  test('is said again on a new connection, with the same id', async () => {
    const { client, clock, sockets, last, online } = start();
    online();
    const done = client.command({ verb: 'hangup', lineId: 'l1' });
    const id = sockets[0]?.commands()[0]?.commandId ?? '';
    last().onclose?.();
    await clock.advance(300);
    online();
    expect(
      last()
        .commands()
        .map((c) => c.commandId),
    ).toEqual([id]);
    last().say({ type: 'result', commandId: id, ok: true });
    await expect(done).resolves.toBeUndefined();
  });

  test('is given up after ten seconds', async () => {
    const { client, clock, last, online } = start();
    online();
    const outcome = expect(client.command({ verb: 'hold', lineId: 'l1' })).rejects.toMatchObject({
      code: 'timeout',
    });
    await clock.advance(9_000);
    last().say({ type: 'ping' });
    await clock.advance(1_000);
    await outcome;
  });

  test('fails at once without a connection', async () => {
    const { client } = start();
    await expect(client.command({ verb: 'hold', lineId: 'l1' })).rejects.toMatchObject({
      code: 'server-unreachable',
    });
  });
});

test('closing leaves no timer and no socket, and rejects what waits', async () => {
  const { client, clock, sockets, last, online } = start();
  online();
  const outcome = expect(client.command({ verb: 'hold', lineId: 'l1' })).rejects.toMatchObject({
    code: 'timeout',
  });
  await client.close();
  await client.close();
  await outcome;
  expect(client.view.status).toBe('closed');
  expect(last().closed).toBe(true);
  client.connect();
  await settle();
  expect(sockets).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test('the server clock follows the messages', () => {
  const { client, clock, online } = start();
  online();
  expect(client.serverClock.now()).toBe(1_000_000);
  expect(clock.now()).not.toBe(1_000_000);
});
