import { z } from 'zod';
import { KindField } from './kind-settings.ts';

/** Connections to CRMs as REST bodies: Setup's forms and the server check by the same schemas. */

/** The id of the CRM that is part of the program. */
export const BUILTIN_CRM = 'builtin';

export const CrmKindInfo = z.object({
  kind: z.string(),
  label: z.string(),
  help: z.string(),
  fields: z.array(KindField),
});
export type CrmKindInfo = z.infer<typeof CrmKindInfo>;

const settings = z.record(z.string(), z.unknown());
const label = z.string().trim().min(1, 'this is needed').max(80, 'at most 80 characters');

export const ShownCrm = z.object({
  id: z.string(),
  kind: z.string(),
  label: z.string(),
  enabled: z.boolean(),
  /** Without the secrets. */
  settings,
  /** Names of the secrets that are stored. */
  secretsSet: z.array(z.string()),
  /** Part of the program: it cannot be changed nor removed. */
  builtIn: z.boolean(),
  /** `signed-out`: an administrator has to sign in to it (again). `unknown`: nothing was asked of it yet. */
  state: z.enum(['up', 'down', 'signed-out', 'unknown', 'off']),
  /** What it said last, while it is not up. */
  problem: z.string().optional(),
  /** UTC milliseconds since when `state` holds. */
  since: z.number(),
  /** Requests that the CRM has counted for the organisation, as it said last. */
  usage: z.object({ used: z.number(), limit: z.number() }).optional(),
  /** What it cannot do, by ability, each with the reason. */
  missing: z.record(z.string(), z.string()),
  /** People sign in to it: the organisation, and each user where `ownAccounts` is set. */
  signIn: z
    .object({
      ownAccounts: z.boolean(),
      /** Whose account the organisation's connection has; null: none yet. */
      organisation: z.string().nullable(),
      /** Users who have signed in. */
      users: z.number(),
    })
    .optional(),
});
export type ShownCrm = z.infer<typeof ShownCrm>;

export const NewCrm = z.object({
  /** Chosen once: letters, digits and `-`. Made from the label without. */
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and "-"')
    .optional(),
  kind: z.string().max(40),
  label,
  enabled: z.boolean().default(true),
  settings: settings.default({}),
});
export type NewCrm = z.infer<typeof NewCrm>;

/** `settings`: those that are given are changed, null removes one; secrets that are not given stay. */
export const CrmChange = z.object({ label, enabled: z.boolean(), settings }).partial();
export type CrmChange = z.infer<typeof CrmChange>;

/** Settings that are not saved. `id`: secrets and sign-ins that are not given are taken from this connection. */
export const CrmTest = z.object({
  id: z.string().max(80).optional(),
  kind: z.string().max(40),
  settings: settings.default({}),
});

/** Which CRM serves whom. */
export const CrmChoice = z.object({
  organisation: z.string().max(80),
  /** Call centers that have another one. */
  callCenters: z.array(z.object({ callCenterId: z.string().max(80), crmId: z.string().max(80) })).max(500),
});
export type CrmChoice = z.infer<typeof CrmChoice>;

/** The CRM that serves the user who asks, and his own account in it. */
export const MyCrm = z.object({
  id: z.string(),
  label: z.string(),
  kind: z.string(),
  /** `own`: his account is needed. `shared`: everybody sees what the organisation's account sees. `none`: nobody signs in. */
  account: z.enum(['own', 'shared', 'none']),
  /** Whose account he has signed in with; null: none. */
  signedInAs: z.string().nullable(),
  missing: z.record(z.string(), z.string()),
});
export type MyCrm = z.infer<typeof MyCrm>;
