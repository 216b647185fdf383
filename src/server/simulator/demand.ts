/**
 * The callers of one day, drawn before it begins: both configurations get the same ones, so that what differs between them is the
 * configuration's doing and not chance.
 */
import { type Arrivals, type Demand, minutesOf, type RecordedCall } from '../../protocol/simulation.ts';
import { drawDuration, type Random, randomOf } from './random.ts';

export interface Caller {
  /** Milliseconds since midnight; no two callers come at the same one. */
  at: number;
  queueId: string;
  talkMs: number;
  /** What his agent needs afterwards. */
  wrapUpMs: number;
  /** Infinity: he waits for ever. */
  patienceMs: number;
  /** For what is drawn only when it happens: how soon the agents who are rung for him answer. */
  random: Random;
}

/** In the order in which they come. */
export function drawCallers(demand: readonly Demand[], seed: number): Caller[] {
  const callers = demand.flatMap((one) => [...drawnOf(one, seed), ...recordedOf(one, seed)]);
  callers.sort((a, b) => a.at - b.at || (a.queueId < b.queueId ? -1 : 1));
  let last = -1;
  for (const caller of callers) last = caller.at = Math.max(caller.at, last + 1);
  return callers;
}

function drawnOf(demand: Demand, seed: number): Caller[] {
  return demand.arrivals.flatMap((piece, index) =>
    instantsOf(piece, randomOf(seed, demand.queueId, 'arrivals', index)).map((at, n) => {
      const random = randomOf(seed, demand.queueId, 'caller', index, n);
      return callerOf(demand, random, at, {
        patience: demand.patience ? drawDuration(demand.patience, random) : Infinity,
      });
    }),
  );
}

/** A Poisson process: exponential times between two calls. Milliseconds since midnight. */
function instantsOf({ from, to, perHour }: Arrivals, random: Random): number[] {
  const instants: number[] = [];
  const end = minutesOf(to) * 60_000;
  for (let at = minutesOf(from) * 60_000; perHour > 0; ) {
    at -= (3_600_000 / perHour) * Math.log(1 - random());
    if (at >= end) break;
    instants.push(Math.floor(at));
  }
  return instants;
}

function recordedOf(demand: Demand, seed: number): Caller[] {
  return demand.recorded.map((call, n) => {
    const random = randomOf(seed, demand.queueId, 'recorded', n);
    return callerOf(demand, random, Math.round(call.at * 1_000), {
      patience: patienceOf(demand, call, random),
      talk: call.talk,
      wrapUp: call.wrapUp,
    });
  });
}

/** Of who gave up it is known. Who was answered would have waited longer, how much is drawn: any that exceeds his wait. */
function patienceOf({ patience }: Demand, { gaveUp, waited }: RecordedCall, random: Random): number {
  if (gaveUp) return waited;
  if (!patience) return Infinity;
  for (let tries = 0; tries < 1_000; tries++) {
    const drawn = drawDuration(patience, random);
    if (drawn > waited) return drawn;
  }
  return waited + patience.mean;
}

function callerOf(
  demand: Demand,
  random: Random,
  at: number,
  { patience, talk, wrapUp }: { patience: number; talk?: number; wrapUp?: number },
): Caller {
  return {
    at,
    queueId: demand.queueId,
    patienceMs: Math.round(patience * 1_000),
    talkMs: Math.round((talk ?? drawDuration(demand.talk, random)) * 1_000),
    wrapUpMs: Math.round((wrapUp ?? drawDuration(demand.wrapUp, random)) * 1_000),
    random,
  };
}
