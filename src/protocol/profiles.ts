/**
 * Profiles: what users of one kind have in common. Roles say who may set up and who leads; a profile says which records somebody
 * sees and edits, what he may dial, what he may do with recordings, and which softphone layout is his.
 */
import { z } from 'zod';

const apiName = z.string().regex(/^\w{1,80}$/, 'the API name of an object or field');

/** What may be done with the records of one object. Fields that are hidden are neither shown nor written. */
export const ObjectRights = z.object({
  read: z.boolean().default(true),
  create: z.boolean().default(true),
  edit: z.boolean().default(true),
  hidden: z.array(apiName).max(300).default([]),
});
export type ObjectRights = z.infer<typeof ObjectRights>;

export const ALL_RIGHTS: ObjectRights = { read: true, create: true, edit: true, hidden: [] };

export const ProfileInput = z.object({
  label: z.string().trim().min(1, 'this is needed').max(80, 'at most 80 characters'),
  /** Rights by object; one that is not named: all of them. */
  objects: z.record(apiName, ObjectRights).default({}),
  /** Class of service; null: everybody’s. */
  classId: z.string().max(80).nullable().default(null),
  /** Recordings of own calls; null: as the recording settings say. */
  mayPlay: z.boolean().nullable().default(null),
  mayDownload: z.boolean().nullable().default(null),
});
export type ProfileInput = z.infer<typeof ProfileInput>;

export const Profile = ProfileInput.extend({ id: z.string() });
export type Profile = z.infer<typeof Profile>;
