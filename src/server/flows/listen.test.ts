import { expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Recogniser } from '../speech/ports.ts';
import type { AudioTap, AudioTapEvents } from '../telephony/ports.ts';
import { listenTo } from './listen.ts';

const RECOGNISER = { id: 'test', recognise: async () => [{ text: 'yes' }] } as unknown as Recogniser;

function stage() {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  const keys = new AbortController();
  let closed = 0;
  const events = new Emitter<AudioTapEvents>((error) => {
    throw error;
  });
  const tap = { events, close: async () => void closed++ } as unknown as AudioTap;
  const question = {
    expected: { kind: 'yes-no' } as const,
    silenceMs: 1_000,
    endMs: 800,
    language: 'en',
    prompted: Promise.resolve(),
    onSpeech: () => undefined,
    signal: keys.signal,
  };
  const line = {
    tap: async () => tap,
    recogniser: () => RECOGNISER,
    clock,
    onError: (e: unknown) => errors.push(e),
  };
  return { clock, errors, keys, question, line, closed: () => closed };
}

it('the audio is tapped for one answer only', async () => {
  const { clock, question, line, closed, errors } = stage();
  const heard = listenTo(question, line);
  await clock.advance(1_000);
  expect(await heard).toEqual({ kind: 'silence' });
  expect(closed()).toBe(1);
  expect(errors).toEqual([]);
});

it('where no engine is there, or no audio, nobody hears him, and why is told', async () => {
  const { question, line, errors } = stage();
  const unavailable = new CodedError('speech-unavailable', { reason: 'off' });
  const fail = (): never => {
    throw unavailable;
  };
  expect(await listenTo(question, { ...line, recogniser: fail })).toBeUndefined();
  expect(await listenTo(question, { ...line, tap: () => Promise.reject(unavailable) })).toBeUndefined();
  expect(errors).toEqual([unavailable, unavailable]);
});

it('a key ends it with its reason', async () => {
  const { clock, question, line, keys, closed } = stage();
  const heard = listenTo(question, line);
  heard.catch(() => undefined);
  await clock.advance(100);
  keys.abort(new Error('key'));
  await expect(heard).rejects.toThrow('key');
  expect(closed()).toBe(1);
});
