import { chmod, chown, lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';

/** The unprivileged user that PostgreSQL and Asterisk run as when root starts us. */
export interface Account {
  uid: number;
  gid: number;
}

const NOBODY = 65_534;

/**
 * Undefined when we are not root: the parts then run as we do. Else the user `nobody`, which must have a line in
 * /etc/passwd, since PostgreSQL refuses a number without a name.
 */
export async function partsAccount(uid = process.getuid?.()): Promise<Account | undefined> {
  if (uid !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found =
    lines.find(([name]) => name === 'nobody') ?? lines.find((fields) => fields[2] === String(NOBODY));
  if (!found)
    throw new CodedError('folder-unusable', { folder: '/etc/passwd', reason: 'it has no user nobody' });
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Makes a folder that only `account` (else we ourselves) may enter; repairs owner and mode of one that is there. */
export async function makePrivate(path: string, account?: Account): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (account) await chown(path, account.uid, account.gid);
  await chmod(path, 0o700);
}

/**
 * Rejects with `folder-unusable` when `account` could not reach into `path`: a parent folder that keeps others out, such
 * as root's home.
 */
export async function checkReachable(path: string, account?: Account): Promise<void> {
  if (!account) return;
  for (let at = dirname(resolve(path)); at !== dirname(at); at = dirname(at)) {
    const { mode, uid } = await stat(at);
    if ((mode & 0o001) !== 0 || uid === account.uid) continue;
    throw new CodedError('folder-unusable', {
      folder: path,
      reason: `${at} keeps out the unprivileged user that the telephone system and the database run as`,
    });
  }
}

/**
 * The folder for a data folder's sockets: short whatever the data folder is called, since a socket's path has 107 bytes
 * at most, and always the same, since a running part is found again by it. Checked to be ours.
 */
export async function makeSocketFolder(dataDir: string, part: string, account?: Account): Promise<string> {
  const path = socketFolder(dataDir, part);
  await makePrivate(path, account).catch((error: unknown) => {
    throw new CodedError('folder-unusable', { folder: path, reason: String(error) });
  });
  const { uid } = await lstat(path);
  const owner = account?.uid ?? process.getuid?.();
  if (uid !== owner)
    throw new CodedError('folder-unusable', { folder: path, reason: 'it belongs to somebody else' });
  return path;
}

/** Where makeSocketFolder puts it. */
export function socketFolder(dataDir: string, part: string, uid = process.getuid?.() ?? 0): string {
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);
  return join(uid === 0 ? '/run' : '/tmp', `crosspoint-${uid === 0 ? '' : `${uid}-`}${hash}-${part}`);
}
