import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../../lib/clock.ts';
import { must } from '../../lib/must.ts';
import { endProcess, isRunning, readPid, waitUntil } from './processes.ts';

const script = 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)';

async function startStubborn(mark: string) {
  const child = spawn(process.execPath, ['-e', script, mark], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

describe('a process of ours', () => {
  it('is known by its number and by what it was started with', async () => {
    const child = await startStubborn('/some folder/x.conf');
    const pid = must(child.pid);
    expect(await isRunning(pid, '/some folder/x.conf')).toBe(true);
    expect(await isRunning(pid, '/some folder/y.conf')).toBe(false);
    child.kill('SIGKILL');
    expect(await waitUntil(realClock, 5_000, async () => !(await isRunning(pid, 'x.conf')))).toBe(true);
  });

  it('is ended also when it ignores the polite signal', async () => {
    const child = await startStubborn('/some folder/x.conf');
    await endProcess(realClock, must(child.pid), 'x.conf', 'SIGTERM', 100);
    expect(await waitUntil(realClock, 5_000, () => child.signalCode === 'SIGKILL')).toBe(true);
  });

  it('is left alone when its number belongs to another program', async () => {
    const child = await startStubborn('/theirs');
    await endProcess(realClock, must(child.pid), '/ours', 'SIGKILL', 100);
    expect(await isRunning(must(child.pid), '/theirs')).toBe(true);
    child.kill('SIGKILL');
  });

  it('is not there when no process has its number', async () => {
    expect(await isRunning(4_194_999, '')).toBe(false);
  });
});

describe('a pid file', () => {
  it('gives a number only when it holds one', async () => {
    const base = await mkdtemp(join(tmpdir(), 'crosspoint-pid-'));
    const path = join(base, 'x.pid');
    for (const [text, pid] of [
      ['4711\n/data\n', 4711],
      ['', undefined],
      ['nonsense', undefined],
      ['-1', undefined],
      ['1', undefined],
    ] as const) {
      await writeFile(path, text);
      expect(await readPid(path)).toBe(pid);
    }
    await rm(base, { recursive: true });
    expect(await readPid(path)).toBeUndefined();
  });
});

describe('waiting', () => {
  it('ends at the deadline', async () => {
    const clock = new VirtualClock();
    let asked = 0;
    const waiting = waitUntil(clock, 1_000, () => ++asked > 1_000, 100);
    await clock.advance(2_000);
    expect(await waiting).toBe(false);
    expect(asked).toBeLessThan(15);
  });
});
