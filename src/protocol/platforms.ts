import { z } from 'zod';
import { Address } from './address.ts';
import { KindField } from './kind-settings.ts';

/** Telephone systems (platforms) as REST bodies: Setup's forms and the server check by the same schemas. */

export const PlatformKindInfo = z.object({
  kind: z.string(),
  label: z.string(),
  help: z.string(),
  fields: z.array(KindField),
  /** It has checks that say what is wrong with a setting (`POST /api/platforms/test`). */
  testable: z.boolean(),
  /** It has queues and agents of its own, which are shown (`GET /api/platforms/:id/live`). */
  routesItself: z.boolean(),
});
export type PlatformKindInfo = z.infer<typeof PlatformKindInfo>;

const settings = z.record(z.string(), z.unknown());
const label = z.string().trim().min(1, 'this is needed').max(80, 'at most 80 characters');
/** ISO 3166 code; null: the installation's. How numbers without a prefix are read that arrive there. */
const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'an ISO 3166 code such as GB')
  .nullable();

export const ShownPlatform = z.object({
  id: z.string(),
  kind: z.string(),
  label: z.string(),
  enabled: z.boolean(),
  country,
  /** Without the secrets. */
  settings,
  /** Names of the secrets that are stored. */
  secretsSet: z.array(z.string()),
  /** The program's own: it can be renamed, and not removed. */
  builtIn: z.boolean(),
  /** `off`: switched off, `draining`: it takes no new calls and goes after the last one. */
  state: z.enum(['up', 'reconciling', 'down', 'off', 'draining']),
  /** Why it is down, when the reason is known: in its own settings. */
  problem: z.string().optional(),
  /** UTC milliseconds since when `state` holds. */
  since: z.number(),
  liveCalls: z.number(),
});
export type ShownPlatform = z.infer<typeof ShownPlatform>;

export const NewPlatform = z.object({
  /** Chosen once: letters, digits and `-`. Made from the label without. */
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and "-"')
    .optional(),
  kind: z.string().max(40),
  label,
  enabled: z.boolean().default(true),
  country: country.default(null),
  settings: settings.default({}),
});
export type NewPlatform = z.infer<typeof NewPlatform>;

/** `settings`: those that are given are changed, null removes one; secrets that are not given stay. */
export const PlatformChange = z.object({ label, enabled: z.boolean(), country, settings }).partial();
export type PlatformChange = z.infer<typeof PlatformChange>;

/** One thing that was looked at. */
export const PlatformCheck = z.object({
  /** Stable, such as `asterisk-user`: see docs/platforms.md. */
  code: z.string(),
  title: z.string(),
  /** `skipped`: what it needs was wrong already. */
  status: z.enum(['ok', 'wrong', 'warning', 'skipped']),
  /** What was found, in a sentence. */
  found: z.string(),
  /** What to do; only when something is wrong. */
  fix: z.string().optional(),
});
export type PlatformCheck = z.infer<typeof PlatformCheck>;

export const PlatformReport = z.object({ ok: z.boolean(), checks: z.array(PlatformCheck) });
export type PlatformReport = z.infer<typeof PlatformReport>;

/** A queue of a telephone system that routes by itself, as it is now. */
export const LiveQueue = z.object({
  id: z.string(),
  name: z.string(),
  label: z.string(),
  /** The first first. */
  waiting: z.array(
    z.object({
      id: z.string(),
      position: z.number(),
      number: Address,
      name: z.string().optional(),
      /** UTC milliseconds. */
      since: z.number(),
    }),
  ),
  members: z.array(
    z.object({
      /** Such as `PJSIP/201`. */
      device: z.string(),
      name: z.string(),
      /** Our user with this phone. */
      user: z.object({ id: z.string(), name: z.string() }).optional(),
      paused: z.boolean(),
      /** In the system's own words; empty without one. */
      reason: z.string(),
      inCall: z.boolean(),
      ringing: z.boolean(),
      /** Its phone can be rung. */
      reachable: z.boolean(),
      penalty: z.number(),
    }),
  ),
});
export type LiveQueue = z.infer<typeof LiveQueue>;

/** What a telephone system that routes by itself has now; no queues while it is not connected. */
export const PlatformLive = z.object({
  state: ShownPlatform.shape.state,
  problem: z.string().optional(),
  /** UTC milliseconds: of this answer, and since when `state` holds. */
  at: z.number(),
  since: z.number(),
  queues: z.array(LiveQueue),
});
export type PlatformLive = z.infer<typeof PlatformLive>;

/** The phone that an extension has at a telephone system that routes by itself. */
export const PlatformPhone = z.object({
  /** Such as `PJSIP/201`. */
  device: z.string(),
  /** `away`: known there and not registered. `unasked`: it is not connected now. */
  state: z.enum(['ready', 'away', 'unknown', 'unasked']),
  /** Whose it is here already. */
  user: z.object({ id: z.string(), name: z.string() }).optional(),
});
export type PlatformPhone = z.infer<typeof PlatformPhone>;

/** A queue's figures of one day, or of the whole range. */
export const QueueLogFigures = z.object({
  queue: z.string(),
  label: z.string(),
  /** `YYYY-MM-DD` in the zone that was asked for; null: of the whole range. */
  day: z.string().nullable(),
  offered: z.number(),
  answered: z.number(),
  abandoned: z.number(),
  serviceLevel: z.number().nullable(),
  serviceLevel2: z.number().nullable(),
  averageSpeedOfAnswerMs: z.number().nullable(),
  averageTalkMs: z.number().nullable(),
});
export type QueueLogFigures = z.infer<typeof QueueLogFigures>;

/** What became of a queue log that was given. */
export const QueueLogResult = z.object({
  added: z.number(),
  found: z.number(),
  open: z.number().describe('Callers whose stay has not ended in this text: give it again later.'),
  bad: z.array(z.number()).describe('Numbers of lines that are none of a queue log.'),
});
export type QueueLogResult = z.infer<typeof QueueLogResult>;

/** Settings that are not saved. `id`: secrets that are not given are taken from this platform. */
export const PlatformTest = z.object({
  id: z.string().max(80).optional(),
  kind: z.string().max(40),
  settings: settings.default({}),
});

/**
 * How calls of one platform reach another: a trunk between the two, one row per direction. An agent whose device is on `to` gets callers
 * of `from` through it.
 */
export const PlatformLinkFields = z.object({
  from: z.string().max(80),
  to: z.string().max(80),
  /** Where `from` sends the call: a SIP address in which `{number}` is the one-time number, such as `sip:{number}@10.0.0.2:5060`. */
  address: z
    .string()
    .max(200)
    .regex(
      /^sips?:[^{}\s]*\{number\}@[^{}\s]+$/,
      'a SIP address with {number}, such as sip:{number}@10.0.0.2:5060',
    )
    .optional(),
  /** Or the trunk of `from` that leads to `to`. */
  trunk: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,60}$/, 'letters, digits, _ and -')
    .optional(),
  /** Put before the one-time number, where the dial plan of `to` needs one. Digits. */
  prefix: z
    .string()
    .regex(/^\d{0,8}$/, 'up to eight digits')
    .default(''),
});
export const PlatformLink = PlatformLinkFields.refine(
  (link) => (link.address === undefined) !== (link.trunk === undefined),
  {
    message: 'either the address or the trunk',
  },
);
export type PlatformLink = z.infer<typeof PlatformLink>;
