/** What an administrator sets, as the program holds it in memory. Secrets (password hash, SIP password) are not in these. */
import type { AgentRules, ReasonKind } from '../../protocol/agent-rules.ts';
import type { DeviceControl, Role } from '../../protocol/api.ts';
import type { QueueRule } from '../../protocol/queue-rules.ts';
import type { Requirement, SkillLevel } from '../../protocol/skills.ts';

export interface User {
  id: string;
  username: string;
  name: string;
  roles: Role[];
  /** BCP 47 tag, such as `en-GB`. */
  locale: string;
  /** IANA time zone. */
  zone: string;
  /** ISO 3166 code: how numbers without a prefix are read and shown. */
  country: string;
  /** Nobody else has it, in whatever case; null for none. */
  email: string | null;
  /** The number that colleagues dial, or null. */
  extension: string | null;
  /** The device that rings, or null for the browser phone. */
  deviceId: string | null;
  /** The platform that his browser phone belongs to. */
  platformId: string;
  /** What he has in common with others of his kind, or null. */
  profileId: string | null;
  /** What he is good at, by the skill's id. */
  skills: SkillLevel[];
  /** His queues in the order in which he serves them; those that are not here come last. */
  queueOrder: string[];
  /** Cannot sign in and gets no calls; kept because history names him. */
  disabled: boolean;
  /** Still has the password that the seed gave and everybody knows. */
  demoPassword: boolean;
}

export interface Queue {
  id: string;
  label: string;
  /** How long an agent is rung, in milliseconds. */
  ringMs: number;
  /** Wrap-up in milliseconds: 0 means none. */
  wrapMs: number;
  dispositionRequired: boolean;
  /** Spoken to the caller before he waits; empty for none. */
  greeting: string;
  memberIds: string[];
  /** What a member must reach to be offered its calls: all of them; empty: nothing. */
  requirements: Requirement[];
  /** What it asks of them beside calls. */
  agentRules: AgentRules;
  /** How that widens while a caller waits, whose turn it is, and where callers are sent. */
  rule: QueueRule;
}

/** A number we own (DNIS) and where its calls go. */
export interface Entry {
  id: string;
  /** Normalised: E.164 with `+`, or the digits of an extension. */
  dnis: string;
  label: string;
  /** The queue that its calls go to, or null when they go to a user or a flow. */
  queueId: string | null;
  /** The user whom it calls directly, or null. */
  userId: string | null;
  /** The flow in which its callers begin, or null. */
  flowId: string | null;
  /** The trunk that brings its calls and shows it; null: any. */
  trunkId: string | null;
  /** Visitors may call it from the customer's page. */
  offeredToVisitors: boolean;
  /** The platform where its calls arrive. */
  platformId: string;
}

/** Why an agent is not ready or logs out. `system` ones are set by the program and cannot be chosen. */
export interface Reason {
  id: string;
  label: string;
  kind: ReasonKind;
  system: boolean;
  /** Can be chosen; one that cannot any more is kept for what happened. */
  active: boolean;
}

/** A wrap-up code. */
export interface Disposition {
  id: string;
  label: string;
  /** Can be chosen; one that cannot any more is kept for what happened. */
  active: boolean;
}

export interface Device {
  id: string;
  userId: string;
  /** `pbx`: a phone of a telephone system that routes by itself, which has it already. */
  kind: 'browser' | 'sip' | 'pbx';
  label: string;
  /** SIP user name, also the device's name on the switch; undefined for the browser phone, whose credentials are made per sign-in. */
  username?: string;
  /** How we can answer it. */
  control: DeviceControl;
  /** The platform that it registers at. */
  platformId: string;
}

/** The telephone system that Crosspoint brings: what has no other belongs to it. */
export const PRIVATE_PLATFORM = 'private';

/** Without: the private platform, the profile of the most powerful role, no skills, no address, no order of queues. */
export type UserInput = Omit<
  User,
  | 'id'
  | 'deviceId'
  | 'disabled'
  | 'demoPassword'
  | 'platformId'
  | 'profileId'
  | 'skills'
  | 'email'
  | 'queueOrder'
> &
  Partial<Pick<User, 'platformId' | 'profileId' | 'skills' | 'email' | 'queueOrder'>>;
export type UserPatch = Partial<UserInput & Pick<User, 'disabled'>>;
/**
 * `dispositions`: the labels of those that can be chosen, in order; one that keeps its label keeps its id, also after a time in which
 * it could not. Without: no `requirements`, the default `agentRules`, the plain `rule`.
 */
export type QueueInput = Omit<Queue, 'id' | 'requirements' | 'agentRules' | 'rule'> &
  Partial<Pick<Queue, 'requirements' | 'agentRules' | 'rule'>> & { dispositions: string[] };
/** What leads nowhere says so by leaving it out. */
export type EntryInput = Pick<Entry, 'dnis' | 'label' | 'offeredToVisitors'> &
  Partial<Pick<Entry, 'queueId' | 'userId' | 'flowId' | 'trunkId' | 'platformId'>>;

/** Id of the phone that a telephone system which routes by itself gave the user, in place of a browser phone. */
export function deskPhoneId(userId: string): string {
  return `pbx:${userId}`;
}

/** The browser phone that every user has. */
export function browserDevice({ id: userId, platformId }: Pick<User, 'id' | 'platformId'>): Device {
  return {
    id: `browser:${userId}`,
    userId,
    kind: 'browser',
    label: 'Browser phone',
    control: 'browser',
    platformId,
  };
}

/** Id of the profile that users of these roles have from the beginning: that of the most powerful one. */
export function profileOfRoles(roles: readonly Role[]): string {
  const role = (['administrator', 'supervisor'] as const).find((one) => roles.includes(one)) ?? 'agent';
  return profileOfRole(role);
}

export function profileOfRole(role: Role): string {
  return `profile_${role}`;
}
