import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import { type BrowserPhone, BrowserPhones } from '../../../../test/harness/browser-phone.ts';
import { newId } from '../../../lib/ids.ts';
import type { ProvisionedDevice } from '../ports.ts';
import type { Asterisk } from './asterisk.ts';

const PASSWORD = 'correct-horse';
const CALLER = { number: '+441632960961', name: 'Ada Byron' };

let rig: AsteriskRig;
let browsers: BrowserPhones;
let asterisk: Asterisk;
let log: FactLog;

const device = (name: string, more: Partial<ProvisionedDevice> = {}): ProvisionedDevice => ({
  name,
  password: PASSWORD,
  kind: 'browser',
  callerId: { number: '101', name: 'Alice' },
  ...more,
});

beforeAll(async () => {
  rig = await AsteriskRig.start();
  ({ asterisk, log } = rig.connect());
  await asterisk.switch.start();
  browsers = await BrowserPhones.open();
});

afterAll(async () => {
  await browsers.close();
  await rig.stop();
});

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function reaches(phone: BrowserPhone, state: 'up' | 'over'): Promise<{ leg: string; cause?: string }> {
  const end = performance.now() + 8000;
  for (;;) {
    const call = await phone.last();
    if (call?.state === state) return call;
    if (performance.now() > end)
      throw new Error(`the browser's call did not come to be ${state}: ${JSON.stringify(call)}`);
    await later(20);
  }
}

describe("an agent's browser", () => {
  it('is rung with the leg id, and talks with a caller on a plain phone, both hearing the other', async () => {
    await asterisk.provisioning.put(device('alice'));
    const alice = await browsers.phone();
    expect(await alice.register(rig.asterisk.address.wsUrl, 'alice', PASSWORD)).toBe(true);
    const ada = await rig.phone('ada');
    const call = await ada.call('100', CALLER);
    const arrived = await log.next('leg.arrived', (f) => f.dnis === '100');
    await asterisk.switch.answer(arrived.legId);
    await call.reaches('up');
    call.speak(1000);
    const legId = newId('leg');
    const endpoint = { kind: 'device' as const, name: 'alice' };
    await asterisk.switch.originate({ legId, endpoint, callerId: CALLER, autoAnswer: true, ringMs: 10_000 });
    await log.next('leg.connected', (f) => f.legId === legId, 8000);
    expect((await reaches(alice, 'up')).leg).toBe(legId);
    await asterisk.switch.bridge('bridge-1', [arrived.legId, legId]);
    await later(1500);
    const before = await alice.received();
    call.ear.reset();
    await later(2500); // the fake microphone beeps once a second
    expect(call.ear.packets).toBeGreaterThan(80);
    expect(call.ear.loudness).toBeGreaterThan(20);
    expect((await alice.received()) - before).toBeGreaterThan(80);

    // putting the device again, as after a broken connection, leaves its call and its registration alone
    await asterisk.provisioning.put(device('alice'));
    expect(await asterisk.provisioning.registered()).toContain('alice');
    expect((await asterisk.switch.list()).legs.find((l) => l.legId === legId)?.state).toBe('connected');

    call.hangup();
    await log.next('leg.cleared', (f) => f.legId === arrived.legId);
    await asterisk.switch.hangup(legId);
    await reaches(alice, 'over');
    expect((await log.next('leg.cleared', (f) => f.legId === legId)).cause).toBe('normal');
    await alice.close();
  });
});

describe("a visitor's browser", () => {
  it('calls the one number it may dial, and no other', async () => {
    const visitor = device('visitor-1', {
      kind: 'visitor',
      onlyDial: '8001',
      callerId: { number: '', name: 'Web call' },
    });
    await asterisk.provisioning.put(visitor);
    await asterisk.provisioning.put(visitor);
    const page = await browsers.phone();
    await page.register(rig.asterisk.address.wsUrl, 'visitor-1', PASSWORD);
    await page.dial('8001');
    const arrived = await log.next('leg.arrived', (f) => f.entry === 'web:visitor-1', 8000);
    expect(arrived).toMatchObject({ ani: 'anonymous', dnis: '8001', callerName: 'Web call' });
    await asterisk.switch.answer(arrived.legId);
    await reaches(page, 'up');
    await asterisk.switch.hangup(arrived.legId);
    await reaches(page, 'over');
    const known = log.facts.length;
    await page.dial('100');
    expect((await reaches(page, 'over')).cause).toBeTruthy();
    await later(300);
    expect(log.facts.slice(known).map((f) => f.type)).not.toContain('leg.arrived');
    await page.close();
  });

  it('is not registered and cannot be called', async () => {
    await asterisk.provisioning.put(device('visitor-2', { kind: 'visitor', onlyDial: '8001' }));
    const page = await browsers.phone();
    expect(await page.register(rig.asterisk.address.wsUrl, 'visitor-2', PASSWORD)).toBe(false);
    const legId = newId('leg');
    const endpoint = { kind: 'device' as const, name: 'visitor-2' };
    await asterisk.switch.originate({ legId, endpoint, callerId: CALLER, autoAnswer: false, ringMs: 5000 });
    expect((await log.next('leg.cleared', (f) => f.legId === legId)).cause).toBe('unreachable');
    await page.close();
  });
});
