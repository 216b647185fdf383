import type { Clock } from '../../lib/clock.ts';

/** The part of an AudioContext that the ringer uses. */
export type RingContext = Pick<
  AudioContext,
  'state' | 'currentTime' | 'destination' | 'resume' | 'createOscillator' | 'createGain'
>;

/** An incoming call, or one that waits while another is talked in. */
export type Ring = 'incoming' | 'waiting';

interface Cadence {
  /** Hertz, sounded together. */
  tones: readonly number[];
  /** Seconds from the start of a cadence: when each note begins and how long it sounds. */
  notes: readonly (readonly [start: number, length: number])[];
  everyMs: number;
  loudness: number;
}

/** A soft major third; and two short beeps, soft enough to be talked over (ITU-T E.180: 400 to 450 Hz). */
const CADENCES: Record<Ring, Cadence> = {
  incoming: {
    tones: [523.25, 659.25],
    notes: [
      [0, 0.35],
      [0.45, 0.35],
    ],
    everyMs: 2_600,
    loudness: 0.12,
  },
  waiting: {
    tones: [425],
    notes: [
      [0, 0.2],
      [0.4, 0.2],
    ],
    everyMs: 5_000,
    loudness: 0.06,
  },
};

/** The sound of an incoming call, made on the spot: no file to load, and none to miss. */
export class Ringer {
  readonly #open: () => RingContext;
  readonly #clock: Clock;
  #context: RingContext | undefined;
  #cancel: (() => void) | undefined;
  #ring: Ring | undefined;

  constructor(open: () => RingContext, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  get ringing(): boolean {
    return this.#cancel !== undefined;
  }

  /** Rings until `stop()`, or in the other way from now on. Idempotent. */
  start(ring: Ring): void {
    if (this.#ring === ring) return;
    this.stop();
    this.#ring = ring;
    this.#context ??= this.#open();
    // Refused before the first gesture on the page; the notification and the title still show the call.
    this.#context.resume().catch(() => {});
    this.#cadence(CADENCES[ring]);
  }

  /** Idempotent. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#ring = undefined;
  }

  #cadence(cadence: Cadence): void {
    const { tones, notes, everyMs, loudness } = cadence;
    this.#cancel = this.#clock.after(everyMs, () => this.#cadence(cadence));
    const context = this.#context;
    if (!context || context.state !== 'running') return;
    for (const [start, length] of notes)
      for (const hertz of tones) this.#note(context, hertz, context.currentTime + start, length, loudness);
  }

  #note(context: RingContext, hertz: number, at: number, length: number, loudness: number): void {
    const gain = context.createGain();
    gain.connect(context.destination);
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loudness, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + length);
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start(at);
    tone.stop(at + length);
  }
}
