/**
 * How long it takes from an agent's event to the supervisor's page: 10,000 agents' sockets send one event a second each, a
 * change of state, and a supervisor who sees all of them follows the floor. Events are sent and the supervisor's frames are
 * received in a process of their own (support/floor-load.ts), on another core, so that one clock measures both ends.
 *
 * What runs is the product's: the sockets of pages with their parsing, limits and heartbeat, routing, which changes the agent's
 * state, the floor, its feed and its socket. What an agent's own page is sent in return, and the database, are left out.
 *
 * Measured against a bare relay in the same process: what a socket receives is parsed and sent on to the supervisor at once,
 * one frame for each event. Both are measured twice, in turn, and the worse of the two counts.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FloorTarget } from './support/floor-target.ts';
import { cpuMs, pin } from './support/cores.ts';
import { printFigures, say } from './support/figures.ts';

const AGENTS = 10_000;
const ROUNDS = 2;
const WARM_UP_S = 3;
const MEASURED_S = 12;

/** What the load process says at its end. */
interface Measured {
  events: number;
  missed: number;
  frames: number;
  bytes: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

async function measure(way: 'floor' | 'relay'): Promise<Measured & { cpu: number }> {
  const target = await FloorTarget.open(AGENTS);
  const load = fork(fileURLToPath(new URL('support/floor-load.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...process.env,
      FLOOR_LOAD: JSON.stringify({
        port: target.port,
        way,
        agents: AGENTS,
        warmUpS: WARM_UP_S,
        measuredS: MEASURED_S,
      }),
    },
  });
  if (load.pid) pin(load.pid, 1);
  const before = cpuMs(process.pid);
  const began = performance.now();
  try {
    const measured = await new Promise<Measured>((resolve, reject) => {
      load.once('message', (message) => resolve(message as Measured));
      load.once('exit', (code) => reject(new Error(`the load process ended with ${code}`)));
    });
    return { ...measured, cpu: (cpuMs(process.pid) - before) / (performance.now() - began) };
  } finally {
    load.kill();
    await target.close();
  }
}

function tell(way: string, one: Measured & { cpu: number }): void {
  const figures = [one.p50, one.p95, one.p99, one.max].map((ms) => ms.toFixed(0));
  say(
    `${way}: p50 ${figures[0]} ms, p95 ${figures[1]} ms, p99 ${figures[2]} ms, most ${figures[3]} ms; ${one.events} events in ${MEASURED_S} s, ` +
      `${one.missed} unseen within a second, ${one.frames} frames, ${(one.bytes / 1e6 / MEASURED_S).toFixed(1)} MB/s, ${(one.cpu * 100).toFixed(0)} % of a core`,
  );
}

pin(process.pid, 0);
const floor: Measured[] = [];
const relay: Measured[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const bare = await measure('relay');
  tell('bare relay', bare);
  relay.push(bare);
  const ours = await measure('floor');
  tell('the floor ', ours);
  floor.push(ours);
  if (ours.missed > 0) throw new Error(`${ours.missed} events did not reach the supervisor within a second`);
}
const worst = (all: readonly Measured[]) => Math.max(...all.map(({ p99 }) => p99));
const p99Ms = Math.round(worst(floor));
printFigures('floor', { agents: AGENTS, p99Ms, ratio: Number((worst(floor) / worst(relay)).toFixed(2)) });
process.exit(0);
