import { spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type Account, checkReachable, makePrivate } from './account.ts';
import { ARI_USER, type AsteriskSettings, asteriskFiles, authoritiesFile } from './asterisk-config.ts';
import type { AsteriskProgram } from './asterisk-program.ts';
import { MAX_LOG_BYTES } from './log-files.ts';
import { endProcess, isRunning, readPid, waitUntil } from './processes.ts';

/** Asterisk boots in half a second; a machine under load may need many times that. */
const BOOT_MS = 20_000;
const ARI_MS = 4_000;
const STOP_MS = 5_000;
/** Files of the log folder; one that is too large is begun anew at a start. */
export const LOGS = ['console', 'messages', 'security'] as const;
const FOLDERS = [
  'etc',
  'lib/keys',
  'log',
  'sounds',
  ...'recording monitor tmp outgoing system'.split(' ').map((n) => `spool/${n}`),
];

/** The configuration file that it was started with. */
export function confFile({ runDir }: AsteriskSettings): string {
  return join(runDir, 'etc/asterisk.conf');
}

/** The process that runs with these settings, or undefined. */
export async function runningAsterisk(settings: AsteriskSettings): Promise<number | undefined> {
  const pid = await readPid(join(settings.socketDir, 'asterisk.pid'));
  return pid !== undefined && (await isRunning(pid, confFile(settings))) ? pid : undefined;
}

/** Makes the run folder, writes the configuration, starts, and waits until ARI answers. Resolves with the process id. */
export async function launchAsterisk(
  settings: AsteriskSettings,
  program: AsteriskProgram,
  account: Account | undefined,
  clock: Clock,
): Promise<number> {
  await makeRunFolder(settings, account);
  await writeFiles(settings, account);
  await rm(join(settings.socketDir, 'asterisk.pid'), { force: true });
  const child = await spawnDetached(settings, program, account);
  const up = await waitUntil(clock, BOOT_MS, async () => child.ended() || (await ariAnswers(settings)), 50);
  if (up && !child.ended()) return child.pid;
  if (!child.ended()) await endProcess(clock, child.pid, confFile(settings), 'SIGTERM', STOP_MS);
  throw new CodedError('asterisk-failed', { reason: await explain(settings) });
}

/** Ends the process; its calls end with it. */
export function endAsterisk(settings: AsteriskSettings, pid: number, clock: Clock): Promise<void> {
  return endProcess(clock, pid, confFile(settings), 'SIGTERM', STOP_MS);
}

async function makeRunFolder({ runDir }: AsteriskSettings, account?: Account): Promise<void> {
  await checkReachable(runDir, account);
  const parents = ['', 'lib', 'spool'];
  for (const folder of [...parents, ...FOLDERS]) await makePrivate(join(runDir, folder), account);
  for (const name of LOGS) {
    const path = join(runDir, 'log', name);
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size > MAX_LOG_BYTES) await rm(path);
  }
}

async function writeFiles(settings: AsteriskSettings, account?: Account): Promise<void> {
  const files = Object.entries(asteriskFiles(settings)).map(([name, text]) => ({
    path: join(settings.runDir, 'etc', name),
    text,
  }));
  // not one of asteriskFiles: another version of Node is no reason to restart Asterisk
  if (!settings.authorities)
    files.push({ path: authoritiesFile(settings), text: rootCertificates.join('\n') });
  for (const { path, text } of files) {
    await writeFile(path, text, { mode: 0o600 });
    if (account) await chown(path, account.uid, account.gid);
  }
}

/** Whether the configuration on disk, which a running Asterisk was started with, is what these settings would give. */
export async function hasSameFiles(settings: AsteriskSettings): Promise<boolean> {
  for (const [name, text] of Object.entries(asteriskFiles(settings))) {
    const old = await readFile(join(settings.runDir, 'etc', name), 'utf8').catch(() => undefined);
    if (old !== text) return false;
  }
  return true;
}

interface Child {
  pid: number;
  ended(): boolean;
}

/** In a session of its own and with no pipe to us, so that it outlives us. */
async function spawnDetached(
  settings: AsteriskSettings,
  program: AsteriskProgram,
  account?: Account,
): Promise<Child> {
  const { runDir } = settings;
  await mkdir(join(runDir, 'log'), { recursive: true });
  const out = await open(join(runDir, 'log/console'), 'a', 0o600);
  try {
    const child = spawn(program.command, [...program.prefix, '-f', '-C', confFile(settings)], {
      ...account,
      cwd: '/',
      detached: true,
      stdio: ['ignore', out.fd, out.fd],
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
        HOME: runDir,
        TMPDIR: join(runDir, 'spool/tmp'),
      },
    });
    let ended = false;
    child.on('exit', () => (ended = true));
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return { pid: child.pid ?? 0, ended: () => ended };
  } catch (error) {
    throw new CodedError('asterisk-failed', { reason: `${program.command}: ${String(error)}` });
  } finally {
    await out.close();
  }
}

async function explain({ runDir }: AsteriskSettings): Promise<string> {
  const text = await readFile(join(runDir, 'log/console'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => /ERROR|error|cannot|Unable/.test(line));
  const last = lines.at(-1) ?? 'it did not answer in time';
  return `${last.trim()} (more in ${join(runDir, 'log')})`;
}

/** Whether ARI answers with our secret: the only proof that the Asterisk on this port is ours and ready. */
export async function ariAnswers(settings: AsteriskSettings): Promise<boolean> {
  return (await ariGet(settings, 'asterisk/info?only=system').catch(() => undefined)) !== undefined;
}

/** How many channels there are, so how many calls a restart would cut. */
export async function countChannels(settings: AsteriskSettings): Promise<number> {
  const channels = await ariGet(settings, 'channels');
  return Array.isArray(channels) ? channels.length : 0;
}

async function ariGet({ ariPort, ariPassword }: AsteriskSettings, path: string): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`${ARI_USER}:${ariPassword}`).toString('base64')}`;
  const answer = await fetch(`http://127.0.0.1:${ariPort}/ari/${path}`, {
    headers: { authorization },
    signal: AbortSignal.timeout(ARI_MS),
  });
  if (!answer.ok) throw new Error(`ARI answered ${answer.status}`);
  return answer.json();
}
