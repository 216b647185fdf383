import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { realClock } from '../src/lib/clock.ts';
import type * as speechModule from '../src/server/telephony/speech/speech.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Inside node_modules, as dist/ is beside it: the bundle finds its packages. */
const folder = join(root, 'node_modules/.cache', `speech-${randomUUID()}`);

afterAll(() => rm(folder, { recursive: true, force: true }));

it('speech works from a bundle that has its worker beside it', async () => {
  const source = join(root, 'src/server/telephony/speech');
  await build({
    entryPoints: { main: join(source, 'speech.ts'), 'speech-worker': join(source, 'speech-worker.ts') },
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  });
  const { createSpeech } = (await import(
    /* @vite-ignore */ pathToFileURL(join(folder, 'main.mjs')).href
  )) as typeof speechModule;
  const speech = createSpeech({
    dir: join(folder, 'cache'),
    clock: realClock,
    log: pino({ level: 'silent' }),
  });
  const wav = await readFile(await speech.speak('Hello from the bundle.'));
  await speech.close();
  expect(wav.readUInt32LE(24)).toBe(8_000);
  expect(wav.length).toBeGreaterThan(8_000);
});
