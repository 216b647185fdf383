/** Erlang C and A beside a simulated scope: by interval, and over the day weighted by the calls of each interval. */
import type { Yardstick } from '../../protocol/simulation.ts';
import { erlangA, erlangC } from './erlang.ts';

/** What theory is told of a scope. */
export interface Workload {
  /** Mean handling time of a call in seconds: answering, talk and wrap-up as they were drawn. */
  handlingSeconds: number;
  /** Undefined: somebody waits for ever. */
  patienceSeconds: number | undefined;
  /** Of service level. */
  withinSeconds: number;
}

export interface Interval {
  seconds: number;
  /** Calls and agents, on average over the runs. */
  offered: number;
  staffed: number;
}

export interface Yardsticks {
  erlangC: Yardstick | null;
  erlangA: Yardstick | null;
}

export function yardsticksOf(interval: Interval, work: Workload): Yardsticks {
  const load = {
    arrivalRate: interval.offered / interval.seconds,
    handlingSeconds: work.handlingSeconds,
    agents: Math.round(interval.staffed),
  };
  const c = erlangC(load, work.withinSeconds);
  const { patienceSeconds } = work;
  const a = patienceSeconds ? erlangA({ ...load, patienceSeconds }, work.withinSeconds) : undefined;
  return {
    erlangC: c
      ? { serviceLevel: c.serviceLevel, meanWait: c.meanWaitSeconds, abandoned: 0, occupancy: c.occupancy }
      : null,
    erlangA: a
      ? {
          serviceLevel: a.serviceLevel,
          meanWait: a.meanWaitSeconds,
          abandoned: a.abandoned,
          occupancy: a.occupancy,
        }
      : null,
  };
}

/** Null when it has no answer for an interval in which calls came. */
export function overDay(
  intervals: readonly Interval[],
  yardsticks: readonly (Yardstick | null)[],
): Yardstick | null {
  const offered = intervals.reduce((sum, interval) => sum + interval.offered, 0);
  const whole: Yardstick = { serviceLevel: 0, meanWait: 0, abandoned: 0, occupancy: 0 };
  const busy = { sum: 0, of: 0 };
  for (const [index, interval] of intervals.entries()) {
    const yardstick = yardsticks[index];
    if (!yardstick && interval.offered > 0) return null;
    if (!yardstick) continue;
    const weight = offered > 0 ? interval.offered / offered : 0;
    whole.serviceLevel += weight * yardstick.serviceLevel;
    whole.meanWait += weight * yardstick.meanWait;
    whole.abandoned += weight * yardstick.abandoned;
    const agents = Math.round(interval.staffed) * interval.seconds;
    busy.sum += yardstick.occupancy * agents;
    busy.of += agents;
  }
  if (offered === 0 || busy.of === 0) return null;
  return { ...whole, occupancy: busy.sum / busy.of };
}
