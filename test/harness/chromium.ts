import { existsSync } from 'node:fs';

/** Chromium as users have it. */
export const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
/** The same engine without the browser around it: Debian's own build of it, which takes a fifth less of the processor. */
const SHELL = '/usr/bin/chromium-headless-shell';

/** What tests run their pages in: the bare engine where there is one. */
export function engine(): string {
  return process.env.CHROMIUM_BIN ?? (existsSync(SHELL) ? SHELL : CHROMIUM);
}
