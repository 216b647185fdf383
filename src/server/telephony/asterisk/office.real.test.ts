/** Asterisk as in the office: open to the network, so that nobody calls in without an account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import { SipPhone } from '../../../../test/harness/sip-phone.ts';
import { realClock } from '../../../lib/clock.ts';
import type { ProvisionedDevice } from '../ports.ts';
import type { Asterisk } from './asterisk.ts';
import { type FailedAuthentication, SecurityLog } from './security-log.ts';

const ALICE: ProvisionedDevice = {
  name: 'alice',
  password: 'correct-horse',
  kind: 'phone',
  callerId: { number: '101', name: 'Alice' },
};
/** Another machine of the network: on loopback any 127.x.y.z is an address of its own. */
const ELSEWHERE = '127.0.0.9';

let rig: AsteriskRig;
let asterisk: Asterisk;
let log: FactLog;
let security: SecurityLog;
let phones: SipPhone[] = [];
const failures: FailedAuthentication[] = [];

async function phone(user: string, password: string, host = '127.0.0.1'): Promise<SipPhone> {
  const opened = await SipPhone.open({ server: rig.server, user, password, host });
  phones.push(opened);
  return opened;
}

beforeAll(async () => {
  rig = await AsteriskRig.start('0.0.0.0');
  ({ asterisk, log } = rig.connect({ mediaAddress: undefined }));
  const quiet = () => undefined;
  security = new SecurityLog({
    path: rig.asterisk.address.securityLog,
    clock: realClock,
    log: { info: quiet, warn: quiet, error: quiet },
    onFailure: (failure) => failures.push(failure),
    everyMs: 20,
  });
  await security.start();
});

afterAll(async () => {
  for (const opened of phones) opened.close();
  phones = [];
  await security?.close();
  await rig?.stop();
});

describe('Asterisk that is open to the network', () => {
  it('is connected although it has no device yet', async () => {
    await asterisk.switch.start({ deadlineMs: 5_000 });
    expect(asterisk.switch.link).toBe('up');
  });

  it('reports the registration and the calls of a device that came later', async () => {
    await asterisk.provisioning.put(ALICE);
    const alice = await phone('alice', ALICE.password);
    expect(await alice.register()).toBe(200);
    await log.next('device.registration', (fact) => fact.name === 'alice' && fact.registered);
    const call = await alice.call('100');
    const { legId } = await log.next('leg.arrived', (fact) => fact.entry === 'device:alice');
    call.hangup();
    await log.next('leg.cleared', (fact) => fact.legId === legId);
  });

  it('refuses the call of a stranger', async () => {
    const stranger = await phone('stranger', 'whatever-it-is');
    const call = await (await stranger.call('100')).reaches('over');
    expect(call.status).toBe(401);
  });

  it('closes a device to one address, and its owner goes on at another', async () => {
    const alice = await phone('alice', ALICE.password);
    expect(await alice.register()).toBe(200);
    const thief = await phone('alice', 'wrong-password', ELSEWHERE);
    expect(await thief.register()).toBe(401);
    await expect
      .poll(() => failures.filter((f) => f.account === 'alice' && f.proven))
      .toEqual([expect.objectContaining({ account: 'alice', remoteAddress: ELSEWHERE })]);
    await asterisk.provisioning.put({ ...ALICE, refusedFrom: [ELSEWHERE] });
    const right = await phone('alice', ALICE.password, ELSEWHERE);
    expect(await right.register()).toBe(401); // as if there were no such device
    expect(await asterisk.provisioning.registered()).toContain('alice');
    expect(await alice.register()).toBe(200);
    const facts = log.facts.length;
    await asterisk.provisioning.put(ALICE);
    await asterisk.provisioning.put({ ...ALICE, refusedFrom: [ELSEWHERE, '127.0.0.8'] });
    await asterisk.provisioning.put(ALICE);
    const call = await alice.call('100'); // what Asterisk said before this has arrived with it
    await log.next('leg.arrived', (fact) => log.facts.indexOf(fact as never) >= facts);
    call.hangup();
    expect(log.facts.slice(facts).filter((fact) => fact.type === 'device.registration')).toEqual([]);
    expect(await right.register()).toBe(200);
    await asterisk.provisioning.put({ ...ALICE, refusedFrom: [ELSEWHERE] });
  });

  it('forgets whom it refused when we are started again', async () => {
    const right = await phone('alice', ALICE.password, ELSEWHERE);
    expect(await right.register()).toBe(401);
    const { asterisk: next } = rig.connect({ mediaAddress: undefined });
    await next.provisioning.put(ALICE).catch(() => undefined); // not connected yet: it is put then
    await next.switch.start({ deadlineMs: 5_000 });
    expect(await right.register()).toBe(200);
  });
});
