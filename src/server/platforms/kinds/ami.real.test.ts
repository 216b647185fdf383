/** What the test of an Asterisk-based PBX says, asked of a real one: what is right, and what is wrong in each way. */
import { createServer } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PbxRig } from '../../../../test/harness/pbx-rig.ts';
import { realClock } from '../../../lib/clock.ts';
import type { PlatformReport } from '../../../protocol/platforms.ts';
import { AmiConnection } from '../../telephony/ami/ami-connection.ts';
import { amiKind } from './ami.ts';

let rig: PbxRig;
beforeAll(async () => {
  rig = await PbxRig.start();
}, 60_000);
afterAll(() => rig?.stop());

async function check(change: Record<string, unknown> = {}): Promise<PlatformReport> {
  const settings = amiKind.settings.parse({ ...rig.ami, ...change });
  const context = { label: 'PBX', clock: realClock, log: pino({ level: 'silent' }), folder: rig.folder };
  const report = await amiKind.check?.(settings, context);
  if (!report) throw new Error('there is no check');
  return report;
}

const wrong = ({ checks }: PlatformReport) =>
  checks.filter(({ status }) => status !== 'ok').map(({ code, status }) => `${code} ${status}`);

describe('the test of a PBX', () => {
  it('finds nothing wrong with the user that docs/pbx.md describes', async () => {
    const report = await check();
    expect(wrong(report)).toEqual([]);
    expect(report.ok).toBe(true);
  });

  it.each([
    ['user', { user: 'nobody' }],
    ['secret', { secret: 'wrong' }],
  ])('says that the %s is wrong, and where to look', async (_what, change) => {
    const report = await check(change);
    expect(wrong(report)).toEqual(['ami-user wrong']);
    expect(report.checks[0]?.found).toContain('Authentication failed');
    expect(report.checks[0]?.fix).toContain('manager.conf');
  });

  it.each([
    ['no-originate', ['ami-right-originate wrong', 'ami-events skipped']],
    ['no-agent', ['ami-right-agent wrong']],
    ['no-system', ['ami-coreshowchannels wrong', 'ami-right-system wrong']],
    ['deaf', ['ami-events wrong']],
  ])('names what the user %s lacks, and nothing else', async (user, expected) => {
    const report = await check({ user });
    expect(wrong(report)).toEqual(expected);
    expect(report.ok).toBe(false);
  });

  it('says that nothing answers at a port, or that it is no AMI', async () => {
    const silent = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const noAmi = await check({ port });
    silent.close();
    const nobody = await check({ port });
    for (const report of [noAmi, nobody]) expect(wrong(report)).toEqual(['ami-address wrong']);
    expect(nobody.checks[0]?.found).toContain('ECONNREFUSED');
  });

  it('goes by TLS when the certificate is known, and says why not when it is another', async () => {
    const tls = { tls: true, port: rig.tlsPort };
    expect(wrong(await check({ ...tls, ca: rig.authority }))).toEqual([]);
    const unknown = await check(tls);
    expect(wrong(unknown)).toEqual(['ami-address wrong']);
    expect(unknown.checks[0]?.found).toContain('certificate');
    const plain = await check({ port: rig.tlsPort });
    expect(wrong(plain)).toEqual(['ami-address wrong']);
    const misnamed = await check({ ...tls, ca: rig.authority, host: 'localhost' });
    expect(misnamed.checks[0]?.found).toContain('localhost');
  });
});

describe('a session by TLS', () => {
  it('lists and hears as a plain one does', async () => {
    let heard = false;
    const connection = await AmiConnection.open(
      {
        address: { ...rig.ami, port: rig.tlsPort, tls: { ca: rig.authority } },
        clock: realClock,
        onEvent: ({ event }) => {
          heard ||= event === 'QueueMemberPause';
        },
        onClosed: () => undefined,
      },
      'call,agent',
    );
    expect((await connection.list('QueueStatus')).some(({ event }) => event === 'QueueMember')).toBe(true);
    await connection.send('QueuePause', { Interface: 'PJSIP/201', Paused: true, Reason: 'TLS' });
    await expect.poll(() => heard, { timeout: 15_000 }).toBe(true);
    expect((await rig.members('sales')).find((one) => one.interface === 'PJSIP/201')?.reason).toBe('TLS');
    connection.close();
  });
});
