import type { Clock } from '../../lib/clock.ts';

export interface AttemptLimits {
  /** Failures within `windowMs` that block. */
  limit: number;
  windowMs: number;
  blockMs: number;
}

interface Tally {
  /** When each counted failure happened, oldest first. */
  at: number[];
  blockedUntil: number;
}

/** Above this many keys the ones that matter no more are forgotten, then the oldest: an attacker cannot fill our memory. */
const MAX_KEYS = 10_000;

/**
 * Counts failed attempts per key (a user, an address) and says for how long a key is blocked.
 *
 *     free ── `limit` failures within `windowMs` ──► blocked ── `blockMs` ──► free, with nothing counted
 */
export class FailedAttempts {
  readonly #limits: AttemptLimits;
  readonly #clock: Clock;
  readonly #tallies = new Map<string, Tally>();

  constructor(limits: AttemptLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Counts one failure. True when this one blocked the key. While blocked nothing more is counted. */
  failed(key: string): boolean {
    const now = this.#clock.now();
    const record = this.#tallies.get(key) ?? { at: [], blockedUntil: 0 };
    if (record.blockedUntil > now) return false;
    record.at = [...record.at.filter((at) => at > now - this.#limits.windowMs), now];
    const blocked = record.at.length >= this.#limits.limit;
    if (blocked) Object.assign(record, { at: [], blockedUntil: now + this.#limits.blockMs });
    this.#tallies.delete(key);
    this.#tallies.set(key, record);
    if (this.#tallies.size > MAX_KEYS) this.#forget(now);
    return blocked;
  }

  /** Milliseconds for which the key is still blocked; 0 when it is not. */
  blockedFor(key: string): number {
    const until = this.#tallies.get(key)?.blockedUntil ?? 0;
    return Math.max(0, until - this.#clock.now());
  }

  /** The right password was given: nothing is held against this key any more. */
  clear(key: string): void {
    this.#tallies.delete(key);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#tallies.size;
  }

  #forget(now: number): void {
    for (const [key, { at, blockedUntil }] of this.#tallies) {
      const last = at.at(-1) ?? 0;
      if (blockedUntil <= now && last <= now - this.#limits.windowMs) this.#tallies.delete(key);
    }
    for (const key of this.#tallies.keys()) {
      if (this.#tallies.size <= MAX_KEYS) return;
      this.#tallies.delete(key);
    }
  }
}
