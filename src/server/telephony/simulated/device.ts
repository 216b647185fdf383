/**
 * A phone that the simulated exchange can ring: a provisioned device, or anything outside (a number behind a trunk, a SIP
 * address), which is always reachable.
 */
import type { SimulatedParty } from './party.ts';

/** What a phone does when it rings; `manual`: the test calls answer() or reject(), and an auto-answer call is answered. */
export type WhenRung = 'manual' | 'answers' | 'busy' | 'rejects' | 'ignores';

/** What a phone can do; the exchange carries it out. */
export interface DeviceActions {
  register(device: SimulatedDevice, password: string | undefined): boolean;
  unregister(device: SimulatedDevice): void;
  answer(legId: string): void;
  reject(legId: string, cause: 'busy' | 'rejected'): void;
}

export class SimulatedDevice {
  whenRung: WhenRung = 'manual';
  /** It says something before it is answered. */
  earlyMedia = false;
  registered: boolean;
  /** The latest call to this phone. */
  call: SimulatedParty | undefined;
  readonly #actions: DeviceActions;

  constructor(
    readonly name: string,
    registered: boolean,
    actions: DeviceActions,
  ) {
    this.registered = registered;
    this.#actions = actions;
  }

  /**
   * Registers; with a password only if the device was provisioned with it, without one always.
   * Returns false when it was refused.
   */
  register(password?: string): boolean {
    return this.#actions.register(this, password);
  }

  unregister(): void {
    this.#actions.unregister(this);
  }

  /** Picks up the latest call. Nothing happens when it does not ring. */
  answer(): void {
    if (this.call) this.#actions.answer(this.call.legId);
  }

  reject(cause: 'busy' | 'rejected' = 'rejected'): void {
    if (this.call) this.#actions.reject(this.call.legId, cause);
  }

  hangup(): void {
    this.call?.hangup();
  }
}
