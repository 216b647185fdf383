/**
 * Which tab runs the adapter: one of all that a user has open in this browser, by a lock that the browser takes back when the tab
 * dies. Locks hold here, for our desktop is always a page of its own and never within another's.
 *
 *     waiting ── lock ──► leading ── taken by another, closed ──► waiting, last in the row
 */
export interface Locks {
  request(name: string, options: { steal?: boolean; signal?: AbortSignal }, work: () => Promise<void>): Promise<void>;
}

export class Leader {
  readonly #locks: Locks | undefined;
  readonly #name: string;
  readonly #onChange: (leading: boolean) => void;
  #release: (() => void) | undefined;
  #closed = false;
  #waiting: AbortController | undefined;

  /** @param locks undefined where the browser has none (a page without https): then every tab leads. */
  constructor(locks: Locks | undefined, name: string, onChange: (leading: boolean) => void) {
    this.#locks = locks;
    this.#name = name;
    this.#onChange = onChange;
  }

  start(): void {
    if (!this.#locks) return this.#onChange(true);
    this.#waiting = new AbortController();
    this.#request({ signal: this.#waiting.signal });
  }

  /** Takes the adapter over from the tab that runs it. */
  take(): void {
    this.#waiting?.abort();
    this.#request({ steal: true });
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#waiting?.abort();
    this.#release?.();
  }

  #request(options: { steal?: boolean; signal?: AbortSignal }): void {
    const held = this.#locks?.request(this.#name, options, () => this.#lead());
    held?.catch(() => {
      // Another tab took it, or this one stopped waiting.
      const lost = this.#release !== undefined;
      this.#release = undefined;
      if (!lost || this.#closed) return;
      this.#onChange(false);
      this.start();
    });
  }

  #lead(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#release = resolve;
      this.#onChange(true);
    });
  }
}
