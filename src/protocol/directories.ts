import { z } from 'zod';

/**
 * Directories: numbers that are nobody's in the CRM and no user's, such as a partner's desk or a conference room. Agents find them in
 * the search for whom to call. Bodies of `/api/directories`.
 */

const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `at most ${max} characters`)
    .refine((text) => !/\p{Cc}/u.test(text), 'no control characters');
const needed = (max: number) => line(max).min(1, 'this is needed');

export const DirectoryInput = z.object({
  label: needed(80),
  /** Whose agents see it; null: everybody. */
  callCenterId: z.string().max(80).nullable().default(null),
});
export type DirectoryInput = z.infer<typeof DirectoryInput>;

export const Directory = DirectoryInput.extend({
  id: z.string(),
  callCenterId: z.string().nullable(),
  /** How many entries it has; null where that is not counted. */
  entries: z.number().nullable(),
  /** `users`: the users with their extensions; `crm`: the phone fields of the CRM's records. Made by themselves. */
  standard: z.enum(['users', 'crm']).nullable(),
});
export type Directory = z.infer<typeof Directory>;

/** Body of `/api/directory-source`: what of the CRM agents find when they look for whom to call. */
export const DirectorySource = z.object({
  /** Phone fields as `Object.Field`, such as `Room__c.Phone__c`. None: every phone field of every object. */
  fields: z
    .array(z.string().regex(/^[A-Za-z_]\w{0,79}\.[A-Za-z_]\w{0,79}$/, 'a field as Object.Field'))
    .max(200, 'at most 200')
    .default([]),
});
export type DirectorySource = z.infer<typeof DirectorySource>;

export const DirectoryNumber = z.object({ label: line(40).default(''), phone: needed(64) });

export const DirectoryEntryInput = z.object({
  name: needed(80),
  numbers: z.array(DirectoryNumber).min(1, 'at least one number').max(10, 'at most 10 numbers'),
  description: line(255).default(''),
});
export type DirectoryEntryInput = z.infer<typeof DirectoryEntryInput>;

export const DirectoryEntry = DirectoryEntryInput.extend({
  id: z.string(),
  directoryId: z.string(),
  description: z.string(),
});
export type DirectoryEntry = z.infer<typeof DirectoryEntry>;

export const DirectoryEntryQuery = z.object({
  /** Beginnings of words of the name or description, or digits of a number. */
  q: z.string().max(80).default(''),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
export const DirectoryEntryPage = z.object({ entries: z.array(DirectoryEntry), total: z.number() });
export type DirectoryEntryPage = z.infer<typeof DirectoryEntryPage>;

/**
 * A table with a first row of names: `name`, `description`, and one column per number whose name is the number's label; separated
 * by commas, semicolons or tabs. All of it is taken, or nothing.
 */
export const DirectoryImport = z.object({
  csv: z.string().min(1, 'this is needed').max(1_000_000, 'at most a megabyte'),
  /** `replace`: what was there before goes. */
  mode: z.enum(['add', 'replace']).default('add'),
});
export const DirectoryImportResult = z.object({ imported: z.number() });
