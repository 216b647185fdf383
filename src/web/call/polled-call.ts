import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { VisitorView } from '../phone/visitor-call.ts';
import type { PageCall } from './page-call.ts';

export type WebCallState = 'waiting' | 'ringing' | 'connected' | 'ended';

export interface PolledCallOptions {
  clock: Clock;
  /** Where the call is now, as the server says; rejects when it cannot be asked. */
  readState(): Promise<WebCallState>;
  hangUp(): Promise<void>;
}

const POLL_MS = 1_000;
/** So many polls in a row may fail before the call counts as over. */
const FAILURES = 8;

/**
 * A call without audio: the simulated switch makes it on the server, and this page asks every second how it is.
 *
 *     connecting ── waiting, ringing ──► ringing ── connected ──► talking ── ended, hangUp() ──► ended
 */
export class PolledCall implements PageCall {
  readonly hasAudio = false;
  readonly #options: PolledCallOptions;
  readonly #life: Lifecycle;
  readonly #listeners = new Set<() => void>();
  #failures = 0;
  #view: VisitorView = {
    state: 'connecting',
    answeredAt: undefined,
    endedAt: undefined,
    muted: false,
    problem: undefined,
  };

  constructor(options: PolledCallOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
  }

  get view(): VisitorView {
    return this.#view;
  }

  on(_event: 'change', listener: () => unknown): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    await this.#poll();
  }

  /** There is nothing to mute or to send digits in. */
  setMuted(): void {}
  sendDigits(): void {}

  hangUp(): void {
    // If the server cannot be told, it ends the call when nobody asks for it any more.
    this.#options.hangUp().catch(() => {});
    this.#is('ended');
  }

  async #poll(): Promise<void> {
    if (this.#life.closed) return;
    try {
      const state = await this.#options.readState();
      this.#failures = 0;
      this.#is(state);
    } catch {
      if (++this.#failures >= FAILURES) this.#is('ended');
    }
    this.#life.after(POLL_MS, () => void this.#poll());
  }

  #is(state: WebCallState): void {
    if (this.#life.closed) return;
    const now = this.#options.clock.now();
    if (state === 'connected' && this.#view.state !== 'talking')
      this.#show({ state: 'talking', answeredAt: now });
    else if (state === 'waiting' || state === 'ringing') this.#show({ state: 'ringing' });
    else if (state === 'ended') {
      this.#show({ state: 'ended', endedAt: now });
      void this.#life.close();
    }
  }

  #show(change: Partial<VisitorView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
