import { z } from 'zod';
import { AgentRules, ReasonKind } from './agent-rules.ts';
import { Role } from './api.ts';
import { QueueRule } from './queue-rules.ts';
import { Requirements, SkillLevels } from './skills.ts';

/** What an administrator sets, as REST bodies: the server refuses and Setup's forms check by the same schemas. */

/** A new password: long enough to guess badly, without rules about its letters (NIST SP 800-63B). */
export const NewPassword = z.string().min(8, 'at least eight characters').max(200, 'at most 200 characters');

const name = (max: number) =>
  z.string().trim().min(1, 'this is needed').max(max, `at most ${max} characters`);

export const Zone = z.string().min(1).max(60).refine(isZone, 'an IANA time zone such as Europe/London');

export const UserFields = z.object({
  username: z
    .string()
    .trim()
    .regex(/^[\p{L}\p{N}._@-]{1,80}$/u, 'letters, digits and . _ @ - only'),
  name: name(120),
  email: z.email('an e-mail address such as ann@example.com').max(254, 'at most 254 characters').nullable(),
  roles: z.array(Role).min(1, 'at least one role'),
  locale: z.string().min(2, 'a language tag such as en-GB').max(35),
  zone: Zone,
  country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166 code such as GB'),
  extension: z
    .string()
    .regex(/^\d{2,6}$/, 'two to six digits')
    .nullable(),
  /** The telephone system that his browser phone belongs to. */
  platformId: z.string().max(80),
  profileId: z.string().max(80).nullable(),
  /** What he is good at; a skill that is not here he does not have. */
  skills: SkillLevels,
  /** His queues in the order in which he serves them; those that are not here come last. */
  queueOrder: z.array(z.string().max(80)).max(200, 'at most 200 queues'),
});
export const ShownUser = UserFields.extend({
  id: z.string(),
  disabled: z.boolean(),
  /** Still has the password that the demo data gave and everybody knows. */
  demoPassword: z.boolean(),
});
export type ShownUser = z.infer<typeof ShownUser>;
export const NewUser = UserFields.extend({
  email: UserFields.shape.email.default(null),
  extension: UserFields.shape.extension.default(null),
  platformId: UserFields.shape.platformId.optional(),
  /** Left out: that of the most powerful role. */
  profileId: UserFields.shape.profileId.optional(),
  skills: UserFields.shape.skills.default([]),
  queueOrder: UserFields.shape.queueOrder.default([]),
  password: NewPassword,
});
export const UserChange = UserFields.extend({ disabled: z.boolean(), password: NewPassword }).partial();

const codes = z.array(name(80)).max(100, 'at most 100 codes');

export const QueueFields = z.object({
  label: name(80),
  /** How long an agent is rung, in milliseconds. */
  ringMs: z.number().int().min(3_000, 'at least 3 seconds').max(300_000, 'at most 5 minutes'),
  /** Wrap-up in milliseconds: 0 means none. */
  wrapMs: z.number().int().min(0).max(3_600_000, 'at most an hour'),
  dispositionRequired: z.boolean(),
  greeting: z.string().trim().max(500, 'at most 500 characters'),
  memberIds: z.array(z.string().max(80)).max(1_000),
  /** What a member must reach to be offered its calls: all of them. */
  requirements: Requirements,
  agentRules: AgentRules,
  /** How that widens while a caller waits, whose turn it is, and where callers are sent. */
  rule: QueueRule,
});
export const ShownQueue = QueueFields.extend({
  id: z.string(),
  /** `active`: can be chosen; the others are kept for what happened. */
  dispositions: z.array(z.object({ id: z.string(), label: z.string(), active: z.boolean() })),
});
export type ShownQueue = z.infer<typeof ShownQueue>;
/**
 * `dispositions`: the labels of those that can be chosen, in order; one that keeps its label keeps its id. One that is left out is not
 * active any more, until it is named again.
 */
export const QueueInput = QueueFields.extend({ dispositions: codes });
export const QueueChange = QueueInput.partial();

/** Why an agent is not ready or logs out. */
export const ReasonFields = z.object({ label: name(80), kind: ReasonKind.default('not-ready') });
export const ShownReason = ReasonFields.extend({
  id: z.string(),
  /** Set by the program itself; stays active. */
  system: z.boolean(),
  /** Can be chosen; one that cannot any more is kept for what happened. */
  active: z.boolean(),
});
export type ShownReason = z.infer<typeof ShownReason>;
/** `position`: its place in the list that agents see, from 0. */
export const ReasonChange = z
  .object({
    label: ReasonFields.shape.label,
    active: z.boolean(),
    position: z.number().int().min(0).max(1_000),
  })
  .partial();

/** One change of the configuration: who, when, what, before and after. Secrets are masked. */
export const ConfigChange = z.object({
  id: z.number(),
  /** UTC milliseconds. */
  at: z.number(),
  userId: z.string(),
  /** His name now; empty when there is no such user any more. */
  userName: z.string(),
  /** Noun of the route, such as `queues`. */
  object: z.string(),
  objectId: z.string(),
  /** What people call the object. */
  label: z.string(),
  action: z.enum(['create', 'change', 'delete']),
  /** `begun`: the server died before it knew whether the change was made. */
  outcome: z.enum(['done', 'begun']),
  before: z.unknown(),
  after: z.unknown(),
});
export type ConfigChange = z.infer<typeof ConfigChange>;

/** Filters of `GET /api/audit`; newest first. */
export const AuditQuery = z.object({
  object: z.string().max(80).optional(),
  objectId: z.string().max(200).optional(),
  userId: z.string().max(80).optional(),
  /** Looked for in the object's name and in what was changed. */
  q: z.string().max(200).optional(),
  /** UTC milliseconds. */
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
  /** Continues after the change with this id. */
  beforeId: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const AuditPage = z.object({
  changes: z.array(ConfigChange),
  more: z.boolean(),
  /** Every noun that was ever changed, for the filter. */
  objects: z.array(z.string()),
});
export type AuditPage = z.infer<typeof AuditPage>;

/** The state of the installation, for administrators. */
export const SystemState = z.object({
  version: z.string(),
  /** UTC milliseconds. */
  startedAt: z.number(),
  node: z.string(),
  memoryBytes: z.number(),
  database: z.object({ up: z.boolean(), version: z.string(), bytes: z.number() }),
  /** Of the data folder. */
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }),
  outbox: z.object({ waiting: z.number(), stuck: z.number() }),
  switch: z.object({ link: z.enum(['up', 'reconciling', 'down']), audio: z.boolean() }),
  /** Pages and calls by https. */
  https: z.boolean(),
  demoPasswords: z.number(),
});
export type SystemState = z.infer<typeof SystemState>;

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
