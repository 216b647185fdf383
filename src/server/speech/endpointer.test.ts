import { describe, expect, it } from 'vitest';
import { Endpointer, loudness } from './endpointer.ts';
import { noise, silence, tone } from './sound.fixture.ts';

/** Feeds sounds one after the other; returns after how many ms it began and ended (undefined: not at all), and ms of speech. */
function run(sounds: readonly Uint8Array[], options = {}) {
  const endpointer = new Endpointer(options);
  const result: { began?: number; ended?: number; spokenMs: number } = { spokenMs: 0 };
  let ms = 0;
  for (const sound of sounds)
    for (let at = 0; at < sound.length; at += 320) {
      const spoken = endpointer.push(sound.subarray(at, at + 320));
      ms += 20;
      result.spokenMs += spoken.reduce((sum, piece) => sum + piece.length / 16, 0);
      if (endpointer.state !== 'waiting') result.began ??= ms;
      if (endpointer.state === 'ended') result.ended ??= ms;
    }
  return result;
}

describe('where speech begins and ends', () => {
  it('begins soon after the first sound and ends after the silence', () => {
    const { began, ended, spokenMs } = run([silence(500), tone(600, 3_000), silence(1_500)]);
    expect(began).toBeGreaterThan(500);
    expect(began).toBeLessThanOrEqual(600);
    expect(ended).toBe(500 + 600 + 800);
    // from a little before the sound to the end of the silence
    expect(spokenMs).toBeGreaterThan(600 + 800 + 100);
  });

  it('a steady noise is none, and speech over it is', () => {
    expect(run([noise(4_000, 400)]).began).toBeUndefined();
    const { began, ended } = run([noise(2_000, 400), noise(500, 3_000), noise(1_500, 400)]);
    expect(began).toBeGreaterThan(2_000);
    expect(began).toBeLessThanOrEqual(2_120);
    expect(ended).toBeLessThanOrEqual(3_400);
  });

  it('a click is none, nor is a whisper of the line', () => {
    expect(run([silence(300), tone(40, 20_000), silence(500)]).began).toBeUndefined();
    expect(run([silence(300), tone(500, 60), silence(500)]).began).toBeUndefined();
  });

  it('a pause between words does not end it', () => {
    const { ended } = run([silence(200), tone(300, 3_000), silence(500), tone(300, 3_000), silence(1_000)]);
    expect(ended).toBe(200 + 300 + 500 + 300 + 800);
  });

  it('ends when it has lasted too long', () => {
    expect(run([silence(200), noise(8_000, 6_000)], { maxMs: 2_000 }).ended).toBeLessThan(2_300);
  });

  it('audio comes in pieces of any length', () => {
    const whole = Buffer.concat([silence(200), tone(500, 3_000), silence(1_200)]);
    const endpointer = new Endpointer();
    let spoken = 0;
    for (let at = 0; at < whole.length; at += 111)
      spoken += endpointer.push(whole.subarray(at, at + 111)).reduce((sum, { length }) => sum + length, 0);
    expect(endpointer.state).toBe('ended');
    expect(spoken % 320).toBe(0);
  });
});

it('loudness is in dB below full scale', () => {
  expect(loudness(silence(20))).toBe(-65);
  expect(loudness(tone(20, 32_767))).toBeCloseTo(-3, 0);
});
