/**
 * The console's tabs. One is enough most of the time and then no strip is shown; a screen pop never replaces a form
 * with unsaved changes, so it opens a tab beside it. A tab that asks to leave such a form waits for the person's answer.
 *
 *     clean ── edit ──► dirty ── navigate ──► leaving ── discard ──► clean, elsewhere
 *                        ▲                       │
 *                        └──────── stay ─────────┘
 */
export interface Tab {
  readonly id: string;
  /** Path with query, such as `/Contact/003…` or `/search?q=ada`. */
  readonly path: string;
  readonly title: string;
  /** What has unsaved changes, such as `this contact`; absent when nothing has. */
  readonly dirty?: string;
}

export interface WorkspaceState {
  readonly tabs: readonly Tab[];
  readonly active: string;
  /** A navigation or closing that waits until the person decides about unsaved changes. */
  readonly leaving?: { readonly tabId: string; readonly path?: string };
}

/** The browser's address bar and history, as far as the workspace uses them. */
export interface AddressBar {
  push(tabId: string, path: string): void;
  replace(tabId: string, path: string): void;
}

export class Workspace {
  readonly #bar: AddressBar;
  readonly #listeners = new Set<() => void>();
  #state: WorkspaceState;
  #lastId = 1;

  constructor(path: string, bar: AddressBar) {
    this.#bar = bar;
    this.#state = { tabs: [{ id: 'tab1', path, title: '' }], active: 'tab1' };
    bar.replace('tab1', path);
  }

  get state(): WorkspaceState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  getState = (): WorkspaceState => this.#state;

  /** Shows `path` in a tab; waits for the person's answer when that would throw away unsaved changes. */
  navigate(tabId: string, path: string, replace = false): void {
    const tab = this.#find(tabId);
    if (!tab || tab.path === path) return;
    if (tab.dirty && pathname(tab.path) !== pathname(path)) return this.#set({ leaving: { tabId, path } });
    this.#go(tab, path, replace);
  }

  /**
   * Shows `path` without ever disturbing unsaved changes: where it is open already, else in the active tab, else in a new
   * tab beside it. Returns where it was shown.
   */
  show(path: string): 'here' | 'beside' {
    const open = this.#state.tabs.find((tab) => tab.path === path);
    const active = this.#find(this.#state.active);
    if (open) this.activate(open.id);
    else if (active && !active.dirty) this.#go(active, path, false);
    else this.open(path);
    return active?.dirty && this.#state.active !== active.id ? 'beside' : 'here';
  }

  /** Shows `path` in a tab of its own: where it is open already, else in a new one. */
  showBeside(path: string): void {
    const open = this.#state.tabs.find((tab) => tab.path === path);
    if (open) this.activate(open.id);
    else this.open(path);
  }

  /** Opens a new tab and goes to it. */
  open(path: string): void {
    const id = `tab${++this.#lastId}`;
    this.#set({ tabs: [...this.#state.tabs, { id, path, title: '' }], active: id });
    this.#bar.push(id, path);
  }

  activate(tabId: string): void {
    const tab = this.#find(tabId);
    if (!tab || tabId === this.#state.active) return;
    this.#set({ active: tabId });
    this.#bar.push(tabId, tab.path);
  }

  /** Closes a tab, the last one excepted; asks first when it has unsaved changes. */
  close(tabId: string): void {
    const tab = this.#find(tabId);
    if (!tab || this.#state.tabs.length === 1) return;
    if (tab.dirty) return this.#set({ leaving: { tabId } });
    this.#remove(tab);
  }

  setTitle(tabId: string, title: string): void {
    if (this.#find(tabId)?.title !== title) this.#update(tabId, { title });
  }

  setDirty(tabId: string, what: string | undefined): void {
    if (this.#find(tabId)?.dirty !== what) this.#update(tabId, { dirty: what });
  }

  /** The answer to `leaving`: keep the changes. */
  stay(): void {
    this.#set({ leaving: undefined });
  }

  /** The answer to `leaving`: throw the changes away and do what was asked. */
  discard(): void {
    const leaving = this.#state.leaving;
    const tab = leaving && this.#find(leaving.tabId);
    this.#set({ leaving: undefined });
    if (!tab) return;
    this.#update(tab.id, { dirty: undefined });
    if (leaving.path === undefined) this.#remove(tab);
    else this.#go({ ...tab, dirty: undefined }, leaving.path, false);
  }

  /** The person went back or forward to `path`, which belonged to `tabId`. */
  wentTo(tabId: string | undefined, path: string): void {
    const tab = (tabId && this.#find(tabId)) || this.#find(this.#state.active);
    if (!tab) return;
    if (tab.dirty && pathname(tab.path) !== pathname(path)) {
      this.#set({ active: tab.id, leaving: { tabId: tab.id, path } });
      this.#bar.push(tab.id, tab.path);
      return;
    }
    this.#set({ active: tab.id });
    this.#update(tab.id, { path });
  }

  #go(tab: Tab, path: string, replace: boolean): void {
    this.#update(tab.id, { path });
    if (tab.id !== this.#state.active) return;
    if (replace) this.#bar.replace(tab.id, path);
    else this.#bar.push(tab.id, path);
  }

  #remove(tab: Tab): void {
    const index = this.#state.tabs.indexOf(this.#find(tab.id) ?? tab);
    const tabs = this.#state.tabs.filter((other) => other.id !== tab.id);
    const next = tabs[Math.max(0, index - 1)];
    if (!next) return;
    const active = this.#state.active === tab.id ? next.id : this.#state.active;
    const moved = active !== this.#state.active;
    this.#set({ tabs, active });
    if (moved) this.#bar.push(next.id, next.path);
  }

  #find(tabId: string): Tab | undefined {
    return this.#state.tabs.find((tab) => tab.id === tabId);
  }

  #update(tabId: string, change: Partial<Tab>): void {
    this.#set({ tabs: this.#state.tabs.map((tab) => (tab.id === tabId ? { ...tab, ...change } : tab)) });
  }

  #set(change: Partial<WorkspaceState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** The path without its query. */
export function pathname(path: string): string {
  return path.split('?')[0] ?? '/';
}
