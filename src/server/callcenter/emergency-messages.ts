/**
 * What callers hear first on a day on which something is wrong. An administrator writes the messages beforehand, a supervisor
 * switches them. Of two that are on for a number, the one that ends the call counts, else the one that names the number.
 */
import { newId } from '../../lib/ids.ts';
import { EmergencyMessage, type EmergencyMessageInput } from '../../protocol/emergency-messages.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';
import { DocumentTable } from './document-table.ts';
import { refuse } from './refuse.ts';
import { withoutId } from './trunks.ts';

export interface EmergencyMessagesOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'entry' | 'guardRemoval'>;
}

const Stored = EmergencyMessage.omit({ id: true });
type Stored = Omit<EmergencyMessage, 'id'>;

export class EmergencyMessages {
  readonly #o: EmergencyMessagesOptions;
  readonly #table: DocumentTable<Stored>;

  private constructor(options: EmergencyMessagesOptions) {
    this.#o = options;
    this.#table = new DocumentTable({
      db: options.db,
      table: 'emergency_message',
      what: 'emergency message',
      schema: Stored,
      onChanged: () => undefined,
    });
    options.callCenter.guardRemoval((kind, id) => {
      const message = kind === 'number' && this.all().find(({ numberIds }) => numberIds.includes(id));
      return message ? `the emergency message ${message.label} names it` : undefined;
    });
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: EmergencyMessagesOptions): Promise<EmergencyMessages> {
    const messages = new EmergencyMessages(options);
    await messages.#table.load();
    return messages;
  }

  /** Reads everything anew. */
  reload(): Promise<void> {
    return this.#table.load();
  }

  all(): EmergencyMessage[] {
    return this.#table.all();
  }

  get(id: string): EmergencyMessage | undefined {
    return this.#table.get(id);
  }

  /** What callers of this number hear first now. */
  heardAt(numberId: string): Pick<EmergencyMessage, 'text' | 'afterwards'> | undefined {
    const on = this.all().filter(
      ({ on, numberIds }) => on && (numberIds.length === 0 || numberIds.includes(numberId)),
    );
    return (
      on.find(({ afterwards }) => afterwards === 'hang-up') ??
      on.find(({ numberIds }) => numberIds.length > 0) ??
      on[0]
    );
  }

  /** It is off. @throws `already-exists` for a label, `bad-input` for a number that there is not. */
  add(input: EmergencyMessageInput, id = newId('message')): Promise<EmergencyMessage> {
    return this.#table.save(id, () => ({
      ...this.#checked(input),
      on: false,
      switchedBy: null,
      switchedAt: null,
    }));
  }

  /** @throws as `add`, and `not-found`. */
  change(id: string, patch: Partial<EmergencyMessageInput>): Promise<EmergencyMessage> {
    return this.#table.save(id, () => {
      const stored = withoutId(this.#table.must(id)) as Stored;
      return { ...stored, ...this.#checked({ ...stored, ...patch }) };
    });
  }

  /** From the next call on. @throws `not-found`. */
  switch(id: string, on: boolean, userId: string, now: number): Promise<EmergencyMessage> {
    return this.#table.save(id, () => ({
      ...(withoutId(this.#table.must(id)) as Stored),
      on,
      switchedBy: userId,
      switchedAt: now,
    }));
  }

  remove(id: string): Promise<void> {
    return this.#table.remove(id);
  }

  #checked(input: EmergencyMessageInput): EmergencyMessageInput {
    const strange = input.numberIds.some((id) => !this.#o.callCenter.entry(id));
    if (strange) refuse('numberIds', 'there is no such number');
    return input;
  }
}
