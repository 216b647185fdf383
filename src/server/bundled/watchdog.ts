/**
 * Watches one part that runs by itself and starts it again when it is gone.
 *
 *     up ──isDown() says why──► down ──relaunch──► up
 *                                │ ▲ fails: back-off
 *                                └─┘            close() ends watching from any state, and never the part
 */
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { Log } from './log.ts';

export interface WatchdogOptions<T> {
  /** For log lines, such as `Asterisk`. */
  name: string;
  clock: Clock;
  log: Log;
  /** What runs now. */
  first: T;
  /** Why it counts as down, or undefined while it is up. */
  isDown: (running: T) => Promise<string | undefined>;
  /** Ends what is left of the last one and starts it anew. */
  relaunch: (last: T) => Promise<T>;
}

export type WatchdogEvents<T> = {
  up: [running: T];
  down: [reason: string];
};

const WATCH_MS = 500;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

export class Watchdog<T> {
  readonly events: Emitter<WatchdogEvents<T>>;
  readonly #options: WatchdogOptions<T>;
  readonly #life: Lifecycle;
  #current: T;
  #up = true;
  #busy: Promise<void> | undefined;

  constructor(options: WatchdogOptions<T>) {
    const { clock, log, name } = options;
    this.events = new Emitter((err, event) => log.error({ err, event }, `a listener to ${name} failed`));
    this.#options = options;
    this.#current = options.first;
    this.#life = new Lifecycle(clock);
    this.#life.add(() => this.#busy);
    this.#life.every(WATCH_MS, () => this.#work(() => this.#check()));
  }

  /** What runs, or ran last. */
  get current(): T {
    return this.#current;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Resolves when nothing is being checked or started any more. Idempotent. */
  close(): Promise<void> {
    return this.#life.close();
  }

  /** One thing at a time: a check that takes long is not overtaken by the next. */
  #work(work: () => Promise<void>): void {
    this.#busy ??= work()
      .catch((err: unknown) => this.#options.log.error({ err }, `watching ${this.#options.name} failed`))
      .finally(() => {
        this.#busy = undefined;
      });
  }

  async #check(): Promise<void> {
    if (!this.#up) return;
    const reason = await this.#options.isDown(this.#current);
    if (reason === undefined || this.#life.closed) return;
    this.#up = false;
    this.#options.log.error({}, `${this.#options.name} is down: ${reason}. It is started again`);
    this.events.emit('down', reason);
    await this.#restart(0);
  }

  async #restart(attempt: number): Promise<void> {
    if (this.#life.closed) return;
    try {
      this.#current = await this.#options.relaunch(this.#current);
    } catch (err) {
      this.#options.log.error({ err, attempt }, `${this.#options.name} could not be started again yet`);
      const ms = backoff(attempt, FIRST_RETRY_MS, LAST_RETRY_MS);
      this.#life.after(ms, () => this.#retry(attempt + 1));
      return;
    }
    this.#up = true;
    this.#options.log.info({}, `${this.#options.name} is up again`);
    if (!this.#life.closed) this.events.emit('up', this.#current);
  }

  /** After the check that may be running, which does nothing while the part is down. */
  #retry(attempt: number): void {
    void Promise.resolve(this.#busy).then(() => this.#work(() => this.#restart(attempt)));
  }
}
