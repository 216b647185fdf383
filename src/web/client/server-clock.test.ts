import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.ts';

test('shows the server time although this computer is an hour off', () => {
  let now = 3_600_000;
  const clock = new ServerClock(() => now);
  expect(clock.now()).toBe(3_600_000);
  clock.learn(1_000);
  now += 500;
  expect(clock.now()).toBe(1_500);
});

test('keeps the message that was delayed least', () => {
  let now = 0;
  const clock = new ServerClock(() => now);
  clock.learn(10_000);
  now = 1_000;
  clock.learn(10_700); // 300 ms late
  expect(clock.now()).toBe(11_000);
  now = 2_000;
  clock.learn(12_050); // the first one had been 50 ms late
  expect(clock.now()).toBe(12_050);
});

test('follows when a clock was set', () => {
  const clock = new ServerClock(() => 0);
  clock.learn(100_000);
  clock.learn(50_000);
  expect(clock.now()).toBe(50_000);
});
