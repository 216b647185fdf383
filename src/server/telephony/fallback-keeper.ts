/**
 * Keeps the fallback of every leg that talks to nobody armed: what a caller hears while we are dead is decided beforehand
 * (DESIGN section 4). A leg is armed for `armMs` and renewed every third of it, so one missed renewal does no harm.
 */
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import type { Switch } from './ports.ts';

export class FallbackKeeper {
  readonly #life: Lifecycle;
  readonly #armed = new Map<string, Switch>();
  /** One command per leg at a time: a renewal that overtook the disarming would cut a talk off. */
  readonly #serial = new Serial();
  readonly #armMs: number;
  readonly #onError: (legId: string, error: unknown) => void;

  constructor(clock: Clock, armMs: number, onError: (legId: string, error: unknown) => void) {
    this.#armMs = armMs;
    this.#onError = onError;
    this.#life = new Lifecycle(clock);
    this.#life.every(armMs / 3, () => this.#renew());
  }

  arm(node: Switch, legId: string): void {
    this.#armed.set(legId, node);
    this.#send(node, legId, this.#armMs);
  }

  /** The leg talks to a person now, and a talk has no deadline. */
  disarm(legId: string): void {
    const node = this.#armed.get(legId);
    if (!node) return;
    this.#armed.delete(legId);
    this.#send(node, legId, 0);
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
    for (const [legId, node] of this.#armed) if (node.link === 'up') this.#send(node, legId, this.#armMs);
  }

  #send(node: Switch, legId: string, ms: number): void {
    this.#serial
      .run(legId, () => node.armFallback(legId, ms, 'apology'))
      .catch((error: unknown) => this.#onError(legId, error));
  }
}
