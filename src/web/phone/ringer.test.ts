import { expect, test } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { type RingContext, Ringer } from './ringer.ts';

function start(state: AudioContextState = 'running') {
  const clock = new VirtualClock();
  let notes = 0;
  const param = {
    setValueAtTime: () => {},
    linearRampToValueAtTime: () => {},
    exponentialRampToValueAtTime: () => {},
    value: 0,
  };
  const context = {
    state,
    currentTime: 0,
    destination: {},
    resume: async () => {},
    createGain: () => ({ connect: () => {}, gain: param }),
    createOscillator: () => ({ connect: () => {}, frequency: param, start: () => notes++, stop: () => {} }),
  };
  return { clock, ringer: new Ringer(() => context as unknown as RingContext, clock), notes: () => notes };
}

test('rings in cadences until it is stopped, once however often it is started', async () => {
  const { clock, ringer, notes } = start();
  ringer.start('incoming');
  ringer.start('incoming');
  expect(notes()).toBe(4);
  await clock.advance(2_600);
  expect(notes()).toBe(8);
  ringer.stop();
  ringer.stop();
  expect(ringer.ringing).toBe(false);
  expect(clock.pending).toBe(0);
});

test('is silent, and still rings later, while the browser wants a gesture first', async () => {
  const { clock, ringer, notes } = start('suspended');
  ringer.start('incoming');
  await clock.advance(10_000);
  expect(notes()).toBe(0);
  expect(ringer.ringing).toBe(true);
  ringer.stop();
});

test('beeps for a call that waits, softer and less often, and rings when it is the only one', async () => {
  const { clock, ringer, notes } = start();
  ringer.start('waiting');
  expect(notes()).toBe(2);
  await clock.advance(4_900);
  expect(notes()).toBe(2);
  await clock.advance(100);
  expect(notes()).toBe(4);
  ringer.start('incoming');
  expect(notes()).toBe(8);
  await clock.advance(2_600);
  expect(notes()).toBe(12);
  ringer.stop();
  expect(clock.pending).toBe(0);
});
