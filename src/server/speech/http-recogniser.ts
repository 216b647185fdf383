/**
 * Any engine with OpenAI's transcription API (`POST /v1/audio/transcriptions`,
 * https://platform.openai.com/docs/api-reference/audio/createTranscription): that cloud, faster-whisper-server, whisper.cpp's
 * server, LocalAI, vLLM. It writes down whatever it hears; what is expected is given as a hint.
 */
import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { wavHeader } from '../telephony/speech/wav.ts';
import { type HttpEngineOptions, post } from './http-engine.ts';
import { baseOf, wordsOf } from './languages.ts';
import {
  collect,
  type Expectation,
  type Recogniser,
  type Recognition,
  type RecognitionRequest,
} from './ports.ts';
import { Turns } from './turns.ts';

const AT_ONCE = 32;
const MAX_ANSWER = 64_000;
const MAX_HINT = 400;

const Answer = z.object({ text: z.string() });

export class HttpRecogniser implements Recogniser {
  readonly id = 'http';
  readonly #o: HttpEngineOptions;
  readonly #turns = new Turns(
    AT_ONCE,
    'too many callers speak at once for the recogniser that is reached by HTTP',
  );
  readonly #closed = new AbortController();

  constructor(options: HttpEngineOptions) {
    this.#o = options;
  }

  missing(): undefined {
    return undefined;
  }

  async recognise({
    audio,
    expected,
    language,
    deadlineMs,
    signal,
  }: RecognitionRequest): Promise<Recognition> {
    const pcm = await collect(audio, signal);
    const ended = AbortSignal.any([this.#closed.signal, ...(signal ? [signal] : [])]);
    const answer = await this.#turns.run(ended, () =>
      post(this.#o, {
        path: '/audio/transcriptions',
        body: this.#form(pcm, expected, language),
        what: 'The speech recogniser',
        maxBytes: MAX_ANSWER,
        deadlineMs,
        signal: ended,
      }),
    );
    const text = textIn(answer);
    return text === '' ? [] : [{ text }];
  }

  async close(): Promise<void> {
    this.#closed.abort(new CodedError('draining'));
    await this.#turns.idle();
  }

  #form(pcm: Uint8Array, expected: Expectation, language: string): FormData {
    const wav = new Blob([
      wavHeader({ rate: 8_000, channels: 1, bytes: pcm.length }),
      pcm as Uint8Array<ArrayBuffer>,
    ]);
    const form = new FormData();
    form.set('file', new File([wav], 'caller.wav', { type: 'audio/wav' }));
    form.set('model', this.#o.model);
    form.set('language', baseOf(language)); // ISO 639-1, as that API wants it
    form.set('response_format', 'json');
    form.set('temperature', '0');
    const hint = hintOf(expected, language);
    if (hint) form.set('prompt', hint);
    return form;
  }
}

/** Words that are likely: such an engine then rather writes them than others that sound alike. */
function hintOf(expected: Expectation, language: string): string {
  const { yes, no, numbers } = wordsOf(language);
  const words =
    expected.kind === 'choices'
      ? expected.choices.flatMap(({ phrases }) => phrases)
      : expected.kind === 'yes-no'
        ? [...yes.slice(0, 3), ...no.slice(0, 3)]
        : Object.keys(numbers).slice(0, 10);
  return words.join(', ').slice(0, MAX_HINT);
}

function textIn(bytes: Uint8Array): string {
  try {
    return Answer.parse(JSON.parse(Buffer.from(bytes).toString())).text.trim();
  } catch {
    throw new CodedError('speech-unavailable', {
      reason: 'the speech recogniser answers something else than {"text": …}: is its address right?',
    });
  }
}
