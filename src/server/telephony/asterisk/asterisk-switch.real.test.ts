import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import type { SipPhone } from '../../../../test/harness/sip-phone.ts';
import type { SipCall } from '../../../../test/harness/sip-call.ts';
import { realClock } from '../../../lib/clock.ts';
import { newId } from '../../../lib/ids.ts';
import type { ProvisionedDevice } from '../ports.ts';
import type { Asterisk } from './asterisk.ts';
import { type FailedAuthentication, SecurityLog } from './security-log.ts';

const PASSWORD = 'correct-horse';
const CALLER = { number: '+441632960961', name: 'Ada Byron' };
/** Louder than silence and comfort noise, quieter than any tone or music. */
const AUDIBLE = 200;

let rig: AsteriskRig;
let asterisk: Asterisk;
let log: FactLog;
let caller: SipPhone;
let alice: SipPhone;

const phoneDevice = (name: string): ProvisionedDevice => ({
  name,
  password: PASSWORD,
  kind: 'phone',
  callerId: { number: '101', name: 'Alice "A" Agent' },
});

beforeAll(async () => {
  rig = await AsteriskRig.start();
  ({ asterisk, log } = rig.connect());
  await asterisk.switch.start();
  caller = await rig.phone('ada');
  alice = await rig.phone('alice', PASSWORD);
  await asterisk.provisioning.put(phoneDevice('alice'));
  expect(await alice.register()).toBe(200);
});

afterAll(() => rig?.stop());

async function arrive(number = '100', from = CALLER): Promise<{ call: SipCall; legId: string }> {
  const before = log.facts.length;
  const call = await caller.call(number, from);
  const fact = await log.next('leg.arrived', (f) => log.facts.indexOf(f as never) >= before);
  return { call, legId: fact.legId };
}

async function ringAlice(
  more: { autoAnswer?: boolean; ringMs?: number } = {},
): Promise<{ legId: string; ringing: SipCall }> {
  const legId = newId('leg');
  const next = alice.nextCall();
  const request = {
    legId,
    endpoint: { kind: 'device' as const, name: 'alice' },
    callerId: CALLER,
    autoAnswer: false,
    ringMs: 10_000,
  };
  await asterisk.switch.originate({ ...request, ...more });
  return { legId, ringing: await next };
}

async function connectAlice(hertz = 0): Promise<{ legId: string; phone: SipCall }> {
  const { legId, ringing } = await ringAlice();
  ringing.answer(hertz);
  await log.next('leg.connected', (f) => f.legId === legId);
  return { legId, phone: ringing };
}

const cleared = (legId: string, ms?: number) => log.next('leg.cleared', (f) => f.legId === legId, ms);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function hears(call: SipCall, what: 'sound' | 'silence'): Promise<void> {
  await later(150);
  const until = performance.now() + 6000; // music may begin softly
  do {
    call.ear.reset();
    await later(300);
  } while (what === 'sound' && call.ear.loudness < AUDIBLE && performance.now() < until);
  if (what === 'sound') expect(call.ear.loudness).toBeGreaterThan(AUDIBLE);
  else expect(call.ear.loudness).toBeLessThan(AUDIBLE);
}

describe('a caller', () => {
  it('arrives with where it came in, who it is and what it dialled, and is not answered by itself', async () => {
    const { call, legId } = await arrive('100');
    const fact = await log.next('leg.arrived', (f) => f.legId === legId);
    expect(fact).toMatchObject({ entry: 'public', ani: CALLER.number, dnis: '100', callerName: CALLER.name });
    expect(Math.abs(fact.at - Date.now())).toBeLessThan(15_000);
    expect(call.state).toBe('calling');
    await asterisk.switch.ring(legId);
    await call.reaches('ringing');
    await asterisk.switch.answer(legId);
    await call.reaches('up');
    await asterisk.switch.hangup(legId);
    await call.reaches('over');
    expect((await cleared(legId)).cause).toBe('normal');
    expect(log.of(legId)).toEqual(['leg.arrived', 'leg.connected', 'leg.cleared']);
  });

  it.each([
    ['busy', 486],
    ['not-found', 404],
    ['rejected', 403],
    ['congestion', 503],
  ] as const)('that is refused as %s gets SIP %i', async (cause, status) => {
    const { call, legId } = await arrive();
    await asterisk.switch.reject(legId, cause);
    await call.reaches('over');
    expect(call.status).toBe(status);
    expect((await cleared(legId)).cause).toBe(cause);
  });

  it('that gives up before the answer is cancelled', async () => {
    const { call, legId } = await arrive();
    await asterisk.switch.ring(legId);
    await call.reaches('ringing');
    call.hangup();
    expect((await cleared(legId)).cause).toBe('cancelled');
  });

  it('that hangs up after the answer is cleared normally, once', async () => {
    const { call, legId } = await arrive();
    await asterisk.switch.answer(legId);
    await call.reaches('up');
    call.hangup();
    expect((await cleared(legId)).cause).toBe('normal');
    await later(2200);
    expect(log.of(legId).filter((type) => type === 'leg.cleared')).toHaveLength(1);
    await expect(asterisk.switch.answer(legId)).rejects.toMatchObject({ code: 'no-such-line' });
    await expect(asterisk.switch.hangup(legId)).rejects.toMatchObject({ code: 'no-such-line' });
    await expect(asterisk.switch.armFallback(legId, 1000, 'hangup')).rejects.toMatchObject({
      code: 'no-such-line',
    });
  });

  it('hears music, then a sound, then silence; each key it presses is said once', async () => {
    const { call, legId } = await arrive();
    await asterisk.switch.answer(legId);
    await call.reaches('up');
    call.speak(440);
    await asterisk.switch.startMusic(legId);
    await hears(call, 'sound');
    await asterisk.switch.stopMusic(legId);
    await hears(call, 'silence');
    await asterisk.switch.play(legId, 'pb-1', [
      { kind: 'sound', name: 'digits/1' },
      { kind: 'sound', name: 'digits/2' },
    ]);
    const finished = await log.next('playback.finished', (f) => f.playbackId === 'pb-1');
    expect(finished.outcome).toBe('done');
    call.ear.press('5');
    await log.next('leg.digit', (f) => f.legId === legId && f.digit === '5');
    call.ear.press('#');
    await log.next('leg.digit', (f) => f.legId === legId && f.digit === '#');
    expect(log.of(legId).filter((type) => type === 'leg.digit')).toHaveLength(2);
    await asterisk.switch.hangup(legId);
  });

  it('hears a tone until it is stopped, and a missing file fails', async () => {
    const { call, legId } = await arrive();
    await asterisk.switch.answer(legId);
    await call.reaches('up');
    await asterisk.switch.play(legId, 'pb-2', [{ kind: 'tone', name: 'busy' }]);
    await hears(call, 'sound');
    await asterisk.switch.stopPlay(legId, 'pb-2');
    expect((await log.next('playback.finished', (f) => f.playbackId === 'pb-2')).outcome).toBe('stopped');
    await asterisk.switch.play(legId, 'pb-3', [{ kind: 'file', path: '/nowhere/missing.wav' }]);
    expect((await log.next('playback.finished', (f) => f.playbackId === 'pb-3')).outcome).toBe('failed');
    await asterisk.switch.play(legId, 'pb-4', [{ kind: 'tone', name: 'ring' }]);
    await asterisk.switch.hangup(legId);
    expect((await log.next('playback.finished', (f) => f.playbackId === 'pb-4')).outcome).toBe('stopped');
  });
});

describe('a leg that we make', () => {
  it('carries its id, the caller and nothing about answering in the INVITE', async () => {
    const { legId, ringing } = await ringAlice();
    expect(ringing.header('x-crosspoint-leg')).toBe(legId);
    expect(ringing.header('x-crosspoint-answer')).toBe('');
    expect(ringing.header('call-info')).toBe('');
    expect(ringing.header('from')).toMatch(/^"Ada Byron" <sip:\+441632960961@/);
    ringing.ring();
    await log.next('leg.alerting', (f) => f.legId === legId);
    await asterisk.switch.hangup(legId);
    await ringing.reaches('over');
    expect((await cleared(legId)).cause).toBe('cancelled');
  });

  it('asks the phone to answer at once when it is told to', async () => {
    const { legId, ringing } = await ringAlice({ autoAnswer: true });
    expect(ringing.header('x-crosspoint-answer')).toBe('auto');
    expect(ringing.header('call-info')).toContain('answer-after=0');
    expect(ringing.header('alert-info')).toContain('info=alert-autoanswer');
    await asterisk.switch.hangup(legId);
    await cleared(legId);
  });

  it('shows a caller whose number is withheld as anonymous', async () => {
    const legId = newId('leg');
    const next = alice.nextCall();
    const base = {
      legId,
      endpoint: { kind: 'device' as const, name: 'alice' },
      autoAnswer: false,
      ringMs: 5000,
    };
    await asterisk.switch.originate({ ...base, callerId: { number: '', name: 'Withheld' } });
    expect((await next).header('from')).toContain('anonymous');
    await asterisk.switch.hangup(legId);
  });

  it.each([
    ['486 Busy Here', 'busy'],
    ['603 Decline', 'rejected'],
    ['404 Not Found', 'not-found'],
    ['503 Service Unavailable', 'congestion'],
  ] as const)('that is answered with %s is cleared as %s', async (status, cause) => {
    const { legId, ringing } = await ringAlice();
    ringing.refuse(status);
    expect((await cleared(legId)).cause).toBe(cause);
  });

  it.each([700, 1000])('that rings for %i ms without an answer is cleared as no-answer', async (ringMs) => {
    const start = performance.now();
    const { legId, ringing } = await ringAlice({ ringMs });
    ringing.ring();
    const fact = await cleared(legId);
    expect(fact.cause).toBe('no-answer');
    expect(fact.heardAt - start).toBeGreaterThan(ringMs - 50);
    await ringing.reaches('over');
  });

  it('to a device that is not registered is unreachable at once', async () => {
    await asterisk.provisioning.put(phoneDevice('nobody-there'));
    for (const name of ['nobody-there', 'never-heard-of']) {
      const legId = newId('leg');
      // it would ring for longer than the fact is waited for
      const base = { legId, endpoint: { kind: 'device' as const, name }, autoAnswer: false, ringMs: 60_000 };
      await asterisk.switch.originate({ ...base, callerId: CALLER });
      const fact = await cleared(legId);
      expect(fact.cause).toBe('unreachable');
    }
  });

  it('cannot be made twice', async () => {
    const { legId, ringing } = await ringAlice();
    const request = {
      legId,
      endpoint: { kind: 'device' as const, name: 'alice' },
      callerId: CALLER,
      autoAnswer: false,
      ringMs: 5000,
    };
    await expect(asterisk.switch.originate(request)).rejects.toMatchObject({ code: 'already-exists' });
    ringing.answer();
    await log.next('leg.connected', (f) => f.legId === legId);
    await asterisk.switch.hangup(legId);
    expect((await cleared(legId)).cause).toBe('normal');
  });

  it('reaches any SIP address', async () => {
    const peer = await rig.phone('peer');
    const legId = newId('leg');
    const next = peer.nextCall();
    const endpoint = { kind: 'sip' as const, uri: `sip:peer@127.0.0.1:${peer.port}` };
    await asterisk.switch.originate({ legId, endpoint, callerId: CALLER, autoAnswer: false, ringMs: 5000 });
    const ringing = await next;
    expect(ringing.header('from')).toMatch(/^"Ada Byron" <sip:\+441632960961@/);
    ringing.answer();
    await log.next('leg.connected', (f) => f.legId === legId);
    ringing.hangup();
    expect((await cleared(legId)).cause).toBe('normal');
  });

  it('is refused with a bad destination before anything is dialled', async () => {
    for (const endpoint of [
      { kind: 'device' as const, name: 'alice&PJSIP/bob' },
      { kind: 'sip' as const, uri: 'tel:123' },
      { kind: 'trunk' as const, trunk: 'a', number: '1@evil' },
    ]) {
      const request = { legId: newId('leg'), endpoint, callerId: CALLER, autoAnswer: false, ringMs: 5000 };
      await expect(asterisk.switch.originate(request)).rejects.toMatchObject({ code: 'bad-input' });
    }
  });
});

describe('a bridge', () => {
  it('carries sound both ways, ends music, mutes, parts and ends, each as often as one likes', async () => {
    const { call, legId } = await arrive();
    await asterisk.switch.answer(legId);
    await call.reaches('up');
    call.speak(700);
    await asterisk.switch.startMusic(legId);
    const { legId: agentLeg, phone } = await connectAlice(440);
    const bridgeId = newId('bridge');
    await asterisk.switch.bridge(bridgeId, [legId, agentLeg]);
    await asterisk.switch.bridge(bridgeId, [legId, agentLeg]);
    await hears(call, 'sound');
    await hears(phone, 'sound');
    const list = await asterisk.switch.list();
    expect(list.bridges.find((b) => b.bridgeId === bridgeId)?.legIds.toSorted()).toEqual(
      [legId, agentLeg].toSorted(),
    );
    expect(list.legs.find((l) => l.legId === legId)).toMatchObject({
      direction: 'in',
      state: 'connected',
      bridgeId,
      arrival: { entry: 'public', ani: CALLER.number, dnis: '100', callerName: CALLER.name },
    });
    expect(list.legs.find((l) => l.legId === agentLeg)).toMatchObject({
      direction: 'out',
      state: 'connected',
      bridgeId,
    });

    await asterisk.switch.mute(agentLeg, true);
    await hears(call, 'silence');
    await asterisk.switch.mute(agentLeg, false);
    await hears(call, 'sound');

    call.ear.press('7');
    await log.next('leg.digit', (f) => f.legId === legId && f.digit === '7');
    await call.renegotiate('sendonly');
    await log.next('leg.held', (f) => f.legId === legId);
    await call.renegotiate('sendrecv');
    await log.next('leg.retrieved', (f) => f.legId === legId);
    expect(log.of(legId).filter((t) => t === 'leg.held' || t === 'leg.retrieved')).toHaveLength(2);

    await asterisk.switch.unbridge(legId);
    await asterisk.switch.unbridge(legId);
    await hears(phone, 'silence');
    await asterisk.switch.bridge(bridgeId, [legId]);
    await hears(phone, 'sound');
    await asterisk.switch.endBridge(bridgeId);
    await asterisk.switch.endBridge(bridgeId);
    await hears(phone, 'silence');
    expect(log.of(agentLeg)).not.toContain('leg.cleared');
    await asterisk.switch.hangup(agentLeg);
    await asterisk.switch.hangup(legId);
    await Promise.all([cleared(legId), cleared(agentLeg)]);
    const after = await asterisk.switch.list();
    expect(after.legs).toEqual([]);
    expect(after.bridges).toEqual([]);
  });

  it('refuses a leg that is gone', async () => {
    await expect(asterisk.switch.bridge(newId('bridge'), ['no-such-leg'])).rejects.toMatchObject({
      code: 'no-such-line',
    });
    await expect(asterisk.switch.unbridge('no-such-leg')).rejects.toMatchObject({ code: 'no-such-line' });
  });
});

describe('devices', () => {
  it('calls in as itself, whatever it says it is', async () => {
    const call = await alice.call('100', { number: 'alice', name: 'The President' });
    const fact = await log.next('leg.arrived', (f) => f.entry.startsWith('device:'));
    expect(fact).toMatchObject({
      entry: 'device:alice',
      ani: '101',
      dnis: '100',
      callerName: 'Alice A Agent',
    });
    await asterisk.switch.reject(fact.legId, 'busy');
    await call.reaches('over');
  });

  it('says who registers and goes away, and removes what is removed', async () => {
    await asterisk.provisioning.put(phoneDevice('carol'));
    const carol = await rig.phone('carol', PASSWORD);
    expect(await carol.register()).toBe(200);
    await log.next('device.registration', (f) => f.name === 'carol' && f.registered);
    expect(await asterisk.provisioning.registered()).toContain('carol');
    expect(await carol.register(0)).toBe(200);
    await log.next('device.registration', (f) => f.name === 'carol' && !f.registered);
    expect(await asterisk.provisioning.registered()).not.toContain('carol');
    await asterisk.provisioning.remove('carol');
    await asterisk.provisioning.remove('carol');
    expect(await carol.register()).not.toBe(200);
  });

  it('refuses a wrong password, and its security log tells who tried and from where', async () => {
    const failures: FailedAuthentication[] = [];
    const ignore = () => undefined;
    const securityLog = new SecurityLog({
      path: rig.asterisk.address.securityLog,
      clock: realClock,
      log: { info: ignore, warn: ignore, error: ignore },
      onFailure: (failure) => failures.push(failure),
      everyMs: 50,
    });
    await securityLog.start();
    const thief = await rig.phone('alice', 'wrong-password');
    expect(await thief.register()).toBe(401);
    expect(await asterisk.provisioning.registered()).toContain('alice');
    // Asterisk may write of the phone that the test before has removed only now.
    const ofAlice = () => failures.filter(({ account }) => account === 'alice');
    for (let i = 0; i < 300 && ofAlice().length === 0; i++) await later(50);
    expect(ofAlice()).toMatchObject([{ account: 'alice', remoteAddress: '127.0.0.1' }]);
    await securityLog.close();
  });
});

describe('an Asterisk that takes requests by HTTP only', () => {
  it('serves calls as well', async () => {
    const other = rig.connect({ rest: 'http' });
    await other.asterisk.switch.start();
    expect(other.asterisk.restOverSocket()).toBe(false);
    const call = await caller.call('400', CALLER);
    const { legId } = await other.log.next('leg.arrived', (f) => f.dnis === '400');
    await other.asterisk.switch.answer(legId);
    await call.reaches('up');
    const peer = await rig.phone('peer');
    const endpoint = { kind: 'sip' as const, uri: `sip:peer@127.0.0.1:${peer.port}` };
    const second = newId('leg');
    const next = peer.nextCall();
    await other.asterisk.switch.originate({
      legId: second,
      endpoint,
      callerId: CALLER,
      autoAnswer: false,
      ringMs: 5000,
    });
    (await next).answer(440);
    await other.log.next('leg.connected', (f) => f.legId === second);
    await other.asterisk.switch.bridge('bridge-http', [legId, second]);
    await hears(call, 'sound');
    await other.asterisk.switch.hangup(legId);
    await other.asterisk.switch.hangup(second);
    await Promise.all([legId, second].map((id) => other.log.next('leg.cleared', (f) => f.legId === id)));
  });
});
