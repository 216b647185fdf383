/** The private parts for real, in processes of their own that are killed as a crash would. Programs: `npm run fetch`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../lib/clock.ts';
import { must } from '../../lib/must.ts';
import { type Account, socketFolder } from './account.ts';
import { cacheFolder } from './cache-folder.ts';
import { bindTcp, bindUdp } from './hosts.ts';
import { fetchParts, stopLeftovers } from './parts.ts';
import type { FixtureReport } from './parts.fixture.ts';
import { queryOnce } from './postgres-process.ts';
import { sendSignal, waitUntil } from './processes.ts';

const NOBODY: Account = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
const fixture = fileURLToPath(new URL('parts.fixture.ts', import.meta.url));

interface Started {
  report: FixtureReport;
  child: ChildProcess;
}

async function alive(pid: number): Promise<boolean> {
  const state = await stat(`/proc/${pid}/exe`).catch(() => undefined);
  return state !== undefined;
}

describe('the private parts', () => {
  let base: string;
  let dataDir: string;
  let sipPort: number;
  let account: Account | undefined;
  let children: ChildProcess[];

  beforeAll(() => fetchParts({ cacheDir: cacheFolder(), asterisk: {} }));

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosspoint parts '));
    await chmod(base, 0o711);
    // a space, and longer than a socket's path may be
    dataDir = join(base, 'a b', 'long'.repeat(30), 'data');
    await mkdir(dataDir, { recursive: true });
    sipPort = await freePort();
    account = undefined;
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => waitUntil(realClock, 5_000, () => child.signalCode !== null)));
    await stopFor(dataDir);
    await rm(base, { recursive: true, force: true });
  });

  async function freePort(): Promise<number> {
    const port = must(await bindUdp('127.0.0.1', 0));
    return (await bindTcp('127.0.0.1', port)) ?? freePort();
  }

  /** As the user that started them: the socket folder's name depends on it. */
  async function stopFor(dir: string): Promise<void> {
    await stopLeftovers(dir, realClock);
    for (const part of ['asterisk', 'postgres']) {
      await rm(socketFolder(dir, part, account?.uid), { recursive: true, force: true });
    }
  }

  async function start(): Promise<Started> {
    const args = ['--import', 'tsx', fixture, dataDir, String(sipPort)];
    const env = { ...process.env, HOME: base, CROSSPOINT_CACHE: cacheFolder() };
    const child = spawn(process.execPath, args, { ...account, env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: must(child.stdout) }).once('line', resolve);
      child.once('error', reject).once('exit', (code) => reject(new Error(`the fixture ended with ${code}`)));
    });
    return { child, report: JSON.parse(line) as FixtureReport };
  }

  async function crash({ child }: Started): Promise<void> {
    child.kill('SIGKILL');
    await waitUntil(realClock, 5_000, () => child.signalCode !== null);
  }

  async function surviveCrash(): Promise<void> {
    const first = await start();
    expect(first.report.error).toBeUndefined();
    const [postgres, asterisk] = [must(first.report.postgres), must(first.report.asterisk)];
    expect([postgres.adopted, asterisk.adopted]).toEqual([false, false]);
    await crash(first);
    expect([await alive(postgres.pid), await alive(asterisk.pid)]).toEqual([true, true]);

    const { report } = await start();
    expect(report.postgres).toEqual({ ...postgres, adopted: true });
    expect(report.asterisk).toEqual({ ...asterisk, adopted: true });
  }

  it('go on when our process is killed, and the next one takes them over', surviveCrash);

  it.runIf(isRoot)('do so for an ordinary user as well', async () => {
    account = NOBODY;
    for (const folder of [base, join(base, 'a b'), join(dataDir, '..'), dataDir]) {
      await chown(folder, NOBODY.uid, NOBODY.gid);
    }
    await surviveCrash();
  });

  it.runIf(isRoot)('run as an unprivileged user when root starts them', async () => {
    const { report } = await start();
    for (const part of [must(report.postgres), must(report.asterisk)]) {
      expect((await stat(`/proc/${part.pid}`)).uid).toBe(NOBODY.uid);
    }
    expect((await stat(join(must(report.asterisk).runDir, 'etc/ari.conf'))).mode & 0o077).toBe(0);
  });

  it('are started again when they are killed, with all data', async () => {
    const { report } = await start();
    const { pid, host } = must(report.postgres);
    const connection = { host, port: 5432, user: 'crosspoint', database: 'crosspoint' };
    await queryOnce(connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
    sendSignal(pid, 'SIGKILL');
    sendSignal(must(report.asterisk).pid, 'SIGKILL');

    const answers = () => queryOnce(connection, 'SELECT answer FROM kept').catch(() => []);
    const back = await waitUntil(
      realClock,
      20_000,
      async () => !(await alive(pid)) && (await answers()).length === 1,
    );
    expect(back).toBe(true);
    const ari = `${must(report.asterisk).ariUrl}/asterisk/info`;
    const isUp = async () => (await fetch(ari).catch(() => undefined))?.status === 401; // there, and asks who we are
    expect(await waitUntil(realClock, 20_000, isUp)).toBe(true);
  });

  it('are both ended by the stop of leftovers, but not under a live process', async () => {
    const started = await start();
    await expect(stopLeftovers(dataDir, realClock)).rejects.toMatchObject({ code: 'folder-in-use' });
    await crash(started);
    expect(await stopLeftovers(dataDir, realClock)).toEqual({ asterisk: true, postgres: true });
    const pids = [must(started.report.postgres).pid, must(started.report.asterisk).pid];
    expect(await Promise.all(pids.map(alive))).toEqual([false, false]);
    expect(await stopLeftovers(dataDir, realClock)).toEqual({ asterisk: false, postgres: false });
  });

  it('refuse a second process on the folder', async () => {
    const first = await start();
    const second = await start();
    expect(second.report.error).toContain(`in use by another Crosspoint (process ${first.child.pid})`);
  });

  it('that ran already go on, with their calls, when the other one does not start', async () => {
    const first = await start();
    const [postgres, asterisk] = [must(first.report.postgres), must(first.report.asterisk)];
    await crash(first);
    sendSignal(postgres.pid, 'SIGKILL');
    expect(await waitUntil(realClock, 5_000, async () => !(await alive(postgres.pid)))).toBe(true);
    await writeFile(join(dataDir, 'postgres/data/PG_VERSION'), 'none');
    expect((await start()).report.error).toContain('PostgreSQL');
    expect(await alive(asterisk.pid)).toBe(true);
  });

  it('refuse a SIP port that is taken, with the setting in the sentence, and leave nothing running', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(sipPort, '127.0.0.1', resolve));
    try {
      const { report } = await start();
      expect(report.error).toContain(`Port ${sipPort} of 127.0.0.1 is taken`);
      expect(report.error).toContain('CROSSPOINT_SIP_PORT');
      expect(await readdir(join(dataDir, 'postgres/data'))).not.toContain('postmaster.pid');
    } finally {
      await new Promise<void>((resolve) => socket.close(resolve));
    }
  });
});
