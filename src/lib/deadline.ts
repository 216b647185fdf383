import type { Clock } from './clock.ts';

/** A wait that reached its deadline (DESIGN rule 3). */
export class DeadlineError extends Error {
  constructor(
    readonly what: string,
    readonly ms: number,
  ) {
    super(`${what} did not happen within ${ms} ms`);
    this.name = 'DeadlineError';
  }
}

/** The promise's outcome, or a DeadlineError after `ms` milliseconds. The loser's rejection is swallowed. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new DeadlineError(what, ms)));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}
