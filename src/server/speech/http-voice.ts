import type { Voice } from '../telephony/speech/speech.ts';
import { type HttpEngineOptions, post } from './http-engine.ts';

/** Two minutes at 48 kHz. */
const MAX_SOUND = 12_000_000;

/**
 * Any engine with OpenAI's speech API (`POST /v1/audio/speech`, https://platform.openai.com/docs/api-reference/audio/createSpeech).
 * The language is that of the text.
 */
export function httpVoice(options: HttpEngineOptions & { voice: string }): Voice {
  const { url, model, voice } = options;
  return {
    key: `http:${url}:${model}:${voice}`,
    synthesise: (input, signal) =>
      post(options, {
        path: '/audio/speech',
        body: JSON.stringify({ model, input, voice, response_format: 'wav' }),
        what: 'The voice',
        maxBytes: MAX_SOUND,
        signal,
      }),
  };
}
