import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { AudioTapEvents } from '../telephony/ports.ts';
import { hear, type Heard, type HearOptions } from './hear.ts';
import { collect, type RecognitionRequest } from './ports.ts';
import { silence, tone } from './sound.fixture.ts';

function stage(more: Partial<HearOptions> = {}) {
  const clock = new VirtualClock();
  const events = new Emitter<AudioTapEvents>((error) => {
    throw error;
  });
  const keys = new AbortController();
  const asked: (RecognitionRequest & { bytes: number })[] = [];
  let stopped = 0;
  let endPrompt = () => {};
  const prompted = new Promise<void>((resolve) => (endPrompt = resolve));
  const heard = hear({
    tap: { events },
    recogniser: {
      async recognise(request) {
        const { length: bytes } = await collect(request.audio, request.signal);
        asked.push({ ...request, bytes });
        return [{ text: 'yes' }];
      },
    },
    expected: { kind: 'yes-no' },
    language: 'en',
    prompted,
    onSpeech: () => stopped++,
    silenceMs: 5_000,
    endMs: 800,
    maxMs: 10_000,
    deadlineMs: 4_000,
    clock,
    signal: keys.signal,
    ...more,
  });
  let outcome: Heard | Error | undefined;
  heard.then(
    (value) => (outcome = value),
    (error: Error) => (outcome = error),
  );
  return {
    clock,
    keys,
    events,
    asked,
    endPrompt,
    stopped: () => stopped,
    outcome: () => outcome,
    /** As it comes from the line: 20 ms at a time. */
    async says(sound: Uint8Array) {
      for (let at = 0; at < sound.length; at += 320) {
        events.emit('frame', sound.subarray(at, at + 320));
        await clock.advance(20);
      }
    },
  };
}

describe('an answer', () => {
  it('is recognised when the caller has spoken', async () => {
    const call = stage();
    call.endPrompt();
    await call.says(silence(600));
    await call.says(tone(500, 3_000));
    expect(call.outcome()).toBeUndefined();
    await call.says(silence(900));
    expect(call.outcome()).toMatchObject({ kind: 'understood', value: 'yes' });
    expect(call.asked).toHaveLength(1);
    expect(call.asked[0]).toMatchObject({ language: 'en', deadlineMs: 4_000 });
    expect(call.asked[0]?.bytes).toBeGreaterThan(16 * 1_000);
    expect(call.clock.pending).toBe(0);
  });

  it('over the prompt stops it; what is short does not', async () => {
    const call = stage();
    await call.says(silence(400));
    await call.says(tone(120, 6_000)); // a cough
    await call.says(silence(400));
    expect(call.stopped()).toBe(0);
    await call.says(tone(400, 6_000));
    expect(call.stopped()).toBe(1);
    await call.says(silence(900));
    expect(call.outcome()).toMatchObject({ value: 'yes' });
  });

  it('a line that sends nothing while nothing is said ends it, too', async () => {
    const call = stage();
    call.endPrompt();
    await call.says(silence(200));
    await call.says(tone(500, 3_000));
    await call.clock.advance(1_200);
    expect(call.outcome()).toMatchObject({ value: 'yes' });
  });

  it('silence is counted from the end of the prompt', async () => {
    const call = stage();
    await call.says(silence(9_000));
    expect(call.outcome()).toBeUndefined();
    call.endPrompt();
    await call.says(silence(4_900));
    expect(call.outcome()).toBeUndefined();
    await call.says(silence(200));
    expect(call.outcome()).toEqual({ kind: 'silence' });
    expect(call.asked).toEqual([]);
    expect(call.clock.pending).toBe(0);
  });

  it('an audio that ends is silence, or what was said until then', async () => {
    const none = stage();
    none.events.emit('closed');
    await none.clock.advance(0);
    expect(none.outcome()).toEqual({ kind: 'silence' });
    const some = stage();
    await some.says(silence(200));
    await some.says(tone(500, 3_000));
    some.events.emit('closed');
    await some.clock.advance(0);
    expect(some.outcome()).toMatchObject({ value: 'yes' });
  });
});

describe('a key', () => {
  it('ends the listening, whether he has spoken or not', async () => {
    for (const spoken of [silence(300), tone(600, 3_000)]) {
      const call = stage();
      await call.says(silence(300));
      await call.says(spoken);
      call.keys.abort(new Error('key'));
      await call.clock.advance(0);
      expect(call.outcome()).toMatchObject({ message: 'key' });
      expect(call.asked).toEqual([]);
      expect(call.clock.pending).toBe(0);
    }
  });

  it('that came before is heeded', async () => {
    const keys = new AbortController();
    keys.abort(new Error('key'));
    const call = stage({ signal: keys.signal });
    await call.clock.advance(0);
    expect(call.outcome()).toMatchObject({ message: 'key' });
  });
});

it('an engine that fails is told, and ends nothing', async () => {
  const error = new CodedError('speech-unavailable', { reason: 'it is away' });
  const call = stage({ recogniser: { recognise: () => Promise.reject(error) } });
  await call.says(silence(200));
  await call.says(tone(500, 3_000));
  expect(call.outcome()).toEqual({ kind: 'failed', error });
});
