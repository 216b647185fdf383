/**
 * The engines that are used now, by the settings. Another setting takes effect with the next caller who speaks; what is being
 * recognised goes on with the engine that it began with.
 */
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { SpeechState } from '../../protocol/speech.ts';
import type { Voice } from '../telephony/speech/speech.ts';
import { espeakVoice } from './espeak.ts';
import { HttpRecogniser } from './http-recogniser.ts';
import { httpVoice } from './http-voice.ts';
import { baseOf } from './languages.ts';
import { type LocalPrograms, Pocketsphinx } from './pocketsphinx.ts';
import type { Recogniser } from './ports.ts';
import type { SpeechSettingsBook } from './settings.ts';

/** The programs on this machine, and how to get them. */
export interface FetchedPrograms extends LocalPrograms {
  readonly state: {
    version?: string;
    fetching?: { text: string; percent: number };
    failure?: string;
  };
  fetch(): Promise<void>;
}

export interface SpeechEnginesOptions {
  settings: Pick<SpeechSettingsBook, 'settings' | 'key' | 'view'>;
  programs: FetchedPrograms;
  /** Where grammars lie; readable for the engine's user. */
  dir: string;
  clock: Clock;
  log: Logger;
}

/** A fetch that failed is tried again after this, when somebody needs it. */
const FETCH_AGAIN_MS = 600_000;

export class SpeechEngines {
  readonly #o: SpeechEnginesOptions;
  readonly #offline: Pocketsphinx;
  #recogniser: Recogniser | undefined;
  #triedAt = -Infinity;

  constructor(options: SpeechEnginesOptions) {
    this.#o = options;
    const { programs, dir, clock } = options;
    const atOnce = Math.max(1, availableParallelism() - 1);
    this.#offline = new Pocketsphinx({ programs, dir, atOnce, clock });
    this.#choose();
  }

  state(): SpeechState {
    const { version = null, fetching = null, failure = null } = this.#o.programs.state;
    return {
      settings: this.#o.settings.view(),
      offline: { version, fetching, failure },
      problem: this.problem('en') ?? null,
    };
  }

  /** Why a caller who speaks this language is not heard now; undefined: he is. What is missing and can be fetched is. */
  problem(language: string): string | undefined {
    if (!this.#recogniser) return 'speech recognition is switched off in Setup';
    const reason = this.#recogniser.missing(language);
    if (reason !== undefined && baseOf(language) === 'en') this.#need();
    return reason;
  }

  /** @throws `speech-unavailable` when the language cannot be heard now. */
  recogniser(language: string): Recogniser {
    const reason = this.problem(language);
    if (reason !== undefined || !this.#recogniser)
      throw new CodedError('speech-unavailable', { reason: reason ?? '' });
    return this.#recogniser;
  }

  /** Undefined: the one that is always here speaks it. */
  voiceFor(language: string): Voice | undefined {
    const { settings, programs } = this.#o;
    const { speaking, wordsPerMinute } = settings.settings;
    if (speaking === 'http') return this.#httpVoice();
    if (baseOf(language) === 'en') return undefined;
    const { version } = programs.state;
    if (version !== undefined) return espeakVoice(programs, { language, wordsPerMinute, version });
    this.#need();
    return undefined;
  }

  /** The settings are others now. */
  changed(): void {
    const before = this.#recogniser;
    this.#choose();
    if (before && before !== this.#offline) void before.close();
  }

  /** Fetches the offline engines; resolves when it has begun, its progress is in the state. */
  fetch(): void {
    this.#triedAt = this.#o.clock.now();
    this.#o.programs.fetch().catch((err: unknown) => {
      this.#o.log.warn({ err }, 'the offline speech engines could not be fetched');
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#offline.close(), this.#recogniser?.close()]);
  }

  #choose(): void {
    const { settings, clock } = this.#o;
    const { hearing, hearingUrl: url, hearingModel: model, hearingTimeoutMs: timeoutMs } = settings.settings;
    if (hearing === 'http')
      this.#recogniser = new HttpRecogniser({
        url,
        model,
        timeoutMs,
        ...keyOf(settings.key('hearing')),
        clock,
      });
    else this.#recogniser = hearing === 'offline' ? this.#offline : undefined;
  }

  #httpVoice(): Voice {
    const { settings, clock } = this.#o;
    const {
      speakingUrl: url,
      speakingModel: model,
      speakingVoice: voice,
      speakingTimeoutMs: timeoutMs,
    } = settings.settings;
    return httpVoice({ url, model, voice, timeoutMs, ...keyOf(settings.key('speaking')), clock });
  }

  /** Somebody would use them: they are fetched meanwhile. */
  #need(): void {
    const { programs, clock } = this.#o;
    if (programs.ready || programs.state.fetching || clock.now() - this.#triedAt < FETCH_AGAIN_MS) return;
    this.fetch();
  }
}

function keyOf(key: string | undefined): { key?: string } {
  return key === undefined ? {} : { key };
}
