import type { Clock } from '../../lib/clock.ts';

export interface BriefOptions {
  clock: Clock;
  /** How long an answer holds, in milliseconds. */
  ageMs: number;
  /** Answers kept at most, the newest. */
  max: number;
}

/** Answers that are good for a moment. Whoever asks meanwhile shares the question; a failed one is asked anew. */
export class Brief<T> {
  readonly #o: BriefOptions;
  readonly #kept = new Map<string, { at: number; answer: Promise<T> }>();

  constructor(options: BriefOptions) {
    this.#o = options;
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const { clock, ageMs, max } = this.#o;
    const kept = this.#kept.get(key);
    if (kept && clock.now() - kept.at < ageMs) return kept.answer;
    const entry = { at: clock.now(), answer: ask() };
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    if (this.#kept.size > max) this.#kept.delete(this.#kept.keys().next().value ?? '');
    entry.answer.catch(() => {
      if (this.#kept.get(key) === entry) this.#kept.delete(key);
    });
    return entry.answer;
  }

  forget(): void {
    this.#kept.clear();
  }
}
