import type { Clock } from '../../lib/clock.ts';

/** A signal that is aborted after `ms` milliseconds, or with one of `others`. `lift` when it is not needed any more. */
export function timeLimit(
  clock: Clock,
  ms: number,
  others: readonly (AbortSignal | undefined)[] = [],
): { signal: AbortSignal; lift: () => void } {
  const late = new AbortController();
  const lift = clock.after(ms, () => late.abort());
  return { signal: AbortSignal.any([late.signal, ...others.filter((one) => one !== undefined)]), lift };
}
