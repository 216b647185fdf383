import { randomToken } from '../../lib/ids.ts';

/** The part of `sessionStorage` that a tab's identity needs. */
export interface TabStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The part of `window` that tells when the page is left and when it comes back from the browser's cache. */
export interface PageEvents {
  addEventListener(event: 'pagehide' | 'pageshow', listener: (event: { persisted: boolean }) => void): void;
}

const ID = 'crosspoint.tab';
const LEFT = 'crosspoint.tab.left';

/**
 * This tab's id: the same over a reload, another one in a duplicated tab.
 *
 * A browser copies sessionStorage into a duplicated tab. A page that is reloaded was left first and marked that on
 * `pagehide`; a copy of a page that is still open carries no mark, so it takes a new id. After a crash there is no mark
 * either: a new id then costs nothing, for the old page's socket is closed.
 */
export function claimTabId(storage: TabStorage, page: PageEvents): string {
  const kept = read(storage, LEFT) === '1' ? read(storage, ID) : null;
  const id = kept ?? `tab_${randomToken(20)}`;
  write(storage, id);
  page.addEventListener('pagehide', () => mark(storage, true));
  page.addEventListener('pageshow', (event) => {
    if (event.persisted) mark(storage, false);
  });
  return id;
}

function read(storage: TabStorage, key: string): string | null {
  try {
    return storage.getItem(key);
  } catch {
    // Storage is forbidden (a third-party frame in a strict browser): the id then lives as long as the page.
    return null;
  }
}

function write(storage: TabStorage, id: string): void {
  try {
    storage.setItem(ID, id);
    storage.removeItem(LEFT);
  } catch {
    return;
  }
}

function mark(storage: TabStorage, left: boolean): void {
  try {
    if (left) storage.setItem(LEFT, '1');
    else storage.removeItem(LEFT);
  } catch {
    return;
  }
}
