import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runCommand } from './run-command.ts';

/**
 * Where downloaded programs lie, shared by all clones of a machine: `CROSSPOINT_CACHE`, else `/var/cache/crosspoint` for
 * root (whose home the unprivileged user of our parts cannot read), else `crosspoint` in the user's cache folder.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.()): string {
  if (env.CROSSPOINT_CACHE) return env.CROSSPOINT_CACHE;
  if (uid === 0) return '/var/cache/crosspoint';
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'crosspoint');
}

/** A half-filled folder that is older than this was left by a process that was killed. */
const STALE_MS = 3_600_000;

/**
 * Fills `dir` all or not at all: `fill` gets an empty folder beside it to work in, and renames what it made to `dir`. What
 * is left in the work folder goes afterwards, and so does what killed processes left.
 */
export async function fillFolder<T>(dir: string, fill: (work: string) => Promise<T>): Promise<T> {
  await makeOpen(dirname(dir), 0o755);
  await removeStale(dir);
  const work = await mkdtemp(`${dir}.partial-`);
  try {
    return await fill(work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Lets everybody read what is in the folder, whatever umask it was made under. */
export async function letRead(dir: string, signal?: AbortSignal): Promise<void> {
  await runCommand('chmod', ['-R', 'u+rwX,go+rX,go-w', dir], { signal });
}

/** Makes a folder and its parents with this very mode, whatever the umask; one that is there stays as it is. */
export async function makeOpen(path: string, mode: number): Promise<void> {
  const topmost = await mkdir(path, { recursive: true });
  if (topmost === undefined) return;
  for (let at = path; at.length >= topmost.length; at = dirname(at)) await chmod(at, mode);
}

async function removeStale(dir: string): Promise<void> {
  for (const name of await readdir(dirname(dir))) {
    if (!name.startsWith(`${basename(dir)}.partial-`)) continue;
    const path = join(dirname(dir), name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}
