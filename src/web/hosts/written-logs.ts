import type { RecordRef } from '../../protocol/facts.ts';

/** The part of `localStorage` that is used: all tabs of one CRM share it. */
export interface LogMemory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = 'crosspoint.logs';
const REMEMBERED = 50;

/**
 * Which logs this CRM has from us. Our server asks again when it did not hear the answer, perhaps another tab: what is written
 * already is only told once more.
 */
export class WrittenLogs {
  readonly #memory: LogMemory;
  readonly #running = new Map<string, Promise<RecordRef>>();

  constructor(memory: LogMemory) {
    this.#memory = memory;
  }

  /** Runs `write` unless the log of this key is written, or being written, already. */
  once(key: string, write: () => Promise<RecordRef>): Promise<RecordRef> {
    const known = this.#read().find(([of]) => of === key)?.[1];
    if (known) return Promise.resolve(known);
    const running =
      this.#running.get(key) ??
      write()
        .then((ref) => this.#remember(key, ref))
        .finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  #remember(key: string, ref: RecordRef): RecordRef {
    const kept = [...this.#read().filter(([of]) => of !== key), [key, ref]].slice(-REMEMBERED);
    try {
      this.#memory.setItem(KEY, JSON.stringify(kept));
    } catch {
      // A full storage: only a lost answer would be asked for again.
    }
    return ref;
  }

  #read(): [string, RecordRef][] {
    try {
      const kept: unknown = JSON.parse(this.#memory.getItem(KEY) ?? '[]');
      return Array.isArray(kept) ? (kept as [string, RecordRef][]) : [];
    } catch {
      return [];
    }
  }
}
