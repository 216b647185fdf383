import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import type { SipCall } from '../../../../test/harness/sip-call.ts';
import type { SipPhone } from '../../../../test/harness/sip-phone.ts';
import { newId } from '../../../lib/ids.ts';
import type { LinkState } from '../ports.ts';
import type { Asterisk } from './asterisk.ts';

const PASSWORD = 'correct-horse';
const CALLER = { number: '+441632960961', name: 'Ada Byron' };

let rig: AsteriskRig;
let asterisk: Asterisk;
let log: FactLog;
let caller: SipPhone;

beforeEach(async () => {
  rig = await AsteriskRig.start();
  ({ asterisk, log } = rig.connect());
  await asterisk.switch.start();
  caller = await rig.phone('ada');
});

afterEach(() => rig.stop());

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const cleared = (legId: string, ms?: number) => log.next('leg.cleared', (f) => f.legId === legId, ms);

async function answered(): Promise<{ call: SipCall; legId: string }> {
  const call = await caller.call('100', CALLER);
  const known = new Set(log.facts.map((f) => ('legId' in f ? f.legId : '')));
  const { legId } = await log.next('leg.arrived', (f) => !known.has(f.legId));
  await asterisk.switch.answer(legId);
  await call.reaches('up');
  return { call, legId };
}

async function dialed(): Promise<{ call: SipCall; legId: string }> {
  const peer = await rig.phone('peer');
  const legId = newId('leg');
  const next = peer.nextCall();
  const endpoint = { kind: 'sip' as const, uri: `sip:peer@127.0.0.1:${peer.port}` };
  await asterisk.switch.originate({ legId, endpoint, callerId: CALLER, autoAnswer: false, ringMs: 5000 });
  const call = await next;
  call.answer();
  await log.next('leg.connected', (f) => f.legId === legId);
  return { call, legId };
}

/**
 * Milliseconds from `armedAt` (before the request that arms) until the call is over. That it ends at all within the deadline is
 * what is bounded from above: a machine under load may be late by any amount.
 */
async function lasts(call: SipCall, armedAt: number): Promise<number> {
  await call.reaches('over', 30_000);
  return performance.now() - armedAt;
}

describe('the armed fallback, with nobody connected', () => {
  it('hangs up a caller on hold music when its time is over, not earlier', async () => {
    const { call, legId } = await answered();
    await asterisk.switch.startMusic(legId);
    const armedAt = performance.now();
    await asterisk.switch.armFallback(legId, 1200, 'hangup');
    await asterisk.switch.close();
    expect(await lasts(call, armedAt)).toBeGreaterThan(1100);
  });

  it('apologises first when it was told to', async () => {
    const { call, legId } = await answered();
    await asterisk.switch.startMusic(legId);
    await asterisk.switch.armFallback(legId, 500, 'apology');
    await asterisk.switch.close();
    await later(800);
    call.ear.reset();
    await call.reaches('over', 30_000);
    // it said something between that and the end, for longer than a click
    expect(call.ear.packets).toBeGreaterThan(30);
    expect(call.ear.loudness).toBeGreaterThan(100);
  });

  it.each(['silent', 'talking'])('hangs up both legs of a bridge whose parties are %s', async (how) => {
    const a = await answered();
    const b = await dialed();
    if (how === 'talking') for (const { call } of [a, b]) call.speak(440);
    await asterisk.switch.bridge('bridge-1', [a.legId, b.legId]);
    await later(300);
    const armedAt = performance.now();
    for (const { legId } of [a, b]) await asterisk.switch.armFallback(legId, 1000, 'hangup');
    await asterisk.switch.close();
    for (const ms of await Promise.all([lasts(a.call, armedAt), lasts(b.call, armedAt)]))
      expect(ms).toBeGreaterThan(900);
  });

  it.each(['silent', 'talking'])(
    'is put off by every renewal, also in a bridge of %s parties',
    async (how) => {
      const a = await answered();
      const b = await answered();
      const c = await dialed();
      if (how === 'talking') for (const { call } of [a, b, c]) call.speak(440);
      await asterisk.switch.startMusic(a.legId);
      await asterisk.switch.bridge('bridge-1', [b.legId, c.legId]);
      const [ms, step] = [3_000, 1_100];
      let armedAt = 0;
      for (let i = 0; i < 4; i++) {
        armedAt = performance.now();
        for (const { legId } of [a, b, c]) await asterisk.switch.armFallback(legId, ms, 'hangup');
        await later(step);
      }
      await asterisk.switch.close();
      // all four waits together are longer than what was armed first
      const ends = await Promise.all([a, b, c].map(({ call }) => lasts(call, armedAt)));
      for (const end of ends) expect(end).toBeGreaterThan(ms - 100);
    },
  );

  it('holds up no command while something is played, and counts from its end', async () => {
    const { call, legId } = await answered();
    await asterisk.switch.armFallback(legId, 60_000, 'hangup');
    await asterisk.switch.play(legId, 'play-1', [{ kind: 'tone', name: 'ring' }]);
    const armedAt = performance.now();
    // the tone has no end: whatever waited for it would wait until its deadline, and reject
    await asterisk.switch.armFallback(legId, 1_500, 'hangup');
    await asterisk.switch.stopPlay(legId, 'play-1');
    await log.next('playback.finished', (f) => f.legId === legId);
    // it is armed by now: requests on one connection are carried out in their order
    await asterisk.switch.list();
    await asterisk.switch.close();
    expect(await lasts(call, armedAt)).toBeGreaterThan(1_400);
  });

  it('does nothing after it was disarmed', async () => {
    const { call, legId } = await answered();
    await asterisk.switch.startMusic(legId);
    await asterisk.switch.armFallback(legId, 500, 'hangup');
    await asterisk.switch.armFallback(legId, 0, 'hangup');
    await asterisk.switch.close();
    await later(1200);
    expect(call.state).toBe('up');
  });
});

describe('the armed fallback, with us connected', () => {
  it('is said as the cause, once, and the leg is not ours any more', async () => {
    const a = await answered();
    const b = await dialed();
    await asterisk.switch.startMusic(a.legId);
    await asterisk.switch.armFallback(a.legId, 300, 'apology');
    await asterisk.switch.armFallback(b.legId, 300, 'hangup');
    expect((await cleared(a.legId)).cause).toBe('fallback');
    expect(a.call.state).toBe('up');
    expect((await cleared(b.legId)).cause).toBe('fallback');
    expect((await asterisk.switch.list()).legs).toEqual([]);
    await expect(asterisk.switch.startMusic(a.legId)).rejects.toMatchObject({ code: 'no-such-line' });
    await a.call.reaches('over', 15_000);
    for (const { legId } of [a, b]) expect(log.of(legId).filter((t) => t === 'leg.cleared')).toHaveLength(1);
  });
});

describe('another process after ours has gone', () => {
  it('finds the calls talking, knows what arrived, and goes on with them', async () => {
    const a = await answered();
    const b = await dialed();
    const waiting = await caller.call('200', CALLER);
    const arrived = await log.next('leg.arrived', (f) => f.dnis === '200');
    await asterisk.switch.bridge('bridge-1', [a.legId, b.legId]);
    const before = await asterisk.switch.list();
    await asterisk.switch.close();
    b.call.speak(440);
    const heir = rig.connect();
    await heir.asterisk.switch.start();
    const snapshot = await heir.asterisk.switch.list();
    const sorted = (legs: typeof snapshot.legs) => legs.toSorted((x, y) => x.legId.localeCompare(y.legId));
    expect(sorted(snapshot.legs)).toEqual(sorted(before.legs));
    expect(snapshot.legs).toHaveLength(3);
    expect(snapshot.legs.find((l) => l.legId === arrived.legId)).toEqual({
      legId: arrived.legId,
      state: 'alerting',
      direction: 'in',
      arrival: { entry: 'public', ani: CALLER.number, dnis: '200', callerName: CALLER.name },
    });
    await heir.asterisk.switch.reject(arrived.legId, 'busy');
    expect((await heir.log.next('leg.cleared', (f) => f.legId === arrived.legId)).cause).toBe('busy');
    await waiting.reaches('over');
    await later(200);
    expect(a.call.ear.loudness).toBeGreaterThan(200);
    await heir.asterisk.switch.unbridge(a.legId);
    await heir.asterisk.switch.hangup(b.legId);
    expect((await heir.log.next('leg.cleared', (f) => f.legId === b.legId)).cause).toBe('normal');
    a.call.hangup();
    expect((await heir.log.next('leg.cleared', (f) => f.legId === a.legId)).cause).toBe('normal');
  });

  it('gets the caller who came while nobody was there, from the music', async () => {
    await asterisk.switch.close();
    const call = await caller.call('300', CALLER);
    await call.reaches('up');
    const heir = rig.connect();
    await heir.asterisk.switch.start();
    const fact = await heir.log.next('leg.arrived', (f) => f.dnis === '300', 6000);
    expect(fact).toMatchObject({ entry: 'public', ani: CALLER.number });
    const leg = (await heir.asterisk.switch.list()).legs.find((l) => l.legId === fact.legId);
    expect(leg?.state).toBe('connected');
  });

  it('takes the application over, and the one before stays away', async () => {
    const heir = rig.connect();
    await heir.asterisk.switch.start();
    await later(1500);
    expect(asterisk.switch.link).toBe('down');
    expect(heir.asterisk.switch.link).toBe('up');
    await expect(asterisk.switch.list()).rejects.toMatchObject({ code: 'switch-down' });
  });
});

describe('an Asterisk that was killed', () => {
  it('gets its devices back before the link is up, and serves calls again', async () => {
    await asterisk.provisioning.put({
      name: 'alice',
      password: PASSWORD,
      kind: 'phone',
      callerId: { number: '101', name: 'Alice' },
    });
    const alice = await rig.phone('alice', PASSWORD);
    expect(await alice.register()).toBe(200);
    await answered();
    const links: LinkState[] = [];
    asterisk.switch.events.on('link', (link) => links.push(link));
    const up = new Promise<void>((resolve) => {
      asterisk.switch.events.on('link', (link) => link === 'up' && resolve());
    });
    process.kill(rig.asterisk.pid, 'SIGKILL');
    await up;
    expect(links).toEqual(['down', 'reconciling', 'up']);
    expect((await asterisk.switch.list()).legs).toEqual([]);
    expect(await alice.register()).toBe(200);
    const next = alice.nextCall();
    const legId = newId('leg');
    const endpoint = { kind: 'device' as const, name: 'alice' };
    await asterisk.switch.originate({ legId, endpoint, callerId: CALLER, autoAnswer: false, ringMs: 5000 });
    (await next).answer();
    await log.next('leg.connected', (f) => f.legId === legId);
  });
});
