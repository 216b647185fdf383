import { beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { HeldLock } from './held-lock.ts';

let clock: VirtualClock;
let answers: ('got' | 'taken' | 'down')[];
let asked: number;
let told: string[];
let breakIt: () => void;

const db = {
  async lock(onLost: () => void) {
    asked++;
    const answer = answers.shift() ?? 'got';
    if (answer === 'down') throw new Error('connect ECONNREFUSED');
    if (answer === 'taken') return undefined;
    breakIt = onLost;
    return { release: async () => void told.push('released') };
  },
};

const take = () =>
  HeldLock.take({ db, clock, onBroken: () => told.push('broken'), onLost: () => told.push('lost') });

beforeEach(() => {
  clock = new VirtualClock();
  [answers, asked, told] = [[], 0, []];
});

it('is not got while another process has it', async () => {
  answers = ['taken'];
  expect(await take()).toBeUndefined();
});

it('is taken again when the database comes back, however long that takes', async () => {
  const held = await take();
  answers = Array.from({ length: 20 }, () => 'down' as const);
  breakIt();
  await clock.advance(60_000);
  expect(asked).toBe(22);
  expect(told).toEqual(['broken']);
  await held?.release();
  expect(told).toEqual(['broken', 'released']);
});

it('is not lost to our own broken connection, which the server has not noticed yet', async () => {
  await take();
  answers = ['down', 'taken', 'taken', 'got'];
  breakIt();
  await clock.advance(10_000);
  expect(told).toEqual(['broken']);
  expect(asked).toBe(5);
});

it('is lost, once, when another process has it', async () => {
  await take();
  answers = Array.from({ length: 100 }, () => 'taken' as const);
  breakIt();
  await clock.advance(30_000);
  expect(told).toEqual(['broken', 'lost']);
});

it('is not taken again after its release', async () => {
  const held = await take();
  answers = ['down'];
  breakIt();
  await held?.release();
  await clock.advance(10_000);
  expect(asked).toBe(1);
});
