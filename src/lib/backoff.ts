/** How long to wait before try `attempt` (0, 1, 2 …), in milliseconds: doubles from `firstMs` to `maxMs`, with ±20 % jitter. */
export function backoff(attempt: number, firstMs = 200, maxMs = 30_000, random = Math.random): number {
  const plain = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(plain * (0.8 + 0.4 * random()));
}
