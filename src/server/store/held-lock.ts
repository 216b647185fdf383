/**
 * The lock that makes us the only process on a database, held over restarts of the database.
 *
 *     held ── connection broken ──► retaking ── got it ──► held
 *                                      │ ▲ no connection yet: back-off
 *                                      └─┘
 *                                      └── another process has it for REFUSED_MS ──► lost, told once
 *
 * A database that is restarted forgets its locks, and the calls go on meanwhile: that is no reason to end.
 */
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { Database } from './database.ts';

export interface HeldLockOptions {
  db: Pick<Database, 'lock'>;
  clock: Clock;
  /** The connection is broken; the lock is being taken again. */
  onBroken(): void;
  /** Another process has it: we must write nothing more. */
  onLost(): void;
}

/** A server that has not noticed our broken connection keeps our old lock for a moment; nobody else's is given back so soon. */
const REFUSED_MS = 5_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

type Lock = NonNullable<Awaited<ReturnType<Database['lock']>>>;

export class HeldLock {
  readonly #o: HeldLockOptions;
  readonly #life: Lifecycle;
  #lock: Lock | undefined;
  #refusedSince: number | undefined;
  #attempt = 0;

  private constructor(options: HeldLockOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  /** Resolves to undefined when another process has it. Rejects when the database cannot be reached. */
  static async take(options: HeldLockOptions): Promise<HeldLock | undefined> {
    const held = new HeldLock(options);
    return (await held.#take()) ? held : undefined;
  }

  /** Idempotent. */
  async release(): Promise<void> {
    await this.#life.close();
    await this.#lock?.release();
  }

  async #take(): Promise<boolean> {
    const lock = await this.#o.db.lock(() => this.#broken());
    if (!lock) return false;
    if (this.#life.closed) await lock.release();
    this.#lock = lock;
    this.#attempt = 0;
    this.#refusedSince = undefined;
    return true;
  }

  #broken(): void {
    if (this.#life.closed) return;
    this.#lock = undefined;
    this.#o.onBroken();
    this.#retakeSoon();
  }

  #retakeSoon(): void {
    this.#life.after(backoff(this.#attempt++, FIRST_RETRY_MS, LAST_RETRY_MS), () => void this.#retake());
  }

  async #retake(): Promise<void> {
    const taken = await this.#take().catch(() => undefined);
    if (taken || this.#life.closed) return;
    const now = this.#o.clock.now();
    if (taken === undefined) this.#refusedSince = undefined;
    else this.#refusedSince ??= now;
    if (this.#refusedSince !== undefined && now - this.#refusedSince >= REFUSED_MS) this.#o.onLost();
    else this.#retakeSoon();
  }
}
