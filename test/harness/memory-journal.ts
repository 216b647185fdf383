/**
 * A journal that keeps nothing, for tests that drive thousands of event orders: commits become durable after a while of the
 * test's own time, in order, as with the real one. test/calls.test.ts runs the same code on the real journal and PostgreSQL.
 */
import type { Clock } from '../../src/lib/clock.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Sql } from '../../src/server/store/database.ts';
import { Journal, type AlsoInTransaction, type JournalEvent } from '../../src/server/store/journal.ts';

const NO_SQL: Sql = { query: () => Promise.resolve([]) };

export class MemoryJournal extends Journal {
  readonly entries: JournalEvent[] = [];
  readonly #seq = new Map<string, number>();
  readonly #clock: Clock;
  readonly #commitMs: () => number;
  #tail = Promise.resolve();

  /** @param commitMs how long the next commit takes, in the test's time. */
  constructor(clock: Clock, commitMs: () => number) {
    super({ db: undefined as never, clock, onError: () => undefined });
    this.#clock = clock;
    this.#commitMs = commitMs;
  }

  override open(): Promise<void> {
    return Promise.resolve();
  }

  override append(events: readonly JournalEvent[]): { id: string; seq: number }[] {
    this.entries.push(...events);
    return events.map((event) => {
      const seq = (this.#seq.get(event.stream) ?? 0) + 1;
      this.#seq.set(event.stream, seq);
      return { id: newId('evt'), seq };
    });
  }

  override commit(
    events: readonly JournalEvent[],
    also?: AlsoInTransaction,
  ): { numbers: { id: string; seq: number }[]; durable: Promise<void> } {
    const ms = this.#commitMs();
    const durable = this.#tail
      .then(() => new Promise<void>((resolve) => this.#clock.after(ms, resolve)))
      .then(() => also?.(NO_SQL));
    this.#tail = durable.catch(() => undefined);
    return { numbers: this.append(events), durable };
  }

  /** Nothing to wait for outside the test's time: what is under way becomes durable as the clock goes on. */
  override drain(): Promise<void> {
    return Promise.resolve();
  }
}
