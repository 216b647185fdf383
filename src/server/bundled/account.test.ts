import fc from 'fast-check';
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkReachable, makePrivate, partsAccount, socketFolder } from './account.ts';

describe('the folder of the sockets', () => {
  it('is short enough for a socket, whatever the data folder is called, and its own for each', () => {
    const longest = '.s.PGSQL.5432.lock';
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (a, b) => {
        const one = socketFolder(`/x/${a}`, 'postgres', 4_294_967_294);
        expect(Buffer.byteLength(join(one, longest))).toBeLessThan(107);
        expect(socketFolder(`/x/${a}`, 'postgres', 4_294_967_294)).toBe(one);
        if (!/[./]/.test(a + b)) {
          expect(socketFolder(`/x/${b}`, 'postgres', 4_294_967_294) === one).toBe(a === b);
        }
      }),
    );
  });
});

describe('the account of the parts', () => {
  it('is ours unless we are root', async () => {
    expect(await partsAccount(1_000)).toBeUndefined();
    const account = await partsAccount(0);
    expect(account?.uid).toBeGreaterThan(0);
  });
});

describe('a folder for the parts', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosspoint-account-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('is repaired when its mode was wrong', async () => {
    const path = join(base, 'x');
    await mkdir(path, { mode: 0o755 });
    await makePrivate(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('is refused when a folder above keeps the unprivileged user out, with that folder in the sentence', async () => {
    const stranger = { uid: 65_533, gid: 65_533 };
    await expect(checkReachable(join(base, 'data'), stranger)).rejects.toThrow(base);
    await chmod(base, 0o711);
    await checkReachable(join(base, 'data'), stranger);
    await chmod(base, 0o700);
    await checkReachable(join(base, 'data'), undefined);
  });
});
