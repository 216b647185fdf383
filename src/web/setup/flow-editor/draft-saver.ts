import type { Clock } from '../../../lib/clock.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { Flow, FlowDraft } from '../../../protocol/flows.ts';

/** What is drawn: the draft without its revision. */
export type Drawn = Omit<FlowDraft, 'rev'>;

export type SaveState =
  | { at: 'saved' | 'waiting' | 'saving' }
  | { at: 'failed'; error: unknown }
  /** Somebody else saved it meanwhile: nothing goes out before the person has decided. */
  | { at: 'conflict' };

export interface DraftSaverOptions {
  clock: Clock;
  /** @throws `conflict` when the draft has another revision by now. */
  save(draft: FlowDraft): Promise<Flow>;
  /** The server has taken it: with what it finds wrong. */
  onSaved(flow: Flow): void;
}

/** Quiet after the last change before the draft is sent, in milliseconds. */
const DEBOUNCE_MS = 700;
const RETRY_MS = 4_000;

/**
 * Saves a draft by itself while it is drawn.
 *
 *     saved ── draw() ──► waiting ── 0.7 s, flush() ──► saving ── accepted ──► saved
 *                            ▲                            │ │
 *                            ├── drawn meanwhile ◄────────┘ ├── conflict ──► (their revision is taken up) ──► waiting or saved
 *                            └── 4 s ◄── failed ◄───────────┘
 *
 *     any ── the page is left ──► what waits is sent once more; what failed or is in conflict is given up
 */
export class DraftSaver {
  readonly #options: DraftSaverOptions;
  readonly #listeners = new Set<() => void>();
  #life: Lifecycle | undefined;
  #rev: number;
  #unsent: Drawn | undefined;
  #state: SaveState = { at: 'saved' };
  #sending: Promise<void> | undefined;
  #cancel = () => {};

  constructor(rev: number, options: DraftSaverOptions) {
    this.#rev = rev;
    this.#options = options;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  getState = (): SaveState => this.#state;

  /** The revision that the server has, as far as we know. */
  get rev(): number {
    return this.#rev;
  }

  /** Saves by itself until the function that it gives is called, when the page is left; then it may be opened anew. */
  open(): () => void {
    const life = new Lifecycle(this.#options.clock);
    this.#life = life;
    return () => {
      if (life.closed) return;
      void life.close();
      if (this.#state.at !== 'failed') void this.flush();
    };
  }

  draw(drawn: Drawn): void {
    this.#unsent = drawn;
    if (this.#state.at === 'conflict' || this.#state.at === 'saving') return;
    this.#schedule(DEBOUNCE_MS);
    this.#set({ at: 'waiting' });
  }

  /** Sends now what is unsent. Resolves to whether the server has everything. */
  async flush(): Promise<boolean> {
    this.#cancel();
    await this.#sending;
    if (this.#unsent && this.#state.at !== 'conflict') await this.#send(this.#unsent);
    return this.#state.at === 'saved';
  }

  /** The server has this revision now, by something else than a save: a version was made the draft, or theirs was looked at. */
  takeUp(rev: number): void {
    this.#cancel();
    this.#rev = rev;
    this.#unsent = undefined;
    this.#set({ at: 'saved' });
  }

  #schedule(ms: number): void {
    this.#cancel();
    this.#cancel = this.#life?.after(ms, () => void this.flush()) ?? (() => {});
  }

  #send(drawn: Drawn): Promise<void> {
    this.#set({ at: 'saving' });
    this.#unsent = undefined;
    const sending = this.#options
      .save({ ...drawn, rev: this.#rev })
      .then(
        (flow) => this.#accepted(flow),
        (error: unknown) => this.#refused(drawn, error),
      )
      .finally(() => {
        if (this.#sending === sending) this.#sending = undefined;
      });
    this.#sending = sending;
    return sending;
  }

  #accepted(flow: Flow): void {
    this.#rev = flow.rev;
    this.#options.onSaved(flow);
    if (!this.#unsent) return this.#set({ at: 'saved' });
    this.#schedule(DEBOUNCE_MS);
    this.#set({ at: 'waiting' });
  }

  #refused(drawn: Drawn, error: unknown): void {
    this.#unsent ??= drawn;
    if (error instanceof CodedError && error.code === 'conflict') return this.#set({ at: 'conflict' });
    this.#schedule(RETRY_MS);
    this.#set({ at: 'failed', error });
  }

  #set(state: SaveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
