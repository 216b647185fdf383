import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import type { SipPhone } from '../../../../test/harness/sip-phone.ts';
import { newId } from '../../../lib/ids.ts';
import type { Asterisk } from './asterisk.ts';

const PASSWORD = 'correct-horse';

let rig: AsteriskRig;
let asterisk: Asterisk;
let log: FactLog;

beforeAll(async () => {
  rig = await AsteriskRig.start();
  ({ asterisk, log } = rig.connect());
  await asterisk.switch.start({ deadlineMs: 15_000 });
});
afterAll(() => rig.stop());

/** A caller who talks with a colleague of the office; the tones say who hears whom. */
async function talk() {
  const caller = await rig.phone(`caller-${newId('c')}`);
  const call = await caller.call('8001', { number: '100' });
  const { legId } = await log.next('leg.arrived', (fact) => !log.of(fact.legId).includes('leg.connected'));
  await asterisk.switch.answer(legId);
  await call.reaches('up', 15_000);
  await log.next('leg.connected', (fact) => fact.legId === legId);
  const callee = await rig.phone('callee');
  const reached = callee.nextCall(15_000);
  const otherLeg = newId('leg');
  await asterisk.switch.originate({
    legId: otherLeg,
    endpoint: { kind: 'sip', uri: `sip:callee@127.0.0.1:${callee.port}` },
    callerId: { number: '1', name: '' },
    autoAnswer: false,
    ringMs: 30_000,
  });
  const answered = await reached;
  answered.answer(440);
  await log.next('leg.connected', (fact) => fact.legId === otherLeg);
  const bridgeId = newId('bridge');
  await asterisk.switch.bridge(bridgeId, [legId, otherLeg]);
  return { call, legId, otherLeg, bridgeId };
}

async function device(name: string): Promise<SipPhone> {
  await asterisk.provisioning.put({
    name,
    password: PASSWORD,
    kind: 'phone',
    callerId: { number: '102', name },
  });
  const phone = await rig.phone(name, PASSWORD);
  expect(await phone.register()).toBe(200);
  return phone;
}

describe('an INVITE that says it replaces a call of somebody else', () => {
  it.each(['anonymous', 'device'] as const)('takes nothing over when it comes from: %s', async (kind) => {
    const { call, legId, otherLeg, bridgeId } = await talk();
    const thief = kind === 'device' ? await device('thief') : await rig.phone('nobody');
    const attempt = await thief.call('100', { headers: [['Replaces', call.replaces]] });
    // Asterisk answers it, and we end it
    await attempt.reaches('over', 15_000);
    await expect
      .poll(async () => (await asterisk.switch.list()).bridges.find((one) => one.bridgeId === bridgeId), {
        timeout: 15_000,
      })
      .toMatchObject({ legIds: expect.arrayContaining([legId, otherLeg]) });
    call.ear.reset();
    await expect.poll(() => call.ear.loudness, { timeout: 15_000 }).toBeGreaterThan(1_000);
    expect(call.state).toBe('up');
    expect(log.of(legId)).not.toContain('leg.cleared');
  });
});
