/** What callers hear in each queue while they wait, as an administrator sets it. Held in memory; a write goes to the database first. */
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import { DEFAULT_WAITING, QueueWaiting } from '../../protocol/waiting.ts';
import type { Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';

export interface WaitingBookOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'queue' | 'queues'>;
}

export class WaitingBook {
  readonly #o: WaitingBookOptions;
  readonly #writes = new Serial();
  #settings = new Map<string, QueueWaiting>();

  private constructor(options: WaitingBookOptions) {
    this.#o = options;
  }

  /** Reads everything. The table must be there (`callcenterMigrations`). */
  static async load(options: WaitingBookOptions): Promise<WaitingBook> {
    const book = new WaitingBook(options);
    await book.reload();
    return book;
  }

  /** Reads everything anew. */
  reload(): Promise<void> {
    return this.#writes.run('', async () => {
      const rows = await this.#o.db.query<{ queue_id: string; settings: unknown }>(
        'SELECT queue_id, settings FROM queue_waiting',
      );
      this.#settings = new Map(rows.map((row) => [row.queue_id, QueueWaiting.parse(row.settings)]));
    });
  }

  /** Queues for which something is set. */
  all(): { queueId: string; settings: QueueWaiting }[] {
    return [...this.#settings]
      .filter(([id]) => this.#o.callCenter.queue(id))
      .map(([queueId, settings]) => ({ queueId, settings }));
  }

  /** Music and the queue's greeting alone, where nothing is set. */
  of(queueId: string): QueueWaiting {
    return this.#settings.get(queueId) ?? DEFAULT_WAITING;
  }

  /** @param settings null: nothing is set any more. @throws CodedError `not-found` for an unknown queue. */
  set(queueId: string, settings: QueueWaiting | null): Promise<QueueWaiting> {
    return this.#writes.run('', async () => {
      if (settings === null)
        await this.#o.db.query('DELETE FROM queue_waiting WHERE queue_id = $1', [queueId]);
      else {
        if (!this.#o.callCenter.queue(queueId)) throw new CodedError('not-found', { what: 'queue' });
        await this.#o.db.query(
          'INSERT INTO queue_waiting (queue_id, settings) VALUES ($1, $2) ON CONFLICT (queue_id) DO UPDATE SET settings = $2',
          [queueId, JSON.stringify(settings)],
        );
      }
      if (settings === null) this.#settings.delete(queueId);
      else this.#settings.set(queueId, settings);
      return this.of(queueId);
    });
  }
}
