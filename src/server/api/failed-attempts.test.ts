import { beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { FailedAttempts } from './failed-attempts.ts';

let clock: VirtualClock;
let attempts: FailedAttempts;
beforeEach(() => {
  clock = new VirtualClock();
  attempts = new FailedAttempts({ limit: 3, windowMs: 10_000, blockMs: 5_000 }, clock);
});

it('blocks at the limit, for as long as it says', async () => {
  expect([attempts.failed('a'), attempts.failed('a'), attempts.failed('a')]).toEqual([false, false, true]);
  expect(attempts.blockedFor('a')).toBe(5_000);
  await clock.advance(4_000);
  expect(attempts.blockedFor('a')).toBe(1_000);
  await clock.advance(1_000);
  expect(attempts.blockedFor('a')).toBe(0);
});

it('counts anew after a block', async () => {
  for (let i = 0; i < 3; i++) attempts.failed('a');
  await clock.advance(5_000);
  expect([attempts.failed('a'), attempts.failed('a'), attempts.failed('a')]).toEqual([false, false, true]);
});

it('does not make a block longer by attempts during it', async () => {
  for (let i = 0; i < 3; i++) attempts.failed('a');
  await clock.advance(4_999);
  for (let i = 0; i < 9; i++) expect(attempts.failed('a')).toBe(false);
  expect(attempts.blockedFor('a')).toBe(1);
});

it('forgets failures that are older than the window', async () => {
  attempts.failed('a');
  attempts.failed('a');
  await clock.advance(10_000);
  expect(attempts.failed('a')).toBe(false);
});

it('keeps keys apart, and clears one after a success', () => {
  attempts.failed('a');
  attempts.failed('a');
  attempts.clear('a');
  expect(attempts.failed('a')).toBe(false);
  expect(attempts.blockedFor('b')).toBe(0);
});

it('does not let an attacker fill the memory with keys, and keeps the newest', () => {
  for (let i = 0; i < 12_000; i++) attempts.failed(`key ${i}`);
  expect(attempts.size).toBeLessThanOrEqual(10_000);
  attempts.failed('key 11999');
  expect(attempts.failed('key 11999')).toBe(true);
});
