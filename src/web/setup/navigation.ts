/**
 * Where one is in Setup, over the browser's history. A form with unsaved changes is asked for before it is left, by a link
 * as by the back button.
 *
 *     clean ── edit ──► dirty ── go elsewhere ──► leaving ── discard ──► clean, elsewhere
 *                        ▲                           │
 *                        └────────── stay ───────────┘
 */
export interface NavigationState {
  /** Path with query. */
  readonly path: string;
  /** What has unsaved changes, such as `this queue`. */
  readonly dirty?: string;
  /** Where to, once the person has decided about unsaved changes. */
  readonly leaving?: string;
}

/** The browser's address bar and history, as far as they are used. */
export interface AddressBar {
  push(path: string): void;
  replace(path: string): void;
}

export class Navigation {
  readonly #bar: AddressBar;
  readonly #listeners = new Set<() => void>();
  #state: NavigationState;

  constructor(path: string, bar: AddressBar) {
    this.#bar = bar;
    this.#state = { path };
  }

  getState = (): NavigationState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Shows `path`; waits for the person's answer when that would throw away unsaved changes. */
  navigate = (path: string, options: { replace?: boolean } = {}): void => {
    const { path: here, dirty } = this.#state;
    if (path === here) return;
    if (dirty !== undefined && pathname(path) !== pathname(here)) return this.#set({ leaving: path });
    this.#go(path, options.replace ?? false);
  };

  /** Shows `path` whatever is unsaved: it was just saved or deleted. */
  leave(path: string, options: { replace?: boolean } = {}): void {
    this.#set({ dirty: undefined, leaving: undefined });
    this.#go(path, options.replace ?? false);
  }

  setDirty(what: string | undefined): void {
    if (this.#state.dirty !== what) this.#set({ dirty: what });
  }

  stay(): void {
    this.#set({ leaving: undefined });
  }

  discard(): void {
    const { leaving } = this.#state;
    if (leaving !== undefined) this.leave(leaving);
  }

  /** The person went back or forward to `path`. */
  wentTo(path: string): void {
    const { path: here, dirty } = this.#state;
    if (dirty !== undefined && pathname(path) !== pathname(here)) {
      this.#bar.push(here);
      return this.#set({ leaving: path });
    }
    this.#set({ path });
  }

  #go(path: string, replace: boolean): void {
    if (replace) this.#bar.replace(path);
    else this.#bar.push(path);
    this.#set({ path });
  }

  #set(change: Partial<NavigationState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** The path without its query. */
export function pathname(path: string): string {
  return path.split('?')[0] ?? '/';
}
