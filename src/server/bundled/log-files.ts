import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { Log } from './log.ts';

/** A log is emptied above so many bytes. */
export const MAX_LOG_BYTES = 20_000_000;
const LOOK_MS = 60_000;

export interface LogFilesOptions {
  folder: string;
  names: readonly string[];
  clock: Clock;
  log: Log;
}

/**
 * Keeps the logs of a part that runs for months from filling the disk: whoever reaches its port can make it write. Their
 * writer appends, so that it goes on at the beginning of an emptied file.
 */
export class LogFiles {
  readonly #options: LogFilesOptions;
  readonly #life: Lifecycle;

  constructor(options: LogFilesOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.every(LOOK_MS, () => this.look());
  }

  /** Empties what is too large; the timer does it. */
  async look(): Promise<void> {
    const { folder, names, log } = this.#options;
    for (const name of names) {
      try {
        const path = join(folder, name);
        const { size } = await stat(path);
        if (size <= MAX_LOG_BYTES) continue;
        await truncate(path);
        log.warn({ path, size }, 'a log grew too large and has been emptied');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          log.warn({ err: error }, 'a log cannot be kept short');
      }
    }
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#life.close();
  }
}
