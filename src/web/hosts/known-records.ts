import type { CallLogEntry } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';

const REMEMBERED = 200;

/**
 * Records that the CRM around us has told us of: those on its screen and those it found by a number. A log is linked with these
 * alone: what our own server found is of another CRM.
 */
export class KnownRecords {
  readonly #byId = new Map<string, RecordRef>();
  readonly #byNumber = new Map<string, RecordRef[]>();

  saw(record: RecordRef): void {
    this.#byId.delete(record.id);
    this.#byId.set(record.id, record);
    if (this.#byId.size > REMEMBERED) this.#byId.delete([...this.#byId.keys()][0] ?? '');
  }

  found(number: string, records: readonly RecordRef[]): void {
    for (const record of records) this.saw(record);
    this.#byNumber.set(number, [...records]);
    if (this.#byNumber.size > REMEMBERED) this.#byNumber.delete([...this.#byNumber.keys()][0] ?? '');
  }

  /** What the log's call is about: as the agent chose, else the only one that was found by the caller's number. */
  linksOf({ who, what, direction, from, to }: CallLogEntry): RecordRef[] {
    const chosen = [who, what].filter(
      (record) => record !== null && this.#byId.has(record.id),
    ) as RecordRef[];
    if (chosen.length > 0) return chosen;
    const found = this.#byNumber.get(direction === 'outbound' ? to : from) ?? [];
    return found.length === 1 ? found : [];
  }
}
