/**
 * The speech engines that Debian packages, as they lie in the cache, shared by all clones: fetched when somebody asks for them,
 * never needed to start.
 *
 *     absent ── fetch() ──► fetching ──► ready
 *        ▲                     │
 *        └── it failed: why ◄──┘
 */
import { access } from 'node:fs/promises';
import { CodedError } from '../../protocol/errors.ts';
import { partsAccount } from './account.ts';
import { type DebianFetchOptions, fetchedPrograms } from './debian-fetch.ts';
import type { RunOptions } from './run-command.ts';
import {
  fetchSpeech,
  runSpeechProgram,
  speechFolder,
  type SpeechProgram,
  sphinxModel,
} from './speech-fetch.ts';

export interface SpeechProgramsOptions extends Pick<DebianFetchOptions, 'mirror' | 'suites'> {
  /** Where programs lie, shared by clones: `cacheFolder()`. */
  cacheDir: string;
}

export interface SpeechProgramsState {
  /** Such as `5.1.1`; undefined: they are not there. */
  version?: string;
  /** A fetch goes on: what it does, and how far it is, 0 to 100. */
  fetching?: { text: string; percent: number };
  /** Why the last fetch failed, in a sentence that says what to do. */
  failure?: string;
}

export class SpeechPrograms {
  readonly #o: SpeechProgramsOptions;
  readonly #stop = new AbortController();
  readonly #dir: string;
  #state: SpeechProgramsState = {};
  #fetching: Promise<void> | undefined;

  private constructor(options: SpeechProgramsOptions) {
    this.#o = options;
    this.#dir = speechFolder(options.cacheDir);
  }

  /** Looks whether they are there; fetches nothing. */
  static async find(options: SpeechProgramsOptions): Promise<SpeechPrograms> {
    const programs = new SpeechPrograms(options);
    const found = await fetchedPrograms(programs.#dir);
    if (found) programs.#state = { version: found.version };
    return programs;
  }

  get state(): SpeechProgramsState {
    return this.#state;
  }

  get ready(): boolean {
    return this.#state.version !== undefined;
  }

  get model(): ReturnType<typeof sphinxModel> {
    return sphinxModel(this.#dir);
  }

  /** Fetches them unless they are there; asked again while it goes on: the same. @throws `speech-unavailable`. */
  fetch(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  /** Below the calls' priority, and as the unprivileged user of our parts. @throws `speech-unavailable` when they are not there. */
  async run(name: SpeechProgram, args: readonly string[], options: RunOptions = {}): Promise<Uint8Array> {
    if (!this.ready)
      throw new CodedError('speech-unavailable', { reason: 'the speech engines are not on this machine' });
    return runSpeechProgram(this.#dir, name, args, {
      ...(await partsAccount()),
      background: true,
      env: {},
      ...options,
    });
  }

  /** What is being fetched is given up. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#fetching?.catch(() => undefined);
  }

  async #fetch(): Promise<void> {
    if (this.ready) return;
    const { mirror, suites } = this.#o;
    this.#state = { fetching: { text: 'Beginning', percent: 0 } };
    try {
      const { version } = await fetchSpeech({
        dir: this.#dir,
        ...(mirror ? { mirror } : {}),
        ...(suites ? { suites } : {}),
        signal: this.#stop.signal,
        onProgress: (text, percent) => (this.#state = { fetching: { text, percent } }),
      });
      await access(this.model.dictionary);
      this.#state = { version };
    } catch (error) {
      this.#state = { failure: error instanceof Error ? error.message : String(error) };
      throw error;
    }
  }
}
