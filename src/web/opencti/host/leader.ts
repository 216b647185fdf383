/**
 * Which tab runs the adapter: one of all that a user has open anywhere. Within a browser a lock decides, which the browser takes
 * back when the tab dies (locks hold here, for our desktop is always a page of its own and never within another's); which of his
 * browsers it is, the server elects among those tabs.
 *
 *     waiting ── lock ──► asking ── elected ──► leading
 *        ▲                  ▲                      │ elected elsewhere
 *        │                  └──────────────────────┤
 *        └─────── taken by another tab, closed ────┘
 */
export interface Locks {
  request(
    name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    work: () => Promise<void>,
  ): Promise<void>;
}

/** The server's election among the user's browsers. */
export interface Election {
  /** Tells whether this browser is elected, now and at each change. Returns what ends it. */
  join(tell: (elected: boolean) => void): () => void;
  /** Moves the adapter to this browser. */
  take(): void;
}

/** Where the adapter runs, as this tab sees it. */
export type Place = 'here' | 'other-tab' | 'other-browser';

export interface LeaderOptions {
  /** Undefined where the browser has none (a page without https): then each tab stands for election by itself. */
  locks: Locks | undefined;
  lockName: string;
  election: Election;
  onChange: (place: Place) => void;
}

export class Leader {
  readonly #o: LeaderOptions;
  #release: (() => void) | undefined;
  #leave: () => void = () => {};
  #closed = false;
  #waiting: AbortController | undefined;
  /** This tab was told to take the adapter, and has yet to say so to the server. */
  #taking = false;

  constructor(options: LeaderOptions) {
    this.#o = options;
  }

  start(): void {
    if (!this.#o.locks) return this.#stand();
    this.#waiting = new AbortController();
    this.#request({ signal: this.#waiting.signal });
  }

  /** Takes the adapter over from the tab that runs it, in whichever browser. */
  take(): void {
    if (this.#release || !this.#o.locks) return this.#o.election.take();
    this.#taking = true;
    this.#waiting?.abort();
    this.#request({ steal: true });
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#waiting?.abort();
    this.#leave();
    this.#release?.();
  }

  /** Stands for election in the name of this browser. */
  #stand(): void {
    const { election, onChange } = this.#o;
    this.#leave = election.join((elected) => {
      if (this.#closed) return;
      const take = this.#taking && !elected;
      this.#taking = false;
      if (take) return election.take();
      onChange(elected ? 'here' : 'other-browser');
    });
  }

  #request(options: { steal?: boolean; signal?: AbortSignal }): void {
    // Of this request alone: one that was given up may end after the next has been granted.
    let release: (() => void) | undefined;
    const lead = (): Promise<void> =>
      new Promise((resolve) => {
        if (this.#closed) return resolve();
        release = resolve;
        this.#release = resolve;
        this.#stand();
      });
    this.#o.locks?.request(this.#o.lockName, options, lead).catch(() => {
      // Another tab took it, or this one stopped waiting.
      if (release === undefined || this.#closed) return;
      this.#release = undefined;
      this.#leave();
      this.#o.onChange('other-tab');
      this.start();
    });
  }
}
