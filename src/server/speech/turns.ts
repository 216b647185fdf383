/** Lets few things be done at once; what comes beyond waits its turn, and what comes beyond that is refused. */
import { CodedError } from '../../protocol/errors.ts';

/** How many may wait for each that is being done. */
const WAITING_EACH = 8;

export class Turns {
  readonly #atOnce: number;
  readonly #refusal: string;
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<Promise<unknown>>();
  /** Places that are taken: a place is handed on to who waits, so that nobody comes between. */
  #taken = 0;

  /** @param refusal ends the sentence `Speech cannot be used: …`. */
  constructor(atOnce: number, refusal: string) {
    this.#atOnce = atOnce;
    this.#refusal = refusal;
  }

  /** @throws `speech-unavailable` when too many wait; the signal's reason when that is aborted before its turn. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= this.#atOnce * WAITING_EACH)
      throw new CodedError('speech-unavailable', { reason: this.#refusal });
    if (this.#taken < this.#atOnce) this.#taken++;
    else await this.#turn(signal);
    try {
      signal.throwIfAborted();
      return await this.#track(work());
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#taken--;
    }
  }

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    return work.finally(() => this.#running.delete(work));
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const mine = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        const at = this.#waiting.indexOf(mine);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(mine);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
