/** What is wrong with a page by the rules of WCAG 2.2 A and AA that a machine can check (axe-core), in both colour schemes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The dark scheme has other colours, and nothing else that a rule looks at. */
const RULES = {
  dark: ['color-contrast', 'link-in-text-block'],
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
};

/** Runs in the page: what fades has faded, a menu that was used is gone. What pulses for ever does not count. */
const SETTLED = `Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
  .map((one) => one.finished))`;

/** What is wrong in the page, or in a frame of it. Leaves it in the light scheme. */
export async function violations(page: Page, frame: Frame = page.mainFrame()): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await frame.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    const wrong = await violationsNow(frame, RULES[colorScheme]);
    found.push(...wrong.map((one) => `${colorScheme}: ${one}`));
  }
  return found;
}

/** What is wrong as it is shown now: for a page that has one scheme. */
export async function violationsNow(frame: Frame, rules: readonly string[] = RULES.light): Promise<string[]> {
  if (!(await frame.evaluate<boolean>(`'axe' in window`))) await frame.evaluate(AXE);
  await frame.evaluate(SETTLED);
  return frame.evaluate<string[]>(
    `axe.run(document, { iframes: false, runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
      violations.map((one) => one.id + ': ' + one.nodes.map((n) => n.target.join(' ') + ': ' + n.failureSummary).join(' | ')))`,
  );
}
