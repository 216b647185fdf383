import { spawn } from 'node:child_process';
import { access, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type Account, checkReachable, makePrivate } from './account.ts';
import type { PostgresProgram } from './postgres-program.ts';
import { endProcess, isRunning, readPid, waitUntil } from './processes.ts';
import { runCommand } from './run-command.ts';

/** Where one private PostgreSQL lies and listens. */
export interface PostgresPlace {
  /** `postgres` in Crosspoint's data folder: holds data and log. */
  runDir: string;
  socketDir: string;
}

/** How to connect: a Unix socket that only our account may open, so there is no password. */
export interface PostgresConnection {
  /** Folder of the socket. */
  host: string;
  port: number;
  user: string;
  database: string;
}

const POSTGRES_USER = 'crosspoint';
const POSTGRES_MAJOR = 18;
/** Only part of the socket's name: nothing listens on the network. */
const PORT = 5432;
const START_MS = 60_000;
const STOP_MS = 20_000;
const LOG_BYTES = 20_000_000;

function postgresData({ runDir }: PostgresPlace): string {
  return join(runDir, 'data');
}

export function postgresConnection({ socketDir }: PostgresPlace, database: string): PostgresConnection {
  return { host: socketDir, port: PORT, user: POSTGRES_USER, database };
}

/** Runs one statement on a connection of its own. */
export async function queryOnce<T extends object>(connection: PostgresConnection, sql: string): Promise<T[]> {
  const client = new pg.Client({
    ...connection,
    connectionTimeoutMillis: 2_000,
    application_name: 'crosspoint-parts',
  });
  client.on('error', () => undefined); // a server that ends between two statements: the query says so
  await client.connect();
  try {
    return (await client.query<T & pg.QueryResultRow>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether the server on this socket answers and keeps its data in this very folder. */
export async function answersFor(place: PostgresPlace): Promise<boolean> {
  try {
    const rows = await queryOnce<{ dir: string }>(
      postgresConnection(place, 'postgres'),
      "SELECT current_setting('data_directory') AS dir",
    );
    return rows[0]?.dir === (await realpath(postgresData(place)));
  } catch {
    return false;
  }
}

/** The postmaster's process id while it runs. */
export async function runningPostgres(place: PostgresPlace): Promise<number | undefined> {
  const pid = await readPid(join(postgresData(place), 'postmaster.pid'));
  return pid !== undefined && (await isRunning(pid, postgresData(place))) ? pid : undefined;
}

/** Makes the data folder if there is none: all of it, or nothing after a crash. Rejects with `database-failed`. */
export async function initialise(
  place: PostgresPlace,
  program: PostgresProgram,
  account?: Account,
): Promise<boolean> {
  await checkReachable(place.runDir, account);
  await makePrivate(place.runDir, account);
  const data = postgresData(place);
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    checkVersion(version.trim(), data);
    return false;
  }
  const fresh = `${data}.new`;
  await rm(fresh, { recursive: true, force: true });
  await makePrivate(fresh, account);
  const args = [
    '-D',
    fresh,
    '-U',
    POSTGRES_USER,
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-instructions',
  ];
  await runCommand(program.initdb, args, { env: environment(program), ...account, timeoutMs: 120_000 }).catch(
    (error: unknown) => {
      throw new CodedError('database-failed', { reason: String(error) });
    },
  );
  await removeEmpty(data);
  await rename(fresh, data);
  return true;
}

function checkVersion(version: string, data: string): void {
  if (version === String(POSTGRES_MAJOR)) return;
  throw new CodedError('database-failed', {
    reason: `${data} was made by PostgreSQL ${version}, and this Crosspoint brings ${POSTGRES_MAJOR}`,
  });
}

/** A folder without PG_VERSION that holds something is not ours to delete. */
async function removeEmpty(data: string): Promise<void> {
  const entries = await readdir(data).catch(() => []);
  if (entries.length > 0) {
    throw new CodedError('folder-unusable', { folder: data, reason: 'it holds files and is no database' });
  }
  await rm(data, { recursive: true, force: true });
}

function environment(program: PostgresProgram): NodeJS.ProcessEnv {
  return { ...program.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

export interface LaunchOptions {
  program: PostgresProgram;
  account?: Account;
  clock: Clock;
}

/** Starts the server and waits until it answers. Resolves with the postmaster's process id. */
export async function launchPostgres(place: PostgresPlace, options: LaunchOptions): Promise<number> {
  const { clock } = options;
  await removeStaleLocks(place);
  const until = clock.now() + START_MS;
  for (;;) {
    const child = await spawnDetached(place, options);
    const settled = await waitUntil(
      clock,
      until - clock.now(),
      async () => child.ended() || (await answersFor(place)),
    );
    if (settled && !child.ended()) return child.pid;
    // children of one that was killed hold its shared memory for a moment: try again while that is the reason
    const reason = await lastError(place);
    if (clock.now() >= until || !/shared memory block/.test(reason)) {
      if (!child.ended()) await endProcess(clock, child.pid, postgresData(place), 'SIGINT', STOP_MS);
      throw new CodedError('database-failed', { reason });
    }
    await waitUntil(clock, 200, () => false);
  }
}

/** Ends the server: open transactions are rolled back, what was committed is kept. */
export function endPostgres(place: PostgresPlace, pid: number, clock: Clock): Promise<void> {
  return endProcess(clock, pid, postgresData(place), 'SIGINT', STOP_MS);
}

/** What a killed postmaster leaves: its zombie may still answer to its number, so PostgreSQL itself would not dare. */
async function removeStaleLocks(place: PostgresPlace): Promise<void> {
  const stale = [
    join(postgresData(place), 'postmaster.pid'),
    join(place.socketDir, `.s.PGSQL.${PORT}.lock`),
    join(place.socketDir, `.s.PGSQL.${PORT}`),
  ];
  for (const path of stale) await rm(path, { force: true });
}

interface Child {
  pid: number;
  ended(): boolean;
}

/** In a session of its own and with no pipe to us, so that it outlives us. */
async function spawnDetached(place: PostgresPlace, options: LaunchOptions): Promise<Child> {
  const { program, account } = options;
  const settings = {
    shared_buffers: '32MB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const out = await open(await freshLog(place), 'a', 0o600);
  try {
    const args = ['-D', postgresData(place), '-k', place.socketDir, '-h', '', '-p', String(PORT), ...set];
    const child = spawn(program.postgres, args, {
      ...account,
      cwd: '/',
      detached: true,
      stdio: ['ignore', out.fd, out.fd],
      env: environment(program),
    });
    let ended = false;
    child.on('exit', () => (ended = true));
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return { pid: child.pid ?? 0, ended: () => ended };
  } catch (error) {
    throw new CodedError('database-failed', { reason: String(error) });
  } finally {
    await out.close();
  }
}

async function freshLog({ runDir }: PostgresPlace): Promise<string> {
  const path = join(runDir, 'log');
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > LOG_BYTES) await rm(path);
  return path;
}

async function lastError({ runDir }: PostgresPlace): Promise<string> {
  const path = join(runDir, 'log');
  await access(path);
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => /FATAL|PANIC|error/.test(line));
  return `${lines.at(-1)?.trim() ?? 'it did not answer in time'} (more in ${path})`;
}
