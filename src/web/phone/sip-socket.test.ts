import { expect, test } from 'vitest';
import { SipSocket, type SipWebSocket } from './sip-socket.ts';

class FakeWebSocket {
  readyState = 0;
  binaryType: BinaryType = 'blob';
  readonly sent: unknown[] = [];
  readonly #listeners = new Map<string, (event: unknown) => void>();
  send = (data: unknown) => void this.sent.push(data);
  close = () => {
    this.readyState = 3;
  };
  addEventListener(event: string, listener: (event: unknown) => void): void {
    this.#listeners.set(event, listener);
  }
  fire(event: string, data?: unknown): void {
    if (event === 'open') this.readyState = 1;
    this.#listeners.get(event)?.({ data });
  }
}

function start() {
  const opened: FakeWebSocket[] = [];
  const log: string[] = [];
  const socket = new SipSocket('wss://crosspoint.test:8443/sip', () => {
    const fake = new FakeWebSocket();
    opened.push(fake);
    return fake as unknown as SipWebSocket;
  });
  socket.onconnect = () => log.push('connect');
  socket.ondisconnect = (error) => log.push(`disconnect ${error}`);
  socket.ondata = (data) => log.push(`data ${String(data)}`);
  return { socket, opened, log };
}

test('says what SIP needs to know of its transport', () => {
  const { socket } = start();
  expect(socket.via_transport).toBe('WSS');
  expect(socket.sip_uri).toBe('sip:crosspoint.test:8443;transport=ws');
});

test('sends only while it is open', () => {
  const { socket, opened, log } = start();
  socket.connect();
  expect(socket.send('a')).toBe(false);
  opened[0]?.fire('open');
  expect(socket.send('b')).toBe(true);
  opened[0]?.fire('message', 'c');
  expect(opened[0]?.sent).toEqual(['b']);
  expect(log).toEqual(['connect', 'data c']);
  socket.disconnect();
});

test('that is cut says so once and hears nothing of the old connection', () => {
  const { socket, opened, log } = start();
  socket.connect();
  opened[0]?.fire('open');
  socket.cut();
  opened[0]?.fire('close');
  opened[0]?.fire('message', 'late');
  expect(log).toEqual(['connect', 'disconnect true']);
  socket.connect();
  opened[1]?.fire('open');
  expect(log.at(-1)).toBe('connect');
  socket.disconnect();
});

test('that is silenced lets nothing out', () => {
  const { socket, opened } = start();
  socket.connect();
  opened[0]?.fire('open');
  socket.silence();
  expect(socket.send('BYE')).toBe(false);
  expect(opened[0]?.sent).toEqual([]);
  socket.disconnect();
});
