import type { Lifecycle } from './lifecycle.ts';

export interface DueWorkOptions<T> {
  life: Lifecycle;
  /** What is due now, some of it: asked again until nothing is. */
  due(): Promise<readonly T[]>;
  /** Carries one out, and sees to it that it is not due again. */
  carryOut(one: T): Promise<void>;
  /** `due` or `carryOut` has failed: the rest waits for the next wake-up. */
  onError(error: unknown): void;
}

/**
 * Carries out what falls due, one after the other, and looks again whenever it is woken.
 *
 *     idle ── wake() ──► looking ◄── something was due, or woken meanwhile ──┐
 *       ▲                   └─────────────────────────────────────────────────┤
 *       └── nothing is due, an error, or the life is over ─────────────────────┘
 */
export class DueWork<T> {
  readonly #o: DueWorkOptions<T>;
  #running: Promise<void> | undefined;
  #again = false;

  /** What is under way is finished when the life ends. */
  constructor(options: DueWorkOptions<T>) {
    this.#o = options;
    options.life.add(() => this.#running);
  }

  /** Something may be due: look now. */
  wake(): void {
    if (this.#o.life.closed) return;
    this.#again = true;
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    const { life, due, carryOut, onError } = this.#o;
    try {
      while (this.#again && !life.closed) {
        this.#again = false;
        const found = await due();
        for (const one of found) if (!life.closed) await carryOut(one);
        if (found.length > 0) this.#again = true;
      }
    } catch (error) {
      onError(error);
    } finally {
      // In the same step as the last look at #again: a wake-up in between would be lost.
      this.#running = undefined;
    }
  }
}
