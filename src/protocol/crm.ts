import { z } from 'zod';
import { RecordRef } from './facts.ts';

/**
 * Records of a CRM, described by metadata. Ids look like Salesforce's (15 characters; 001 Account, 003 Contact, 00Q Lead,
 * 500 Case, 00T Task, 005 User), because adapters branch on the prefix.
 */
export const FieldType = z.enum([
  'text',
  'textarea',
  'phone',
  'email',
  'url',
  'picklist',
  'date',
  'datetime',
  'number',
  'boolean',
  'reference',
]);
export type FieldType = z.infer<typeof FieldType>;

export const FieldMeta = z.object({
  name: z.string(),
  label: z.string(),
  type: FieldType,
  required: z.boolean(),
  readOnly: z.boolean(),
  /** Shown in lists. */
  inList: z.boolean(),
  maxLength: z.number().optional(),
  options: z.array(z.string()).optional(),
  /** Objects a reference may point at. */
  refersTo: z.array(z.string()).optional(),
  /** Made by an administrator. */
  custom: z.boolean().optional(),
});
export type FieldMeta = z.infer<typeof FieldMeta>;

export const ObjectMeta = z.object({
  name: z.string(),
  label: z.string(),
  labelPlural: z.string(),
  prefix: z.string(),
  nameField: z.string(),
  fields: z.array(FieldMeta),
  /** Related lists of a record page: records of `object` whose `field` points here. */
  related: z.array(z.object({ object: z.string(), field: z.string(), label: z.string() })),
  /** Made by an administrator. */
  custom: z.boolean().optional(),
  /** Fields of the record page, in their order. Default: all. */
  page: z.array(z.string()).optional(),
  /** Columns of lists behind the name, in their order. Default: the fields that are `inList`. */
  list: z.array(z.string()).optional(),
});
export type ObjectMeta = z.infer<typeof ObjectMeta>;

/** What the record page shows, in its order. */
export function pageFields({ fields, page }: ObjectMeta): FieldMeta[] {
  return page ? named(fields, page) : fields;
}

/** The columns of lists, in their order, the name first. */
export function listFields({ fields, list, nameField }: ObjectMeta): FieldMeta[] {
  const columns = list ? named(fields, list) : fields.filter((field) => field.inList);
  const name = fields.filter((field) => field.name === nameField);
  return [...name, ...columns.filter((field) => field.name !== nameField)];
}

function named(fields: readonly FieldMeta[], names: readonly string[]): FieldMeta[] {
  const byName = new Map(fields.map((field) => [field.name, field]));
  return names.flatMap((name) => byName.get(name) ?? []);
}

export const FieldValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type FieldValue = z.infer<typeof FieldValue>;

export const CrmRecord = z.object({
  id: z.string(),
  object: z.string(),
  name: z.string(),
  fields: z.record(z.string(), FieldValue),
  /** Names of the records that reference fields point at, by id. */
  names: z.record(z.string(), z.string()),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Changes with every edit: an update that names an old one is refused as a conflict. */
  rev: z.number(),
});
export type CrmRecord = z.infer<typeof CrmRecord>;

export const RecordInput = z.object({ fields: z.record(z.string(), FieldValue), rev: z.number().optional() });
export type RecordInput = z.infer<typeof RecordInput>;

export const RecordPage = z.object({
  records: z.array(CrmRecord),
  total: z.number(),
  next: z.string().nullable(),
});
export type RecordPage = z.infer<typeof RecordPage>;

export const SearchResult = z.object({ records: z.array(RecordRef), more: z.boolean() });
export type SearchResult = z.infer<typeof SearchResult>;

/** One call log as the CRM gets it: becomes exactly one closed Task per (conversation, user). */
export const CallLogEntry = z.object({
  conversationId: z.string(),
  userId: z.string(),
  /** The CRM that it goes to, chosen once: when the log is closed. */
  crmId: z.string().optional(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  from: z.string(),
  to: z.string(),
  /** UTC milliseconds. */
  startedAt: z.number(),
  durationSeconds: z.number(),
  subject: z.string(),
  comments: z.string(),
  disposition: z.string().nullable(),
  who: RecordRef.nullable(),
  what: RecordRef.nullable(),
  /** The CRM page that writes it; without one our server does. */
  hostId: z.string().optional(),
});
export type CallLogEntry = z.infer<typeof CallLogEntry>;

/** What a person may correct of a log that the CRM refuses. */
export const LogCorrection = z
  .object({
    subject: z.string().max(255),
    comments: z.string().max(32_000),
    disposition: z.string().max(255).nullable(),
    who: RecordRef.nullable(),
    what: RecordRef.nullable(),
  })
  .partial();
export type LogCorrection = z.infer<typeof LogCorrection>;

/** A recording of a call, to be linked to its log. */
export const RecordingLink = z.object({
  conversationId: z.string(),
  userId: z.string(),
  /** As of the log. */
  crmId: z.string().optional(),
  recordingId: z.string(),
  /** Where it is played, by whoever may. */
  url: z.string(),
  /** UTC milliseconds. */
  startedAt: z.number(),
  durationSeconds: z.number(),
});
export type RecordingLink = z.infer<typeof RecordingLink>;

/** What happened in one finished interval in one queue (`userId` null), or to one agent in it. Times in seconds. */
export const FigureRow = z.object({
  /** Says which interval, queue and agent it is about: writing it again is the same record. */
  key: z.string().max(255),
  /** UTC milliseconds; the interval's end is not part of it. */
  from: z.number(),
  to: z.number(),
  queue: z.object({ id: z.string(), label: z.string() }).nullable(),
  user: z.object({ id: z.string(), name: z.string() }).nullable(),
  offered: z.number(),
  answered: z.number(),
  abandoned: z.number(),
  talkSeconds: z.number(),
  holdSeconds: z.number(),
  wrapSeconds: z.number(),
  /** Sum over the answered ones, of how long they waited. */
  waitSeconds: z.number(),
});
export type FigureRow = z.infer<typeof FigureRow>;
