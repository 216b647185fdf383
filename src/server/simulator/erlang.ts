/**
 * What queueing theory says of a queue with calls at random (Poisson), handling times that are exponential and equal agents: the
 * yardsticks beside a simulated day. Rates are per second, times in seconds.
 *
 * Erlang C (M/M/n): nobody gives up. Erlang A (M/M/n+M): callers give up after an exponential patience.
 */
export interface Load {
  /** Calls per second. */
  arrivalRate: number;
  /** Mean handling time: ringing, talk and wrap-up. */
  handlingSeconds: number;
  agents: number;
}

export interface ErlangC {
  /** The share of callers who wait at all. */
  waitProbability: number;
  /** Mean wait of everybody, those who wait not at all included. */
  meanWaitSeconds: number;
  /** The share of callers answered within the threshold. */
  serviceLevel: number;
  occupancy: number;
}

export interface ErlangA {
  /** The share of callers who give up. */
  abandoned: number;
  /** Mean wait of everybody, until the answer or giving up. */
  meanWaitSeconds: number;
  /** The share of all callers who are answered within the threshold. */
  serviceLevel: number;
  occupancy: number;
}

/** The share of calls lost with `agents` servers and no queue, at a load in erlangs. */
export function erlangB(erlangs: number, agents: number): number {
  let blocked = 1;
  for (let n = 1; n <= agents; n++) blocked = (erlangs * blocked) / (n + erlangs * blocked);
  return blocked;
}

/** Undefined where the queue would grow for ever: the load is not less than the agents. */
export function erlangC(
  { arrivalRate, handlingSeconds, agents }: Load,
  withinSeconds: number,
): ErlangC | undefined {
  const erlangs = arrivalRate * handlingSeconds;
  if (erlangs >= agents) return undefined;
  const blocked = erlangB(erlangs, agents);
  const occupancy = erlangs / agents;
  const waitProbability = blocked / (1 - occupancy * (1 - blocked));
  const spare = (agents - erlangs) / handlingSeconds;
  return {
    waitProbability,
    meanWaitSeconds: waitProbability / spare,
    serviceLevel: 1 - waitProbability * Math.exp(-spare * withinSeconds),
    occupancy,
  };
}

/**
 * Always stable: who waits too long leaves. The wait of who is answered follows from the state that he finds: with k callers before
 * him he is served when k + 1 have left, by service or impatience, before his own patience ends.
 */
export function erlangA(load: Load & { patienceSeconds: number }, withinSeconds: number): ErlangA {
  const { arrivalRate, handlingSeconds, agents, patienceSeconds } = load;
  if (arrivalRate === 0) return { abandoned: 0, meanWaitSeconds: 0, serviceLevel: 1, occupancy: 0 };
  if (agents === 0) return { abandoned: 1, meanWaitSeconds: patienceSeconds, serviceLevel: 0, occupancy: 0 };
  const serviceRate = agents / handlingSeconds;
  const { idle, queued } = stateProbabilities(load);
  const meanQueue = queued.reduce((sum, p, length) => sum + p * length, 0);
  const abandoned = meanQueue / (patienceSeconds * arrivalRate);
  const chances = answeredWithin(withinSeconds, serviceRate, 1 / patienceSeconds, queued.length);
  return {
    abandoned,
    meanWaitSeconds: meanQueue / arrivalRate,
    serviceLevel: idle + queued.reduce((sum, p, length) => sum + p * (chances[length] ?? 0), 0),
    occupancy: (arrivalRate * (1 - abandoned) * handlingSeconds) / agents,
  };
}

/** The birth-death process: `idle`, that some agent is free; `queued[j]`, that all are busy and j callers wait. */
function stateProbabilities(load: Load & { patienceSeconds: number }): { idle: number; queued: number[] } {
  const { arrivalRate, handlingSeconds, agents, patienceSeconds } = load;
  const erlangs = arrivalRate * handlingSeconds;
  // Relative to the state in which all agents are busy and nobody waits: no number becomes too large.
  let idle = 0;
  for (let busy = agents, weight = 1; busy > 0; busy--) {
    weight *= busy / erlangs;
    idle += weight;
  }
  const queued = [1];
  for (
    let length = 1, weight = 1, sum = 1;
    weight > sum * NEGLIGIBLE || length < erlangs - agents;
    length++
  ) {
    weight *= arrivalRate / (agents / handlingSeconds + length / patienceSeconds);
    sum += weight;
    queued.push(weight);
  }
  const total = idle + queued.reduce((sum, weight) => sum + weight, 0);
  return { idle: idle / total, queued: queued.map((weight) => weight / total) };
}

/**
 * For each number of callers who wait already: the chance that a new one is answered within `t`. He reaches an agent after that many
 * departures and one service; all are exponential, so the chain of phases is solved by uniformisation: state j has j before him,
 * −1 is answered, and he himself leaves with rate `theta` from each.
 */
function answeredWithin(t: number, serviceRate: number, theta: number, states: number): number[] {
  const rate = serviceRate + theta * states;
  const mean = rate * t;
  let chances = zeros(states);
  const answered = zeros(states);
  let logWeight = -mean;
  const most = Math.ceil(mean + 8 * Math.sqrt(mean + 1) + 20);
  for (let jumps = 0; jumps <= most; jumps++) {
    const weight = Math.exp(logWeight);
    chances.forEach((chance, j) => (answered[j] = (answered[j] ?? 0) + weight * chance));
    chances = chances.map((stays, j) => {
      const ahead = serviceRate + theta * j;
      const moved = j === 0 ? 1 : (chances[j - 1] ?? 0);
      return (ahead * moved + (rate - ahead - theta) * stays) / rate;
    });
    logWeight += Math.log(mean) - Math.log(jumps + 1);
  }
  return answered;
}

const NEGLIGIBLE = 1e-12;

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
