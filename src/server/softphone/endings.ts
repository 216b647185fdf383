import type { Lifecycle } from '../../lib/lifecycle.ts';

/** How long a leg that was hung up may take to be gone, in milliseconds. */
const GONE_WITHIN_MS = 3_000;

interface Ending {
  userId: string;
  gone: Promise<void>;
  resolve(): void;
}

/**
 * Legs that users have given up and that the switch has not ended yet: what is dialled meanwhile waits for them.
 *
 *     asked to end ──► ending ── cleared, refused, 3 s ──► (forgotten)
 */
export class Endings {
  readonly #endings = new Map<string, Ending>();
  readonly #life: Lifecycle;

  constructor(life: Lifecycle) {
    this.#life = life;
  }

  begin(userId: string, legId: string): void {
    if (this.#endings.has(legId)) return;
    let resolve = (): void => undefined;
    const gone = new Promise<void>((done) => (resolve = done));
    const cancel = this.#life.after(GONE_WITHIN_MS, () => this.end(legId));
    this.#endings.set(legId, {
      userId,
      gone,
      resolve: () => {
        cancel();
        resolve();
      },
    });
  }

  /** It is gone, or does not end after all. Idempotent. */
  end(legId: string): void {
    const ending = this.#endings.get(legId);
    this.#endings.delete(legId);
    ending?.resolve();
  }

  has(userId: string): boolean {
    return this.#of(userId).length > 0;
  }

  /** Resolves when none of the user's is left. */
  async gone(userId: string): Promise<void> {
    await Promise.all(this.#of(userId).map(({ gone }) => gone));
  }

  #of(userId: string): Ending[] {
    return [...this.#endings.values()].filter((ending) => ending.userId === userId);
  }
}
