import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';

/** Where text is kept that the server does not have yet; survives a reload. */
export interface DraftStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface NotesDraftOptions {
  lineId: string;
  clock: Clock;
  storage: DraftStorage;
  /** Sends the text to the server; rejects when it did not get there. */
  save(text: string): Promise<void>;
}

/** Quiet after the last key before the text is sent, in milliseconds. */
const DEBOUNCE_MS = 500;
const RETRY_MS = 3_000;

/**
 * The notes of one call while they are typed: nothing typed is lost, whatever happens to the connection, to the page, or
 * in another tab.
 *
 *     clean ── type() ──► typed ── 0.5 s, flush() ──► sending ── accepted ──► clean
 *                           ▲                            │
 *                           └── typed meanwhile, failed ◄┘        (failed: again after 3 s)
 *
 * The server's text is taken over when nothing is unsent here. If both changed, what was typed here goes after it.
 */
export class NotesDraft {
  readonly #options: NotesDraftOptions;
  readonly #life: Lifecycle;
  readonly #sent = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #text: string;
  /** What the server had when typing began. */
  #base: string;
  /** What the server showed last: a state that says nothing new must not undo what it has only just accepted. */
  #shown: string;
  #sending: Promise<void> | undefined;
  #cancel = () => {};

  constructor(comments: string, options: NotesDraftOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#base = comments;
    this.#shown = comments;
    this.#text = comments;
    const kept = this.#read();
    if (kept !== null && kept !== comments) {
      this.#text = merge('', comments, kept);
      this.#schedule(0);
    }
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get text(): string {
    return this.#text;
  }

  /** True while the server does not have all of it. */
  get unsaved(): boolean {
    return this.#text !== this.#base;
  }

  type(text: string): void {
    this.#text = text;
    this.#keep();
    this.#schedule(DEBOUNCE_MS);
    this.#tell();
  }

  /** The server's state says that the notes are this. */
  serverSays(comments: string): void {
    const news = comments !== this.#shown;
    this.#shown = comments;
    if (!news || comments === this.#base) return;
    const mine = this.#sent.delete(comments);
    const unsaved = this.unsaved;
    if (!unsaved) this.#text = comments;
    else if (!mine && comments !== this.#text) this.#text = merge(this.#base, comments, this.#text);
    this.#base = comments;
    this.#keep();
    this.#tell();
  }

  /** Sends now what is unsent; resolves when the server has it, rejects when it could not be sent. */
  async flush(): Promise<void> {
    this.#cancel();
    await this.#sending?.catch(() => {});
    if (this.unsaved && !this.#life.closed) await this.#send();
  }

  /** Tries to send what is unsent, and keeps it in any case. Idempotent. */
  close(): void {
    if (this.#life.closed) return;
    this.#cancel();
    if (this.unsaved) this.#options.save(this.#text).catch(() => {});
    void this.#life.close();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #schedule(ms: number): void {
    this.#cancel();
    this.#cancel = this.#life.after(ms, () => this.flush().catch(() => this.#schedule(RETRY_MS)));
  }

  #send(): Promise<void> {
    const text = this.#text;
    this.#sent.add(text);
    this.#sending = this.#options.save(text).then(
      () => this.#accepted(text),
      (error: unknown) => {
        this.#sent.delete(text);
        throw error;
      },
    );
    return this.#sending;
  }

  #accepted(text: string): void {
    this.#base = text;
    this.#keep();
    this.#tell();
  }

  get #key(): string {
    return `crosspoint.notes.${this.#options.lineId}`;
  }

  #keep(): void {
    try {
      if (this.unsaved) this.#options.storage.setItem(this.#key, this.#text);
      else this.#options.storage.removeItem(this.#key);
    } catch {
      // Without storage the text is only as safe as this page.
      return;
    }
  }

  #read(): string | null {
    try {
      return this.#options.storage.getItem(this.#key);
    } catch {
      return null;
    }
  }
}

/** Both texts, when both changed: theirs, then what was added here to what both began with. */
export function merge(base: string, theirs: string, mine: string): string {
  if (theirs.includes(mine)) return theirs;
  if (mine.includes(theirs)) return mine;
  const added = base !== '' && mine.startsWith(base) ? mine.slice(base.length).trimStart() : mine;
  return `${theirs.trimEnd()}\n${added}`;
}
