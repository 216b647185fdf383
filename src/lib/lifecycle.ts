import type { Clock } from './clock.ts';

/**
 * The one life-cycle helper (DESIGN rule 3): whoever runs for long owns one, hangs its timers and children on it,
 * and closes it once. `close()` is idempotent; children close first, last added first; nothing runs afterwards.
 *
 *     open ── close() ──► closing (timers are cancelled, then the children close) ──► closed
 */
export class Lifecycle {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();
  readonly #children: (() => unknown)[] = [];
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True from the first call of close(). */
  get closed(): boolean {
    return this.#closed;
  }

  /** Closes `child` when this is closed; at once when it is closed already: it came too late to be left open. */
  add(child: { close(): unknown } | (() => unknown)): void {
    this.#children.push(typeof child === 'function' ? child : () => child.close());
    if (!this.#closing) return;
    this.#closing = this.#endMore(this.#closing);
    this.#closing.catch(() => undefined); // told to whoever calls close()
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
    this.#closed = true;
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #endMore(before: Promise<void>): Promise<void> {
    const [first] = await Promise.allSettled([before]);
    const [second] = await Promise.allSettled([this.#end()]);
    throwErrors([first, second]);
  }

  async #end(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    const errors: unknown[] = [];
    for (let child = this.#children.pop(); child; child = this.#children.pop()) {
      try {
        await child();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'closing failed');
  }
}

function throwErrors(outcomes: PromiseSettledResult<unknown>[]): void {
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (errors.length > 0) throw new AggregateError(errors, 'closing failed');
}
