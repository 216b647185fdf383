import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where downloaded programs lie, shared by all clones of a machine: `CROSSPOINT_CACHE`, else `/var/cache/crosspoint` for
 * root (whose home the unprivileged user of our parts cannot read), else `crosspoint` in the user's cache folder.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.()): string {
  if (env.CROSSPOINT_CACHE) return env.CROSSPOINT_CACHE;
  if (uid === 0) return '/var/cache/crosspoint';
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'crosspoint');
}
