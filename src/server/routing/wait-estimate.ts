/** How fast queues move: predicts how long somebody has still to wait. In memory; after a restart it is learnt again from the places. */
import type { Item } from './items.ts';
import type { Estimate } from './ports.ts';
import type { Stay } from './store.ts';

/** How far back answers count, in milliseconds. */
export const WINDOW_MS = 30 * 60_000;
/** How many intervals between answers are looked at, the newest. */
const NEWEST = 30;
/** Fewer than this say nothing. */
const ENOUGH = 10;

interface Pace {
  /** When a caller was last answered while others waited behind him; undefined: nobody waited then. */
  since?: number;
  /** The time from one answer to the next, while somebody waited throughout. */
  intervals: { at: number; ms: number }[];
}

export class WaitEstimate {
  readonly #paces = new Map<string, Pace>();

  /** What happened before the process began: who has left in the last `WINDOW_MS`, and who waits still. */
  restore(left: readonly Stay[], waiting: Iterable<Pick<Item, 'queueId' | 'enteredAt'>>): void {
    const steps = [
      ...[...left, ...waiting].map(({ queueId, enteredAt: at }) => ({ queueId, at, by: 1, answered: false })),
      ...left.map(({ queueId, leftAt: at, how }) => ({ queueId, at, by: -1, answered: how === 'answered' })),
    ].sort((a, b) => a.at - b.at || b.by - a.by);
    const counts = new Map<string, number>();
    for (const { queueId, at, by, answered } of steps) {
      const count = (counts.get(queueId) ?? 0) + by;
      counts.set(queueId, count);
      if (answered) this.answered(queueId, at, count);
      else if (by < 0) this.left(queueId, count);
    }
  }

  /** A caller of the queue was answered; `waiting`: how many wait now. */
  answered(queueId: string, at: number, waiting: number): void {
    const pace = this.#pace(queueId);
    if (pace.since !== undefined) pace.intervals.push({ at, ms: at - pace.since });
    if (pace.intervals.length > NEWEST) pace.intervals.shift();
    this.left(queueId, waiting);
    if (waiting > 0) pace.since = at;
  }

  /** Somebody left without an agent: when nobody waits, the next interval begins with the next answer. */
  left(queueId: string, waiting: number): void {
    if (waiting === 0) delete this.#pace(queueId).since;
  }

  /**
   * The wait that is still to come for who is at this place (1: the next). The mean time between answers, while somebody
   * waited, of the last 30 minutes, times the place. Honest when at least 10 such times were measured and somebody who can
   * answer is logged in; it knows nothing of callers with a higher priority who have still to come.
   */
  of(queueId: string, position: number, now: number, staffed: boolean): Estimate {
    const recent = this.#pace(queueId).intervals.filter(({ at }) => at > now - WINDOW_MS);
    if (recent.length === 0) return { ms: 0, honest: false };
    const mean = recent.reduce((sum, { ms }) => sum + ms, 0) / recent.length;
    return { ms: Math.round(mean * position), honest: staffed && recent.length >= ENOUGH };
  }

  #pace(queueId: string): Pace {
    const known = this.#paces.get(queueId);
    if (known) return known;
    const pace: Pace = { intervals: [] };
    this.#paces.set(queueId, pace);
    return pace;
  }
}
