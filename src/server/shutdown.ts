/**
 * Ending: no new call, live calls may finish for a while, then everything closes, last opened first.
 *
 *     serving ── SIGTERM, SIGINT ──► draining ── idle, time over or a second signal ──► closing ──► exit 0
 */
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { CallCenterServer } from './call-center-server.ts';

/** What has been opened, in order. */
export type Closers = (() => Promise<unknown>)[];

export interface Shutdown {
  /** A signal has come. */
  readonly begun: boolean;
  /** Calls are taken. */
  readonly serving: boolean;
  /** Once calls are taken: a signal lets them finish first. */
  drains(callCenter: CallCenterServer): void;
  /** Closes what has been opened. Idempotent. */
  everything(): Promise<void>;
}

export interface ShutdownOptions {
  /** How long live calls may go on, in milliseconds. */
  drainMs: number;
  clock: Clock;
  log: Logger;
  closers: Closers;
  say(line: string): void;
}

/** Listens to the signals from now on. */
export function handleShutdown(options: ShutdownOptions): Shutdown {
  const ending = new Ending(options);
  process.on('SIGTERM', () => ending.signal());
  process.on('SIGINT', () => ending.signal());
  return ending;
}

class Ending implements Shutdown {
  readonly #o: ShutdownOptions;
  #live: CallCenterServer | undefined;
  #begun = false;
  #hurry = () => {};

  constructor(options: ShutdownOptions) {
    this.#o = options;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get serving(): boolean {
    return this.#live !== undefined;
  }

  drains(callCenter: CallCenterServer): void {
    this.#live = callCenter;
  }

  async everything(): Promise<void> {
    for (const close of this.#o.closers.splice(0).reverse()) {
      await close().catch((err: unknown) => this.#o.log.error({ err }, 'something did not close'));
    }
  }

  signal(): void {
    if (this.#begun) return this.#hurry();
    this.#begun = true;
    void this.#end();
  }

  async #end(): Promise<void> {
    this.#live?.drain();
    if (this.#live && liveCalls(this.#live) > 0) await this.#wait(this.#live);
    await this.everything();
    process.exit(0);
  }

  #wait(server: CallCenterServer): Promise<void> {
    const { drainMs, clock, say } = this.#o;
    const calls = liveCalls(server);
    say(
      `Draining: ${calls} live ${calls === 1 ? 'call' : 'calls'}, at most ${drainMs / 1_000} s. Press Ctrl-C again to end now.`,
    );
    return new Promise((resolve) => {
      const cancel = clock.after(drainMs, () => this.#hurry());
      const stopListening = server.conversations.events.on('event', () =>
        liveCalls(server) === 0 ? this.#hurry() : undefined,
      );
      this.#hurry = () => {
        cancel();
        stopListening();
        resolve();
      };
    });
  }
}

function liveCalls(server: CallCenterServer): number {
  return server.conversations
    .all()
    .filter((conversation) => [...conversation.calls.values()].some((call) => call.endedAt === undefined))
    .length;
}
