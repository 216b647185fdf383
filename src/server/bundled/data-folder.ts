import { link, readFile, realpath, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { makeOpen } from './cache-folder.ts';

/** Our hold on a data folder. */
export interface DataFolderClaim {
  /** Absolute, with links resolved: the one name by which the parts know it. */
  dataDir: string;
  /** Gives it up; idempotent. */
  release(): Promise<void>;
}

const NAME = 'crosspoint.pid';

/**
 * Makes the data folder and claims it for this process. A claim that a dead process left counts for nothing.
 * Rejects with `folder-in-use` when another live process holds it, `folder-unusable` when we cannot write there.
 */
export async function claimDataFolder(folder: string): Promise<DataFolderClaim> {
  const dataDir = await makeFolder(folder);
  const path = join(dataDir, NAME);
  const mine = await identify(process.pid);
  const own = `${path}.${process.pid}`;
  await writeFile(own, mine, { mode: 0o644 }).catch((error: unknown) => {
    throw new CodedError('folder-unusable', { folder: dataDir, reason: reasonOf(error) });
  });
  try {
    await linkAnew(own, path, dataDir);
  } finally {
    await unlink(own);
  }
  let held = true;
  const release = async () => {
    if (held && (await readFile(path, 'utf8').catch(() => '')) === mine) await unlink(path);
    held = false;
  };
  return { dataDir, release };
}

/** Rejects with `folder-in-use` when a live process holds the folder; changes nothing. */
export async function checkUnclaimed(folder: string): Promise<void> {
  const holder = await liveHolder(join(folder, NAME));
  if (holder !== undefined) throw new CodedError('folder-in-use', { folder, pid: holder });
}

async function makeFolder(folder: string): Promise<string> {
  try {
    // others may pass through, as the parts' own user must, and see nothing
    await makeOpen(resolve(folder), 0o711);
    return await realpath(folder);
  } catch (error) {
    throw new CodedError('folder-unusable', { folder, reason: reasonOf(error) });
  }
}

/** A hard link appears whole and only if there is none, so two that start at once cannot both win. */
async function linkAnew(own: string, path: string, dataDir: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await link(own, path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    await checkUnclaimed(dataDir);
    await unlink(path).catch(() => undefined);
  }
  throw new CodedError('folder-unusable', { folder: dataDir, reason: 'several processes claim it at once' });
}

async function liveHolder(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0) || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  return (await identify(pid)) === text ? pid : undefined;
}

/** The process id and, where the system says it, when that process began: the number alone is given out again. */
async function identify(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  const began = fields[0] === 'Z' ? 'gone' : (fields[19] ?? '');
  return `${pid} ${began}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
