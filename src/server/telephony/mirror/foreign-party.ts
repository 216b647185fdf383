/** What a connector says of a PBX that routes by itself: its parties as they are now. Everything else follows by comparing. */
import type { Address } from '../../../protocol/address.ts';

/** One party's connection in the PBX. */
export interface ForeignParty {
  /** The PBX's own name of it, which stays as long as it exists. At most 60 characters. */
  id: string;
  /** Parties that came to be through the same call have the same group: the id of the party that began it. */
  group: string;
  /** The door through which it came, such as `trunk:carrier`. */
  entry: string;
  /** One of our users, by his device. */
  userId?: string;
  deviceId?: string;
  address: Address;
  callerName: string;
  /** What it dialled when it came in; kind `withheld` when it dialled nothing. */
  dialled: Address;
  state: 'initiated' | 'alerting' | 'connected';
  /** Put on hold by its own phone. */
  held: boolean;
  /** It is called by the PBX; else it calls. */
  outgoing: boolean;
  /** The party that it is called for. */
  dialledBy?: string;
  /** The party that consults it: a second call of that party's. */
  consultedBy?: string;
  /** Whether the two above are known: who was found by listing is placed by whom it talks to. */
  dialKnown: boolean;
  /** Parties of the same value hear each other; absent for who is alone. */
  together?: string;
  /** The PBX's queue in which it waits. */
  queue?: string;
  /** It left its queue by hanging up, and is about to be gone. */
  gaveUp?: boolean;
  /** The slot in which it is parked. */
  parked?: string;
  /** It was parked until the PBX gave up waiting. */
  parkedTooLong?: boolean;
}
