import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { startParts, type StartPartsOptions } from './parts.ts';

const quiet = () => {};
const log = { info: quiet, warn: quiet, error: quiet };

describe('starting the parts', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosspoint parts '));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  function options(changes: Partial<StartPartsOptions['asterisk']>): StartPartsOptions {
    const asterisk = { sipHost: '127.0.0.1', sipPort: 5_060, ...changes };
    return { dataDir: base, cacheDir: base, postgres: false, asterisk, clock: new VirtualClock(), log };
  }

  async function program(text: string): Promise<string> {
    const path = join(base, 'an asterisk');
    await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  }

  it('refuses an ASTERISK_BIN that is too old, with its version in the sentence', async () => {
    const bin = await program('echo "Asterisk 16.28.0~dfsg-0+deb11u4"');
    await expect(startParts(options({ bin }))).rejects.toThrow(/ASTERISK_BIN.*version 16\.28.*22 or newer/);
  });

  it('refuses an ASTERISK_BIN that is no Asterisk, or is not there', async () => {
    await expect(startParts(options({ bin: '/bin/true' }))).rejects.toMatchObject({
      code: 'asterisk-failed',
    });
    await expect(startParts(options({ bin: join(base, 'none') }))).rejects.toThrow(/ASTERISK_BIN.*ENOENT/);
  });

  it('goes on without an Asterisk that cannot be had, and says why and what to do', async () => {
    const parts = await startParts(options({ mirror: 'file:/nowhere' }));
    expect(parts.asterisk).toBeUndefined();
    expect(parts.asteriskMissing).toMatch(/^Asterisk cannot be had here: .*ASTERISK_BIN/);
    await parts.stop();
  });

  it('starts nothing when nothing is wanted', async () => {
    const parts = await startParts({ ...options({}), asterisk: undefined });
    expect([parts.postgres, parts.asterisk, parts.asteriskMissing]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    await parts.close();
  });
});
