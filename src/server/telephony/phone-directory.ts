import type { Address } from '../../protocol/address.ts';
import type { AgentDevice } from './ports.ts';

/** A user whose telephone it is. */
export interface PhoneUser {
  userId: string;
  deviceId: string;
  /** His extension. */
  address: Address;
}

/** What call control has to know of the telephones that users dial and transfer with. */
export interface PhoneDirectory {
  /** Undefined for a name that is no user's telephone there. */
  ofName(platformId: string, name: string): PhoneUser | undefined;
  /** The device that can be rung for the user now. */
  device(userId: string): AgentDevice | undefined;
  /** What he dialled, as he writes numbers; emergency numbers of his site are that. */
  read(dialled: string, userId: string): Address;
  /** What the called party sees. @throws CodedError what the dial plan refuses with. */
  callerIdOf(userId: string, to: Address): Address;
  /** The queue that has this number. */
  queueAt(to: Address, platformId: string): string | undefined;
}
