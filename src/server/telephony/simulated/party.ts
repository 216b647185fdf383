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
  transfer(leg: Leg, to: string, replacesLegId: string | undefined): void;
  say(leg: Leg, pcm: Uint8Array): void;
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

  /** SIP headers of the call that reached this phone. */
  get headers(): Readonly<Record<string, string>> {
    return this.#leg.headers;
  }

  /** How the transfer goes that this phone asked for. */
  get transferProgress(): 'requested' | 'trying' | 'done' | 'failed' | undefined {
    return this.#leg.transfer;
  }

  /** What was written to this leg by taps, in order. */
  get told(): readonly Uint8Array[] {
    return this.#leg.told;
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

  /** The phone's own transfer button; with `replacesLegId` a second call of the same phone is to be joined. */
  transfer(to: string, replacesLegId?: string): void {
    this.#actions.transfer(this.#leg, to, replacesLegId);
  }

  /** Says this into whatever taps the leg: 16-bit PCM, 8 kHz. Nothing happens before the answer. */
  say(pcm: Uint8Array): void {
    this.#actions.say(this.#leg, pcm);
  }

  retrieve(): void {
    this.#actions.hold(this.#leg, false);
  }
}
