/** A tap on a simulated leg: what its party says with `say()` comes out, what is written ends up in the party's `told`. */
import type { Emitter } from '../../../lib/emitter.ts';
import type { AudioTap, AudioTapEvents } from '../ports.ts';
import type { Leg } from './leg.ts';

export class SimulatedTap implements AudioTap {
  readonly #leg: Leg;
  #closed = false;

  constructor(
    leg: Leg,
    readonly audioId: string,
    readonly events: Emitter<AudioTapEvents>,
  ) {
    this.#leg = leg;
    leg.taps.add(this);
  }

  write(pcm: Uint8Array): void {
    if (!this.#closed) this.#leg.told.push(pcm);
  }

  /** Nothing waits here: what was written has been heard. */
  flush(): void {}

  close(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  /** The leg or the connection is gone, or nobody wants it any more. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leg.taps.delete(this);
    this.events.emit('closed');
  }
}
