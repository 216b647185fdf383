import type { z } from 'zod';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import { isUniqueViolation, type Transactional } from '../store/database.ts';
import { isForeignKeyViolation } from './read-tables.ts';

/** A thing with a label of its own, as it is kept: everything in it is one JSON document. */
export type Kept<T> = T & { id: string };

export interface DocumentTableOptions<T> {
  db: Transactional;
  table:
    | 'trunk'
    | 'outbound_route'
    | 'site'
    | 'class_of_service'
    | 'business_hours'
    | 'emergency_message'
    | 'profile'
    | 'crm_host'
    | 'team'
    | 'alarm'
    | 'wallboard';
  /** Its word in error messages. */
  what: string;
  /** Of what is kept; fields that are newer than a row get their defaults. */
  schema: z.ZodType<T>;
  /** Told after each write that was done. */
  onChanged: (id: string) => void;
}

/** The tables whose things have a secret of their own. */
const WITH_SECRET: readonly string[] = ['trunk', 'crm_host', 'alarm', 'wallboard'];

interface Row {
  id: string;
  settings: unknown;
  has_secret: boolean;
}

/** A small table of documents, held in memory in the order to show; a write goes to the database first, one at a time. */
export class DocumentTable<T extends { label: string }> {
  readonly #o: DocumentTableOptions<T>;
  readonly #writes = new Serial();
  #rows = new Map<string, Kept<T>>();
  #withSecret = new Set<string>();

  constructor(options: DocumentTableOptions<T>) {
    this.#o = options;
  }

  /** Reads everything. Comes before all else. */
  async load(): Promise<void> {
    const secret = WITH_SECRET.includes(this.#o.table) ? 'secret IS NOT NULL' : 'false';
    const rows = await this.#o.db.query<Row>(
      `SELECT id, settings, ${secret} AS has_secret FROM ${this.#o.table} ORDER BY position, id`,
    );
    this.#rows = new Map(rows.map(({ id, settings }) => [id, { ...this.#o.schema.parse(settings), id }]));
    this.#withSecret = new Set(rows.filter((row) => row.has_secret).map((row) => row.id));
  }

  all(): Kept<T>[] {
    return [...this.#rows.values()];
  }

  get(id: string): Kept<T> | undefined {
    return this.#rows.get(id);
  }

  /** @throws `not-found`. */
  must(id: string): Kept<T> {
    const row = this.#rows.get(id);
    if (!row) throw new CodedError('not-found', { what: this.#o.what });
    return row;
  }

  hasSecret(id: string): boolean {
    return this.#withSecret.has(id);
  }

  /** The secret itself: for what uses it, never to show. */
  async secret(id: string): Promise<string | undefined> {
    const rows = await this.#o.db.query<{ secret: string | null }>(
      `SELECT secret FROM ${this.#o.table} WHERE id = $1`,
      [id],
    );
    return rows[0]?.secret ?? undefined;
  }

  /**
   * Inserts or replaces. `make` is asked once earlier writes are done.
   * @param secret left out: it stays as it is.
   * @throws `already-exists` for a label that is taken.
   */
  async save(id: string, make: () => T, secret?: string): Promise<Kept<T>> {
    await this.#write(id, async () => {
      const made = make();
      await this.#o.db.tx(async (tx) => {
        await tx.query(
          `INSERT INTO ${this.#o.table} (id, label, position, settings)
            VALUES ($1, $2, (SELECT coalesce(max(position), -1) + 1 FROM ${this.#o.table}), $3)
            ON CONFLICT (id) DO UPDATE SET label = $2, settings = $3`,
          [id, made.label, JSON.stringify(made)],
        );
        if (secret !== undefined)
          await tx.query(`UPDATE ${this.#o.table} SET secret = $2 WHERE id = $1`, [id, secret]);
      });
    });
    return this.must(id);
  }

  /** @param inUse what still needs it, asked once earlier writes are done. @throws `not-found`, `in-use`. */
  async remove(id: string, inUse: () => string | undefined = () => undefined): Promise<void> {
    await this.#write(id, async () => {
      this.must(id);
      const detail = inUse();
      if (detail) throw new CodedError('in-use', { detail });
      await this.#o.db.query(`DELETE FROM ${this.#o.table} WHERE id = $1`, [id]);
    });
  }

  /** Puts all rows into this order, which also is the order to try them in. @throws `bad-input` unless it names each once. */
  async reorder(ids: string[]): Promise<void> {
    await this.#write('', async () => {
      if (new Set(ids).size !== this.#rows.size || !ids.every((id) => this.#rows.has(id)))
        throw new CodedError('bad-input', { detail: `ids: every ${this.#o.what} once` });
      await this.#o.db.query(
        `UPDATE ${this.#o.table} t SET position = o.n FROM unnest($1::text[]) WITH ORDINALITY o(id, n) WHERE t.id = o.id`,
        [ids],
      );
    });
  }

  async #write(id: string, work: () => Promise<void>): Promise<void> {
    await this.#writes.run('write', async () => {
      try {
        await work();
      } catch (error) {
        if (isUniqueViolation(error))
          throw new CodedError('already-exists', { what: this.#o.what, field: 'label' });
        if (isForeignKeyViolation(error))
          throw new CodedError('in-use', { detail: 'a number, user or default names it' });
        throw error;
      }
      await this.load();
    });
    this.#o.onChanged(id);
  }
}
