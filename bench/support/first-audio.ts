/** When the first sound of the other party arrives in a page, after a click there. */
import type { Frame, Page } from 'playwright-core';

/**
 * Runs in the page: remembers its peer connections (test/e2e/browser.ts has done so in the product's), notes when a button
 * is clicked, and waits until a connection that was silent until then has received sound of the other side.
 */
const WATCH = `(() => {
  const heard = () => window.__connections.filter((connection) =>
    connection.connectionState !== 'closed' &&
    connection.getReceivers().some((receiver) => receiver.getSynchronizationSources().length > 0));
  const before = new Set(heard());
  let clickedAt = 0;
  addEventListener('click', () => (clickedAt ||= performance.now()), { capture: true });
  window.__firstAudio = new Promise((resolve) => {
    const look = () => {
      if (clickedAt && heard().some((connection) => !before.has(connection))) resolve(performance.now() - clickedAt);
      else setTimeout(look, 2);
    };
    look();
  });
})()`;

/** Watches from now on; the result waits, at most `ms`, for the milliseconds from the click to the first packet. */
export async function watchFirstAudio(page: Page | Frame): Promise<(ms: number) => Promise<number>> {
  await page.evaluate(WATCH);
  return async (ms) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no sound came within ${ms} ms after the click`)), ms);
    });
    return Promise.race([page.evaluate<number>('window.__firstAudio'), late]).finally(() =>
      clearTimeout(timer),
    );
  };
}
