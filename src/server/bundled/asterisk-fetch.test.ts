import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asteriskFolder, fetchAsterisk, fetchedAsterisk } from './asterisk-fetch.ts';
import { debianLayout, programInFolder } from './asterisk-program.ts';
import { debianMirrorIn } from './debian-fetch.ts';

describe('the archive that the machine uses', () => {
  it("is read from apt's own list of addresses", () => {
    const uris = [
      "'https://packages.example/apt/dists/x/InRelease' packages.example_x 0",
      "'http://archive.example/debian-security/dists/bookworm-security/InRelease' a 0",
      "'http://archive.example/debian/dists/bookworm/InRelease' b 0",
      "'http://other.example/debian/dists/bookworm/InRelease' c 0",
    ].join('\n');
    expect(debianMirrorIn(uris)).toBe('http://archive.example/debian');
  });

  it('is none on another distribution', () => {
    expect(debianMirrorIn("'http://archive.example/ubuntu/dists/noble/InRelease' x 0")).toBeUndefined();
    expect(debianMirrorIn('')).toBeUndefined();
  });
});

describe('fetching Asterisk', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosspoint fetch '));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('does nothing when the folder is filled', async () => {
    await writeFile(join(base, '.crosspoint.json'), '{"version":"22.1.0","suite":"sid","packages":[]}');
    const expected = { dir: base, version: '22.1.0', suite: 'sid', downloaded: false };
    expect(await fetchAsterisk({ dir: base, mirror: 'file:/nowhere' })).toEqual(expected);
  });

  it('says what to install where the keys of the archive are missing', async () => {
    const dir = join(base, 'asterisk');
    const fetching = fetchAsterisk({ dir, mirror: 'file:/nowhere', keyring: join(base, 'none.gpg') });
    await expect(fetching).rejects.toMatchObject({ code: 'asterisk-unavailable' });
    await expect(fetching).rejects.toThrow(/debian-archive-keyring.*ASTERISK_BIN/);
  });

  it('refuses a folder whose name the program loader would read as two', async () => {
    await expect(fetchAsterisk({ dir: join(base, 'a:b') })).rejects.toMatchObject({
      code: 'folder-unusable',
    });
  });

  it('gives the reason and leaves nothing behind when the archive cannot be read', async () => {
    const keyring = join(base, 'keys.gpg');
    await writeFile(keyring, '');
    const dir = join(base, 'asterisk');
    const fetching = fetchAsterisk({ dir, keyring, mirror: `file:${base}/nothing` });
    await expect(fetching).rejects.toMatchObject({ code: 'asterisk-unavailable' });
    expect(await readdir(base)).toEqual(['keys.gpg']);
    expect(await fetchedAsterisk(dir)).toBeUndefined();
  });
});

describe('the unpacked folder', () => {
  it('has its own name for each architecture and its own loader', () => {
    expect(asteriskFolder('/c', 'x64')).toMatch(/^\/c\/asterisk-22-amd64-\d+$/);
    expect(asteriskFolder('/c', 'arm64')).toMatch(/^\/c\/asterisk-22-arm64-\d+$/);
    expect(programInFolder('/a b', 'arm64').command).toBe(
      '/a b/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
    );
    expect(debianLayout('mips')).toBeUndefined();
  });
});
