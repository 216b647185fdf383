/** Many instants and one timer: each key has one at most, and is told when it has come. */
import { IndexedHeap } from '../../lib/indexed-heap.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import type { Clock } from '../../lib/clock.ts';

interface Due {
  readonly key: string;
  at: number;
  place: number;
}

class DueHeap extends IndexedHeap<Due> {
  protected keyOf(due: Due): number {
    return due.at;
  }
  protected before(): boolean {
    return false;
  }
  protected placeOf(due: Due): number {
    return due.place;
  }
  protected setPlace(due: Due, place: number): void {
    due.place = place;
  }
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #life: Lifecycle;
  readonly #onDue: (key: string) => void;
  readonly #heap = new DueHeap();
  readonly #byKey = new Map<string, Due>();
  #timer: { at: number; cancel: () => void } | undefined;

  /** @param life the timer ends with it. */
  constructor(clock: Clock, life: Lifecycle, onDue: (key: string) => void) {
    this.#clock = clock;
    this.#life = life;
    this.#onDue = onDue;
  }

  /** @param at UTC milliseconds, in place of what the key had; undefined: it has none any more. */
  set(key: string, at: number | undefined): void {
    const known = this.#byKey.get(key);
    if (at === undefined) {
      if (!known) return;
      this.#heap.remove(known);
      this.#byKey.delete(key);
    } else {
      const due = known ?? { key, at, place: -1 };
      due.at = at;
      this.#byKey.set(key, due);
      this.#heap.put(due);
    }
    this.#arm();
  }

  #arm(): void {
    const at = this.#heap.first?.at;
    if (this.#timer?.at === at) return;
    this.#timer?.cancel();
    this.#timer =
      at === undefined
        ? undefined
        : { at, cancel: this.#life.after(Math.max(0, at - this.#clock.now()), () => this.#ring()) };
  }

  #ring(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (let due = this.#heap.first; due && due.at <= now; due = this.#heap.first) {
      this.#heap.remove(due);
      this.#byKey.delete(due.key);
      this.#onDue(due.key);
    }
    this.#arm();
  }
}
