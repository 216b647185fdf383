/** Alarms as an administrator sets them. What goes on of them is the floor's business. */
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import {
  type Alarm,
  type AlarmChange,
  AlarmFields,
  type AlarmInput,
  type AlarmFields as Fields,
} from '../../protocol/alarms.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';
import { DocumentTable } from './document-table.ts';
import { refuse } from './refuse.ts';
import { withoutId } from './trunks.ts';

export interface AlarmsOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'queue'>;
  onListenerError: (error: unknown) => void;
}

export class Alarms {
  readonly events: Emitter<{ changed: [id: string] }>;
  readonly #o: AlarmsOptions;
  readonly #table: DocumentTable<Fields>;

  private constructor(options: AlarmsOptions) {
    this.#o = options;
    this.events = new Emitter(options.onListenerError);
    this.#table = new DocumentTable({
      db: options.db,
      table: 'alarm',
      what: 'alarm',
      schema: AlarmFields,
      onChanged: (id) => this.events.emit('changed', id),
    });
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: AlarmsOptions): Promise<Alarms> {
    const alarms = new Alarms(options);
    await alarms.#table.load();
    return alarms;
  }

  async reload(): Promise<void> {
    await this.#table.load();
    this.events.emit('changed', '');
  }

  all(): Alarm[] {
    return this.#table.all().map((alarm) => ({ ...alarm, hasKey: this.#table.hasSecret(alarm.id) }));
  }

  get(id: string): Alarm | undefined {
    return this.all().find((alarm) => alarm.id === id);
  }

  /** The key that its webhooks are signed with. */
  key(id: string): Promise<string | undefined> {
    return this.#table.secret(id);
  }

  /** @throws `already-exists` for a label, `bad-input` for a queue that is not there or a webhook without a key. */
  async add({ key, ...input }: AlarmInput): Promise<Alarm> {
    const id = newId('alarm');
    await this.#table.save(id, () => this.#checked(input, key !== undefined), key);
    return this.#must(id);
  }

  /** A key that is left out stays. @throws as `add`, and `not-found`. */
  async change(id: string, { key, ...patch }: AlarmChange): Promise<Alarm> {
    const make = () => {
      const before = this.#table.must(id);
      const read = AlarmFields.safeParse({ ...withoutId(before), ...patch });
      if (!read.success) {
        const [issue] = read.error.issues;
        refuse(issue?.path.join('.') ?? 'alarm', issue?.message ?? 'not valid');
      }
      return this.#checked(read.data, key !== undefined || this.#table.hasSecret(id));
    };
    await this.#table.save(id, make, key);
    return this.#must(id);
  }

  /** @throws `not-found`. */
  remove(id: string): Promise<void> {
    return this.#table.remove(id);
  }

  #must(id: string): Alarm {
    return { ...this.#table.must(id), hasKey: this.#table.hasSecret(id) };
  }

  #checked(alarm: Fields, hasKey: boolean): Fields {
    const queue = alarm.queueIds.find((id) => !this.#o.callCenter.queue(id));
    if (queue !== undefined) refuse('queueIds', `there is no queue ${queue}`);
    if (alarm.webhook !== null && !hasKey) refuse('key', 'webhooks are signed: a key is needed');
    return alarm;
  }
}
