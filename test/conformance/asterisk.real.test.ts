import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import { createSpeech, type Speech } from '../../src/server/telephony/speech/speech.ts';
import { writeWav } from '../../src/server/telephony/speech/wav.ts';
import { AsteriskRig } from '../harness/asterisk-rig.ts';
import { type BrowserPhone, BrowserPhones } from '../harness/browser-phone.ts';
import { CuttableProxy } from '../harness/cuttable-proxy.ts';
import type { SipCall } from '../harness/sip-call.ts';
import { SipPhone } from '../harness/sip-phone.ts';
import type { Behaviour, Callee, FarCall, FarDevice, Heard, SwitchHarness } from './harness.ts';
import { provisioningConformance } from './provisioning.ts';
import { declareSuite } from './suite.ts';
import { switchConformance } from './switch.ts';

/** What answered parties say all the time, Hz, callers the first: no tone, music or announcement of the switch is like them. */
const VOICES = [1000, 1400, 1800] as const;
const [CALLER_VOICE] = VOICES;
/** Digital silence is 0; music may begin very softly. */
const AUDIBLE = 4;

let folder: string;
let rig: AsteriskRig;
let proxy: CuttableProxy;
let speech: Speech;
let browsers: BrowserPhones | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cp-conf-'));
  const samples = Int16Array.from(
    { length: 8_000 },
    (_, i) => 8_000 * Math.sin((2 * Math.PI * 600 * i) / 8_000),
  );
  writeFileSync(join(folder, 'second.wav'), writeWav({ rate: 8_000, samples }));
  speech = createSpeech({ dir: join(folder, 'speech'), clock: realClock, log: pino({ level: 'silent' }) });
  rig = await AsteriskRig.start();
  proxy = await CuttableProxy.open(() => Number(new URL(rig.asterisk.address.ariUrl).port));
});

afterAll(async () => {
  await browsers?.close();
  await speech.close();
  await proxy.close();
  await rig.stop();
  rmSync(folder, { recursive: true });
});

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function asteriskHarness(): Promise<SwitchHarness> {
  const phones: { close(): unknown }[] = [];
  const calls: SipCall[] = [];
  let callees = 0;
  const open = async (user: string, password?: string): Promise<SipPhone> => {
    const phone = await SipPhone.open({ server: rig.server, user, password });
    phones.push(phone);
    return phone;
  };
  return {
    connect() {
      const { ariUser, ariPassword } = rig.asterisk.address;
      const address = () => ({
        url: `http://127.0.0.1:${proxy.port}/ari`,
        user: ariUser,
        password: ariPassword,
      });
      const { asterisk } = rig.connect({ address, speak: (text) => speech.speak(text) });
      return asterisk;
    },
    time: { now: Date.now, wait },
    entry: 'public',
    async call({ ani, dnis, callerName }) {
      const phone = await open('caller');
      const call = await phone.call(dnis, { number: ani, name: callerName });
      calls.push(call);
      // CANCEL is allowed from the first provisional response on
      await call.until(() => call.status >= 100, 3000, '100 Trying');
      return farCall(call, CALLER_VOICE);
    },
    async callee(behaviour) {
      const phone = await open(`callee${callees++}`);
      const voice = VOICES[callees % VOICES.length] ?? CALLER_VOICE;
      return sipCallee(
        phone,
        behaviour,
        voice,
        { kind: 'sip', uri: `sip:callee@127.0.0.1:${phone.port}` },
        calls,
      );
    },
    device: ({ name, kind }) =>
      kind === 'phone' ? sipDevice(open, name, calls) : browserDevice(name, phones),
    soundFile: async () => join(folder, 'second.wav'),
    soundName: 'queue-thankyou',
    cutLink: async () => proxy.cut(),
    restoreLink: async () => proxy.restore(),
    async restartSwitch() {
      const up = new Promise((resolve) => rig.asterisk.events.on('up', resolve));
      process.kill(rig.asterisk.pid, 'SIGKILL');
      await up;
      // a phone notices that nothing comes any more and ends its call; ours are told
      for (const call of calls) call.abandon();
    },
    stall: async (on) => void process.kill(rig.asterisk.pid, on ? 'SIGSTOP' : 'SIGCONT'),
    async dispose() {
      proxy.restore();
      for (const call of calls) call.hangup();
      await wait(50);
      for (const phone of phones) await phone.close();
    },
  };
}

function sipCallee(
  phone: SipPhone,
  behaviour: Behaviour,
  voice: number,
  endpoint: Callee['endpoint'],
  calls: SipCall[],
): Callee {
  let latest: SipCall | undefined;
  phone.onInvite = (call) => {
    latest = call;
    calls.push(call);
    call.ring();
    if (behaviour === 'answers') setTimeout(() => call.state !== 'over' && call.answer(voice), 50);
    if (behaviour === 'early-media') call.earlyMedia(voice);
    if (behaviour === 'told') call.onTalk = () => call.state !== 'over' && call.answer(voice);
    if (behaviour === 'busy') call.refuse('486 Busy Here');
    if (behaviour === 'rejects') call.refuse('603 Decline');
  };
  return { endpoint, call: () => latest && farCall(latest, voice) };
}

async function sipDevice(
  open: (user: string, password?: string) => Promise<SipPhone>,
  name: string,
  calls: SipCall[],
): Promise<FarDevice> {
  const phone = await open(name);
  return {
    ...sipCallee(phone, 'answers', CALLER_VOICE, { kind: 'device', name }, calls),
    async register(password) {
      phone.options.password = password;
      return (await phone.register()) === 200;
    },
    unregister: async () => void (await phone.register(0)),
  };
}

async function browserDevice(name: string, phones: { close(): unknown }[]): Promise<FarDevice> {
  browsers ??= await BrowserPhones.open();
  const phone: BrowserPhone = await browsers.phone();
  phones.push(phone);
  return {
    endpoint: { kind: 'device', name },
    call: () => undefined,
    register: (password) => phone.register(rig.asterisk.address.wsUrl, name, password),
    unregister: () => phone.unregister(),
  };
}

function farCall(call: SipCall, voice: number): FarCall {
  const known = farOf.get(call);
  if (known) return known;
  if (!call.request)
    void call.reaches('up', 60_000).then(
      () => call.speak(voice),
      () => undefined,
    );
  const far: FarCall = {
    answered: () => call.state === 'up',
    ringing: () => call.state === 'ringing' && call.status !== 183,
    ended: () => call.state === 'over',
    refusal: () => REFUSALS[call.status],
    callerNumber: () => /sip:([^@>]+)@/.exec(call.header('from'))?.[1],
    hears: () => hears(call),
    async hearsFrom(other) {
      const hertz = voiceOf.get(other) ?? 0;
      call.ear.reset();
      await wait(200);
      return call.ear.loudness >= AUDIBLE && call.ear.share(hertz) > 0.2;
    },
    digits: () => call.ear.digits,
    async press(digits) {
      for (const digit of digits) {
        call.ear.press(digit);
        await wait(20); // faster than any telephone: Asterisk puts keys back and reports them twice
      }
    },
    hold: (on) => call.renegotiate(on ? 'sendonly' : 'sendrecv'),
    header: (name) => call.header(name) || undefined,
    async transfer(to, replaces) {
      const status = await call.refer(to, replaces && sipCallOf.get(replaces));
      if (status !== 202) throw new Error(`the phone's transfer was refused with ${status}`);
    },
    transferProgress: () => PROGRESS[Math.floor(call.referStatus / 100)],
    hangup: async () => call.hangup(),
  };
  sipCallOf.set(far, call);
  voiceOf.set(far, voice);
  farOf.set(call, far);
  return far;
}

/** A transfer names the other call of its phone. */
const sipCallOf = new WeakMap<FarCall, SipCall>();
const voiceOf = new WeakMap<FarCall, number>();
const farOf = new WeakMap<SipCall, FarCall>();

const PROGRESS: Record<number, ReturnType<FarCall['transferProgress']>> = {
  1: 'trying',
  2: 'done',
  4: 'failed',
  5: 'failed',
  6: 'failed',
};

const REFUSALS: Record<number, ReturnType<FarCall['refusal']>> = {
  403: 'rejected',
  404: 'not-found',
  486: 'busy',
  503: 'congestion',
};

async function hears({ ear }: SipCall): Promise<Heard> {
  ear.reset();
  await wait(200);
  if (ear.loudness < AUDIBLE) return 'silence';
  const voices = VOICES.reduce((sum, hertz) => sum + ear.share(hertz), 0);
  return voices > 0.5 ? 'voice' : 'sound';
}

const driver = { name: 'Asterisk', harness: asteriskHarness };
declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  switchConformance(driver),
  provisioningConformance(driver),
);
