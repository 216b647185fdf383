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
  /** Cancelled, and still in the heap. */
  dead?: true;
}

/** A clock that stands still until `advance` moves it; timers run in the order of their instants. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #pending = 0;
  readonly #timers = new TimerHeap();

  constructor(now = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#timers.push(timer);
    this.#pending++;
    return () => this.#end(timer);
  }

  /** How many timers are pending: a closed thing leaves none. */
  get pending(): number {
    return this.#pending;
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
      this.#end(next);
      next.run();
      await settle();
    }
    this.#now = until;
  }

  #end(timer: Timer): void {
    if (timer.dead) return;
    timer.dead = true;
    this.#pending--;
  }
}

/** A binary heap: a simulated day sets a million timers, of which most are cancelled. */
class TimerHeap {
  readonly #heap: Timer[] = [];

  /** The earliest that is not cancelled. */
  get first(): Timer | undefined {
    while (this.#heap[0]?.dead) this.#pop();
    return this.#heap[0];
  }

  push(timer: Timer): void {
    let at = this.#heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent];
      if (!above || isBefore(above, timer)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = timer;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      const next = left && right && isBefore(right, left) ? right : left;
      if (!next || isBefore(last, next)) break;
      this.#heap[at] = next;
      at = 2 * at + (next === left ? 1 : 2);
    }
    this.#heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Lets promises that are already resolved run their continuations, a bounded number of times. */
export async function settle(rounds = 20): Promise<void> {
  for (let i = 0; i < rounds; i++) await Promise.resolve();
}
