/**
 * A PBX that routes by itself, as a connector brings it (docs/connectors.md): its parties as they are now, what can be done with
 * them (the role CallControl, by party), and its queues (the role Acd). Crosspoint compares the parties with its own picture and
 * writes down what differs; a connector keeps no history and never says what changed, but what is.
 */
import type { Emitter } from '../../../lib/emitter.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import type { LinkState, PlatformCaller, PlatformMember } from '../ports.ts';
import type { PartyControl } from './party-control.ts';

/** One party's connection in the PBX: a phone, or somebody outside. */
export interface PbxParty {
  /** The PBX's own name of it, which stays as long as it exists. At most 60 characters. */
  id: string;
  /** Parties that came to be through the same call have the same group: the id of the party that began it. */
  group: string;
  /** The phone, by the name that `deviceOf` gives it; absent for who is outside. */
  device?: string;
  /** Of a party outside: the door through which it came, such as `trunk:provider`. */
  entry: string;
  /** Its number as the PBX has it: an extension, or an outside number. */
  number: string;
  /** Its name; empty without one. */
  name: string;
  /** What it dialled when it came in; empty when it dialled nothing. */
  dialled: string;
  state: 'initiated' | 'alerting' | 'connected';
  /** Put on hold by its own phone. */
  held: boolean;
  /** It is called by the PBX; else it calls. */
  outgoing: boolean;
  /** The party that it is called for. */
  dialledBy?: string;
  /** The party that consults it: a second call of that party's. */
  consultedBy?: string;
  /** Parties of the same value hear each other; absent for who is alone. */
  together?: string;
  /** The name of the queue in which it waits. */
  queue?: string;
  /** The slot in which it is parked. */
  parked?: string;
  /** It was parked until the PBX gave up waiting. */
  parkedTooLong?: boolean;
}

/** A caller who waits, by his party. */
export interface PbxCaller extends Omit<PlatformCaller, 'legId' | 'number'> {
  partyId: string;
  number: string;
}

export interface PbxQueue {
  name: string;
  /** What people call it; default its name. */
  label?: string;
  members: PlatformMember[];
  /** Who waits, the first first. */
  waiting: PbxCaller[];
}

/** The role Acd of a PBX that routes by itself: it rules, we follow. Devices are named as `deviceOf` names them. */
export interface PbxQueues {
  queues(): PbxQueue[];
  /** The device can be rung now, as far as the PBX knows. */
  reachable(device: string): boolean;
  /** The PBX has such a device at all. */
  knows(device: string): boolean;
  /** In every queue of which the device is a member. */
  setPaused(device: string, paused: boolean, reason: string): Promise<void>;
  /** Makes it a member of these queues; one that is already stays as it is. */
  logIn(device: string, name: string, queueNames: readonly string[]): Promise<void>;
  /** Takes it out of every queue that lets it go; resolves with their names. */
  logOut(device: string): Promise<string[]>;
}

export type ForeignPbxEvents = {
  /** `up` comes after every (re)connection, when parties() and queues() are what the PBX has now. */
  link: [link: LinkState];
  /** Parties are others; why those are gone that are not there any more, by id: one that is not named is `lost`. */
  parties: [causes: ReadonlyMap<string, ClearCause>];
  /** Queues, members, callers or devices are others. */
  queues: [];
  /** The party gave its call to this number without asking first: at the phone, or because it was asked to. */
  transferred: [partyId: string, to: string];
};

export interface ForeignPbx {
  readonly events: Emitter<ForeignPbxEvents>;
  readonly link: LinkState;
  /** Connects and keeps connecting; that it is not up shows in `link`. */
  start(): void;
  /** Ends our end only: the PBX goes on. Idempotent, also when it was never started. */
  close(): Promise<void>;
  /** Why it is down, in one sentence for an administrator. */
  problem?(): string | undefined;
  /** Everybody who is in a call now. Asked often: from memory. */
  parties(): PbxParty[];
  readonly calls: PartyControl;
  readonly queues: PbxQueues;
  /** The name of the phone that has this extension. */
  deviceOf(extension: string): string;
  /** Queues for an agent who logs in and is in none; default none. */
  loginQueues?: readonly string[];
}
