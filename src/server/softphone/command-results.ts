import type { Clock } from '../../lib/clock.ts';

interface Entry<T> {
  at: number;
  outcome: Promise<T>;
}

/**
 * Outcomes of commands by their id, so that a command that is sent twice is carried out once and answered twice.
 * Forgets after 5 minutes, and the oldest beyond 500.
 */
export class CommandResults<T> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #keepMs: number;
  readonly #max: number;

  constructor(clock: Clock, options: { keepMs?: number; max?: number } = {}) {
    this.#clock = clock;
    this.#keepMs = options.keepMs ?? 300_000;
    this.#max = options.max ?? 500;
  }

  /** The outcome of the first `work` with this id. */
  once(commandId: string, work: () => Promise<T>): Promise<T> {
    this.#forget();
    const known = this.#entries.get(commandId);
    if (known) return known.outcome;
    const outcome = work();
    this.#entries.set(commandId, { at: this.#clock.now(), outcome });
    return outcome;
  }

  #forget(): void {
    const oldest = this.#clock.now() - this.#keepMs;
    for (const [id, entry] of this.#entries) {
      if (entry.at > oldest && this.#entries.size < this.#max) return;
      this.#entries.delete(id);
    }
  }
}
