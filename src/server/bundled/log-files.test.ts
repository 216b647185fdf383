import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { LogFiles, MAX_LOG_BYTES } from './log-files.ts';

let folder: string;
let clock: VirtualClock;
let logs: LogFiles;
let warned: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs '));
  clock = new VirtualClock();
  warned = [];
  const log = { info: () => {}, warn: (_: object, text: string) => warned.push(text), error: () => {} };
  logs = new LogFiles({ folder, names: ['messages', 'security'], clock, log });
});
afterEach(async () => {
  await logs.close();
  await rm(folder, { recursive: true });
});

describe('log files', () => {
  it('are emptied when they have grown too large, and written on', async () => {
    const path = join(folder, 'messages');
    await writeFile(path, Buffer.alloc(MAX_LOG_BYTES + 1, 'x'));
    await clock.advance(60_000);
    await expect.poll(() => warned).toEqual(['a log grew too large and has been emptied']);
    await appendFile(path, 'next\n');
    expect(await readFile(path, 'utf8')).toBe('next\n');
  });

  it('are left alone otherwise, and may be missing', async () => {
    await writeFile(join(folder, 'security'), 'a line\n');
    await logs.look();
    expect(await readFile(join(folder, 'security'), 'utf8')).toBe('a line\n');
    expect(warned).toEqual([]);
  });

  it('are looked at no more after the end', async () => {
    await logs.close();
    expect(clock.pending).toBe(0);
  });
});
