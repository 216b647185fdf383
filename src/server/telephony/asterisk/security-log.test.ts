import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/clock.ts';
import { type FailedAuthentication, failedAuthentication, SecurityLog } from './security-log.ts';

const NOW = Date.UTC(2026, 0, 5, 9);

function line(event: string, account: string, remote: string): string {
  return `[2026-01-05 09:00:00] SECURITY[89] res_security_log.c: SecurityEvent="${event}",EventTV="2026-01-05T09:00:00.500+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="${account}",SessionID="abc",LocalAddress="IPV4/UDP/127.0.0.1/5060",RemoteAddress="${remote}",Challenge="x",Response="y",ExpectedResponse=""`;
}

describe('failedAuthentication', () => {
  it('reads account, address and time of a wrong password', () => {
    expect(
      failedAuthentication(line('ChallengeResponseFailed', 'alice', 'IPV4/UDP/192.0.2.7/4711'), NOW),
    ).toEqual({
      account: 'alice',
      remoteAddress: '192.0.2.7',
      proven: true,
      at: NOW + 500,
    });
  });

  it('does not take the sender of what was never challenged for proven', () => {
    const failure = failedAuthentication(line('InvalidAccountID', 'alice', 'IPV4/UDP/192.0.2.7/4711'), NOW);
    expect(failure).toMatchObject({ remoteAddress: '192.0.2.7', proven: false });
  });

  it('reads an IPv6 address', () => {
    const failure = failedAuthentication(line('InvalidPassword', 'a', 'IPV6/TCP/2001:db8::7/4711'), NOW);
    expect(failure?.remoteAddress).toBe('2001:db8::7');
  });

  it('says nothing of successes, challenges and other lines', () => {
    for (const event of ['SuccessfulAuth', 'ChallengeSent']) {
      expect(failedAuthentication(line(event, 'alice', 'IPV4/UDP/192.0.2.7/4711'), NOW)).toBeUndefined();
    }
    expect(failedAuthentication('', NOW)).toBeUndefined();
    expect(failedAuthentication('Asterisk 22 built by nobody', NOW)).toBeUndefined();
  });

  it('does not let an account name choose the address or the event', () => {
    const evil = 'x",RemoteAddress="IPV4/UDP/10.0.0.1/1",SecurityEvent="SuccessfulAuth';
    const failure = failedAuthentication(
      line('ChallengeResponseFailed', evil, 'IPV4/UDP/192.0.2.7/4711'),
      NOW,
    );
    expect(failure?.remoteAddress).toBe('192.0.2.7');
  });
});

describe('SecurityLog', () => {
  let folder: string;
  let path: string;
  let clock: VirtualClock;
  let failures: FailedAuthentication[];
  let log: SecurityLog;
  const errors: unknown[] = [];
  const note = (data: object) => void errors.push(data);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'security-'));
    path = join(folder, 'security');
    clock = new VirtualClock();
    failures = [];
    log = new SecurityLog({
      path,
      clock,
      log: { info: note, warn: note, error: note },
      onFailure: (failure) => failures.push(failure),
    });
  });

  afterEach(async () => {
    await log.close();
    await rm(folder, { recursive: true });
    expect(errors).toEqual([]);
  });

  const failed = (account: string) => `${line('ChallengeResponseFailed', account, 'IPV4/UDP/192.0.2.7/1')}\n`;

  it('reports what comes after the start, once, and not what was there', async () => {
    await writeFile(path, failed('old'));
    await log.start();
    await appendFile(path, failed('a') + failed('b'));
    await log.look();
    await log.look();
    expect(failures.map((f) => f.account)).toEqual(['a', 'b']);
  });

  it('looks by itself, twice a second', async () => {
    await writeFile(path, '');
    await log.start();
    await appendFile(path, failed('a'));
    await clock.advance(500);
    await expect.poll(() => failures.map((f) => f.account)).toEqual(['a']);
  });

  it('waits for the end of a line that is half written', async () => {
    await writeFile(path, '');
    await log.start();
    const text = failed('half');
    await appendFile(path, text.slice(0, 100));
    await log.look();
    expect(failures).toEqual([]);
    await appendFile(path, text.slice(100));
    await log.look();
    expect(failures.map((f) => f.account)).toEqual(['half']);
  });

  it('goes on in a new file after a rotation, and in one that appears later', async () => {
    await log.start();
    await writeFile(path, failed('first'));
    await log.look();
    await rename(path, `${path}.1`);
    await writeFile(path, failed('second'));
    await log.look();
    expect(failures.map((f) => f.account)).toEqual(['first', 'second']);
  });

  it('says nothing after close', async () => {
    await writeFile(path, '');
    await log.start();
    await log.close();
    await log.close();
    await appendFile(path, failed('late'));
    await log.look();
    expect(failures).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
