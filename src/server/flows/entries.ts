/** Where a number of ours leads. */
import type { Address } from '../../protocol/address.ts';

interface Announced {
  /** Spoken to its end before all else, such as an emergency message; absent for none. */
  notice?: string;
  /** Spoken to its end before he is queued or anybody rung, such as that the call will be recorded; absent or empty for none. */
  announcement?: string;
}

export interface QueueEntry extends Announced {
  queueId: string;
  /** Spoken to the caller while he waits; empty for none. */
  greeting: string;
}

export interface UserEntry extends Announced {
  /** Who is called directly. */
  userId: string;
  /** Who does not reach him may leave him a message; default: he hears that nobody can take the call. */
  voicemail?: boolean;
}

/** Outside of its hours a number may lead to one outside. */
export interface NumberEntry extends Announced {
  number: Address;
}

/** A drawn dialogue decides. */
export interface FlowEntry extends Announced {
  flowId: string;
}

/** Nobody takes calls at this time. */
export interface ClosedEntry {
  /** Spoken to the caller, who is hung up then. */
  closed: string;
}

export type Entry = QueueEntry | UserEntry | NumberEntry | FlowEntry | ClosedEntry;
