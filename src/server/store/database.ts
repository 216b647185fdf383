/**
 * PostgreSQL: the pool that the calls use, transactions, and the lock that makes this process the only one on the
 * database. Reports get a pool of their own (`openReports`), so that a long query never delays a call.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import { Serial } from '../../lib/serial.ts';
import { gatherWrites } from './gather-writes.ts';

export type Row = Record<string, unknown>;

/** What runs SQL: the pool, or one transaction. */
export interface Sql {
  /**
   * Runs one statement with `$1`-style parameters. With a `name` (one text each) every connection parses it only once
   * and may keep its plan: for the few statements that a call waits for.
   */
  query<T extends object = Row>(text: string, params?: readonly unknown[], name?: string): Promise<T[]>;
}

/** What runs SQL and makes transactions: the pool, or one transaction, whose inner ones are savepoints (`nested`). */
export interface Transactional extends Sql {
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. Statements that `work` asks for
   * without waiting for each other go out together, in the order in which they were asked for.
   */
  tx<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/**
 * A transaction as a database of its own: what is refused inside is undone by itself and the rest goes on. Work waits for the work
 * before it: there is one connection.
 */
export function nested(sql: Sql): Transactional {
  const turns = new Serial();
  const undoable = <T>(work: () => Promise<T>): Promise<T> =>
    turns.run('', async () => {
      await sql.query('SAVEPOINT inner_work');
      try {
        const result = await work();
        await sql.query('RELEASE SAVEPOINT inner_work');
        return result;
      } catch (error) {
        await sql.query('ROLLBACK TO SAVEPOINT inner_work');
        throw error;
      }
    });
  return {
    query: (text, params, name) => undoable(() => sql.query(text, params, name)),
    tx: (work) => undoable(() => work(sql)),
  };
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

export class Database implements Transactional {
  readonly #pool: pg.Pool;
  readonly #client: pg.ClientConfig;
  #closing: Promise<void> | undefined;

  constructor(options: DatabaseOptions) {
    const { connection } = options;
    this.#client = {
      ...(typeof connection === 'string' ? { connectionString: connection } : connection),
      statement_timeout: options.statementTimeoutMs ?? 10_000,
      connectionTimeoutMillis: 5_000,
      application_name: 'crosspoint',
      // What is asked at once on one connection is sent at once: answers come in the same order.
      pipeline: true,
      stream: gatheringSocket,
    };
    this.#pool = new pg.Pool({ ...this.#client, max: options.max ?? 10 });
    this.#pool.on('error', options.onError);
  }

  async query<T extends object = Row>(
    text: string,
    params: readonly unknown[] = [],
    name?: string,
  ): Promise<T[]> {
    const result = await this.#pool.query<T & pg.QueryResultRow>({ text, values: [...params], name });
    return result.rows;
  }

  async tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // A connection that breaks between two statements says so as an event, which without a listener ends the process.
    client.on('error', ignore);
    try {
      // Nobody waits for it: it fails only with its connection, on which nothing after it is carried out then. It has no name,
      // since a pooler between us may not know one, and what comes after a BEGIN that failed would be committed by itself.
      const begun = client.query('BEGIN');
      const [result] = await Promise.all([work(sqlOf(client)), begun]);
      const { command } = await client.query('COMMIT');
      // What PostgreSQL answers when a statement failed and `work` did not let its error through.
      if (command !== 'COMMIT')
        throw new Error('the transaction was rolled back: one of its statements failed');
      client.off('error', ignore);
      client.release();
      return result;
    } catch (error) {
      const broken = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      client.release(broken);
      client.off('error', ignore);
      throw error;
    }
  }

  /**
   * Takes the advisory lock that makes us the only process on this database, on a connection of its own.
   * Resolves to undefined when another process has it; `onLost` says that the connection and so the lock is gone.
   */
  async lock(onLost: () => void): Promise<{ release(): Promise<void> } | undefined> {
    const client = new pg.Client({ ...this.#client, keepAlive: true });
    client.on('error', ignore);
    await client.connect();
    if (!(await tryLock(client))) {
      await client.end();
      return undefined;
    }
    let released: Promise<void> | undefined;
    client.on('end', () => {
      if (!released) onLost();
    });
    // Unlocked before the connection ends: the server may notice its end only after the next process has asked.
    const release = async () => {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(ignore);
      await client.end();
    };
    return { release: () => (released ??= release()) };
  }

  /** Resolves when every connection of the pool has ended; a lock has its own and is released by its holder. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.end();
    return this.#closing;
  }
}

function gatheringSocket(): Socket {
  const socket = new Socket();
  // Not before: connecting gives a socket its own `write` back.
  socket.once('connect', () => gatherWrites(socket));
  return socket;
}

/** The number of the advisory lock. */
const LOCK = 712_024;

async function tryLock(client: pg.Client): Promise<boolean> {
  try {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LOCK]);
    return rows[0]?.got === true;
  } catch (error) {
    await client.end();
    throw error;
  }
}

function ignore(): void {
  // The query that was under way rejects with the error.
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

/** True for the error of a statement that took longer than it may (SQLSTATE 57014, query_canceled). */
export function isStatementTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

/** Classes of SQLSTATE that say the same however often it is tried: bad data, a constraint, a wrong statement. */
const PERMANENT = new Set(['0A', '21', '22', '23', '42', '44']);

/** True for an error of the statement or its data; false for one of the connection or the server, which passes. */
export function isPermanentError(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return error instanceof pg.DatabaseError && PERMANENT.has(error.code?.slice(0, 2) ?? '');
}
