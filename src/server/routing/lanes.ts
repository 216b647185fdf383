/**
 * Callers of one stage and one priority in the order of entering: who entered earlier stays ahead, however the priority grows.
 * Nearly all come at the end and leave at the head, so the order is kept in a sorted list; who leaves from its middle leaves a gap
 * that is closed when the gaps are many. When they entered lies beside it, so that lanes are compared without a look at a caller.
 */
import { compareIds, grownPriority } from './match.ts';
import type { Entry, Stage } from './stages.ts';

/** A shorter list keeps its gaps. */
const GAPS_FROM = 16;

export class Lane {
  readonly stage: Stage;
  /** What its calls bring. */
  readonly priority: number;
  readonly #entries: (Entry | undefined)[] = [];
  readonly #enteredAt: number[] = [];
  /** Of the first caller: before it are only gaps. */
  #head = 0;
  #size = 0;
  /** In the heap of those that time changes: when that was thought to happen. */
  changesAt = Infinity;
  changePlace = -1;

  constructor(stage: Stage, priority: number) {
    this.stage = stage;
    this.priority = priority;
  }

  get size(): number {
    return this.#size;
  }

  get first(): Entry | undefined {
    return this.#size > 0 ? this.#entries[this.#head] : undefined;
  }

  /** When its first caller entered, UTC milliseconds; Infinity: nobody waits. */
  get since(): number {
    return this.#size > 0 ? (this.#enteredAt[this.#head] as number) : Infinity;
  }

  /** When its first caller comes to the next stage, UTC milliseconds; Infinity: never. */
  get dueAt(): number {
    return this.since + this.stage.untilMs;
  }

  /** What the first caller's priority is by now. */
  priorityAt(now: number): number {
    return grownPriority(this.priority, this.stage.queue.rule, now - this.since);
  }

  put(entry: Entry): void {
    const entries = this.#entries;
    const times = this.#enteredAt;
    const { enteredAt } = entry;
    let at = this.#after(enteredAt);
    for (; at > this.#head && times[at - 1] === enteredAt; at--) {
      const other = entries[at - 1];
      if (other && compareIds(other.itemId, entry.itemId) < 0) break;
    }
    if (at === entries.length) {
      entries.push(entry);
      times.push(enteredAt);
    } else {
      entries.splice(at, 0, entry);
      times.splice(at, 0, enteredAt);
    }
    this.#size++;
  }

  /** @param entry is in it. */
  remove(entry: Entry): void {
    const entries = this.#entries;
    let at = this.#head;
    if (entries[at] !== entry) {
      at = this.#after(entry.enteredAt) - 1;
      while (entries[at] !== entry) at--;
    }
    entries[at] = undefined;
    this.#size--;
    while (this.#head < entries.length && entries[this.#head] === undefined) this.#head++;
    if (entries.length >= GAPS_FROM && this.#size * 2 < entries.length) this.#close();
  }

  /** The place behind everybody who entered by then. */
  #after(enteredAt: number): number {
    const times = this.#enteredAt;
    let to = times.length;
    if (to === this.#head || (times[to - 1] as number) <= enteredAt) return to;
    let from = this.#head;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((times[middle] as number) <= enteredAt) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #close(): void {
    const entries = this.#entries;
    const times = this.#enteredAt;
    let to = 0;
    for (let from = this.#head; from < entries.length; from++) {
      if (entries[from] === undefined) continue;
      entries[to] = entries[from];
      times[to] = times[from] as number;
      to++;
    }
    entries.length = to;
    times.length = to;
    this.#head = 0;
  }
}

/** Whether the first caller of `a` comes before that of `b`: as compareWaiting() says. */
export function laneBefore(a: Lane, b: Lane, now: number): boolean {
  const mine = a.priorityAt(now);
  const other = b.priorityAt(now);
  if (mine !== other) return mine > other;
  if (a.since !== b.since) return a.since < b.since;
  return compareIds(a.first?.itemId ?? '', b.first?.itemId ?? '') < 0;
}
