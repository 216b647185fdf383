/**
 * How long it takes from `npm start` until a caller is answered and hears the queue's greeting: the first time, in a fresh copy
 * of the repository with nothing built and no data, packages and programs being in their caches; and a later time. The
 * caller is a SIP phone that calls as soon as the program says that it is ready.
 *
 * Measured against starting the private PostgreSQL and the private Asterisk alone, on an empty folder and on a filled one.
 */
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realClock } from '../src/lib/clock.ts';
import { cacheFolder } from '../src/server/bundled/cache-folder.ts';
import { startParts } from '../src/server/bundled/parts.ts';
import { SipPhone } from '../test/harness/sip-phone.ts';
import { percentile, printFigures, say } from './support/figures.ts';
import { freshFolder, startByNpm } from './support/npm-start.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What a clone has that a start needs. */
const NEEDED = [
  'package.json',
  'package-lock.json',
  'vite.config.ts',
  'tsconfig.base.json',
  'scripts',
  'src',
];
const FIRST_STARTS = 3;
/** After each first one. */
const LATER_STARTS = 3;
const CALLER = '+442079460958';
/** Root mean square of samples: silence is 0, speech some thousands. */
const AUDIBLE = 100;
const PATIENCE_MS = 60_000;
const PORTS = { page: 18_080, sip: 15_080, bareSip: 15_090 };

interface Times {
  ready: number;
  answered: number;
  heard: number;
}

/** Milliseconds since `npm start`. */
async function startAndCall(clone: string): Promise<Times> {
  const began = performance.now();
  const program = await startByNpm(clone, PORTS, PATIENCE_MS);
  const phone = await SipPhone.open({ server: { host: '127.0.0.1', port: PORTS.sip }, user: 'caller' });
  try {
    const ready = performance.now() - began;
    const call = await phone.call('100', { number: CALLER });
    await call.reaches('up', PATIENCE_MS);
    const answered = performance.now() - began;
    await hears(() => call.ear.loudness > AUDIBLE);
    const heard = performance.now() - began;
    call.hangup();
    return { ready, answered, heard };
  } finally {
    phone.close();
    await program.stop();
  }
}

async function hears(audible: () => boolean): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!audible()) {
    if (performance.now() > until) throw new Error('the caller hears nothing');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function clone(folder: string): string {
  const dir = join(folder, 'crosspoint');
  mkdirSync(dir);
  for (const name of NEEDED) cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  return dir;
}

async function startPartsAlone(dataDir: string): Promise<number> {
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const began = performance.now();
  const parts = await startParts({
    dataDir,
    cacheDir: cacheFolder(),
    postgres: true,
    asterisk: { sipHost: '127.0.0.1', sipPort: PORTS.bareSip },
    clock: realClock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const took = performance.now() - began;
  if (parts.asteriskMissing) throw new Error(parts.asteriskMissing);
  await parts.stop();
  return took;
}

const first: Times[] = [];
const later: Times[] = [];
const alone: { first: number[]; later: number[] } = { first: [], later: [] };
for (let round = 0; round < FIRST_STARTS; round++) {
  const folder = freshFolder();
  try {
    const dir = clone(folder);
    first.push(await startAndCall(dir));
    for (let n = 0; n < LATER_STARTS; n++) later.push(await startAndCall(dir));
    const bare = join(folder, 'parts alone');
    alone.first.push(await startPartsAlone(bare));
    for (let n = 0; n < LATER_STARTS; n++) alone.later.push(await startPartsAlone(bare));
    await rm(bare, { recursive: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]) => Math.round(percentile(values, 50));
function report(which: string, times: Times[], bare: number[]): number {
  const [ready, answered, heard] = (['ready', 'answered', 'heard'] as const).map((step) =>
    median(times.map((one) => one[step])),
  );
  say(
    `${which}: ready after ${ready} ms, the caller answered after ${answered} ms, hears the greeting after ${heard} ms`,
  );
  say(
    `  PostgreSQL and Asterisk alone ${median(bare)} ms: ratio ${((heard ?? 0) / median(bare)).toFixed(2)}`,
  );
  return heard ?? 0;
}
const firstMs = report(`first start (median of ${first.length}, with the build)`, first, alone.first);
const laterMs = report(`later start (median of ${later.length})`, later, alone.later);
printFigures('start', { firstMs, laterMs });
