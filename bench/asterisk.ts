/**
 * How many calls a second one core of Asterisk carries through Crosspoint: caller answered, queued, the longest-waiting agent
 * rung, bridged, journalled and logged. Asterisk has a core of its own; our server, PostgreSQL, all softphones and the SIPp that
 * plays everybody's telephone share the other. A rate is carried when no call fails and 95 of 100 agents have their caller
 * within 50 ms of his INVITE. Our server has carried a minute's calls before: until V8 has compiled what they run through, a call
 * costs it more than twice as much.
 *
 * Measured against the barest ARI program and against app_queue (support/bare-acd.ts), in turn, with the same telephones.
 */
import { must } from '../src/lib/must.ts';
import { AgentPhones, load, type LoadResult, PHONES_PORT } from './support/load.ts';
import { BareAcd } from './support/bare-acd.ts';
import { cpuMs, familyCpuMs, pin } from './support/cores.ts';
import { percentile, printFigures, say } from './support/figures.ts';
import { Opened } from './support/opened.ts';
import { ProductFloor } from './support/product-floor.ts';

const ASTERISK_CORE = 0;
const OUR_CORE = 1;
const AGENTS = 100;
const HOLD_MS = 1_000;
const WARM_UP = { rate: 20, calls: 800, holdMs: HOLD_MS, sound: false };
const STEP_SECONDS = 4;
const SETUP_P95_MS = 50;
/** What fails by no more than this may have been a hiccup of the machine: it is tried once more. */
const NEARLY = { failedShare: 0.02, setupP95Ms: 2 * SETUP_P95_MS };
/** Calls a second: where the search begins, its steps, and where it ends. */
const FIRST_RATE = 30;
const COARSE = 10;
const FINE = 5;
const MOST_RATE = 90;
/** Calls with sound both ways. */
const SOUND = { rate: 8, holdMs: 10_000, calls: 160 };

interface System {
  name: string;
  sipPort: number;
  number: string;
  asterisk: number;
  /** Our own processes, where it has some. */
  ours?: { server: number; postgres: number };
}

interface Run extends LoadResult {
  asteriskCpuPerCall: number;
  serverCpuPerCall: number;
  postgresCpuPerCall: number;
}

async function run(
  phones: AgentPhones,
  system: System,
  options: { rate: number; calls: number; holdMs: number; sound: boolean },
): Promise<Run> {
  const { asterisk, ours, sipPort, number: to } = system;
  const used = () => ({
    asterisk: cpuMs(asterisk),
    server: ours ? cpuMs(ours.server) : 0,
    postgres: ours ? familyCpuMs(ours.postgres) : 0,
  });
  const before = used();
  const result = await load(phones, { ...options, sipPort, to });
  const after = used();
  const perCall = (who: keyof typeof before) => (after[who] - before[who]) / options.calls;
  return {
    ...result,
    asteriskCpuPerCall: perCall('asterisk'),
    serverCpuPerCall: perCall('server'),
    postgresCpuPerCall: perCall('postgres'),
  };
}

type Verdict = 'carried' | 'nearly' | 'not carried';

async function tryRate(phones: AgentPhones, system: System, rate: number): Promise<Verdict> {
  const calls = rate * STEP_SECONDS;
  const result = await run(phones, system, { rate, calls, holdMs: HOLD_MS, sound: false });
  const p95 = result.setupMs.length > 0 ? percentile(result.setupMs, 95) : Number.POSITIVE_INFINITY;
  const verdict = judge(result.failed / calls, p95);
  const set =
    result.setupMs.length > 0 ? `${percentile(result.setupMs, 50).toFixed(0)}/${p95.toFixed(0)}` : 'none';
  say(
    `${system.name.padEnd(11)} ${String(rate).padStart(3)} calls/s: ${result.failed} of ${calls} failed, set-up p50/p95 ${set} ms, CPU per call: ${cpuOf(system, result)} (${verdict})`,
  );
  return verdict;
}

function judge(failedShare: number, setupP95Ms: number): Verdict {
  if (failedShare === 0 && setupP95Ms <= SETUP_P95_MS) return 'carried';
  return failedShare <= NEARLY.failedShare && setupP95Ms <= NEARLY.setupP95Ms ? 'nearly' : 'not carried';
}

function cpuOf({ ours }: System, result: Run): string {
  const asterisk = `Asterisk ${result.asteriskCpuPerCall.toFixed(1)} ms`;
  if (!ours) return asterisk;
  return `${asterisk}, our server ${result.serverCpuPerCall.toFixed(1)} ms, PostgreSQL ${result.postgresCpuPerCall.toFixed(1)} ms`;
}

/** One system's search: by large steps up to the first rate that is not carried (or down to one that is), then a small one. */
class Search {
  readonly system: System;
  carried = 0;
  #failed = MOST_RATE + COARSE;

  constructor(system: System) {
    this.system = system;
  }

  /** The rate to try now; undefined when the highest is known. */
  next(): number | undefined {
    if (this.carried === 0 && this.#failed > MOST_RATE) return FIRST_RATE;
    const coarse = this.carried === 0 ? this.#failed - COARSE : this.carried + COARSE;
    const rate = coarse > 0 && coarse < this.#failed && coarse <= MOST_RATE ? coarse : this.carried + FINE;
    return rate < this.#failed && rate <= MOST_RATE ? rate : undefined;
  }

  tried(rate: number, ok: boolean): void {
    if (ok) this.carried = rate;
    else this.#failed = rate;
  }
}

/**
 * The systems take turns, so that what the machine does meanwhile hits all of them. A rate that nearly was carried gets a second
 * chance: one hiccup does not decide, and nobody waits for a system that has broken down to do so again.
 */
async function highestRates(phones: AgentPhones, systems: System[]): Promise<Map<string, number>> {
  const searches = systems.map((system) => new Search(system));
  for (let going = true; going; ) {
    going = false;
    for (const search of searches) {
      const rate = search.next();
      if (rate === undefined) continue;
      going = true;
      let verdict = await tryRate(phones, search.system, rate);
      if (verdict === 'nearly') verdict = await tryRate(phones, search.system, rate);
      search.tried(rate, verdict === 'carried');
    }
  }
  return new Map(searches.map(({ system, carried }) => [system.name, carried]));
}

pin(process.pid, OUR_CORE);
const opened = new Opened();
try {
  let started: AgentPhones | undefined;
  const startPhones = async () => {
    started = AgentPhones.start();
  };
  const floor = await opened.add(ProductFloor.start(AGENTS, PHONES_PORT, startPhones), (it) => it.stop());
  const phones = await opened.add(Promise.resolve(must(started, 'phones')), (it) => it.stop());
  const bare = await opened.add(BareAcd.start(AGENTS, PHONES_PORT), (it) => it.stop());
  const { asterisk, ...ours } = floor.pids();
  for (const pid of [asterisk, bare.pid]) pin(pid, ASTERISK_CORE);
  const crosspoint: System = {
    name: 'Crosspoint',
    sipPort: floor.product.sipPort,
    number: floor.number,
    asterisk,
    ours,
  };
  const onBare = { sipPort: bare.sipPort, asterisk: bare.pid };
  const bareAri: System = { name: 'bare ARI', number: '100', ...onBare };
  const appQueue: System = { name: 'app_queue', number: '200', ...onBare };

  const cold = await run(phones, crosspoint, WARM_UP);
  say(`warming up, ${cold.failed} of ${WARM_UP.calls} failed, CPU per call: ${cpuOf(crosspoint, cold)}`);
  const highest = await highestRates(phones, [crosspoint, bareAri, appQueue]);
  const of = (system: System) => highest.get(system.name) ?? 0;
  const bridged = await run(phones, crosspoint, { ...SOUND, sound: true });
  const atOnce = Math.floor((SOUND.rate * SOUND.holdMs) / 1_000);
  say(
    `with sound, ${atOnce} calls at once: ${bridged.failed} of ${SOUND.calls} failed, set-up p95 ${percentile(bridged.setupMs, 95).toFixed(0)} ms, CPU per call: ${cpuOf(crosspoint, bridged)}`,
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
