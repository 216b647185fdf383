import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import type { Downstream, Upstream } from '../../protocol/socket.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { TabConnection } from '../softphone/ports.ts';
import { PageSocket, type Wire } from './page-socket.ts';

class FakeWire extends EventEmitter implements Wire {
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closedWith: { code: number; reason: string } | undefined;
  terminated = false;
  send(text: string): void {
    this.sent.push(text);
  }
  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
    this.readyState = 2;
  }
  terminate(): void {
    this.terminated = true;
    this.emit('close');
  }
  messages(): Downstream[] {
    return this.sent.map((text) => JSON.parse(text) as Downstream);
  }
}

const HELLO = {
  type: 'hello',
  protocol: 1,
  tabId: 'tab-12345',
  canAudio: true,
  canPop: false,
  legs: ['leg_1'],
};

let clock: VirtualClock;
let wire: FakeWire;
let tab: TabConnection | undefined;
let received: Upstream[];
let handleClosed: number;
let closed: number;
let sessionHolds: boolean;
let state: SoftphoneState;

function open(xml?: (shown: SoftphoneState) => string): PageSocket {
  return new PageSocket(wire, {
    userId: 'user_1',
    sessionId: 'session_1',
    clock,
    keepSession: () => sessionHolds,
    xml,
    onClosed: () => closed++,
    door: {
      state: () => state,
      open(opened) {
        tab = opened;
        return { receive: (message) => received.push(message), close: () => handleClosed++ };
      },
    },
  });
}

const say = (message: unknown, binary = false) =>
  wire.emit('message', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), binary);

beforeEach(() => {
  clock = new VirtualClock();
  wire = new FakeWire();
  tab = undefined;
  received = [];
  handleClosed = 0;
  closed = 0;
  sessionHolds = true;
  state = { rev: 7 } as SoftphoneState;
});

const expectBye = (code: string) => {
  expect(wire.messages().at(-1)).toMatchObject({ type: 'bye', error: { code } });
  expect(wire.closedWith).toEqual({ code: 1008, reason: code });
  expect(closed).toBe(1);
  expect(clock.pending).toBe(0);
};

describe('before hello', () => {
  it('hands the page over with what it said, once it says hello', () => {
    open();
    say(HELLO);
    expect(tab).toMatchObject({
      userId: 'user_1',
      sessionId: 'session_1',
      tabId: 'tab-12345',
      canAudio: true,
      canPop: false,
      legs: ['leg_1'],
    });
    expect(wire.closedWith).toBeUndefined();
  });

  it('ends a page that says nothing for five seconds', async () => {
    open();
    await clock.advance(4_999);
    expect(wire.closedWith).toBeUndefined();
    await clock.advance(1);
    expectBye('timeout');
    expect(tab).toBeUndefined();
  });

  it.each([
    ['another message', { type: 'pong' }],
    ['a command', { type: 'command', command: { commandId: '12345678', verb: 'answer', lineId: 'x' } }],
    ['another version', { ...HELLO, protocol: 2 }],
    ['a hello that is not complete', { type: 'hello', protocol: 1 }],
    ['no JSON', '{"type":'],
    ['something that is no message', 'null'],
  ])('ends a page that says %s', (_, message) => {
    open();
    say(message);
    expectBye('bad-input');
    expect(tab).toBeUndefined();
  });
});

describe('after hello', () => {
  beforeEach(() => {
    open();
    say(HELLO);
  });

  it('passes commands on in order, and neither pong nor what comes after the end', () => {
    const focus = { type: 'focus', focused: true };
    const command = { type: 'command', command: { commandId: '12345678', verb: 'answer', lineId: 'x' } };
    for (const message of [focus, { type: 'pong' }, command]) say(message);
    wire.emit('close');
    say(focus);
    expect(received).toEqual([focus, command]);
  });

  it('answers a command that is not valid by its id, and goes on', () => {
    say({ type: 'command', command: { commandId: 'abcdefgh', verb: 'explode' } });
    say({ type: 'command', command: { commandId: 'abcdefgi', verb: 'dtmf', lineId: 'x', digits: 'hello' } });
    expect(wire.messages()).toMatchObject([
      { type: 'result', commandId: 'abcdefgh', ok: false, error: { code: 'bad-input' } },
      {
        type: 'result',
        commandId: 'abcdefgi',
        ok: false,
        error: { code: 'bad-input', message: expect.stringContaining('digits') },
      },
    ]);
    expect(wire.closedWith).toBeUndefined();
    expect(received).toEqual([]);
  });

  it.each([
    ['a second hello', HELLO],
    ['nonsense', 'nonsense'],
    ['an unknown message', { type: 'explode' }],
  ])('ends on %s', (_, message) => {
    say(message);
    expectBye('bad-input');
    expect(handleClosed).toBe(1);
  });

  it('ends on binary and on messages that are too large', () => {
    say('x', true);
    expectBye('bad-input');
  });

  it('ends on a message that is too large', () => {
    say({ type: 'focus', focused: true, record: 'x'.repeat(140_000) });
    expectBye('too-large');
  });

  it('ends a page that floods, and no busy one', async () => {
    const pong = { type: 'pong' };
    for (let i = 0; i < 499; i++) say(pong);
    await clock.advance(10_000);
    for (let i = 0; i < 500; i++) say(pong);
    expect(wire.closedWith).toBeUndefined();
    say(pong);
    expectBye('too-many-attempts');
  });

  it('asks every five seconds and keeps a page that answers', async () => {
    for (let i = 0; i < 10; i++) {
      await clock.advance(5_000);
      say({ type: 'pong' });
    }
    expect(wire.messages().filter((m) => m.type === 'ping')).toHaveLength(10);
    expect(wire.terminated).toBe(false);
  });

  it('gives up a page twelve seconds after its last word', async () => {
    await clock.advance(11_999);
    expect(handleClosed).toBe(0);
    await clock.advance(1);
    expect([handleClosed, closed, wire.terminated]).toEqual([1, 1, true]);
    expect(clock.pending).toBe(0);
  });

  it('ends when the sign-in holds no more', async () => {
    sessionHolds = false;
    await clock.advance(5_000);
    expectBye('not-signed-in');
  });

  it('tells the softphone once that the page is gone', () => {
    wire.emit('close');
    wire.emit('close');
    expect([handleClosed, closed]).toEqual([1, 1]);
    tab?.send({ type: 'ping' });
    expect(wire.sent).toEqual([]);
  });

  it('cuts off a page that takes nothing in', () => {
    wire.bufferedAmount = 5_000_000;
    tab?.send({ type: 'ping' });
    expect([wire.terminated, handleClosed]).toEqual([true, 1]);
  });
});

it('sends the whole state as XML in place of snapshots and patches when asked to', () => {
  open((shown) => `<softphone rev="${shown.rev}"/>`);
  say(HELLO);
  tab?.send({ type: 'snapshot', state: { rev: 6 } as SoftphoneState });
  tab?.send({ type: 'patch', rev: 7, serverNow: 0, ops: [] });
  tab?.send({ type: 'ping' });
  expect(wire.sent).toEqual(['<softphone rev="6"/>', '<softphone rev="7"/>', '{"type":"ping"}']);
});
