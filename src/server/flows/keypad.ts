/**
 * The keys that one caller presses, in their order: those that nobody has read yet wait (who knows the menu types ahead), and
 * whoever reads gets them first. Held in memory only.
 */
import type { Clock } from '../../lib/clock.ts';
import type { KeyReading } from './node.ts';

/** More than anybody types ahead. */
const MAX_UNREAD = 64;

export class Keypad {
  readonly #clock: Clock;
  #unread: string[] = [];
  #onKey: (() => void) | undefined;
  /** Who ends a number that was complete already means nothing by it: until then this key is not for the next question. */
  #late: { key: string; until: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  press(key: string): void {
    const late = this.#late;
    this.#late = undefined;
    if (late?.key === key && this.#clock.now() < late.until) return;
    if (this.#unread.length < MAX_UNREAD) this.#unread.push(key);
    this.#onKey?.();
  }

  get pressed(): boolean {
    return this.#unread.length > 0;
  }

  clear(): void {
    this.#unread = [];
  }

  /** Told of each key from now on, in place of who was told before. Returns the function that stops it. */
  watch(onKey: () => void): () => void {
    this.#onKey = onKey;
    return () => {
      if (this.#onKey === onKey) this.#onKey = undefined;
    };
  }

  /** Reads until enough, the terminator, or no key in time. Ends with the signal, too: what it resolves with then is nobody's. */
  read(
    { max, terminator, firstMs, betweenMs }: KeyReading,
    signal: AbortSignal,
  ): Promise<{ keys: string; ended: 'full' | 'terminator' | 'timeout' }> {
    return new Promise((resolve) => {
      let keys = '';
      let cancel = () => {};
      const end = (ended: 'full' | 'terminator' | 'timeout') => {
        cancel();
        stop();
        signal.removeEventListener('abort', onAbort);
        resolve({ keys, ended });
      };
      const onAbort = () => end('timeout');
      const take = () => {
        for (let key = this.#unread.shift(); key !== undefined; key = this.#unread.shift()) {
          if (key === terminator) return end('terminator');
          keys += key;
          if (keys.length < max) continue;
          if (this.#unread[0] === terminator) this.#unread.shift();
          else if (terminator) this.#late = { key: terminator, until: this.#clock.now() + betweenMs };
          return end('full');
        }
        cancel();
        cancel = this.#clock.after(keys === '' ? firstMs : betweenMs, () => end('timeout'));
      };
      const stop = this.watch(take);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) return end('timeout');
      take();
    });
  }
}
