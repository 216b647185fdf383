import type { Lifecycle } from '../../lib/lifecycle.ts';
import type { MediaState, SipSession } from './sip-agent.ts';

/** A re-INVITE that cannot be sent now (another one is going on) is tried again after this many milliseconds. */
const BUSY_MS = 400;
const BUSY_TRIES = 25;
/** Interrupted audio often comes back by itself within this time. */
const PATIENCE_MS = 1_500;
/** Between two ICE restarts while there is no audio. */
const RESTART_EVERY_MS = 5_000;

/**
 * Mends one session after a lost connection: a re-INVITE for the dialog, an ICE restart for the audio.
 *
 *     well ── interrupted ──► patient ── 1.5 s ──► restarting ── every 5 s ──► restarting
 *       └──── failed ─────────────────────────────►  │
 *     any ◄── connected ─────────────────────────────┘
 */
export class Mender {
  readonly #session: SipSession;
  readonly #life: Lifecycle;
  #cancelMedia = () => {};
  #cancelRetry = () => {};
  #wantRestart = false;

  constructor(session: SipSession, life: Lifecycle) {
    this.#session = session;
    this.#life = life;
  }

  /** The signalling came back: renew the dialog, and the audio's way too when it is not up. */
  renegotiate(): void {
    this.#cancelRetry();
    this.#try(BUSY_TRIES);
  }

  /** The next re-INVITE also restarts ICE; one follows on the reconnection. */
  restartIce(): void {
    this.#wantRestart = true;
  }

  mediaIs(state: MediaState): void {
    this.#cancelMedia();
    if (state === 'connected') this.#wantRestart = false;
    else this.#cancelMedia = this.#life.after(state === 'failed' ? 0 : PATIENCE_MS, () => this.#restart());
  }

  close(): void {
    this.#cancelMedia();
    this.#cancelRetry();
  }

  #restart(): void {
    this.#wantRestart = true;
    this.renegotiate();
    this.#cancelMedia = this.#life.after(RESTART_EVERY_MS, () => this.#restart());
  }

  #try(triesLeft: number): void {
    const restart = this.#wantRestart || this.#session.media !== 'connected';
    if (this.#session.renegotiate(restart)) {
      this.#wantRestart = false;
    } else if (triesLeft > 0) {
      this.#cancelRetry = this.#life.after(BUSY_MS, () => this.#try(triesLeft - 1));
    }
  }
}
