/**
 * Time is passed in (DESIGN rule 4): decisions take `now`, waiting things take a clock.
 * `realClock` serves; `VirtualClock` is for tests and the simulator.
 */
declare const setTimeout: (run: () => void, ms: number) => unknown;
declare const clearTimeout: (handle: never) => void;

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Runs `run` once after `ms` milliseconds; returns the function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const handle = setTimeout(run, Math.max(0, ms));
    return () => clearTimeout(handle as never);
  },
};

interface Timer {
  at: number;
  order: number;
  run: () => void;
}

/** A clock that stands still until `advance` moves it; timers run in the order of their instants. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are pending: a closed thing leaves none. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The instant at which the next timer falls due. */
  get next(): number | undefined {
    return this.#next(Infinity)?.at;
  }

  /** Moves time on by `ms`, running every timer that falls due, with pending promises settled between them. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.run();
      await settle();
    }
    this.#now = until;
  }

  #next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const t of this.#timers) {
      if (t.at > until) continue;
      if (!first || t.at < first.at || (t.at === first.at && t.order < first.order)) first = t;
    }
    return first;
  }
}

/** Lets promises that are already resolved run their continuations, a bounded number of times. */
export async function settle(rounds = 20): Promise<void> {
  for (let i = 0; i < rounds; i++) await Promise.resolve();
}
