/**
 * PocketSphinx 5 (https://github.com/cmusphinx/pocketsphinx) as Debian packages it, with its model of American English: offline,
 * small, and told what to listen for. One child process per utterance (0.1 s of one core), few at once, the audio by its standard
 * input, so that nothing of what callers say lies on a disk.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { toWideBand } from './band.ts';
import { type Grammar, grammarOf, phrasesOf } from './grammar.ts';
import { baseOf } from './languages.ts';
import { arpabet, Dictionary } from './pronunciation.ts';
import {
  collect,
  type Expectation,
  type Recogniser,
  type Recognition,
  type RecognitionRequest,
} from './ports.ts';
import { timeLimit } from './time-limit.ts';
import { Turns } from './turns.ts';

/** The programs on this machine, as `bundled` has them. */
export interface LocalPrograms {
  readonly ready: boolean;
  readonly model: { acoustic: string; dictionary: string };
  run(
    program: 'pocketsphinx' | 'espeak-ng',
    args: readonly string[],
    options?: { input?: Uint8Array; signal?: AbortSignal; timeoutMs?: number },
  ): Promise<Uint8Array>;
}

export interface PocketsphinxOptions {
  programs: LocalPrograms;
  /** Where grammars lie; the engine's user reads them. */
  dir: string;
  /** How many utterances at once. */
  atOnce: number;
  clock: Clock;
}

/** What `pocketsphinx single` writes. */
const Answer = z.object({
  t: z.string(),
  w: z.array(z.object({ t: z.string(), p: z.number(), d: z.number() })).default([]),
});

const ESPEAK_MS = 5_000;
/** 100 ms: shorter than any word. */
const SHORTEST_BYTES = 1_600;
/** Grammars that are remembered as being on the disk. */
const MAX_GRAMMARS = 1_000;

interface Files {
  grammar: string;
  dictionary: string;
}

export class Pocketsphinx implements Recogniser {
  readonly id = 'pocketsphinx';
  readonly #o: PocketsphinxOptions;
  readonly #turns: Turns;
  readonly #closed = new AbortController();
  readonly #files = new Map<string, Promise<Files>>();
  #dictionary: Promise<Dictionary> | undefined;

  constructor(options: PocketsphinxOptions) {
    this.#o = options;
    this.#turns = new Turns(options.atOnce, 'the offline recogniser has too much to do');
  }

  missing(language: string): string | undefined {
    if (baseOf(language) !== 'en') return `the offline recogniser understands English only, not ${language}`;
    if (!this.#o.programs.ready)
      return 'the offline recogniser is not on this machine: fetch it in Setup, Speech';
    return undefined;
  }

  async recognise({
    audio,
    expected,
    language,
    deadlineMs,
    signal,
  }: RecognitionRequest): Promise<Recognition> {
    const reason = this.missing(language);
    if (reason) throw new CodedError('speech-unavailable', { reason });
    const files = this.#filesFor(expected);
    files.catch(() => undefined); // told below
    const pcm = await collect(audio, signal);
    if (pcm.length < SHORTEST_BYTES) return [];
    const limit = timeLimit(this.#o.clock, deadlineMs, [this.#closed.signal, signal]);
    try {
      return await this.#turns.run(limit.signal, async () => this.#listen(await files, pcm, limit.signal));
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#coded(error, limit.signal);
    } finally {
      limit.lift();
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#turns.idle();
  }

  async #listen({ grammar, dictionary }: Files, pcm: Uint8Array, signal: AbortSignal): Promise<Recognition> {
    const { programs } = this.#o;
    const args = [
      '-loglevel',
      'FATAL',
      '-hmm',
      programs.model.acoustic,
      '-dict',
      dictionary,
      '-fsg',
      grammar,
    ];
    const said = await programs.run('pocketsphinx', [...args, 'single', '-'], {
      input: rawAudio(pcm),
      signal,
    });
    const { t, w } = Answer.parse(JSON.parse(Buffer.from(said).toString()));
    const text = t.replace(/\(\d+\)/g, '').trim();
    return text === '' ? [] : [{ text, confidence: confidenceOf(w) }];
  }

  #coded(error: unknown, ended: AbortSignal): CodedError {
    if (this.#closed.signal.aborted) return new CodedError('draining');
    if (ended.aborted) return new CodedError('timeout', { what: 'The speech recogniser' });
    if (error instanceof CodedError) return error;
    return new CodedError('speech-unavailable', {
      reason: error instanceof Error ? error.message : String(error),
    });
  }

  /** Written once for each thing that is expected. */
  #filesFor(expected: Expectation): Promise<Files> {
    const key = createHash('sha256').update(JSON.stringify(expected)).digest('hex').slice(0, 32);
    const known = this.#files.get(key);
    if (known) return known;
    if (this.#files.size >= MAX_GRAMMARS) this.#files.clear();
    const files = this.#write(key, expected);
    this.#files.set(key, files);
    files.catch(() => this.#files.delete(key));
    return files;
  }

  async #write(key: string, expected: Expectation): Promise<Files> {
    const sounds = await this.#soundsOf(expected);
    const grammar: Grammar = grammarOf(expected, (word) => sounds.has(word));
    if (grammar.words.length === 0)
      throw new CodedError('speech-unavailable', {
        reason: 'none of the expected words can be pronounced in English',
      });
    const { dir } = this.#o;
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o755);
    const files = { grammar: join(dir, `${key}.fsg`), dictionary: join(dir, `${key}.dict`) };
    const lines = grammar.words.flatMap((word) => sounds.get(word) ?? []);
    await writeFile(files.grammar, grammar.text, { mode: 0o644 });
    await writeFile(files.dictionary, `${lines.join('\n')}\n`, { mode: 0o644 });
    return files;
  }

  /** Word → its lines of the dictionary. A word of which nobody knows the sound is not in it. */
  async #soundsOf(expected: Expectation): Promise<Map<string, string[]>> {
    this.#dictionary ??= readFile(this.#o.programs.model.dictionary).then((text) => new Dictionary(text));
    const dictionary = await this.#dictionary;
    const words =
      expected.kind === 'choices'
        ? phrasesOf(expected).flatMap((phrase) => phrase.split(' '))
        : grammarOf(expected, () => true).words;
    const sounds = new Map<string, string[]>();
    for (const word of new Set(words)) {
      const known = dictionary.lines(word);
      const lines = known.length > 0 ? known : await this.#guess(word);
      if (lines.length > 0) sounds.set(word, lines);
    }
    return sounds;
  }

  async #guess(word: string): Promise<string[]> {
    if (!/^[a-z]+$/.test(word)) return [];
    const args = ['-v', 'en-us', '-q', '--ipa', word];
    const ipa = await this.#o.programs.run('espeak-ng', args, { timeoutMs: ESPEAK_MS });
    const phones = arpabet(Buffer.from(ipa).toString());
    return phones === undefined ? [] : [`${word} ${phones}`];
  }
}

/** Audio that begins with FF FF, a sample of -1, is taken for an MP3 and refused: silence goes before it. */
export function rawAudio(pcm: Uint8Array): Uint8Array {
  return Buffer.concat([new Uint8Array(64), toWideBand(pcm)]);
}

/** The mean of the words' own, by how long they are; silence does not count. */
function confidenceOf(words: readonly { t: string; p: number; d: number }[]): number {
  const spoken = words.filter(({ t }) => !/^[<[]/.test(t));
  const length = spoken.reduce((sum, { d }) => sum + d, 0);
  const weighted = spoken.reduce((sum, { p, d }) => sum + p * d, 0);
  return length === 0 ? 0 : Math.round((1_000 * weighted) / length) / 1_000;
}
