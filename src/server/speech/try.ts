/** Lets an administrator hear whether the engine hears: one WAV file in, what was understood out. */
import { CodedError } from '../../protocol/errors.ts';
import type { SpeechTried, SpeechTry } from '../../protocol/speech.ts';
import type { z } from 'zod';
import { readWav, toTelephoneRate, type Pcm } from '../telephony/speech/wav.ts';
import type { SpeechEngines } from './engines.ts';
import { understand } from './understand.ts';

const DEADLINE_MS = 15_000;
const MAX_SECONDS = 30;
/** At the end, as on the telephone. */
const SILENCE = new Uint8Array(8_000);

/** @throws `bad-input` for what is no such WAV, `speech-unavailable`, `timeout`. */
export async function tryRecogniser(
  engines: Pick<SpeechEngines, 'recogniser'>,
  { wav, language, expected }: z.infer<typeof SpeechTry>,
): Promise<SpeechTried> {
  const pcm = telephoneAudio(Buffer.from(wav, 'base64'));
  if (expected.kind === 'digits' && expected.max < expected.min)
    throw new CodedError('bad-input', { detail: 'expected.max: not less than min' });
  const recogniser = engines.recogniser(language);
  const began = performance.now();
  const heard = await recogniser.recognise({
    audio: pieces(pcm),
    expected,
    language,
    deadlineMs: DEADLINE_MS,
  });
  const found = understand(heard, expected, language);
  return {
    heard: [...heard],
    value: found.kind === 'understood' ? found.value : null,
    ambiguous: found.kind === 'ambiguous' ? found.values : [],
    engine: recogniser.id,
    tookMs: Math.round(performance.now() - began),
  };
}

function telephoneAudio(bytes: Uint8Array): Uint8Array {
  const { samples } = toTelephoneRate(readOr(bytes));
  if (samples.length > MAX_SECONDS * 8_000)
    throw new CodedError('bad-input', { detail: `wav: longer than ${MAX_SECONDS} seconds` });
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function readOr(bytes: Uint8Array): Pcm {
  try {
    const pcm = readWav(bytes);
    if (pcm.rate < 8_000 || pcm.rate > 48_000) throw new Error(`${pcm.rate} Hz is not between 8 and 48 kHz`);
    return pcm;
  } catch (error) {
    throw new CodedError('bad-input', {
      detail: `wav: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

async function* pieces(pcm: Uint8Array): AsyncGenerator<Uint8Array> {
  yield SILENCE;
  yield pcm;
  yield SILENCE;
}
