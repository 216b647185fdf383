/**
 * PostgreSQL: the pool that the calls use, transactions, and the lock that makes this process the only one on the
 * database. Reports get a pool of their own (`openReports`), so that a long query never delays a call.
 */
import pg from 'pg';

export type Row = Record<string, unknown>;

/** What runs SQL: the pool, or one transaction. */
export interface Sql {
  /**
   * Runs one statement with `$1`-style parameters. With a `name` (one text each) every connection parses it only once
   * and may keep its plan: for the few statements that a call waits for.
   */
  query<T extends object = Row>(text: string, params?: readonly unknown[], name?: string): Promise<T[]>;
}

export interface DatabaseOptions {
  /** A `postgres://` address, or a socket folder with user and database. */
  connection: string | { host: string; port?: number; user: string; database: string };
  /** Connections at most. Default 10. */
  max?: number;
  /** Milliseconds one statement may take. Default 10,000. */
  statementTimeoutMs?: number;
  /** Told of errors on idle connections; the pool opens new ones by itself. */
  onError: (error: Error) => void;
}

// bigint (ids, counts, epoch milliseconds) fits a number for every value we store.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export class Database implements Sql {
  readonly #pool: pg.Pool;

  constructor(options: DatabaseOptions) {
    const { connection } = options;
    this.#pool = new pg.Pool({
      ...(typeof connection === 'string' ? { connectionString: connection } : connection),
      max: options.max ?? 10,
      statement_timeout: options.statementTimeoutMs ?? 10_000,
      connectionTimeoutMillis: 5_000,
      application_name: 'crosspoint',
    });
    this.#pool.on('error', options.onError);
  }

  async query<T extends object = Row>(text: string, params: readonly unknown[] = [], name?: string): Promise<T[]> {
    const result = await this.#pool.query<T & pg.QueryResultRow>({ text, values: [...params], name });
    return result.rows;
  }

  /** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
  async tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(sqlOf(client));
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      );
      throw error;
    }
  }

  /**
   * Takes the advisory lock that makes us the only process on this database, on a connection of its own.
   * Resolves to undefined when another process has it; `onLost` says that the connection and so the lock is gone.
   */
  async lock(onLost: () => void): Promise<{ release(): Promise<void> } | undefined> {
    const client = await this.#pool.connect();
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock(712024) AS got');
    if (!rows[0]?.got) {
      client.release();
      return undefined;
    }
    let released = false;
    client.on('error', () => undefined);
    client.on('end', () => {
      if (!released) onLost();
    });
    return {
      async release() {
        if (released) return;
        released = true;
        client.release(true);
      },
    };
  }

  async close(): Promise<void> {
    if (!this.#pool.ended && !this.#pool.ending) await this.#pool.end();
  }
}

function sqlOf(client: pg.PoolClient): Sql {
  return {
    async query<T extends object = Row>(text: string, params: readonly unknown[] = [], name?: string) {
      const result = await client.query<T & pg.QueryResultRow>({ text, values: [...params], name });
      return result.rows;
    },
  };
}

/** True for the error of a unique index that refused a second row (SQLSTATE 23505), of this constraint if named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === '23505' &&
    (!constraint || error.constraint === constraint)
  );
}
