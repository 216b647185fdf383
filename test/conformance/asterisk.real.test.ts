import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import { createSpeech, type Speech } from '../../src/server/telephony/speech/speech.ts';
import { writeWav } from '../../src/server/telephony/speech/wav.ts';
import { AsteriskRig } from '../harness/asterisk-rig.ts';
import { type BrowserPhone, BrowserPhones } from '../harness/browser-phone.ts';
import { CuttableProxy } from '../harness/cuttable-proxy.ts';
import type { SipCall } from '../harness/sip-call.ts';
import { SipPhone } from '../harness/sip-phone.ts';
import type { Behaviour, Callee, FarCall, FarDevice, Heard, SwitchHarness } from './harness.ts';
import { switchConformance } from './switch.ts';

/** What every answered party says all the time, Hz: no tone, music or announcement of the switch is like it. */
const VOICE_HERTZ = 1000;
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
      return farCall(call);
    },
    async callee(behaviour) {
      const phone = await open(`callee${callees++}`);
      return sipCallee(phone, behaviour, { kind: 'sip', uri: `sip:callee@127.0.0.1:${phone.port}` }, calls);
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
  endpoint: Callee['endpoint'],
  calls: SipCall[],
): Callee {
  let latest: SipCall | undefined;
  phone.onInvite = (call) => {
    latest = call;
    calls.push(call);
    call.ring();
    if (behaviour === 'answers') setTimeout(() => call.state !== 'over' && call.answer(VOICE_HERTZ), 50);
    if (behaviour === 'busy') call.refuse('486 Busy Here');
    if (behaviour === 'rejects') call.refuse('603 Decline');
  };
  return { endpoint, call: () => latest && farCall(latest) };
}

async function sipDevice(
  open: (user: string, password?: string) => Promise<SipPhone>,
  name: string,
  calls: SipCall[],
): Promise<FarDevice> {
  const phone = await open(name);
  return {
    ...sipCallee(phone, 'answers', { kind: 'device', name }, calls),
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

function farCall(call: SipCall): FarCall {
  if (!call.request)
    void call.reaches('up', 60_000).then(
      () => call.speak(VOICE_HERTZ),
      () => undefined,
    );
  return {
    answered: () => call.state === 'up',
    ringing: () => call.state === 'ringing' && call.status !== 183,
    ended: () => call.state === 'over',
    refusal: () => REFUSALS[call.status],
    callerNumber: () => /sip:([^@>]+)@/.exec(call.header('from'))?.[1],
    hears: () => hears(call),
    digits: () => call.ear.digits,
    async press(digits) {
      for (const digit of digits) {
        call.ear.press(digit);
        await wait(20); // faster than any telephone: Asterisk puts keys back and reports them twice
      }
    },
    hold: (on) => call.renegotiate(on ? 'sendonly' : 'sendrecv'),
    hangup: async () => call.hangup(),
  };
}

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
  return ear.share(VOICE_HERTZ) > 0.5 ? 'voice' : 'sound';
}

switchConformance('Asterisk', asteriskHarness);
