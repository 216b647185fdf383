import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { SimulatedDevice, WhenRung } from '../../src/server/telephony/simulated/device.ts';
import { DEFAULT_LATENCIES } from '../../src/server/telephony/simulated/latencies.ts';
import { SimulatedExchange } from '../../src/server/telephony/simulated/exchange.ts';
import type { SimulatedParty } from '../../src/server/telephony/simulated/party.ts';
import { SimulatedProvisioning, SimulatedSwitch } from '../../src/server/telephony/simulated/switch.ts';
import { writeWav } from '../../src/server/telephony/speech/wav.ts';
import type { Behaviour, Callee, ConformanceDriver, FarCall, Heard, SwitchHarness } from './harness.ts';
import { provisioningConformance } from './provisioning.ts';
import { declareSuite } from './suite.ts';
import { switchConformance } from './switch.ts';

const log = pino({ level: 'silent' });
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  writeFileSync(join(folder, 'second.wav'), writeWav({ rate: 8_000, samples: new Int16Array(8_000) }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WHEN_RUNG: Record<Behaviour, WhenRung> = {
  answers: 'answers',
  busy: 'busy',
  rejects: 'rejects',
  unanswered: 'ignores',
  'early-media': 'ignores',
  told: 'manual',
};

const NEVER_MS = 1e9;

async function simulatedHarness(): Promise<SwitchHarness> {
  const clock = new VirtualClock();
  const exchange = new SimulatedExchange({ clock, log });
  let callees = 0;
  return {
    connect() {
      const connector = new SimulatedSwitch({ id: 'sim', exchange, clock, log });
      return { switch: connector, provisioning: new SimulatedProvisioning(connector) };
    },
    time: { now: () => clock.now(), wait: (ms) => clock.advance(ms) },
    entry: 'public',
    call: async (call) => farCall(exchange.arrive({ entry: 'public', ...call })),
    async callee(behaviour) {
      const uri = `sip:callee${callees++}@127.0.0.1`;
      const device = exchange.outside(uri);
      device.whenRung = WHEN_RUNG[behaviour];
      device.earlyMedia = behaviour === 'early-media';
      return callee(device, { kind: 'sip', uri });
    },
    async device({ name }) {
      const device = exchange.device(name);
      device.whenRung = 'answers';
      return {
        ...callee(device, { kind: 'device', name }),
        register: async (password) => device.register(password),
        unregister: async () => device.unregister(),
      };
    },
    soundFile: async () => join(folder, 'second.wav'),
    soundName: 'queue-thankyou',
    cutLink: async () => exchange.cutLink(),
    restoreLink: async () => exchange.restoreLink(),
    restartSwitch: async () => exchange.restart(),
    stall: async (on) => void (exchange.latencies.commandMs = on ? NEVER_MS : DEFAULT_LATENCIES.commandMs),
    dispose: async () => exchange.restart(),
  };
}

function callee(device: SimulatedDevice, endpoint: Callee['endpoint']): Callee {
  return { endpoint, call: () => (device.call ? farCall(device.call) : undefined) };
}

/** Which leg a far end is of: a transfer names the other call by it. */
const legOf = new WeakMap<FarCall, string>();

function farCall(party: SimulatedParty): FarCall {
  const far: FarCall = {
    answered: () => party.state === 'talking',
    ringing: () => party.state === 'ringing' && (party.callerId !== undefined || party.hears === 'tone'),
    ended: () => party.state === 'ended',
    refusal: () => refusal(party),
    callerNumber: () => party.callerId?.number,
    hears: async () => heard(party),
    hearsFrom: async (other) => Array.isArray(party.hears) && party.hears.includes(legOf.get(other) ?? ''),
    digits: () => party.digits,
    press: async (digits) => {
      for (const digit of digits) party.digit(digit);
    },
    hold: async (on) => (on ? party.hold() : party.retrieve()),
    header: (name) => party.headers[name],
    transfer: async (to, replaces) => party.transfer(to, replaces && legOf.get(replaces)),
    transferProgress: () => (party.transferProgress === 'requested' ? undefined : party.transferProgress),
    hangup: async () => party.hangup(),
  };
  legOf.set(far, party.legId);
  return far;
}

function refusal({ cause }: SimulatedParty): ReturnType<FarCall['refusal']> {
  return cause === 'busy' || cause === 'rejected' || cause === 'not-found' || cause === 'congestion'
    ? cause
    : undefined;
}

function heard({ hears }: SimulatedParty): Heard {
  if (Array.isArray(hears)) return 'voice';
  return hears === 'silence' ? 'silence' : 'sound';
}

const driver: ConformanceDriver = {
  name: 'the simulated switch',
  harness: simulatedHarness,
  lacks: {
    audio: 'its calls carry no sound, only the knowledge of who hears what',
    quality: 'there is no audio to measure',
    'browser-phone': 'there is no SIP and no WebSocket',
  },
};

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  switchConformance(driver),
  provisioningConformance(driver),
);
