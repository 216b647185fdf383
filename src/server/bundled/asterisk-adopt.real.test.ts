/** Taking over a running Asterisk whose settings have changed meanwhile. Programs: `npm run fetch`. */
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SipPhone } from '../../../test/harness/sip-phone.ts';
import { realClock } from '../../lib/clock.ts';
import { must } from '../../lib/must.ts';
import { partsAccount, socketFolder } from './account.ts';
import { type PrivateAsterisk, startAsterisk } from './asterisk.ts';
import { asteriskFolder, fetchAsterisk } from './asterisk-fetch.ts';
import { programInFolder } from './asterisk-program.ts';
import { cacheFolder } from './cache-folder.ts';
import { bindTcp, bindUdp } from './hosts.ts';
import { sendSignal, waitUntil } from './processes.ts';

describe('an Asterisk that runs already', () => {
  let base: string;
  let dir: string;
  let logged: string[];
  let running: PrivateAsterisk[];

  beforeEach(async () => {
    ({ dir } = await fetchAsterisk({ dir: asteriskFolder(cacheFolder()) }));
    base = await mkdtemp(join(tmpdir(), 'crosspoint-adopt-'));
    await chmod(base, 0o711);
    logged = [];
    running = [];
  });

  afterEach(async () => {
    for (const asterisk of running) await asterisk.stop();
    await rm(base, { recursive: true, force: true });
  });

  async function freePort(): Promise<number> {
    const port = must(await bindUdp('127.0.0.1', 0));
    return (await bindTcp('127.0.0.1', port)) ?? freePort();
  }

  async function start(sipPort: number): Promise<PrivateAsterisk> {
    const note = (_: object, message: string) => void logged.push(message);
    const asterisk = await startAsterisk({
      dataDir: base,
      program: programInFolder(dir),
      account: await partsAccount(),
      sipHost: '127.0.0.1',
      sipPort,
      clock: realClock,
      log: { info: note, warn: note, error: note },
    });
    running.push(asterisk);
    return asterisk;
  }

  it('is restarted with the new settings when it has no calls, and keeps its secret', async () => {
    const first = await start(await freePort());
    await first.close();
    const sipPort = await freePort();
    const second = await start(sipPort);
    expect(second.adopted).toBe(false);
    expect(second.pid).not.toBe(first.pid);
    expect(second.address).toEqual({ ...first.address, sipPort });
  });

  it('keeps its settings while it has calls, says so, and reports what it really uses', async () => {
    const sipPort = await freePort();
    const first = await start(sipPort);
    const phone = await SipPhone.open({ server: { host: '127.0.0.1', port: sipPort }, user: 'ann' });
    try {
      const call = await phone.call('100');
      await call.reaches('up');
      await first.close();
      const second = await start(await freePort());
      expect(second.adopted).toBe(true);
      expect(second.address).toEqual(first.address);
      expect(logged.join()).toContain('keeps its old settings');
      call.hangup();
    } finally {
      phone.close();
    }
  });

  it('is ended and started anew when it does not answer', async () => {
    const first = await start(await freePort());
    await first.close();
    sendSignal(first.pid, 'SIGSTOP');
    const second = await start(first.address.sipPort);
    expect(second.adopted).toBe(false);
    expect(second.pid).not.toBe(first.pid);
  });

  it('tells its listeners when it dies and when it is back, at the same address', async () => {
    const asterisk = await start(await freePort());
    const { address, pid } = asterisk;
    const heard: string[] = [];
    asterisk.events.on('down', (reason) => heard.push(`down: ${reason}`));
    asterisk.events.on('up', () => heard.push('up'));
    sendSignal(pid, 'SIGKILL');
    expect(await waitUntil(realClock, 15_000, () => heard.length === 2)).toBe(true);
    expect(heard).toEqual(['down: its process is gone', 'up']);
    expect(asterisk.pid).not.toBe(pid);
    expect(asterisk.address).toEqual(address);
  });

  it('is not started again after it was stopped', async () => {
    const asterisk = await start(await freePort());
    await asterisk.stop();
    await asterisk.stop();
    await expect(stat(socketFolder(base, 'asterisk'))).rejects.toThrow('ENOENT');
    expect(await bindTcp('127.0.0.1', asterisk.address.sipPort)).toBe(asterisk.address.sipPort);
  });
});
