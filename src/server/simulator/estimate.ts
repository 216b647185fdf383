/**
 * From runs to figures: each figure is a quotient (calls answered in time, of calls offered), and its estimate over all runs is the
 * quotient of the sums, with the interval that holds the true one with 95 % confidence. Runs are independent of each other; within a
 * run calls are not, so that only the spread between runs counts.
 */
import type { Estimate } from '../../protocol/simulation.ts';

/** What one run contributes; `of` is 1 for what is no quotient, 0 where there was nothing to measure. */
export interface Quotient {
  sum: number;
  of: number;
}

/** Null where no run had anything to measure. */
export function estimate(runs: readonly Quotient[]): Estimate | null {
  const mean = meanOf(runs);
  return mean === null ? null : around(mean, deviationsOf(runs, mean));
}

/** `b` less `a`, run by run: what both have in common, the same callers, does not count as chance. */
export function difference(a: readonly Quotient[], b: readonly Quotient[]): Estimate | null {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  if (meanA === null || meanB === null) return null;
  const ofA = deviationsOf(a, meanA);
  return around(
    meanB - meanA,
    deviationsOf(b, meanB).map((deviation, run) => deviation - (ofA[run] ?? 0)),
  );
}

function meanOf(runs: readonly Quotient[]): number | null {
  const of = total(runs.map((run) => run.of));
  return of === 0 ? null : total(runs.map((run) => run.sum)) / of;
}

/** How far each run is from the quotient of the sums, in its unit: to the first order of the delta method. */
function deviationsOf(runs: readonly Quotient[], mean: number): number[] {
  const of = total(runs.map((run) => run.of)) / runs.length;
  return runs.map((run) => (run.sum - mean * run.of) / of);
}

function around(mean: number, deviations: readonly number[]): Estimate {
  const n = deviations.length;
  if (n < 2) return { mean, low: mean, high: mean };
  const variance = total(deviations.map((deviation) => deviation ** 2)) / (n - 1);
  const half = studentT(n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The 97.5 % quantile of Student's t distribution. */
function studentT(degrees: number): number {
  return T_975[degrees - 1] ?? 1.96 + 2.4 / degrees;
}

const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
