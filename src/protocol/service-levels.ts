import { z } from 'zod';

/**
 * How a queue's service level is counted. `answered`: answered in time / (answered + abandoned). `short-abandons`: the same, and
 * who gave up within `shortSeconds` counts nowhere. `abandons-in-time`: who gave up in time counts as served in time.
 */
export const ServiceLevel = z.object({
  seconds: z.number().int().min(1, 'at least a second').max(3_600, 'at most an hour').default(20),
  /** The share that is aimed at, in percent. */
  goal: z.number().int().min(1, 'at least 1 %').max(100, 'at most 100 %').default(80),
  count: z.enum(['answered', 'short-abandons', 'abandons-in-time']).default('answered'),
  shortSeconds: z.number().int().min(1).max(600, 'at most ten minutes').default(5),
});
export type ServiceLevel = z.infer<typeof ServiceLevel>;

export const DEFAULT_SERVICE_LEVEL: ServiceLevel = ServiceLevel.parse({});

/** How many callers left a queue, and how. Waits are compared as they are counted: see `ServiceLevel`. */
export interface Departures {
  answered: number;
  answeredInTime: number;
  abandoned: number;
  abandonedInTime: number;
  abandonedShort: number;
}

/** Between 0 and 1; null while nobody has left the queue. */
export function serviceLevel(count: ServiceLevel['count'], left: Departures): number | null {
  const short = count === 'short-abandons' ? left.abandonedShort : 0;
  const all = left.answered + left.abandoned - short;
  if (all <= 0) return null;
  return (left.answeredInTime + (count === 'abandons-in-time' ? left.abandonedInTime : 0)) / all;
}
