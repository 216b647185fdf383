import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, fillFolder, letRead, makeOpen } from './cache-folder.ts';

describe('the cache folder', () => {
  it('is what is set, else shared by all of root, else in the home of the user', () => {
    expect(cacheFolder({ CROSSPOINT_CACHE: '/c' }, 0)).toBe('/c');
    expect(cacheFolder({}, 0)).toBe('/var/cache/crosspoint');
    expect(cacheFolder({ HOME: '/home/ann' }, 1_000)).toBe('/home/ann/.cache/crosspoint');
    expect(cacheFolder({ HOME: '/home/ann', XDG_CACHE_HOME: '/x' }, 1_000)).toBe('/x/crosspoint');
  });
});

describe('filling a folder', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosspoint cache '));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('leaves the finished folder and nothing else', async () => {
    const dir = join(base, 'deep', 'x');
    await fillFolder(dir, async (work) => {
      await mkdir(join(work, 'root'));
      await rename(join(work, 'root'), dir);
    });
    expect(await readdir(join(base, 'deep'))).toEqual(['x']);
  });

  it('leaves nothing when it fails', async () => {
    const filling = fillFolder(join(base, 'x'), () => Promise.reject(new Error('no network')));
    await expect(filling).rejects.toThrow('no network');
    expect(await readdir(base)).toEqual([]);
  });

  it('removes what a killed process left an hour ago, and not what another one is filling now', async () => {
    for (const name of ['x.partial-old', 'x.partial-new', 'y.partial-old']) await mkdir(join(base, name));
    for (const name of ['x.partial-old', 'y.partial-old']) await utimes(join(base, name), 1, 1);
    await fillFolder(join(base, 'x'), async () => undefined);
    expect((await readdir(base)).sort()).toEqual(['x.partial-new', 'y.partial-old']);
  });

  it('makes folders with the mode asked for, and leaves alone those that are there', async () => {
    await makeOpen(join(base, 'a/b'), 0o711);
    const modes = await Promise.all(
      ['', 'a', 'a/b'].map(async (name) => (await stat(join(base, name))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o711, 0o711]);
  });

  it('lets everybody read, also what was made under a strict umask', async () => {
    await mkdir(join(base, 'x/y'), { recursive: true, mode: 0o700 });
    await letRead(join(base, 'x'));
    expect((await stat(join(base, 'x/y'))).mode & 0o777).toBe(0o755);
  });
});
