/**
 * One leg of the simulated exchange: its state and its ear.
 *
 *     arrive ─────► alerting ── answer ───────► connected ──┐
 *     originate ─► initiated ─ rings ─► alerting ─ picked up ┤
 *                      └───── clear (any cause) ◄────────────┴─► gone
 *     any of them ── fallback fires ──► taken (not ours any more) ── apology ends ──► gone
 *
 * What the ear hears, the first that applies: hold → silence; playback or tone; music; the other legs of its bridge that are
 * not muted; ringing before the answer; silence. Music lies under a playback and comes back when that ends.
 */
import type { ClearCause } from '../../../protocol/facts.ts';
import type { Arrival, LegInfo, Media } from '../ports.ts';

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
    const voices = this.bridge?.heardBy(this) ?? [];
    if (voices.length > 0) return voices;
    return this.ringing && this.state === 'alerting' ? 'tone' : 'silence';
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
    const audible = [...this.#legs].filter(
      (leg) => leg !== ear && !leg.muted && !leg.held && leg.state === 'connected',
    );
    return audible.map((leg) => leg.id);
  }

  get legs(): Leg[] {
    return [...this.#legs];
  }
}
