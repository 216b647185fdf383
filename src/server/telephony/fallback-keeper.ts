/**
 * Keeps the fallback of every leg that talks to nobody armed: what a caller hears while we are dead is decided beforehand
 * (DESIGN section 4). A leg is armed for `armMs` and renewed every third of it, so one missed renewal does no harm. One that was
 * armed just now (a caller is answered, and then hears music) is not armed again.
 */
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import type { Switch } from './ports.ts';

export class FallbackKeeper {
  readonly #life: Lifecycle;
  readonly #armed = new Map<string, { node: Switch; at: number }>();
  readonly #clock: Clock;
  /** One command per leg at a time: a renewal that overtook the disarming would cut a talk off. */
  readonly #serial = new Serial();
  readonly #armMs: number;
  readonly #onError: (legId: string, error: unknown) => void;

  constructor(clock: Clock, armMs: number, onError: (legId: string, error: unknown) => void) {
    this.#clock = clock;
    this.#armMs = armMs;
    this.#onError = onError;
    this.#life = new Lifecycle(clock);
    this.#life.every(armMs / 3, () => this.#renew());
  }

  arm(node: Switch, legId: string): void {
    const known = this.#armed.get(legId);
    const now = this.#clock.now();
    if (known?.node === node && now - known.at < this.#armMs / 30) return;
    this.#armed.set(legId, { node, at: now });
    this.#send(node, legId, this.#armMs);
  }

  /** The leg talks to a person now, and a talk has no deadline. */
  disarm(legId: string): void {
    const known = this.#armed.get(legId);
    if (!known) return;
    this.#armed.delete(legId);
    this.#send(known.node, legId, 0);
  }

  /** The leg is gone. */
  forget(legId: string): void {
    this.#armed.delete(legId);
  }

  /** Stops renewing; what is armed stays armed, which is its purpose. */
  close(): Promise<void> {
    return this.#life.close();
  }

  #renew(): void {
    for (const [legId, { node }] of this.#armed) if (node.link === 'up') this.#send(node, legId, this.#armMs);
  }

  #send(node: Switch, legId: string, ms: number): void {
    this.#serial
      .run(legId, () => node.armFallback(legId, ms, 'apology'))
      .catch((error: unknown) => {
        const known = this.#armed.get(legId);
        if (known) known.at = Number.NEGATIVE_INFINITY;
        this.#onError(legId, error);
      });
  }
}
