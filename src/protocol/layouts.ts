import { z } from 'zod';

/**
 * Softphone layouts: what an agent sees of a call and what pops for it, by call type. One is the organisation's default, others
 * are assigned to roles and to single users. Bodies of `/api/softphone-layouts`; Setup's form checks by the same schemas.
 */

const label = z
  .string()
  .trim()
  .min(1, 'this is needed')
  .max(80, 'at most 80 characters')
  .refine((text) => !/\p{Cc}/u.test(text), 'no control characters');
const apiName = z.string().regex(/^\w{1,80}$/, 'the API name of an object or field');

/** `ANI`, `DNIS`, `QUEUE`, one key of the call data as `data:<key>`, or all of it as `data:*`. */
export const CallField = z
  .string()
  .max(80)
  .regex(
    /^(ANI|DNIS|QUEUE|data:(\*|[^\s*\p{Cc}][^\p{Cc}]{0,63}))$/u,
    'ANI, DNIS, QUEUE, data:<key> or data:*',
  );
export type CallField = z.infer<typeof CallField>;

/** One object that is searched by the caller's number, and the fields of its records that are shown beside their name. */
export const LayoutObject = z.object({ object: apiName, fields: z.array(apiName).max(12, 'at most 12') });
export type LayoutObject = z.infer<typeof LayoutObject>;

/** Placeholders of a page's address: each value is URL-encoded. `{data:<key>}` is one key of the call data. */
export const URL_PLACEHOLDERS = [
  'ANI',
  'DNIS',
  'QUEUE',
  'QUEUE_ID',
  'CALL_TYPE',
  'CALL_ID',
  'USER_ID',
  'USER_NAME',
  'RECORD_ID',
  'RECORD_OBJECT',
] as const;

/** A host name with, perhaps, a port. */
const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;
const PLACEHOLDER = /\{([^{}]*)\}/g;

/** What is wrong with the address of a page that pops, or undefined. Which hosts are allowed is the organisation's to say. */
export function pageUrlProblem(template: string): string | undefined {
  const wrong = [...template.matchAll(PLACEHOLDER)]
    .map(([, name]) => name ?? '')
    .find((n) => !isPlaceholder(n));
  if (wrong !== undefined) return `there is no placeholder {${wrong}}`;
  const plain = template.replace(PLACEHOLDER, 'x');
  if (/[{}]/.test(plain)) return 'a brace without its partner';
  if (/[\s\\\p{Cc}]/u.test(plain)) return 'no spaces, backslashes or control characters';
  if (/^\/(?!\/)/.test(plain)) return undefined;
  if (!plain.startsWith('https://'))
    return 'a page of ours such as /Contact/new, or an address that begins with https://';
  const origin = /^[^/?#]*/.exec(template.trim().slice('https://'.length))?.[0] ?? '';
  if (!HOST.test(origin)) return 'not a web address with a fixed host in small letters';
  return undefined;
}

function isPlaceholder(name: string): boolean {
  return (URL_PLACEHOLDERS as readonly string[]).includes(name) || /^data:.{1,64}$/u.test(name);
}

export const PageUrl = z
  .string()
  .trim()
  .min(1, 'this is needed')
  .max(1_000)
  .superRefine((template, context) => {
    const problem = pageUrlProblem(template);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

/** What pops. */
export const PopTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('nothing') }),
  /** The record that matches: for one match only. */
  z.object({ kind: z.literal('record') }),
  /** The list of what has this number. */
  z.object({ kind: z.literal('search') }),
  /** A new record of this object, with the number in its first phone field. */
  z.object({ kind: z.literal('new'), object: apiName }),
  /** A page of ours, or one by https of an allowed host. */
  z.object({ kind: z.literal('page'), url: PageUrl }),
  /** An agent script, run beside the record that matches. */
  z.object({ kind: z.literal('script'), scriptId: z.string().min(1, 'choose one').max(80) }),
]);
export type PopTarget = z.infer<typeof PopTarget>;

const noRecord = (target: PopTarget) => target.kind !== 'record';

/** In the tab in front of him, in a new one beside it, in a window of its own. Unsaved changes are never replaced. */
export const PopPlace = z.enum(['tab', 'subtab', 'window']);
export type PopPlace = z.infer<typeof PopPlace>;

export const PopRules = z.object({
  /** `ring`: when his phone rings, or he has dialled; `answer`: when he talks; `hand`: when he asks for it. */
  when: z.enum(['ring', 'answer', 'hand']),
  open: PopPlace,
  none: PopTarget.refine(noRecord, 'there is no record to show'),
  one: PopTarget,
  many: PopTarget.refine(noRecord, 'there is more than one record'),
});
export type PopRules = z.infer<typeof PopRules>;

export const CallTypeLayout = z.object({
  /** In the order to show them. */
  fields: z.array(CallField).max(40, 'at most 40'),
  /** What is searched by number, the first goes first; null: everything in which the CRM finds the number. */
  objects: z.array(LayoutObject).max(20, 'at most 20').nullable(),
  pop: PopRules,
});
export type CallTypeLayout = z.infer<typeof CallTypeLayout>;

export const CALL_TYPES = ['inbound', 'outbound', 'internal'] as const;
export type CallType = (typeof CALL_TYPES)[number];

export const SoftphoneLayoutInput = z.object({
  label,
  /** Holds for everybody who has no other; setting it takes it from the one before. */
  isDefault: z.boolean().default(false),
  /** Users with one of these profiles have this layout. */
  profileIds: z.array(z.string().max(80)).max(200).default([]),
  /** These users have it, whatever their profiles. */
  userIds: z.array(z.string().max(80)).max(10_000).default([]),
  inbound: CallTypeLayout,
  outbound: CallTypeLayout,
  internal: CallTypeLayout,
});
export type SoftphoneLayoutInput = z.infer<typeof SoftphoneLayoutInput>;

export const SoftphoneLayout = SoftphoneLayoutInput.extend({
  id: z.string(),
  isDefault: z.boolean(),
  profileIds: z.array(z.string()),
  userIds: z.array(z.string()),
});
export type SoftphoneLayout = z.infer<typeof SoftphoneLayout>;

/** Hosts whose pages may pop, as origins such as `https://crm.example.com`. */
export const LayoutSettings = z.object({
  allowedOrigins: z
    .array(
      z
        .string()
        .max(200)
        .refine(
          (origin) =>
            origin.startsWith('https://') &&
            HOST.test(origin.slice('https://'.length)) &&
            !/:0*443$/.test(origin),
          'https:// and a host, without a path, such as https://crm.example.com',
        ),
    )
    .max(100, 'at most 100'),
});
export type LayoutSettings = z.infer<typeof LayoutSettings>;

/** Of an organisation that has set none. */
export const DEFAULT_LAYOUT: SoftphoneLayout = {
  id: 'default',
  label: 'Standard',
  isDefault: true,
  profileIds: [],
  userIds: [],
  inbound: {
    fields: ['ANI', 'DNIS', 'QUEUE', 'data:*'],
    objects: null,
    pop: {
      when: 'ring',
      open: 'tab',
      none: { kind: 'new', object: 'Contact' },
      one: { kind: 'record' },
      many: { kind: 'search' },
    },
  },
  outbound: {
    fields: ['DNIS', 'QUEUE', 'data:*'],
    objects: null,
    pop: {
      when: 'ring',
      open: 'tab',
      none: { kind: 'nothing' },
      one: { kind: 'nothing' },
      many: { kind: 'nothing' },
    },
  },
  internal: {
    fields: ['ANI', 'DNIS', 'QUEUE', 'data:*'],
    objects: null,
    pop: {
      when: 'ring',
      open: 'tab',
      none: { kind: 'nothing' },
      one: { kind: 'nothing' },
      many: { kind: 'nothing' },
    },
  },
};
