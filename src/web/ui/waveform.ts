/** The outline of a recording: one side above the middle line, the other below it, in a box of width 1,000 and height 100. */
import type { Peaks } from '../../protocol/recording.ts';

const [WIDTH, MIDDLE] = [1_000, 50];
/** Speech is seldom louder than a quarter of what fits: it is drawn larger than it is. */
const LOUD = 110;

export function waveformPath({ left, right }: Peaks): string {
  const count = Math.max(left.length, right.length);
  if (count === 0) return `M0 ${MIDDLE}H${WIDTH}`;
  const x = (n: number) => round((n * WIDTH) / count);
  const height = (peak = 0) => round(Math.max(0.8, Math.sqrt(Math.min(1, peak / LOUD)) * (MIDDLE - 2)));
  const above = Array.from({ length: count }, (_, n) => `L${x(n + 0.5)} ${round(MIDDLE - height(left[n]))}`);
  const below = Array.from({ length: count }, (_, n) => `L${x(n + 0.5)} ${round(MIDDLE + height(right[n]))}`);
  return `M0 ${MIDDLE}${above.join('')}L${WIDTH} ${MIDDLE}${below.reverse().join('')}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
