import { expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import { PolledCall, type WebCallState } from './polled-call.ts';

function start() {
  const clock = new VirtualClock(0);
  const server: { state: WebCallState | 'down'; hungUp: number; asked: number } = {
    state: 'waiting',
    hungUp: 0,
    asked: 0,
  };
  const call = new PolledCall({
    clock,
    readState: async () => {
      server.asked++;
      if (server.state === 'down') throw new Error('down');
      return server.state;
    },
    hangUp: async () => void server.hungUp++,
  });
  return { clock, server, call };
}

test('follows the call on the server', async () => {
  const { clock, server, call } = start();
  await call.start();
  expect(call.view.state).toBe('ringing');
  server.state = 'connected';
  await clock.advance(3_000);
  expect(call.view).toMatchObject({ state: 'talking', answeredAt: 1_000 });
  server.state = 'ended';
  await clock.advance(1_000);
  expect(call.view).toMatchObject({ state: 'ended', endedAt: 4_000 });
  const asked = server.asked;
  await clock.advance(60_000);
  expect(server.asked).toBe(asked);
});

test('hangs up once on the server and asks no more', async () => {
  const { clock, server, call } = start();
  await call.start();
  call.hangUp();
  await settle();
  expect(call.view.state).toBe('ended');
  expect(server.hungUp).toBe(1);
  await clock.advance(10_000);
  expect(server.asked).toBe(1);
  expect(clock.pending).toBe(0);
});

test('outlives a short silence of the server, and ends after a long one', async () => {
  const { clock, server, call } = start();
  await call.start();
  server.state = 'down';
  await clock.advance(5_000);
  server.state = 'connected';
  await clock.advance(1_000);
  expect(call.view.state).toBe('talking');
  server.state = 'down';
  await clock.advance(8_000);
  expect(call.view.state).toBe('ended');
});
