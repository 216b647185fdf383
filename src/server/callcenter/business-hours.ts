/**
 * Business hours as an administrator sets them. Those of a number go before those of the queue it leads to, and these before
 * the default ones; a number that has none of them is always open.
 */
import { newId } from '../../lib/ids.ts';
import { parseAddress } from '../../protocol/address.ts';
import { type BusinessHours, BusinessHoursInput, hoursAt, type WhenClosed } from '../../protocol/hours.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';
import { DocumentTable } from './document-table.ts';
import type { Entry } from './model.ts';
import { refuse } from './refuse.ts';
import { withoutId } from './trunks.ts';

export interface BusinessHoursOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'queue' | 'entry' | 'entryFor' | 'guardRemoval'>;
  /** ISO 3166 code: how a number outside is read. */
  country: string;
}

export class BusinessHoursBook {
  readonly #o: BusinessHoursOptions;
  readonly #table: DocumentTable<BusinessHoursInput>;

  private constructor(options: BusinessHoursOptions) {
    this.#o = options;
    this.#table = new DocumentTable({
      db: options.db,
      table: 'business_hours',
      what: 'set of business hours',
      schema: BusinessHoursInput,
      onChanged: () => undefined,
    });
    options.callCenter.guardRemoval((kind, id) => {
      const user = this.all().find((one) =>
        kind === 'queue'
          ? one.queueIds.includes(id) || (one.whenClosed.kind === 'queue' && one.whenClosed.queueId === id)
          : kind === 'number' && one.numberIds.includes(id),
      );
      return user && `the business hours ${user.label} name it`;
    });
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: BusinessHoursOptions): Promise<BusinessHoursBook> {
    const book = new BusinessHoursBook(options);
    await book.reload();
    return book;
  }

  /** Reads everything anew. */
  reload(): Promise<void> {
    return this.#table.load();
  }

  all(): BusinessHours[] {
    return this.#table.all();
  }

  get(id: string): BusinessHours | undefined {
    return this.#table.get(id);
  }

  /** Which hours hold for a number; undefined: it is always open. */
  of({ id, queueId }: Pick<Entry, 'id' | 'queueId'>): BusinessHours | undefined {
    return (
      this.all().find((hours) => hours.numberIds.includes(id)) ??
      this.all().find((hours) => queueId !== null && hours.queueIds.includes(queueId)) ??
      this.all().find((hours) => hours.isDefault)
    );
  }

  /** What becomes of a call to the number that came at this instant; undefined: it is open. */
  closedAt(entry: Pick<Entry, 'id' | 'queueId'>, at: number): WhenClosed | undefined {
    const hours = this.of(entry);
    return !hours || hoursAt(hours, at).open ? undefined : hours.whenClosed;
  }

  /** Whether the hours that name the queue have it open; without any it always is. Those of numbers and the default ones say nothing of it. */
  isOpen(queueId: string, at: number): boolean {
    const hours = this.all().find((one) => one.queueIds.includes(queueId));
    return !hours || hoursAt(hours, at).open;
  }

  /** @throws `already-exists` for a label, `bad-input` with the field. */
  add(input: BusinessHoursInput, id = newId('hours')): Promise<BusinessHours> {
    return this.#table.save(id, () => this.#checked(id, input));
  }

  /** @throws as `add`, and `not-found`. */
  change(id: string, patch: Partial<BusinessHoursInput>): Promise<BusinessHours> {
    return this.#table.save(id, () =>
      this.#checked(id, { ...withoutId(this.#table.must(id)), ...patch } as BusinessHoursInput),
    );
  }

  remove(id: string): Promise<void> {
    return this.#table.remove(id);
  }

  #checked(id: string, input: BusinessHoursInput): BusinessHoursInput {
    const { callCenter } = this.#o;
    const others = this.all().filter((one) => one.id !== id);
    const taken = (field: 'numberIds' | 'queueIds') => {
      const other = others.find((one) => one[field].some((each) => input[field].includes(each)));
      if (other) refuse(field, `one of them has the hours ${other.label}`);
    };
    taken('numberIds');
    taken('queueIds');
    const other = input.isDefault && others.find((one) => one.isDefault);
    if (other) refuse('isDefault', `the hours ${other.label} hold for all others`);
    if (input.queueIds.some((queue) => !callCenter.queue(queue)))
      refuse('queueIds', 'there is no such queue');
    if (input.numberIds.some((number) => !callCenter.entry(number)))
      refuse('numberIds', 'there is no such number');
    return { ...input, whenClosed: this.#checkedAction(input.whenClosed) };
  }

  #checkedAction(action: WhenClosed): WhenClosed {
    if (action.kind === 'queue' && !this.#o.callCenter.queue(action.queueId))
      refuse('whenClosed.queueId', 'there is no such queue');
    if (action.kind !== 'number') return action;
    const { kind, value } = parseAddress(action.number, this.#o.country);
    if (kind !== 'e164') refuse('whenClosed.number', 'this is no telephone number outside');
    // It would come back to us, for ever.
    if (this.#o.callCenter.entryFor(value))
      refuse('whenClosed.number', 'this number is ours: choose a queue');
    return { kind: 'number', number: value };
  }
}
