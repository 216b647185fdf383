import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from '../../../../test/harness/asterisk-rig.ts';
import { BrowserPhones } from '../../../../test/harness/browser-phone.ts';
import type { SipCall } from '../../../../test/harness/sip-call.ts';
import { readStereo, type StereoSound } from '../../../../test/harness/stereo.ts';
import type { Asterisk } from './asterisk.ts';

/** What one says and what he hears lie together in his recording, and in the other's. */
const ALIGNED_MS = 20;
/** The bridge of a recorded leg mixes so often: what one says is heard by the other up to so much later. */
const MIXED_MS = 20;
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

let rig: AsteriskRig;
beforeAll(async () => {
  rig = await AsteriskRig.start();
});
afterAll(() => rig.stop());

/** Of what an attempt makes, for the next one finds what this one has left. */
let attempt = 0;
beforeEach(() => {
  attempt++;
});
const own = (name: string) => `${name}-${attempt}`;

/** Two parties in a bridge; neither has said anything. */
async function joined(name: string): Promise<{
  asterisk: Asterisk;
  log: FactLog;
  caller: { legId: string; call: SipCall };
  callee: { legId: string; call: SipCall };
}> {
  const id = own(name);
  const { asterisk, log } = rig.connect();
  await asterisk.switch.start({ deadlineMs: 15_000 });
  const [first, second] = [await rig.phone(`a${id}`), await rig.phone(`b${id}`)];
  const call = await first.call('8001', { number: '100' });
  const { legId } = await log.next('leg.arrived');
  await asterisk.switch.answer(legId);
  await call.reaches('up', 15_000);
  await log.next('leg.connected', (fact) => fact.legId === legId);
  const reached = second.nextCall(15_000);
  const endpoint = { kind: 'sip', uri: `sip:b@127.0.0.1:${second.port}` } as const;
  const calleeLeg = `leg-b-${id}`;
  const callerId = { number: '1', name: '' };
  await asterisk.switch.originate({
    legId: calleeLeg,
    endpoint,
    callerId,
    autoAnswer: false,
    ringMs: 30_000,
  });
  const answered = await reached;
  answered.answer();
  await log.next('leg.connected', (fact) => fact.legId === calleeLeg);
  await asterisk.switch.bridge(`bridge-${id}`, [legId, calleeLeg]);
  return { asterisk, log, caller: { legId, call }, callee: { legId: calleeLeg, call: answered } };
}

/** A browser phone is in the call for 2 s. */
async function talksWith(
  { switch: node }: Asterisk,
  log: FactLog,
  legId: string,
  part: number,
): Promise<void> {
  const browserLeg = own(`leg-opus-${part}`);
  const endpoint = { kind: 'device', name: 'opus' } as const;
  const callerId = { number: '1', name: '' };
  await node.originate({ legId: browserLeg, endpoint, callerId, autoAnswer: true, ringMs: 15_000 });
  await log.next('leg.connected', (fact) => fact.legId === browserLeg);
  await node.bridge(own(`bridge-opus-${part}`), [legId, browserLeg]);
  await wait(2_000);
  await node.hangup(browserLeg);
  await log.next('leg.cleared', (fact) => fact.legId === browserLeg);
  await node.unbridge(legId);
  await wait(1_000);
}

async function soundOf({ switch: node }: Asterisk, recordingId: string): Promise<StereoSound> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await node.readRecording(recordingId)) pieces.push(piece);
  return readStereo(Buffer.concat(pieces));
}

/** Its half seconds. */
function halves(sound: StereoSound): StereoSound[] {
  return Array.from({ length: Math.floor(sound.ms / 500) }, (_, i) => sound.slice(i * 500, (i + 1) * 500));
}

/** Says a burst every 400 ms. */
async function bursts(call: SipCall, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    call.speak(1_000);
    await wait(160);
    call.speak(0);
    await wait(240);
  }
}

describe('a stereo recording', () => {
  it('keeps both channels together through gaps, when nothing comes from one side', async () => {
    const { asterisk, log, caller, callee } = await joined('gap');
    await asterisk.switch.startRecording(caller.legId, own('rec-gap'));
    // what the callee says is recorded as heard by the caller (right), and what the caller says comes back in the callee's
    // recording: the same burst lies in two channels of two files
    await asterisk.switch.startRecording(callee.legId, own('rec-mirror'));
    await Promise.all([bursts(caller.call, 6), wait(100).then(() => bursts(callee.call, 6))]);
    for (const [recordingId, { legId }] of [
      [own('rec-gap'), caller],
      [own('rec-mirror'), callee],
    ] as const) {
      await asterisk.switch.stopRecording(recordingId);
      await log.next('recording.finished', (fact) => fact.legId === legId);
    }
    const [callers, mirror] = [
      await soundOf(asterisk, own('rec-gap')),
      await soundOf(asterisk, own('rec-mirror')),
    ];
    const distance = (sound: StereoSound, said: 'left' | 'right', heard: 'left' | 'right') => {
      const [from, to] = [sound.bursts(said), sound.bursts(heard)];
      expect(from.length).toBe(6);
      expect(to.length).toBe(6);
      return from.map((burst, i) => (to[i]?.from ?? Number.NaN) - burst.from);
    };
    // from the caller's burst to the callee's, as either file has it
    const [seenByCaller, seenByCallee] = [
      distance(callers, 'left', 'right'),
      distance(mirror, 'right', 'left'),
    ];
    for (const [i, gap] of seenByCaller.entries())
      expect(Math.abs(gap - (seenByCallee[i] ?? Number.NaN)), `burst ${i}`).toBeLessThanOrEqual(
        ALIGNED_MS + 2 * MIXED_MS,
      );
  });

  it('goes on when our process is killed, and is read by the next one', async () => {
    const { asterisk, caller } = await joined('kill');
    caller.call.speak(1_000);
    await asterisk.switch.startRecording(caller.legId, own('rec-kill'));
    await asterisk.switch.close();
    await wait(500);
    const next = rig.connect();
    await next.asterisk.switch.start({ deadlineMs: 15_000 });
    const { recordings } = await next.asterisk.switch.list();
    expect(recordings).toContainEqual({
      recordingId: own('rec-kill'),
      legId: caller.legId,
      state: 'recording',
    });
    await next.asterisk.switch.stopRecording(own('rec-kill'));
    await next.log.next('recording.finished', (fact) => fact.recordingId === own('rec-kill'));
    expect((await soundOf(next.asterisk, own('rec-kill'))).ms).toBeGreaterThan(400);
  });

  it('stays at its rate, and whole, when a browser with Opus comes into the call and goes again', async () => {
    const { asterisk, log } = rig.connect();
    await asterisk.switch.start({ deadlineMs: 15_000 });
    const browsers = await BrowserPhones.open();
    try {
      const device = { name: 'opus', password: 'correct-horse', kind: 'browser' as const };
      await asterisk.provisioning.put({ ...device, callerId: { number: '101', name: 'Alice' } });
      const browser = await browsers.phone();
      expect(await browser.register(rig.asterisk.address.wsUrl, device.name, device.password)).toBe(true);
      const phone = await rig.phone(own('a-opus'));
      const call = await phone.call('8001', { number: '100' });
      const { legId } = await log.next('leg.arrived');
      await asterisk.switch.answer(legId);
      await call.reaches('up', 15_000);
      await log.next('leg.connected', (fact) => fact.legId === legId);
      call.speak(440);
      await asterisk.switch.startRecording(legId, own('rec-opus'));
      const begun = performance.now();
      await wait(1_000);
      for (const part of [1, 2]) await talksWith(asterisk, log, legId, part);
      const lasted = performance.now() - begun;
      await asterisk.switch.stopRecording(own('rec-opus'));
      await log.next('recording.finished', (fact) => fact.recordingId === own('rec-opus'));
      const sound = await soundOf(asterisk, own('rec-opus'));
      // the file may stand still for the moments in which nothing comes from anybody
      expect(Math.abs(sound.ms - lasted), `${sound.ms} of ${lasted} ms`).toBeLessThan(2_000);
      // where the other party changes Asterisk loses a moment
      const tones = halves(sound).map((part) => part.tone('left', 440));
      expect(tones.filter((share) => share > 0.5).length, tones.join(' ')).toBeGreaterThan(
        0.8 * tones.length,
      );
      const heard = halves(sound).map((part) => (part.loudness('right') > 500 ? 'beeps' : '-'));
      expect(heard.join(' ')).toMatch(/^(- )+(beeps ){3,}(- )*(beeps ?){3,}( ?-)*$/);
    } finally {
      await browsers.close();
    }
  });

  it('is there after Asterisk itself was killed', async () => {
    const { asterisk, caller } = await joined('crash');
    caller.call.speak(1_000);
    await asterisk.switch.startRecording(caller.legId, own('rec-crash'));
    await wait(4_500); // Asterisk writes every two seconds: only the last ones are lost
    const up = new Promise((resolve) => rig.asterisk.events.on('up', resolve));
    process.kill(rig.asterisk.pid, 'SIGKILL');
    await up;
    caller.call.abandon();
    await asterisk.switch.start({ deadlineMs: 60_000 });
    const { recordings } = await asterisk.switch.list();
    const found = recordings.find(({ recordingId }) => recordingId === own('rec-crash'));
    expect(found).toEqual({ recordingId: own('rec-crash'), legId: caller.legId, state: 'finished' });
    expect((await soundOf(asterisk, own('rec-crash'))).ms).toBeGreaterThan(900);
  });
});
