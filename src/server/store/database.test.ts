import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { Database, isPermanentError, isUniqueViolation } from './database.ts';

let test: TestDatabase;
/** A second process on the same database. */
let other: Database;

beforeAll(async () => {
  test = await testDatabase([]);
  other = new Database({ connection: test.connection, onError: () => undefined });
  await test.db.query('CREATE TABLE thing (id integer PRIMARY KEY, name text NOT NULL)');
});
afterAll(async () => {
  await other.close();
  await test.drop();
});

const things = async () =>
  (await test.db.query<{ id: number }>('SELECT id FROM thing ORDER BY id')).map((row) => row.id);

/** Ends a connection from outside, and waits until it is gone. */
async function terminate(where: string): Promise<void> {
  await other.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ${where}`,
  );
  for (let left = 1; left > 0; )
    [{ left = 0 } = {}] = await other.query<{ left: number }>(
      `SELECT count(*) AS left FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ${where}`,
    );
}

describe('a transaction', () => {
  it('is written when its work resolves and leaves nothing when it rejects', async () => {
    await test.db.tx((sql) => sql.query("INSERT INTO thing VALUES (1, 'kept')"));
    const failed = test.db.tx(async (sql) => {
      await sql.query("INSERT INTO thing VALUES (2, 'gone')");
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await things()).toEqual([1]);
  });

  it('rejects when work hides the error of a statement: nothing of it was written', async () => {
    const hidden = test.db.tx(async (sql) => {
      await sql.query("INSERT INTO thing VALUES (3, 'lost')");
      await sql.query("INSERT INTO thing VALUES (1, 'twice')").catch(() => undefined);
    });
    await expect(hidden).rejects.toThrow('rolled back');
    expect(await things()).toEqual([1]);
  });

  it('sends what its work asks for at once in one write', async () => {
    const one = vi.spyOn(Socket.prototype, '_write');
    const several = vi.spyOn(Socket.prototype, '_writev');
    await test.db.tx((sql) => Promise.all([sql.query('SELECT 1'), sql.query('SELECT 2')]));
    expect(several).toHaveBeenCalledTimes(1);
    expect(one).toHaveBeenCalledTimes(1); // COMMIT
    for (const spy of [one, several]) spy.mockRestore();
  });

  it('whose connection breaks between two statements rejects, and the next one works', async () => {
    const broken = test.db.tx(async (sql) => {
      const [backend] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await terminate(`pid = ${backend?.pid}`);
      await new Promise((resolve) => setImmediate(resolve));
      await sql.query("INSERT INTO thing VALUES (4, 'never')");
    });
    await expect(broken).rejects.toThrow();
    await test.db.tx((sql) => sql.query("INSERT INTO thing VALUES (5, 'after')"));
    expect(await things()).toEqual([1, 5]);
  });

  it('keeps no connection of the pool, however many break', async () => {
    const small = new Database({ connection: test.connection, max: 1, onError: () => undefined });
    for (let n = 0; n < 3; n++)
      await expect(
        small.tx((sql) => sql.query('SELECT pg_terminate_backend(pg_backend_pid())')),
      ).rejects.toThrow();
    expect(await small.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await Promise.all([small.close(), small.close()]);
  });
});

describe('numbers', () => {
  it('of 64 bits come back as numbers', async () => {
    expect(
      await test.db.query('SELECT 1767603615000::bigint AS at, count(*) AS n FROM thing WHERE false'),
    ).toEqual([{ at: 1_767_603_615_000, n: 0 }]);
  });
});

describe('the lock', () => {
  it('is held by one process, and by the next once it is released', async () => {
    const first = await test.db.lock(() => undefined);
    expect(first).toBeDefined();
    expect(await other.lock(() => undefined)).toBeUndefined();
    await first?.release();
    await first?.release();
    const second = await other.lock(() => undefined);
    expect(second).toBeDefined();
    await second?.release();
  });

  it('is free again the moment its release resolves, every time', async () => {
    for (let n = 0; n < 20; n++) {
      const lock = await (n % 2 ? test.db : other).lock(() => undefined);
      expect(lock).toBeDefined();
      await lock?.release();
    }
  });

  it('tells when its connection is lost, but not when it is released', async () => {
    let lost = 0;
    const released = await test.db.lock(() => lost++);
    await released?.release();
    expect(lost).toBe(0);
    let tell: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (tell = resolve));
    expect(await test.db.lock(() => tell())).toBeDefined();
    await terminate("query LIKE '%pg_try_advisory_lock%'");
    await gone;
    const next = await other.lock(() => undefined);
    expect(next).toBeDefined();
    await next?.release();
  });

  it('does not keep the pool from closing', async () => {
    const db = new Database({ connection: test.connection, onError: () => undefined });
    const lock = await db.lock(() => undefined);
    await db.close();
    await lock?.release();
  });
});

describe('an error', () => {
  const errorOf = (statement: string) =>
    test.db.query(statement).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('of data or statement is permanent, of the connection it is not', async () => {
    expect(isPermanentError(await errorOf("INSERT INTO thing VALUES (1, 'twice')"))).toBe(true);
    expect(isPermanentError(await errorOf("SELECT '\\u0000'::jsonb"))).toBe(true);
    expect(isPermanentError(await errorOf('SELECT nothing'))).toBe(true);
    expect(isPermanentError(await errorOf('SELECT pg_terminate_backend(pg_backend_pid())'))).toBe(false);
    expect(isPermanentError(await errorOf('SET statement_timeout = 1; SELECT pg_sleep(1)'))).toBe(false);
    expect(isPermanentError(new Error('Connection terminated unexpectedly'))).toBe(false);
  });

  it('of a unique index is known, by the name of its constraint too', async () => {
    const error = await errorOf("INSERT INTO thing VALUES (1, 'twice')");
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, 'thing_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'another')).toBe(false);
    expect(isUniqueViolation(await errorOf('INSERT INTO thing VALUES (9, NULL)'))).toBe(false);
  });
});
