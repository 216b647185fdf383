/**
 * The wire between a simulated exchange and the one connector that holds it: commands take `commandMs` to arrive, results and
 * facts `factMs` to come back, in order. When the wire is cut, whatever was on it is lost.
 *
 *     open ── drop(), close() ──► closed: commands reject with `switch-down`, facts vanish
 */
import type { Clock } from '../../../lib/clock.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { SwitchFact } from '../ports.ts';

/** The connector's end. */
export interface LinkSink {
  fact(fact: SwitchFact): void;
  /** The wire was cut, or another connector took the exchange. */
  dropped(): void;
}

export interface WireLatencies {
  commandMs: number;
  factMs: number;
}

export class ExchangeLink {
  readonly #life: Lifecycle;
  readonly #latencies: WireLatencies;
  readonly #sink: LinkSink;
  readonly #waiting = new Set<(error: CodedError) => void>();

  constructor(clock: Clock, latencies: WireLatencies, sink: LinkSink) {
    this.#life = new Lifecycle(clock);
    this.#latencies = latencies;
    this.#sink = sink;
  }

  /** Runs `work` in the exchange and brings its result back. */
  send<T>(work: () => T): Promise<T> {
    if (this.#life.closed) return Promise.reject(new CodedError('switch-down'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      this.#life.after(this.#latencies.commandMs, () => {
        const settle = attempt(work, resolve, reject);
        this.#life.after(this.#latencies.factMs, () => {
          this.#waiting.delete(reject);
          settle();
        });
      });
    });
  }

  deliver(fact: SwitchFact): void {
    this.#life.after(this.#latencies.factMs, () => this.#sink.fact(fact));
  }

  /** The exchange's side ends it; the connector notices. */
  drop(): void {
    this.close();
    this.#sink.dropped();
  }

  /** The connector's side ends it. */
  close(): void {
    void this.#life.close();
    for (const reject of this.#waiting) reject(new CodedError('switch-down'));
    this.#waiting.clear();
  }
}

function attempt<T>(
  work: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): () => void {
  try {
    const value = work();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
}
