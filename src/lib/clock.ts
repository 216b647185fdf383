/**
 * Time is passed in (DESIGN rule 4): decisions take `now`, waiting things take a clock.
 * `realClock` serves; `VirtualClock` is for tests and the simulator.
 */
import { IndexedHeap } from './indexed-heap.ts';

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
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  place: number;
}

/** A simulated day sets a million, of which most are cancelled. */
class Timers extends IndexedHeap<Timer> {
  protected keyOf(timer: Timer): number {
    return timer.at;
  }
  protected before(a: Timer, b: Timer): boolean {
    return a.order < b.order;
  }
  protected placeOf(timer: Timer): number {
    return timer.place;
  }
  protected setPlace(timer: Timer, place: number): void {
    timer.place = place;
  }
}

/** A clock that stands still until `advance` moves it; timers run in the order of their instants. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Timers();

  constructor(now = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run, place: -1 };
    this.#timers.put(timer);
    return () => this.#timers.remove(timer);
  }

  /** How many timers are pending: a closed thing leaves none. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The instant at which the next timer falls due. */
  get next(): number | undefined {
    return this.#timers.first?.at;
  }

  /** Moves time on by `ms`, running every timer that falls due, with pending promises settled between them. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#timers.first; next && next.at <= until; next = this.#timers.first) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.remove(next);
      next.run();
      await settle();
    }
    this.#now = until;
  }
}

/** Lets promises that are already resolved run their continuations, a bounded number of times. */
export async function settle(rounds = 20): Promise<void> {
  for (let i = 0; i < rounds; i++) await Promise.resolve();
}
