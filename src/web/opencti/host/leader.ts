/**
 * Which tab runs the adapter: one of all that a user has open in this browser, by a lock that the browser takes back when the tab
 * dies. Locks hold here, for our desktop is always a page of its own and never within another's.
 *
 *     waiting ── lock ──► leading ── taken by another, closed ──► waiting, last in the row
 */
export interface Locks {
  request(
    name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    work: () => Promise<void>,
  ): Promise<void>;
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
    // Of this request alone: one that was given up may end after the next has been granted.
    let release: (() => void) | undefined;
    const lead = (): Promise<void> =>
      new Promise((resolve) => {
        if (this.#closed) return resolve();
        release = resolve;
        this.#release = resolve;
        this.#onChange(true);
      });
    this.#locks?.request(this.#name, options, lead).catch(() => {
      // Another tab took it, or this one stopped waiting.
      if (release === undefined || this.#closed) return;
      this.#release = undefined;
      this.#onChange(false);
      this.start();
    });
  }
}
