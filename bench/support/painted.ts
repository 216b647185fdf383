/** When a browser has painted what a call brought up. */
import type { Page } from 'playwright-core';

/** What was shown, and when, in epoch milliseconds: both clocks are this machine's. */
export interface Painted {
  name: string;
  nameAt: number;
  /** The record's own fields are there, too; the same as `nameAt` on a page that shows none. */
  fieldsAt: number;
}

/**
 * Runs in the page: waits until it shows another name than now, and until the fields beneath it are that record's. The frame
 * after the change has been handed to the compositor when a timer set in its animation callback fires.
 */
const WATCH = `(() => {
  const name = () => document.querySelector('[data-testid=record-name]')?.textContent ?? '';
  const record = () => document.querySelector('[data-testid=record-page]')?.getAttribute('data-id');
  const plain = record() === undefined && location.pathname === '/' && document.querySelector('h1') !== null;
  const [oldName, oldRecord] = [name(), record()];
  const fields = () => plain || (record() !== oldRecord && document.querySelector('[data-testid=field-Phone]') !== null);
  const painted = (then) => requestAnimationFrame(() => setTimeout(() => then(Date.now())));
  window.__painted = new Promise((resolve) => {
    const result = {};
    const seen = {};
    const done = (what, at) => {
      result[what] = at;
      if (result.nameAt && result.fieldsAt) resolve(result);
    };
    const look = () => {
      if (!seen.name && name() !== '' && name() !== oldName) {
        seen.name = true;
        result.name = name();
        painted((at) => done('nameAt', at));
      }
      if (seen.name && !seen.fields && fields()) {
        seen.fields = true;
        observer.disconnect();
        painted((at) => done('fieldsAt', at));
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
})()`;

/** Watches from now on; call the result to wait, at most `ms`, for what comes. */
export async function watchPaint(page: Page): Promise<(ms: number) => Promise<Painted>> {
  await page.evaluate(WATCH);
  return async (ms) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no record was shown within ${ms} ms`)), ms);
    });
    const painted = page.evaluate<Painted>('window.__painted');
    return Promise.race([painted, late]).finally(() => clearTimeout(timer));
  };
}
