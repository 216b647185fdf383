/**
 * How many calls a second one core of Asterisk carries through Crosspoint: caller answered, queued, the longest-waiting agent
 * rung, bridged, journalled and logged. Asterisk has a core of its own; our server, PostgreSQL, all softphones and the SIPp that
 * plays everybody's telephone share the other. A rate is carried when no call fails and 95 of 100 agents have their caller
 * within 50 ms of his INVITE.
 *
 * Measured against the barest ARI program and against app_queue (support/bare-acd.ts), in turn, with the same telephones.
 */
import { must } from '../src/lib/must.ts';
import { freePort } from '../test/e2e/product.ts';
import { AgentPhones, load, type LoadResult } from './support/load.ts';
import { BareAcd } from './support/bare-acd.ts';
import { cpuMs, pin } from './support/cores.ts';
import { percentile, printFigures, say } from './support/figures.ts';
import { Opened } from './support/opened.ts';
import { ProductFloor } from './support/product-floor.ts';

const ASTERISK_CORE = 0;
const OUR_CORE = 1;
const AGENTS = 100;
const HOLD_MS = 1_000;
const STEP_SECONDS = 6;
const SETUP_P95_MS = 50;
const RATES = [5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80];
/** Calls with sound both ways. */
const SOUND = { rate: 8, holdMs: 10_000, calls: 160 };

interface System {
  name: string;
  sipPort: number;
  number: string;
  asterisk: number;
  /** Our own process, where it has one of its own. */
  server?: number;
}

interface Run extends LoadResult {
  asteriskCpuPerCall: number;
  serverCpuPerCall: number;
}

async function run(
  phones: AgentPhones,
  system: System,
  options: { rate: number; calls: number; holdMs: number; sound: boolean },
): Promise<Run> {
  const before = { asterisk: cpuMs(system.asterisk), server: system.server ? cpuMs(system.server) : 0 };
  const result = await load(phones, { ...options, sipPort: system.sipPort, to: system.number });
  const perCall = (pid: number, was: number) => (cpuMs(pid) - was) / options.calls;
  return {
    ...result,
    asteriskCpuPerCall: perCall(system.asterisk, before.asterisk),
    serverCpuPerCall: system.server ? perCall(system.server, before.server) : 0,
  };
}

/** True when the rate was carried. */
async function carries(phones: AgentPhones, system: System, rate: number): Promise<boolean> {
  const calls = rate * STEP_SECONDS;
  const result = await run(phones, system, { rate, calls, holdMs: HOLD_MS, sound: false });
  const p95 = result.setupMs.length > 0 ? percentile(result.setupMs, 95) : Number.POSITIVE_INFINITY;
  const ok = result.failed === 0 && p95 <= SETUP_P95_MS;
  const set =
    result.setupMs.length > 0 ? `${percentile(result.setupMs, 50).toFixed(0)}/${p95.toFixed(0)}` : 'none';
  say(
    `${system.name.padEnd(11)} ${String(rate).padStart(3)} calls/s: ${result.failed} of ${calls} failed, set-up p50/p95 ${set} ms, CPU per call: Asterisk ${result.asteriskCpuPerCall.toFixed(1)} ms${system.server ? `, ours ${result.serverCpuPerCall.toFixed(1)} ms` : ''} ${ok ? '' : '(not carried)'}`,
  );
  return ok;
}

/** A rate that failed gets a second chance, so that one hiccup of the machine does not decide. */
async function highestRate(phones: AgentPhones, systems: System[]): Promise<Map<string, number>> {
  const highest = new Map(systems.map(({ name }) => [name, 0]));
  let left = systems;
  for (const rate of RATES) {
    const carried: System[] = [];
    for (const system of left) {
      if (!(await carries(phones, system, rate)) && !(await carries(phones, system, rate))) continue;
      highest.set(system.name, rate);
      carried.push(system);
    }
    left = carried;
    if (left.length === 0) break;
  }
  return highest;
}

pin(process.pid, OUR_CORE);
const opened = new Opened();
try {
  const phonesPort = await freePort();
  let started: AgentPhones | undefined;
  const startPhones = async () => {
    started = AgentPhones.start(phonesPort);
  };
  const floor = await opened.add(ProductFloor.start(AGENTS, phonesPort, startPhones), (it) => it.stop());
  const phones = await opened.add(Promise.resolve(must(started, 'phones')), (it) => it.stop());
  const bare = await opened.add(BareAcd.start(AGENTS, phonesPort), (it) => it.stop());
  const { server, asterisk } = floor.pids();
  for (const pid of [asterisk, bare.pid]) pin(pid, ASTERISK_CORE);
  const crosspoint: System = {
    name: 'Crosspoint',
    sipPort: floor.product.sipPort,
    number: floor.number,
    asterisk,
    server,
  };
  const onBare = { sipPort: bare.sipPort, asterisk: bare.pid };
  const bareAri: System = { name: 'bare ARI', number: '100', ...onBare };
  const appQueue: System = { name: 'app_queue', number: '200', ...onBare };

  const highest = await highestRate(phones, [crosspoint, bareAri, appQueue]);
  const of = (system: System) => highest.get(system.name) ?? 0;
  const bridged = await run(phones, crosspoint, { ...SOUND, sound: true });
  const atOnce = Math.floor((SOUND.rate * SOUND.holdMs) / 1_000);
  say(
    `with sound, ${atOnce} calls at once: ${bridged.failed} of ${SOUND.calls} failed, set-up p95 ${percentile(bridged.setupMs, 95).toFixed(0)} ms, CPU per call: Asterisk ${bridged.asteriskCpuPerCall.toFixed(0)} ms, ours ${bridged.serverCpuPerCall.toFixed(1)} ms`,
  );
  const two = (value: number) => Math.round(value * 100) / 100;
  printFigures('asterisk', {
    ratioBareAri: two(of(crosspoint) / of(bareAri)),
    ratioAppQueue: two(of(crosspoint) / of(appQueue)),
    callsPerSecond: of(crosspoint),
    bridged: bridged.failed === 0 ? atOnce : 0,
  });
} finally {
  await opened.close();
}
