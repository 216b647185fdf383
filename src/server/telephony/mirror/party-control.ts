/**
 * What a PBX that routes by itself can be asked to do with one party's connection. It is all that CallControl needs of a PBX:
 * `MirroredControl` finds the parties behind a leg, checks what can be done, and tells of it. Ids of parties are the PBX's own.
 * Every method resolves when the PBX has taken the wish; what came of it is seen in its parties. It rejects with a CodedError:
 * `no-such-line` when the party is gone, `not-capable` when this cannot be done, `number-invalid` for what cannot be dialled.
 */
import type { Address } from '../../../protocol/address.ts';
import type { CodedError } from '../../../protocol/errors.ts';
import type { CallVerb } from '../ports.ts';

/** What is dialled on the PBX, as one of its own phones would. */
export type PbxTarget =
  | { kind: 'number'; number: Address }
  | { kind: 'extension'; extension: string }
  /** By the PBX's own name of it. */
  | { kind: 'queue'; name: string };

/** An agent's consultation about his first call. */
export interface Consultation {
  /** The agent's party in the first call. */
  first: string;
  /** His party in the consultation: the same one where one connection carries both. */
  second: string;
  /** The first call's other party; undefined when it is gone. */
  customer?: string;
  /** Who is consulted; empty before anybody is rung. */
  consulted: readonly string[];
  /** Who is consulted talks with the agent. */
  talks: boolean;
}

export interface PartyControl {
  /**
   * Whether the PBX can do this at all, with this party, whatever it does now; `carriesBoth`: the party carries a first call and a
   * consultation. What is always possible says true.
   */
  able(verb: CallVerb, partyId: string, carriesBoth: boolean): boolean;
  /** Why this cannot be dialled there; undefined when it can, as far as is known before. */
  refusal(to: PbxTarget): CodedError | undefined;
  /** Rings the phone `device`, as the party `partyId`, and dials `to` from there when it is answered. `shown`: what its display says. */
  make(partyId: string, device: string, to: PbxTarget, shown: Shown): Promise<void>;
  answer(partyId: string): Promise<void>;
  /** `declined`: it rings, and does not want to. */
  hangup(partyId: string, declined: boolean): Promise<void>;
  hold(partyId: string): Promise<void>;
  retrieve(partyId: string): Promise<void>;
  /** Silences what the party says. */
  mute(partyId: string, on: boolean): Promise<void>;
  /** Keys for this party to hear. */
  sendDigits(partyId: string, digits: string): Promise<void>;
  /** Holds the party's call and calls `to` for it. */
  consult(partyId: string, to: PbxTarget): Promise<void>;
  complete(consultation: Consultation): Promise<void>;
  cancel(consultation: Consultation): Promise<void>;
  conference(consultation: Consultation): Promise<void>;
  transfer(partyId: string, to: PbxTarget): Promise<void>;
  /** `agent` parks `customer` and is let go; the slot is seen in the customer's party. */
  park(customer: string, agent: string): Promise<void>;
  /** Rings the phone as `partyId`; it takes the call out of the slot when it is answered. */
  pickUp(partyId: string, device: string, slot: string, shown: Shown): Promise<void>;
}

export interface Shown {
  /** The agent's own number. */
  number: string;
  /** Whom he calls. */
  name: string;
}
