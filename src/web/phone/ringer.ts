import type { Clock } from '../../lib/clock.ts';

/** The part of an AudioContext that the ringer uses. */
export type RingContext = Pick<
  AudioContext,
  'state' | 'currentTime' | 'destination' | 'resume' | 'createOscillator' | 'createGain'
>;

/** Hertz: a soft major third. */
const TONES = [523.25, 659.25];
/** Seconds from the start of a cadence: when each note begins and how long it sounds. */
const NOTES = [
  [0, 0.35],
  [0.45, 0.35],
] as const;
const CADENCE_MS = 2_600;
const LOUDNESS = 0.12;

/** The sound of an incoming call, made on the spot: no file to load, and none to miss. */
export class Ringer {
  readonly #open: () => RingContext;
  readonly #clock: Clock;
  #context: RingContext | undefined;
  #cancel: (() => void) | undefined;

  constructor(open: () => RingContext, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  get ringing(): boolean {
    return this.#cancel !== undefined;
  }

  /** Rings until `stop()`. Idempotent. */
  start(): void {
    if (this.ringing) return;
    this.#context ??= this.#open();
    // Refused before the first gesture on the page; the notification and the title still show the call.
    this.#context.resume().catch(() => {});
    this.#cadence();
  }

  /** Idempotent. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #cadence(): void {
    this.#cancel = this.#clock.after(CADENCE_MS, () => this.#cadence());
    const context = this.#context;
    if (!context || context.state !== 'running') return;
    for (const [start, length] of NOTES) {
      for (const hertz of TONES) this.#note(context, hertz, context.currentTime + start, length);
    }
  }

  #note(context: RingContext, hertz: number, at: number, length: number): void {
    const gain = context.createGain();
    gain.connect(context.destination);
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + length);
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start(at);
    tone.stop(at + length);
  }
}
