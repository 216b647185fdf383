import type { Clock } from './clock.ts';

/**
 * The one life-cycle helper (DESIGN rule 3): whoever runs for long owns one, hangs its timers and children on it,
 * and closes it once. `close()` is idempotent; children close first, last added first; nothing runs afterwards.
 *
 *     open ── close() ──► closing (children, then timers) ──► closed
 */
export class Lifecycle {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();
  readonly #children: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True from the first call of close(). */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Closes `child` when this is closed. */
  add(child: { close(): unknown } | (() => unknown)): void {
    this.#children.push(typeof child === 'function' ? child : () => child.close());
  }

  /** Runs `run` once after `ms` milliseconds unless closed before; returns the function that cancels it. */
  after(ms: number, run: () => void): () => void {
    if (this.closed) return () => {};
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  /** Runs `run` every `ms` milliseconds, the first time after `ms`; returns the function that stops it. */
  every(ms: number, run: () => void): () => void {
    let cancel = () => {};
    const next = () => {
      cancel = this.after(ms, () => {
        next();
        run();
      });
    };
    next();
    return () => cancel();
  }

  /** Ends everything: resolves when every child has closed. A child's error does not keep the others open. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    const errors: unknown[] = [];
    for (const child of this.#children.reverse()) {
      try {
        await child();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'closing failed');
  }
}
