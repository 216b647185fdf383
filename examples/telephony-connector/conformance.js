/**
 * The driver of the conformance suite: it plays everybody at the far end of the toy PBX. Each check gets a PBX of its own, so many
 * run at the same time. For a real PBX these hands are SIP telephones, and `connect()` uses the settings as they are.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from 'crosspoint/telephony';
import { ToyPbx } from './pbx.js';

/** @import { Behaviour, CreateConformanceDriver, FarCall, SwitchHarness } from 'crosspoint/conformance' */

/** @type {Record<Behaviour, string>} */
const WHEN = {
  answers: 'answers',
  busy: 'busy',
  rejects: 'rejects',
  unanswered: 'waits',
  'early-media': 'early',
  told: 'waits',
};

/** @type {CreateConformanceDriver} */
export function createConformanceDriver({ createConnector, settings, secrets, log }) {
  return {
    name: 'the toy PBX',
    harness: () =>
      openHarness(
        (port) =>
          createConnector({ id: 'toy', clock: realClock, log, settings: { ...settings, port }, secrets }),
        secrets,
      ),
    parallel: 8,
    lacks: {
      audio: 'its calls carry no sound, only the knowledge of who hears whom',
      'browser-phone': 'it speaks no SIP over WebSocket',
      record: 'it has no sound that could be recorded',
      supervise: 'it cannot let one party listen to another',
      'open-audio': 'it has no sound',
      quality: 'it has no sound',
      'talk-event': 'it has no SIP telephones',
      'transfer-request': 'its telephones have no transfer button',
    },
  };
}

/** @returns {Promise<SwitchHarness>} */
async function openHarness(connectTo, secrets) {
  const pbx = new ToyPbx(String(secrets.password ?? ''));
  await pbx.open();
  const folder = mkdtempSync(join(tmpdir(), 'toy-pbx-'));
  let callees = 0;
  const reachable = (address, endpoint) => ({
    endpoint,
    call: () => (pbx.phone(address).channel ? farCall(pbx, pbx.phone(address).channel) : undefined),
  });
  return {
    connect: () => connectTo(pbx.port),
    time: { now: Date.now, wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    entry: 'public',
    call: async ({ ani, dnis, callerName }) =>
      farCall(pbx, pbx.call({ from: ani, to: dnis, name: callerName })),
    async callee(behaviour) {
      const uri = `sip:callee${callees++}@127.0.0.1`;
      pbx.phone(uri).when = WHEN[behaviour];
      return reachable(uri, { kind: 'sip', uri });
    },
    device: async ({ name }) => ({
      ...reachable(`station:${name}`, { kind: 'device', name }),
      register: async (password) => pbx.register(name, password),
      unregister: async () => pbx.unregister(name),
    }),
    async soundFile() {
      const path = join(folder, 'second.wav');
      writeFileSync(path, Buffer.alloc(44 + 16_000));
      return path;
    },
    soundName: 'welcome',
    cutLink: async () => pbx.cut(true),
    restoreLink: async () => pbx.cut(false),
    restartSwitch: async () => pbx.restart(),
    stall: async (on) => pbx.stall(on),
    async dispose() {
      await pbx.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same party is the same object: a check may ask whether one hears the other. */
const parties = new WeakMap();
const channels = new WeakMap();
const REFUSALS = { 1: 'not-found', 17: 'busy', 21: 'rejected', 34: 'congestion' };

/** @returns {FarCall} */
function farCall(pbx, channel) {
  const known = parties.get(channel);
  if (known) return known;
  const heard = () => pbx.hears(channel);
  /** @type {FarCall} */
  const far = {
    answered: () => channel.state === 'up',
    ringing: () => channel.state === 'ringing' && channel.ringing === true,
    ended: () => channel.state === 'gone',
    refusal: () => REFUSALS[channel.cause],
    callerNumber: () => channel.from,
    hears: async () => (Array.isArray(heard()) ? 'voice' : heard()),
    hearsFrom: async (other) => Array.isArray(heard()) && heard().includes(channels.get(other)),
    digits: () => channel.keys,
    press: async (digits) => pbx.press(channel, digits),
    hold: async (on) => pbx.hold(channel, on),
    header: (name) => channel.headers?.[name],
    transfer: () => Promise.reject(new Error('it has no transfer button')),
    transferProgress: () => undefined,
    hangup: async () => pbx.hangUp(channel),
  };
  parties.set(channel, far);
  channels.set(far, channel);
  return far;
}
