import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../lib/clock.ts';
import { Fallbacks, lengthOf } from './fallbacks.ts';
import { LegBook, type LegRecord } from './leg-book.ts';

let sent: string[];
let fallbacks: Fallbacks;
let leg: LegRecord;

beforeEach(() => {
  sent = [];
  fallbacks = new Fallbacks(realClock, async (_legId, variables) => {
    sent.push(`${variables['TIMEOUT(absolute)']} ${variables.CROSSPOINT_FALLBACK}`);
  });
  leg = new LegBook('crosspoint').open('leg_1');
});

describe('a fallback', () => {
  it('is armed at once when nothing is played', async () => {
    await fallbacks.arm(leg, 30_000, 'apology', 1_000);
    expect(sent).toEqual(['30.000 apology']);
  });

  it('that is renewed during a playback waits for its end', async () => {
    leg.playbacks.set('play_1', 'playing');
    await fallbacks.arm(leg, 30_000, 'apology', 1_000);
    expect(sent).toEqual([]);
    leg.playbacks.clear();
    await fallbacks.afterPlay(leg, 1_000);
    await fallbacks.afterPlay(leg, 1_000);
    expect(sent).toEqual(['30.000 apology']);
  });

  it('outlasts a long playback and is as asked after it', async () => {
    await fallbacks.arm(leg, 30_000, 'hangup', 1_000);
    await fallbacks.beforePlay(leg, 40_000, 1_000);
    await fallbacks.afterPlay(leg, 1_000);
    expect(sent).toEqual(['30.000 hangup', '70.000 hangup', '30.000 hangup']);
  });

  it('that is disarmed stays so after a playback', async () => {
    await fallbacks.arm(leg, 30_000, 'hangup', 1_000);
    await fallbacks.arm(leg, 0, 'hangup', 1_000);
    await fallbacks.beforePlay(leg, 5_000, 1_000);
    await fallbacks.afterPlay(leg, 1_000);
    expect(sent).toEqual(['30.000 hangup', '0.000 hangup']);
    expect(leg.fallbackAt).toBeUndefined();
  });

  it('of a leg that ends is left alone', async () => {
    leg.playbacks.set('play_1', 'playing');
    await fallbacks.arm(leg, 30_000, 'hangup', 1_000);
    leg.playbacks.clear();
    leg.ending = true;
    await fallbacks.afterPlay(leg, 1_000);
    expect(sent).toEqual([]);
  });
});

describe('how long is played', () => {
  it('is the length of our own files; tones and what is not there count as nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'length-'));
    await writeFile(join(folder, 'greeting.wav'), Buffer.alloc(16_000));
    expect(
      await lengthOf([`sound:${folder}/greeting`, 'tone:425/1000', 'sound:hello', 'sound:/no/such']),
    ).toBe(1_000);
    await rm(folder, { recursive: true });
  });
});
