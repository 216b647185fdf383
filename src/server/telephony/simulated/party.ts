/** The person at the far end of a simulated leg, for tests, for visitors without audio and for the simulator. */
import type { Emitter } from '../../../lib/emitter.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import type { Hears, Leg } from './leg.ts';

export type PartyEvents = {
  /** Something about the party changed: look again. */
  change: [];
};

/** What a party can do; the exchange carries it out. */
export interface PartyActions {
  hangup(leg: Leg): void;
  digit(leg: Leg, digit: string): void;
  hold(leg: Leg, on: boolean): void;
}

export class SimulatedParty {
  readonly #leg: Leg;
  readonly #actions: PartyActions;

  constructor(
    leg: Leg,
    actions: PartyActions,
    readonly events: Emitter<PartyEvents>,
  ) {
    this.#leg = leg;
    this.#actions = actions;
  }

  get legId(): string {
    return this.#leg.id;
  }

  /** `ringing` until the call is answered, whoever called; `ended` with its `cause`. */
  get state(): 'ringing' | 'talking' | 'ended' {
    if (this.#leg.state === 'gone') return 'ended';
    return this.#leg.state === 'connected' || this.#leg.state === 'taken' ? 'talking' : 'ringing';
  }

  get cause(): ClearCause | undefined {
    return this.#leg.cause;
  }

  /** What a called phone shows; undefined for a caller. */
  get callerId(): { number: string; name: string } | undefined {
    return this.#leg.callerId;
  }

  get hears(): Hears {
    return this.#leg.hears;
  }

  /** Digits that the switch sent to this party. */
  get digits(): string {
    return this.#leg.digits;
  }

  /** Ends the call; before the answer a caller gives up and a called phone rejects. No error when it has ended. */
  hangup(): void {
    this.#actions.hangup(this.#leg);
  }

  /** Presses one key. Nothing happens before the answer. */
  digit(digit: string): void {
    this.#actions.digit(this.#leg, digit);
  }

  /** The phone's own hold button. */
  hold(): void {
    this.#actions.hold(this.#leg, true);
  }

  retrieve(): void {
    this.#actions.hold(this.#leg, false);
  }
}
