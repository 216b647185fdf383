/** One caller's dialogue as its nodes have it: what he hears, which keys he presses, what is known of him. */
import type { Clock } from '../../lib/clock.ts';
import type { Address } from '../../protocol/address.ts';
import { type FlowPrompt, LANGUAGE_KEY } from '../../protocol/flows.ts';
import type { Heard } from '../speech/hear.ts';
import type { Media } from '../telephony/ports.ts';
import { Keypad } from './keypad.ts';
import {
  type FlowServices,
  GoneError,
  type KeyReading,
  type SpokenAnswer,
  type SpokenQuestion,
  type Talk,
} from './node.ts';

/** What carries a dialogue: a telephone call, or a page on which a flow is tried out. */
export interface TalkLine {
  conversationId: string;
  callId: string;
  ani: Address;
  dnis: Address;
  startedAt: number;
  /** Plays the media; resolves at the end of it, or when it is hushed. */
  play(media: Media[]): Promise<void>;
  hush(): Promise<void>;
  /** Hears what the caller says, in this language. Undefined: nobody can hear him. Rejects with the signal's reason. */
  listen(question: Listening): Promise<Heard | undefined>;
  /** Call data that is known outside of this dialogue. */
  get(key: string): string | undefined;
  set(values: Readonly<Record<string, string>>): void;
  rungInVain(since: number): boolean;
}

export interface Listening extends SpokenQuestion {
  language: string;
  /** Resolves at the end of the prompt. */
  prompted: Promise<unknown>;
  /** He speaks: the prompt is to stop. */
  onSpeech(): void;
  signal: AbortSignal;
}

export interface TalkOptions {
  line: TalkLine;
  clock: Clock;
  services: FlowServices;
  languages: readonly string[];
  /** The file of an uploaded recording on this machine; undefined: there is none. */
  recordingFile(id: string): Promise<string | undefined>;
}

/** Why listening ended: a key was pressed. */
const KEYED = new Error('a key was pressed');
/** What is said is said in so many milliseconds, or something is wrong: the dialogue goes on. */
const LONGEST_PROMPT_MS = 300_000;

export class LiveTalk implements Talk {
  readonly #o: TalkOptions;
  readonly #keypad: Keypad;
  readonly #secrets = new Map<string, string>();
  readonly #gone = new AbortController();
  #asked = 0;
  enteredAt: number;

  constructor(options: TalkOptions) {
    this.#o = options;
    this.#keypad = new Keypad(options.clock);
    this.enteredAt = options.clock.now();
  }

  get conversationId(): string {
    return this.#o.line.conversationId;
  }

  get callId(): string {
    return this.#o.line.callId;
  }

  get ani(): Address {
    return this.#o.line.ani;
  }

  get dnis(): Address {
    return this.#o.line.dnis;
  }

  get startedAt(): number {
    return this.#o.line.startedAt;
  }

  get services(): FlowServices {
    return this.#o.services;
  }

  /** The caller is gone, or somebody else's: whatever is being waited for ends. */
  end(): void {
    this.#gone.abort();
  }

  get ended(): boolean {
    return this.#gone.signal.aborted;
  }

  /** How often the caller was asked for something: keys, or to speak. */
  get asked(): number {
    return this.#asked;
  }

  press(key: string): void {
    if (!this.ended) this.#keypad.press(key);
  }

  now(): number {
    return this.#o.clock.now();
  }

  language(): string {
    const [first = 'en'] = this.#o.languages;
    const chosen = this.get(LANGUAGE_KEY);
    return chosen !== undefined && this.#o.languages.includes(chosen) ? chosen : first;
  }

  async say(prompt: FlowPrompt, { through = false } = {}): Promise<'done' | 'keyed'> {
    this.#mustBeThere();
    const media = await this.#media(prompt);
    this.#mustBeThere();
    if (!media) return 'done';
    if (!through && this.#keypad.pressed) return 'keyed';
    const hush = () => void this.#o.line.hush().catch(() => undefined);
    const stop = this.#keypad.watch(through ? () => {} : hush);
    const cancel = this.#o.clock.after(LONGEST_PROMPT_MS, hush);
    try {
      await this.#orGone(this.#o.line.play([media]));
    } finally {
      cancel();
      stop();
    }
    return !through && this.#keypad.pressed ? 'keyed' : 'done';
  }

  async ask(prompt: FlowPrompt, question: SpokenQuestion): Promise<SpokenAnswer> {
    this.#mustBeThere();
    const media = await this.#media(prompt);
    this.#mustBeThere();
    this.#asked++;
    if (this.#keypad.pressed) return { kind: 'keyed' };
    const { line, clock } = this.#o;
    const hush = () => void line.hush().catch(() => undefined);
    const keyed = new AbortController();
    const stop = this.#keypad.watch(() => {
      keyed.abort(KEYED);
      hush();
    });
    const cancel = clock.after(LONGEST_PROMPT_MS, hush);
    const prompted = media ? line.play([media]) : Promise.resolve();
    prompted.catch(() => undefined); // told below where it matters
    const signal = AbortSignal.any([keyed.signal, this.#gone.signal]);
    try {
      const language = this.language();
      const heard = await this.#orGone(
        line.listen({ ...question, language, prompted, onSpeech: hush, signal }),
      );
      if (heard && heard.kind !== 'failed') return heard;
      await this.#orGone(prompted);
      return this.#keypad.pressed ? { kind: 'keyed' } : { kind: 'unheard' };
    } catch (error) {
      if (error === KEYED) return { kind: 'keyed' };
      throw error;
    } finally {
      cancel();
      stop();
    }
  }

  async readKeys(reading: KeyReading): Promise<{ keys: string; ended: 'full' | 'terminator' | 'timeout' }> {
    this.#asked++;
    const read = await this.#keypad.read(reading, this.#gone.signal);
    this.#mustBeThere();
    return read;
  }

  clearKeys(): void {
    this.#keypad.clear();
  }

  async pause(ms: number): Promise<void> {
    let cancel = () => {};
    try {
      await this.#orGone(
        new Promise<void>((resolve) => {
          cancel = this.#o.clock.after(ms, resolve);
        }),
      );
    } finally {
      cancel();
    }
  }

  get(key: string): string | undefined {
    return this.#secrets.get(key) ?? this.#o.line.get(key);
  }

  set(values: Readonly<Record<string, string>>, { sensitive = false } = {}): void {
    this.#mustBeThere();
    for (const [key, value] of Object.entries(values)) {
      this.#secrets.delete(key);
      if (sensitive) this.#secrets.set(key, value);
    }
    if (!sensitive) this.#o.line.set(values);
  }

  fill(template: string): string {
    return template.replace(/\{(?:(ANI|DNIS)|data:([^{}]+))\}/g, (_, name?: string, key?: string) =>
      name === undefined ? (this.get(key ?? '') ?? '') : (name === 'ANI' ? this.ani : this.dnis).value,
    );
  }

  rungInVain(): boolean {
    return this.#o.line.rungInVain(this.enteredAt);
  }

  /** In the language of the dialogue, else the flow's first, else whatever there is. */
  async #media(prompt: FlowPrompt): Promise<Media | undefined> {
    const [first = 'en'] = this.#o.languages;
    const language = [this.language(), first, ...Object.keys(prompt)].find((one) => prompt[one]) ?? '';
    const spoken = prompt[language];
    if (!spoken) return undefined;
    if ('text' in spoken) {
      const text = this.fill(spoken.text).trim();
      return text === '' ? undefined : { kind: 'text', text, language };
    }
    const path = await this.#o.recordingFile(spoken.recordingId);
    return path === undefined ? undefined : { kind: 'file', path };
  }

  #mustBeThere(): void {
    if (this.ended) throw new GoneError();
  }

  async #orGone<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#gone;
    let onAbort = () => {};
    const gone = new Promise<never>((_, reject) => {
      onAbort = () => reject(new GoneError());
      signal.addEventListener('abort', onAbort);
    });
    try {
      if (signal.aborted) throw new GoneError();
      return await Promise.race([work, gone]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      work.catch(() => undefined);
    }
  }
}
