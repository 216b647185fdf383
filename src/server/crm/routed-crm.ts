/** The CRM of whoever acts: each user has the one that serves him. */
import type { CallLogEntry, CrmRecord, FieldValue, ObjectMeta, RecordingLink } from '../../protocol/crm.ts';
import { ALL_RIGHTS, type ObjectRights } from '../../protocol/profiles.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type {
  Actor,
  Crm,
  CrmMissing,
  ListOptions,
  MatchOptions,
  Paging,
  SearchOptions,
  WriteOptions,
} from './ports.ts';

export interface CrmDirectory {
  /** The CRM that serves this user; undefined: the organisation's. */
  serving(userId?: string): Crm;
  /** What is written later goes where it was meant for. */
  crm(id: string): Crm;
}

export class RoutedCrm implements Crm {
  readonly #directory: CrmDirectory;

  constructor(directory: CrmDirectory) {
    this.#directory = directory;
  }

  missing(actor: Actor): CrmMissing {
    return this.#of(actor).missing(actor);
  }

  objects(actor?: Actor): Promise<ObjectMeta[]> {
    return this.#directory.serving(actor?.userId).objects(actor);
  }

  rights(actor: Actor, object: string): ObjectRights {
    return this.#of(actor).rights?.(actor, object) ?? ALL_RIGHTS;
  }

  match(actor: Actor, number: string, options?: MatchOptions) {
    return this.#of(actor).match(actor, number, options);
  }

  search(actor: Actor, text: string, options?: SearchOptions) {
    return this.#of(actor).search(actor, text, options);
  }

  list(actor: Actor, object: string, options?: ListOptions) {
    return this.#of(actor).list(actor, object, options);
  }

  read(actor: Actor, id: string) {
    return this.#of(actor).read(actor, id);
  }

  create(
    actor: Actor,
    object: string,
    fields: Record<string, FieldValue>,
    options?: WriteOptions,
  ): Promise<CrmRecord> {
    return this.#of(actor).create(actor, object, fields, options);
  }

  update(
    actor: Actor,
    id: string,
    fields: Record<string, FieldValue>,
    rev?: number,
    options?: WriteOptions,
  ): Promise<CrmRecord> {
    return this.#of(actor).update(actor, id, fields, rev, options);
  }

  remove(actor: Actor, id: string) {
    return this.#of(actor).remove(actor, id);
  }

  related(actor: Actor, id: string, object: string, field: string, paging?: Paging) {
    return this.#of(actor).related(actor, id, object, field, paging);
  }

  activity(actor: Actor, id: string, paging?: Paging) {
    return this.#of(actor).activity(actor, id, paging);
  }

  writeCallLog(idemKey: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#meantFor(entry).writeCallLog(idemKey, entry);
  }

  attachRecording(link: RecordingLink): Promise<void> {
    return this.#meantFor(link).attachRecording(link);
  }

  #of({ userId }: Actor): Crm {
    return this.#directory.serving(userId);
  }

  #meantFor({ crmId, userId }: { crmId?: string | undefined; userId: string }): Crm {
    return crmId === undefined ? this.#directory.serving(userId) : this.#directory.crm(crmId);
  }
}
