/** Beyond this the two clocks did not drift: one of them was set. */
const JUMP_MS = 2_000;

/**
 * The server's time as this page knows it: timers are drawn from it, so that a wrong clock on the agent's computer
 * shows no wrong durations. A message can only be late, never early: the largest difference seen is the best one.
 */
export class ServerClock {
  readonly #now: () => number;
  #offset: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A message of the server arrived that says what time it was there, in UTC milliseconds. */
  learn(serverNow: number): void {
    const offset = serverNow - this.#now();
    const jumped = this.#offset === undefined || Math.abs(offset - this.#offset) > JUMP_MS;
    this.#offset = jumped ? offset : Math.max(offset, this.#offset ?? offset);
  }

  /** UTC milliseconds on the server now; this computer's own before the first message. */
  now(): number {
    return this.#now() + (this.#offset ?? 0);
  }
}
