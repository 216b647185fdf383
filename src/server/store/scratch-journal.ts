/**
 * A journal that keeps nothing and knows no database: for days that never happened (the simulator). What is committed is durable at
 * once, and the statements that would have gone with it are carried out on nothing.
 */
import type { Sql } from './database.ts';
import type { AlsoInTransaction, JournalEntry, JournalEvent, StreamWriter } from './journal.ts';

const NO_SQL: Sql = { query: () => Promise.resolve([]) };

export class ScratchJournal implements StreamWriter {
  readonly #lastSeq = new Map<string, number>();
  #events = 0;

  open(): Promise<void> {
    return Promise.resolve();
  }

  read(): Promise<JournalEntry[]> {
    return Promise.resolve([]);
  }

  release(stream: string): void {
    this.#lastSeq.delete(stream);
  }

  append(events: readonly JournalEvent[]): { id: string; seq: number }[] {
    return events.map(({ stream }) => {
      const seq = (this.#lastSeq.get(stream) ?? 0) + 1;
      this.#lastSeq.set(stream, seq);
      return { id: `evt_${++this.#events}`, seq };
    });
  }

  commit(
    events: readonly JournalEvent[],
    also?: AlsoInTransaction,
  ): { numbers: { id: string; seq: number }[]; durable: Promise<void> } {
    return { numbers: this.append(events), durable: Promise.resolve(also?.(NO_SQL)) };
  }
}
