import { must } from '../../lib/must.ts';

/**
 * The console's tabs and their sub-tabs. One is enough most of the time and then no strip is shown; a screen pop never replaces a form
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
  /** Of a sub-tab: the tab that it belongs to and closes with. */
  readonly parent?: string;
  /** Stands first and is not closed by accident. */
  readonly pinned?: boolean;
}

/** What is kept of the tabs over a reload of the page. */
export interface KeptTabs {
  readonly tabs: readonly Tab[];
  readonly active: string;
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

  /** @param kept the tabs before a reload: `path` is shown in the one that has it, else in the one that was active. */
  constructor(path: string, bar: AddressBar, kept?: KeptTabs) {
    this.#bar = bar;
    const tabs: readonly Tab[] = kept?.tabs ?? [{ id: 'tab1', path, title: '' }];
    const before = tabs.find((tab) => tab.id === kept?.active);
    const front =
      before?.path === path ? before : (tabs.find((tab) => tab.path === path) ?? before ?? tabs[0]);
    const shown = must(front, 'tab');
    this.#state = {
      tabs: tabs.map((tab) => (tab === shown && tab.path !== path ? { ...tab, path, title: '' } : tab)),
      active: shown.id,
    };
    this.#lastId = Math.max(1, ...this.#state.tabs.map((tab) => Number(tab.id.slice(3)) || 0));
    bar.replace(shown.id, path);
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
    const open = this.#state.tabs.find((other) => other.id !== tabId && isSameRecord(other.path, path));
    if (open) return this.activate(open.id);
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

  /** Shows `path` where it is open already, else in a new sub-tab of the tab in front. */
  showBeside(path: string): void {
    const open = this.#state.tabs.find((tab) => tab.path === path || isSameRecord(tab.path, path));
    if (open) return this.activate(open.id);
    const active = this.#find(this.#state.active);
    this.open(path, active?.parent ?? active?.id);
  }

  /** Opens a new tab, or a sub-tab behind the others of its parent, and goes to it. */
  open(path: string, parent?: string): void {
    const id = `tab${++this.#lastId}`;
    const { tabs } = this.#state;
    const last = tabs.findLastIndex((tab) => tab.id === parent || tab.parent === parent);
    const at = parent === undefined || last < 0 ? tabs.length : last + 1;
    const tab = { id, path, title: '', ...(parent === undefined ? {} : { parent }) };
    this.#set({ tabs: tabs.toSpliced(at, 0, tab), active: id });
    this.#bar.push(id, path);
  }

  /** Puts a tab with its sub-tabs before those that are not pinned, or lets it go again. */
  pin(tabId: string, pinned: boolean): void {
    const tab = this.#find(tabId);
    if (!tab || tab.parent !== undefined) return;
    this.#update(tabId, { pinned });
    const { tabs } = this.#state;
    const isPinned = (one: Tab) => this.#find(one.parent ?? one.id)?.pinned === true;
    this.#set({ tabs: [...tabs.filter(isPinned), ...tabs.filter((one) => !isPinned(one))] });
  }

  /** Goes to the next tab, or with -1 to the one before; round and round. */
  step(by: 1 | -1): void {
    const { tabs, active } = this.#state;
    const at = tabs.findIndex((tab) => tab.id === active) + by;
    const next = tabs.at(at % tabs.length);
    if (next) this.activate(next.id);
  }

  activate(tabId: string): void {
    const tab = this.#find(tabId);
    if (!tab || tabId === this.#state.active) return;
    this.#set({ active: tabId });
    this.#bar.push(tabId, tab.path);
  }

  /** Closes a tab with its sub-tabs, the last one and a pinned one excepted; asks first for each that has unsaved changes. */
  close(tabId: string): void {
    const tab = this.#find(tabId);
    if (!tab || tab.pinned) return;
    const subTabs = this.#state.tabs.filter((one) => one.parent === tabId);
    if (this.#state.tabs.length === 1 + subTabs.length) return;
    const dirty = [...subTabs, tab].find((one) => one.dirty);
    if (dirty) {
      this.activate(dirty.id);
      return this.#set({ leaving: { tabId: dirty.id } });
    }
    for (const one of [...subTabs, tab]) this.#remove(one);
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

/** Whether both are the page of one record, whatever their query: `/Contact/003…`. */
function isSameRecord(one: string, other: string): boolean {
  return pathname(one) === pathname(other) && /^\/\w+\/(?!new$)\w+$/.test(pathname(one));
}

/** The path without its query. */
export function pathname(path: string): string {
  return path.split('?')[0] ?? '/';
}
