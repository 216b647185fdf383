/**
 * In which of a user's browsers his adapter runs: one of all that he has open anywhere, or two softphones would fight over one
 * vendor's line. Which tab of that browser it is, the browser's own locks decide.
 *
 *     nobody ── first browser ──► held ◄── the same browser is back ──┐
 *        ▲                         │ its connection ended             │
 *        │                         ▼                                  │
 *        └────── grace over ── vacant ────────────────────────────────┘
 *     take: another browser holds it from now on, and the former is told first
 *
 * Held in memory: a browser that comes back after our restart says that the adapter runs in it, and gets the grace for that.
 */
import type { Clock } from '../../lib/clock.ts';

/** How long a browser whose connection ended keeps the adapter, in milliseconds. */
export const LEADER_GRACE_MS = 3_000;

/** One connection of a browser. */
interface Waiting {
  browserId: string;
  /** Whether the adapter runs there. Told at once, and at every change. */
  tell: (leads: boolean) => void;
}

interface Seat {
  /** Who has it, or has until the grace is over. */
  browserId: string | undefined;
  waiting: Waiting[];
  cancelGrace: (() => void) | undefined;
}

export class AdapterLeaders {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #startedAt: number;
  readonly #seats = new Map<string, Seat>();

  constructor(clock: Clock, graceMs = LEADER_GRACE_MS) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#startedAt = clock.now();
  }

  /** @param leads the adapter runs in this browser already. Returns what ends the connection; idempotent. */
  join(userId: string, browserId: string, leads: boolean, tell: (leads: boolean) => void): () => void {
    const seat = this.#seats.get(userId) ?? this.#newSeat(userId);
    const me: Waiting = { browserId, tell };
    seat.waiting.push(me);
    if (leads && seat.browserId === undefined) this.#give(seat, browserId);
    else if (seat.browserId === browserId) this.#give(seat, browserId);
    else if (seat.browserId === undefined && !seat.cancelGrace) this.#give(seat, browserId);
    else tell(false);
    return () => this.#leave(userId, seat, me);
  }

  /** Moves the adapter to this browser, which has joined. False: it has not. */
  take(userId: string, browserId: string): boolean {
    const seat = this.#seats.get(userId);
    if (!seat?.waiting.some((one) => one.browserId === browserId)) return false;
    if (seat.browserId !== browserId) this.#give(seat, browserId);
    return true;
  }

  #newSeat(userId: string): Seat {
    const seat: Seat = { browserId: undefined, waiting: [], cancelGrace: undefined };
    this.#seats.set(userId, seat);
    const since = this.#clock.now() - this.#startedAt;
    if (since < this.#graceMs) this.#wait(seat, this.#graceMs - since);
    return seat;
  }

  #leave(userId: string, seat: Seat, me: Waiting): void {
    const before = seat.waiting.length;
    seat.waiting = seat.waiting.filter((one) => one !== me);
    if (seat.waiting.length === before || seat.browserId !== me.browserId) return this.#forget(userId, seat);
    if (seat.waiting.some((one) => one.browserId === me.browserId)) return;
    this.#wait(seat, this.#graceMs);
  }

  #wait(seat: Seat, ms: number): void {
    seat.cancelGrace?.();
    seat.cancelGrace = this.#clock.after(ms, () => {
      seat.cancelGrace = undefined;
      seat.browserId = undefined;
      const [first] = seat.waiting;
      if (first) this.#give(seat, first.browserId);
      else for (const [userId, one] of this.#seats) if (one === seat) this.#forget(userId, seat);
    });
  }

  /** Those who lose it hear so before the one who gets it does. */
  #give(seat: Seat, browserId: string): void {
    seat.cancelGrace?.();
    seat.cancelGrace = undefined;
    seat.browserId = browserId;
    for (const one of seat.waiting) if (one.browserId !== browserId) one.tell(false);
    for (const one of seat.waiting) if (one.browserId === browserId) one.tell(true);
  }

  #forget(userId: string, seat: Seat): void {
    if (seat.waiting.length === 0 && !seat.cancelGrace) this.#seats.delete(userId);
  }
}
