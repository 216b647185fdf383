/**
 * The CRM port: what everybody else may ask of a CRM, ours or an outside one. Records are read and written as the
 * acting user, who must not see or do more here than the CRM lets him.
 */
import type { Role } from '../../protocol/api.ts';
import type {
  CallLogEntry,
  CrmRecord,
  FieldValue,
  FigureRow,
  ObjectMeta,
  RecordingLink,
  RecordPage,
  SearchResult,
} from '../../protocol/crm.ts';
import { CodedError, type ErrorCode } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { ListCondition } from '../../protocol/list-views.ts';
import type { ObjectRights } from '../../protocol/profiles.ts';

/** On whose behalf records are read and written. */
export interface Actor {
  userId: string;
  roles: readonly Role[];
}

/** Nobody in particular: calls are matched when they arrive, before it is known who will get them. */
export const SYSTEM_ACTOR: Actor = { userId: 'crosspoint', roles: ['agent'] };

export interface MatchOptions {
  /** Records at most. Default 10, at most 50. */
  limit?: number;
  /** Milliseconds to answer in, else `timeout`. Default 1,000. */
  deadlineMs?: number;
  /** ISO 3166 code: how a number without a country is read. Default: the CRM's. */
  country?: string;
}

export interface SearchOptions extends MatchOptions {
  /** Only these objects. Default: all. */
  objects?: readonly string[];
}

export interface Paging {
  /** Records a page. Default 50, at most 200. */
  limit?: number;
  /** `next` of the page before. */
  after?: string;
}

export interface ListOptions extends Paging {
  /** Words, as in search, that the records must have. */
  text?: string;
  /** What the records must meet. A CRM that cannot look for something refuses it as `bad-input`. */
  conditions?: readonly ListCondition[];
  /** How conditions are read: the reader's IANA time zone, by default UTC, and country, by default the CRM's. */
  zone?: string;
  country?: string;
  /** `name` (default), `createdAt`, `updatedAt`, or a field's name. */
  sort?: string;
  direction?: 'asc' | 'desc';
}

export interface WriteOptions {
  /** What a task says of its call (direction, duration, numbers, id) may be written: a telephone adapter logs a call. */
  callFields?: boolean;
}

/** What a CRM may be able to do. `match`, `search`, `read`, `write` are of records; `lists`, `remove`: of our own console only. */
export type CrmAbility =
  | 'match'
  | 'search'
  | 'read'
  | 'write'
  | 'lists'
  | 'remove'
  | 'call-log'
  | 'recording-link'
  | 'figures';

/** What a CRM cannot do, each with the reason in a sentence. */
export type CrmMissing = Readonly<Partial<Record<CrmAbility, string>>>;

/**
 * Errors: `not-found` for a record or object that is not there, `not-allowed` for a role that may not, `bad-input` with
 * `data.field` for a value that its field refuses, `conflict` for an update of an old revision, `timeout`; and of an outside
 * CRM `crm-not-capable`, `crm-refused`, `crm-unavailable`, `crm-limit`, `crm-sign-in`.
 */
export interface Crm {
  /** For this user: the CRM that serves him says so. */
  missing(actor: Actor): CrmMissing;

  /** What objects and fields there are: as the actor may see them, else as the organisation does. */
  objects(actor?: Actor): Promise<ObjectMeta[]>;

  /** What somebody may do with the records of an object, where that is set here. Left out: the CRM itself refuses. */
  rights?(actor: Actor, object: string): ObjectRights;

  /**
   * Whose number this is, in whatever way it was typed or signalled: people before companies, direct numbers before
   * shared ones. An account is left out where it only repeats its one person. A withheld number, an extension, a
   * service number are nobody's.
   */
  match(actor: Actor, number: string, options?: MatchOptions): Promise<SearchResult>;

  /** Records by the beginnings of words in any of their texts, or by a number or its beginning or end. */
  search(actor: Actor, text: string, options?: SearchOptions): Promise<SearchResult>;

  /** `total` counts up to 10,000: that figure means so many or more. */
  list(actor: Actor, object: string, options?: ListOptions): Promise<RecordPage>;
  read(actor: Actor, id: string): Promise<CrmRecord>;
  create(
    actor: Actor,
    object: string,
    fields: Record<string, FieldValue>,
    options?: WriteOptions,
  ): Promise<CrmRecord>;

  /** Changes the fields given and leaves the others. With `rev`, only if the record still has that revision. */
  update(
    actor: Actor,
    id: string,
    fields: Record<string, FieldValue>,
    rev?: number,
    options?: WriteOptions,
  ): Promise<CrmRecord>;

  /** Only administrators; a record that others refer to is refused as `in-use`. */
  remove(actor: Actor, id: string): Promise<void>;

  /** Records of `object` whose reference `field` points at `id`, newest first. */
  related(actor: Actor, id: string, object: string, field: string, paging?: Paging): Promise<RecordPage>;

  /** The tasks about a record, newest first: an account's include those of its contacts and cases. */
  activity(actor: Actor, id: string, paging?: Paging): Promise<RecordPage>;

  /**
   * Writes a call log: exactly one closed Task per conversation and user. Written again, with the same key or another,
   * it updates that Task. A person or record that is gone by now is left out; the log is never refused for it.
   * @param idemKey what an outside CRM keys its task by; the same for the same conversation and user.
   */
  writeCallLog(idemKey: string, entry: CallLogEntry): Promise<RecordRef>;

  /** Puts a link to the recording on the call log of this conversation and user, once. `not-found`: it is not written yet. */
  attachRecording(link: RecordingLink): Promise<void>;
}

/** A CRM that metric figures can be written to, as records of its own. */
export interface FigureBook {
  /** Each row once, however often it is written. */
  writeFigures(rows: readonly FigureRow[]): Promise<void>;
}

const REFUSALS: readonly ErrorCode[] = ['crm-refused', 'crm-not-capable', 'bad-input', 'not-allowed'];

/** True for what a CRM will refuse however often it is tried, until somebody changes it or the CRM's settings. */
export function isCrmRefusal(error: unknown): boolean {
  return error instanceof CodedError && REFUSALS.includes(error.code);
}
