import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkUnclaimed, claimDataFolder } from './data-folder.ts';

describe('the claim of a data folder', () => {
  let base: string;
  let folder: string;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosspoint claim '));
    folder = join(base, 'deep/data');
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('makes the folder, and is given up by release, as often as that is called', async () => {
    const claim = await claimDataFolder(folder);
    expect(claim.dataDir).toBe(folder);
    expect(await readFile(join(folder, 'crosspoint.pid'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await claim.release();
    await claim.release();
    await expect(readFile(join(folder, 'crosspoint.pid'))).rejects.toThrow('ENOENT');
  });

  it('is refused with the process that holds it', async () => {
    await (await claimDataFolder(folder)).release();
    const other = spawn('sleep', ['60']);
    try {
      const stat = await readFile(`/proc/${other.pid}/stat`, 'utf8');
      const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      await writeFile(join(folder, 'crosspoint.pid'), `${other.pid} ${began}`);
      await expect(claimDataFolder(folder)).rejects.toMatchObject({
        code: 'folder-in-use',
        data: { folder, pid: other.pid },
      });
      await expect(checkUnclaimed(folder)).rejects.toMatchObject({ code: 'folder-in-use' });
      // the number was given to another process meanwhile: that one holds nothing
      await writeFile(join(folder, 'crosspoint.pid'), `${other.pid} 1`);
      await (await claimDataFolder(folder)).release();
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('takes over from a process that died', async () => {
    await (await claimDataFolder(folder)).release();
    await writeFile(join(folder, 'crosspoint.pid'), '4194999 77');
    const claim = await claimDataFolder(folder);
    expect(await readFile(join(folder, 'crosspoint.pid'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await claim.release();
  });

  it('does not give up what another process took over', async () => {
    const claim = await claimDataFolder(folder);
    await writeFile(join(folder, 'crosspoint.pid'), '1 1');
    await claim.release();
    expect(await readFile(join(folder, 'crosspoint.pid'), 'utf8')).toBe('1 1');
  });

  it('is by the real name of the folder, so that a link to it is the same folder', async () => {
    const first = await claimDataFolder(folder);
    await first.release();
    await symlink(folder, join(base, 'link'));
    const second = await claimDataFolder(join(base, 'link'));
    expect(second.dataDir).toBe(folder);
    await second.release();
  });

  it('says so when the folder cannot be made', async () => {
    await writeFile(join(base, 'file'), '');
    await expect(claimDataFolder(join(base, 'file/data'))).rejects.toMatchObject({ code: 'folder-unusable' });
  });
});
