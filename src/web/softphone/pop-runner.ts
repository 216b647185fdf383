import type { Line } from '../../protocol/softphone.ts';
import type { PopRequest } from '../hosts/host.ts';

/**
 * Pops each pop once in the tab that the server named. After a reload an unfinished one is popped again: the host knows
 * its id and answers without doing it twice.
 */
export class PopRunner {
  readonly #tabId: string;
  readonly #pop: (request: PopRequest) => void;
  readonly #asked = new Set<string>();

  constructor(tabId: string, pop: (request: PopRequest) => void) {
    this.#tabId = tabId;
    this.#pop = pop;
  }

  /** Returns whether a pop was asked for. */
  follow(lines: readonly Line[]): boolean {
    const before = this.#asked.size;
    for (const { pop } of lines) {
      if (!pop || pop.done || pop.tab !== this.#tabId || this.#asked.has(pop.id)) continue;
      this.#asked.add(pop.id);
      const { id: popId, tab: _tab, done: _done, ...request } = pop;
      this.#pop({ popId, ...request });
    }
    const popped = this.#asked.size > before;
    this.#forget(lines);
    return popped;
  }

  #forget(lines: readonly Line[]): void {
    const live = new Set(lines.map((line) => line.pop?.id));
    for (const id of this.#asked) if (!live.has(id)) this.#asked.delete(id);
  }
}
