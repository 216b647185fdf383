/** How each queue's service level is counted. A queue of which nothing is said has the usual 80 % in 20 s. */
import { Emitter } from '../../lib/emitter.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import { DEFAULT_SERVICE_LEVEL, ServiceLevel } from '../../protocol/service-levels.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';

export interface ServiceLevelsOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'queue'>;
  onListenerError: (error: unknown) => void;
}

export class ServiceLevels {
  readonly events: Emitter<{ changed: [queueId: string] }>;
  readonly #o: ServiceLevelsOptions;
  readonly #writes = new Serial();
  #all = new Map<string, ServiceLevel>();

  private constructor(options: ServiceLevelsOptions) {
    this.#o = options;
    this.events = new Emitter(options.onListenerError);
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: ServiceLevelsOptions): Promise<ServiceLevels> {
    const levels = new ServiceLevels(options);
    await levels.reload();
    return levels;
  }

  async reload(): Promise<void> {
    const rows = await this.#o.db.query<{ queue_id: string; settings: unknown }>(
      'SELECT queue_id, settings FROM service_level',
    );
    const before = [...this.#all.keys()];
    this.#all = new Map(rows.map((row) => [row.queue_id, ServiceLevel.parse(row.settings)]));
    for (const queueId of new Set([...before, ...this.#all.keys()])) this.events.emit('changed', queueId);
  }

  of(queueId: string): ServiceLevel {
    return this.#all.get(queueId) ?? DEFAULT_SERVICE_LEVEL;
  }

  /** @throws `not-found`. */
  set(queueId: string, level: ServiceLevel): Promise<ServiceLevel> {
    return this.#writes.run('', async () => {
      if (!this.#o.callCenter.queue(queueId)) throw new CodedError('not-found', { what: 'queue' });
      await this.#o.db.query(
        'INSERT INTO service_level (queue_id, settings) VALUES ($1, $2) ON CONFLICT (queue_id) DO UPDATE SET settings = $2',
        [queueId, JSON.stringify(level)],
      );
      this.#all.set(queueId, level);
      this.events.emit('changed', queueId);
      return level;
    });
  }

  /** It is counted as usual again. */
  clear(queueId: string): Promise<void> {
    return this.#writes.run('', async () => {
      await this.#o.db.query('DELETE FROM service_level WHERE queue_id = $1', [queueId]);
      this.#all.delete(queueId);
      this.events.emit('changed', queueId);
    });
  }
}
