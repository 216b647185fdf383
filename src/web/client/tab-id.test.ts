import { describe, expect, test } from 'vitest';
import { claimTabId, type PageEvents, type TabStorage } from './tab-id.ts';

class Storage implements TabStorage {
  constructor(readonly values = new Map<string, string>()) {}
  getItem = (key: string) => this.values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.values.set(key, value);
  removeItem = (key: string) => void this.values.delete(key);
  copy = () => new Storage(new Map(this.values));
}

class Page implements PageEvents {
  readonly listeners: [string, (event: { persisted: boolean }) => void][] = [];
  addEventListener(event: string, listener: (event: { persisted: boolean }) => void): void {
    this.listeners.push([event, listener]);
  }
  fire(name: string, persisted = false): void {
    for (const [event, listener] of this.listeners) if (event === name) listener({ persisted });
  }
}

describe('the id of a tab', () => {
  test('stays over a reload', () => {
    const storage = new Storage();
    const page = new Page();
    const first = claimTabId(storage, page);
    page.fire('pagehide');
    expect(claimTabId(storage, new Page())).toBe(first);
  });

  test('is another one in a duplicated tab, which got a copy of the storage', () => {
    const storage = new Storage();
    const first = claimTabId(storage, new Page());
    expect(claimTabId(storage.copy(), new Page())).not.toBe(first);
  });

  test('stays another one when the duplicate is reloaded', () => {
    const storage = new Storage();
    claimTabId(storage, new Page());
    const copy = storage.copy();
    const page = new Page();
    const second = claimTabId(copy, page);
    page.fire('pagehide');
    expect(claimTabId(copy, new Page())).toBe(second);
  });

  test('is not handed to a duplicate of a page that came back from the cache', () => {
    const storage = new Storage();
    const page = new Page();
    const first = claimTabId(storage, page);
    page.fire('pagehide');
    page.fire('pageshow', true);
    expect(claimTabId(storage.copy(), new Page())).not.toBe(first);
  });

  test('is there when the browser forbids storage', () => {
    const forbidden = () => {
      throw new Error('denied');
    };
    const storage = { getItem: forbidden, setItem: forbidden, removeItem: forbidden };
    const page = new Page();
    expect(claimTabId(storage, page)).toMatch(/^tab_.{20}$/);
    page.fire('pagehide');
  });
});
