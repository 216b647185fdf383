/**
 * One answer of a caller: his audio is listened to, the speech in it recognised and understood. The prompt may still be playing:
 * speech over it stops it (barge-in).
 *
 *     listening ─ speech begins ─► hearing (the prompt stops) ─ speech ends ─► recognising ─► understood | ambiguous | not understood
 *         └ `silenceMs` after the prompt ─► silence               └ the engine fails, or is late ─► failed
 *
 * A leg that says nothing sends nothing: time without audio counts as silence.
 */
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { AudioTap } from '../telephony/ports.ts';
import { Endpointer } from './endpointer.ts';
import type { Expectation, Recogniser } from './ports.ts';
import { understand, type Understood } from './understand.ts';

/** Sound over a prompt must be this long to be speech: a cough, or the prompt's echo in a room, is shorter. */
const BARGE_IN_MS = 240;
const BEGIN_MS = 80;
/** Audio that is later than this has not been sent. */
const LATE_MS = 160;
const TICK_MS = 100;
const BYTES_PER_MS = 16;

export type Heard = Understood | { kind: 'silence' } | { kind: 'failed'; error: CodedError };

export interface HearOptions {
  tap: Pick<AudioTap, 'events'>;
  recogniser: Pick<Recogniser, 'recognise'>;
  expected: Expectation;
  language: string;
  /** Resolves when the prompt is over; from then on `silenceMs` run. */
  prompted: Promise<unknown>;
  /** He speaks: the prompt is to stop. */
  onSpeech(): void;
  /** How long he may be silent after the prompt. */
  silenceMs: number;
  /** Silence of this length ends what he says. */
  endMs: number;
  /** He is cut off after this. */
  maxMs: number;
  /** What the engine may take from the end of speech. */
  deadlineMs: number;
  clock: Clock;
  /** Aborted: a key was pressed, he has hung up. */
  signal: AbortSignal;
}

/** Rejects with the signal's reason when that is aborted; never because an engine fails. */
export async function hear(options: HearOptions): Promise<Heard> {
  const { recogniser, expected, language, deadlineMs, signal } = options;
  signal.throwIfAborted();
  const ear = new Ear(options);
  try {
    if ((await ear.first) === 'silence') return { kind: 'silence' };
    options.onSpeech();
    const request = { audio: ear.audio(), expected, language, deadlineMs, signal };
    return understand(await recogniser.recognise(request), expected, language);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CodedError) return { kind: 'failed', error };
    throw error;
  } finally {
    await ear.close();
  }
}

/** Cuts the utterance out of what comes from the tap. */
class Ear {
  readonly #o: HearOptions;
  readonly #life: Lifecycle;
  readonly #endpointer: Endpointer;
  readonly #pieces: Uint8Array[] = [];
  #wake = () => {};
  #over = false;
  /** Audio that was counted so far, and since when: milliseconds. */
  readonly #since: number;
  #countedMs = 0;
  #settle: (first: 'speech' | 'silence') => void = () => {};
  /** What comes first: he speaks, or he has been silent for long enough. Rejects when nobody waits for it any more. */
  readonly first: Promise<'speech' | 'silence'>;

  constructor(options: HearOptions) {
    const { clock, tap, signal, endMs, maxMs, silenceMs, prompted } = options;
    this.#o = options;
    this.#life = new Lifecycle(clock);
    this.#endpointer = new Endpointer({ beginMs: BARGE_IN_MS, endMs, maxMs });
    this.#since = clock.now();
    this.first = new Promise((resolve, reject) => {
      this.#settle = resolve;
      const abort = () => {
        reject(signal.reason as Error);
        this.#end();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#life.add(() => signal.removeEventListener('abort', abort));
    });
    this.#life.add(tap.events.on('frame', (frame) => this.#take(frame)));
    this.#life.add(tap.events.on('closed', () => this.#end()));
    this.#life.every(TICK_MS, () => this.#fillIn());
    const promptOver = () => {
      if (this.#endpointer.state === 'waiting') this.#endpointer.beginMs = BEGIN_MS;
      this.#life.after(silenceMs, () => this.#settle('silence'));
    };
    prompted.then(promptOver, promptOver);
  }

  async *audio(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece) yield piece;
      else if (this.#over) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): Promise<void> {
    this.#end();
    return this.#life.close();
  }

  #take(pcm: Uint8Array): void {
    if (this.#over) return;
    this.#countedMs += pcm.length / BYTES_PER_MS;
    const spoken = this.#endpointer.push(pcm);
    this.#pieces.push(...spoken);
    if (spoken.length > 0) this.#settle('speech');
    if (this.#endpointer.state === 'ended') this.#end();
    this.#wake();
  }

  /** What was not sent was silence. */
  #fillIn(): void {
    const missing = this.#o.clock.now() - this.#since - this.#countedMs;
    if (missing > LATE_MS) this.#take(new Uint8Array(2 * Math.floor((missing * BYTES_PER_MS) / 2)));
  }

  #end(): void {
    this.#over = true;
    this.#settle('silence'); // nothing, unless he had said nothing
    this.#wake();
  }
}
