import { z } from 'zod';

/**
 * The CRMs whose pages the softphone may live in, as an administrator sets them in Setup: which origins may frame it, and how
 * that CRM says who its user is. Bodies of `/api/crm-hosts`; Setup's form checks by the same schemas.
 */

/** Which script or protocol the page around the softphone speaks; `other`: our own messages (docs/hosts.md). */
export const HostKind = z.enum(['salesforce', 'hubspot', 'dynamics', 'other']);
export type HostKind = z.infer<typeof HostKind>;

const ORIGIN = /^(https:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http:\/\/(localhost|127\.0\.0\.1))(:\d{1,5})?$/;

/** An origin as browsers write it. http is for this computer only: no browser gives a frame elsewhere the microphone. */
export const FrameOrigin = z
  .string()
  .trim()
  .max(200)
  .regex(ORIGIN, 'an origin such as https://acme.lightning.force.com, without a path');

/** How a signed context is checked: a secret that both know (HS256), or the public key of a pair (RS256, ES256). */
export const SignInKey = z.enum(['none', 'secret', 'public-key']);
export type SignInKey = z.infer<typeof SignInKey>;

const label = z
  .string()
  .trim()
  .min(1, 'this is needed')
  .max(80, 'at most 80 characters')
  .refine((text) => !/\p{Cc}/u.test(text), 'no control characters');

export const CrmHostFields = z.object({
  label,
  kind: HostKind,
  /** Every page around the softphone's frame: browsers check each of them. */
  origins: z.array(FrameOrigin).min(1, 'at least one origin').max(20, 'at most 20 origins'),
  /**
   * False: only this CRM's own page can search its records and write to them, so the page pops by number and saves the call
   * logs. True: our server has a connection of its own to this CRM and does both.
   */
  connected: z.boolean().default(false),
  signInKey: SignInKey.default('none'),
  /** Users whose name in that CRM is not their user name here. */
  users: z
    .array(z.object({ externalId: z.string().trim().min(1).max(200), userId: z.string().max(80) }))
    .max(10_000)
    .default([]),
});

/** `key`: the secret (at least 32 characters) or the public key (PEM); left out, it stays as it is. */
export const CrmHostInput = CrmHostFields.extend({ key: z.string().trim().max(10_000).optional() });
export type CrmHostInput = z.infer<typeof CrmHostInput>;
export const CrmHostSettings = CrmHostFields;
export type CrmHostSettings = z.infer<typeof CrmHostFields>;

export const CrmHost = CrmHostFields.extend({
  /** Also the audience (`aud`) of a signed context. */
  id: z.string(),
  hasKey: z.boolean(),
});
export type CrmHost = z.infer<typeof CrmHost>;

/** What a page in this CRM is told about it. */
export const JoinedHost = CrmHostFields.pick({ kind: true, connected: true }).extend({ id: z.string() });
export type JoinedHost = z.infer<typeof JoinedHost>;

/** A token that a page without cookies sends as `Authorization: Bearer`. */
export const HandedToken = z.object({ token: z.string(), expiresAt: z.number() });
export type HandedToken = z.infer<typeof HandedToken>;

/** What Setup can generate: a file to give to the CRM's administrator. */
export const HostFile = z.object({ fileName: z.string(), text: z.string() });
export type HostFile = z.infer<typeof HostFile>;
