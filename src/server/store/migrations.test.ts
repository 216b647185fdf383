import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { migrate } from './migrations.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await testDatabase([]);
});
afterEach(() => test.drop());

const first = { id: 'a-001', sql: 'CREATE TABLE a (id integer)' };
const second = { id: 'a-002', sql: 'ALTER TABLE a ADD COLUMN name text; INSERT INTO a VALUES (1, $$one$$)' };

describe('migrations', () => {
  it('are applied in the order given, each once', async () => {
    expect(await migrate(test.db, [first, second])).toEqual(['a-001', 'a-002']);
    expect(await migrate(test.db, [first, second])).toEqual([]);
    expect(await test.db.query('SELECT * FROM a')).toEqual([{ id: 1, name: 'one' }]);
  });

  it('go on where an older program ended', async () => {
    await migrate(test.db, [first]);
    expect(await migrate(test.db, [first, second])).toEqual(['a-002']);
  });

  it('leave nothing of one that fails, and keep those before it', async () => {
    const broken = { id: 'a-002', sql: 'CREATE TABLE b (id integer); SELECT nothing' };
    await expect(migrate(test.db, [first, broken])).rejects.toThrow();
    expect(await test.db.query("SELECT to_regclass('a') AS a, to_regclass('b') AS b")).toEqual([
      { a: 'a', b: null },
    ]);
    expect(await migrate(test.db, [first, second])).toEqual(['a-002']);
  });

  it('refuse a database that is newer than the program, and change nothing', async () => {
    await migrate(test.db, [first, second]);
    const third = { id: 'b-001', sql: 'CREATE TABLE b (id integer)' };
    await expect(migrate(test.db, [first, third])).rejects.toThrow(
      'newer than this program: it has the migration a-002',
    );
    expect(await test.db.query("SELECT to_regclass('b') AS b")).toEqual([{ b: null }]);
  });
});
