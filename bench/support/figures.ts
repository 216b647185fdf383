/** How benches count and say. */
import { loadavg } from 'node:os';

/** The nearest-rank percentile, `p` from 0 to 100. Throws when there are no values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** `p50 61 ms, p95 83 ms, p99 97 ms` */
export function spread(values: readonly number[]): string {
  return [50, 95, 99].map((p) => `p${p} ${Math.round(percentile(values, p))} ms`).join(', ');
}

/** The last line of a bench. */
export function printFigures(bench: string, figures: Record<string, number>): void {
  say(`load average ${loadavg()[0]?.toFixed(1)} at the end`);
  say(JSON.stringify({ bench, figures }));
}

export function say(line: string): void {
  console.log(line);
}
