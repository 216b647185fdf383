import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';

/** Channels that we make and that are in our application only a moment after ARI has said that they exist. */
export class Entrances {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes the channel by `make` and waits until it is in our application. Rejects with what `make` does, or a DeadlineError. */
  async after<T>(channelId: string, deadlineMs: number, make: () => Promise<T>): Promise<T> {
    const entered = new Promise<void>((resolve) => this.#waiting.set(channelId, resolve));
    try {
      const made = await make();
      await withDeadline(this.#clock, deadlineMs, 'a new channel', entered);
      return made;
    } finally {
      this.#waiting.delete(channelId);
    }
  }

  entered(channelId: string): void {
    this.#waiting.get(channelId)?.();
  }
}
