/**
 * One leg of the simulated exchange: its state and its ear.
 *
 *     arrive ─────► alerting ── answer ───────► connected ──┐
 *     originate ─► initiated ─ rings ─► alerting ─ picked up ┤
 *                      └───── clear (any cause) ◄────────────┴─► gone
 *     any of them ── fallback fires ──► taken (not ours any more) ── apology ends ──► gone
 *
 * What the ear hears, the first that applies: hold → silence; playback or tone; music; the other legs of its bridge that are
 * not muted, and a supervisor who whispers; for a supervisor the leg that it listens to, with its voices; ringing before the answer; silence. Music lies under a playback and comes back when that ends.
 */
import type { ClearCause } from '../../../protocol/facts.ts';
import type { Arrival, LegInfo, Media } from '../ports.ts';
import type { SimulatedTap } from './audio.ts';

/** What a party hears: the ids of the legs that it hears, or what the switch plays. */
export type Hears = 'silence' | 'music' | 'playback' | 'tone' | string[];

export interface Playback {
  playbackId: string;
  media: Media[];
  /** Index of what is playing now. */
  index: number;
}

export class Leg {
  state: LegInfo['state'] | 'taken' | 'gone';
  bridge: Bridge | undefined;
  music = false;
  /** It hears ringing before it is answered. */
  ringing = false;
  muted = false;
  /** The phone itself put us on hold. */
  held = false;
  /** The first one is playing. */
  readonly playbacks: Playback[] = [];
  /** What a called phone shows. */
  callerId: { number: string; name: string } | undefined;
  /** SIP headers of its INVITE (legs that we made). */
  headers: Readonly<Record<string, string>> = {};
  /** It says something before the answer. */
  earlyMedia = false;
  /** Whom it supervises. */
  supervises: { leg: Leg; mode: 'listen' | 'whisper' } | undefined;
  /** Supervisors who listen to it. */
  readonly supervisors = new Set<Leg>();
  readonly taps = new Set<SimulatedTap>();
  /** What taps have told it. */
  readonly told: Uint8Array[] = [];
  /** How a transfer that its phone asked for goes. */
  transfer: 'requested' | 'trying' | 'done' | 'failed' | undefined;
  /** Why it ended, once it has. */
  cause: ClearCause | undefined;
  /** Digits that we sent to it. */
  digits = '';
  cancelPlayback = () => {};
  cancelFallback = () => {};
  /** Ring time-out, pick-up, end of the apology. */
  cancelProgress = () => {};

  constructor(
    readonly id: string,
    readonly direction: 'in' | 'out',
    readonly arrival?: Arrival,
  ) {
    this.state = direction === 'in' ? 'alerting' : 'initiated';
  }

  get hears(): Hears {
    if (this.state === 'gone' || this.held) return 'silence';
    if (this.state === 'taken') return 'playback';
    const playing = this.playbacks[0];
    if (playing) return playing.media[playing.index]?.kind === 'tone' ? 'tone' : 'playback';
    if (this.music) return 'music';
    const voices = this.#voices();
    if (voices.length > 0) return voices;
    return this.ringing && this.state === 'alerting' ? 'tone' : 'silence';
  }

  /** Others who are heard, by their legs' ids. */
  #voices(): string[] {
    const whisperers = [...this.supervisors].filter(
      (leg) => leg.supervises?.mode === 'whisper' && leg.audible,
    );
    const heard = [...(this.bridge?.heardBy(this) ?? []), ...whisperers.map((leg) => leg.id)];
    const { leg } = this.supervises ?? {};
    if (!leg) return heard;
    const through = Array.isArray(leg.hears) ? leg.hears.filter((id) => id !== this.id) : [];
    return [...heard, ...(leg.audible ? [leg.id] : []), ...through];
  }

  /** What its party says goes somewhere. */
  get audible(): boolean {
    return !this.muted && !this.held && (this.state === 'connected' || this.earlyMedia);
  }

  info(): LegInfo {
    const state = this.state === 'taken' || this.state === 'gone' ? 'connected' : this.state;
    return {
      legId: this.id,
      state,
      direction: this.direction,
      ...(this.bridge ? { bridgeId: this.bridge.id } : {}),
      ...(this.arrival ? { arrival: this.arrival } : {}),
    };
  }

  cancelTimers(): void {
    this.cancelPlayback();
    this.cancelFallback();
    this.cancelProgress();
  }
}

/** Legs that hear each other. It stays when it is empty, until it is ended. */
export class Bridge {
  readonly #legs = new Set<Leg>();

  constructor(readonly id: string) {}

  /** Music under the leg ends. */
  add(leg: Leg): void {
    leg.bridge?.remove(leg);
    leg.bridge = this;
    leg.music = false;
    this.#legs.add(leg);
  }

  remove(leg: Leg): void {
    this.#legs.delete(leg);
    leg.bridge = undefined;
  }

  heardBy(ear: Leg): string[] {
    return [...this.#legs].filter((leg) => leg !== ear && leg.audible).map((leg) => leg.id);
  }

  get legs(): Leg[] {
    return [...this.#legs];
  }
}
