import { afterAll, expect, it } from 'vitest';
import { Database } from '../../src/server/store/database.ts';
import { storeMigrations } from '../../src/server/store/schema.ts';
import { allMigrations, type TestDatabase, testDatabase } from './postgres.ts';

const made: TestDatabase[] = [];
const make = async () => {
  const one = await testDatabase(storeMigrations);
  made.push(one);
  return one.db;
};

afterAll(() => Promise.all(made.map((one) => one.drop())));

it('gives each caller an empty database of its own with the migrations applied', async () => {
  const [first, second] = await Promise.all([make(), make()]);
  await first.query("INSERT INTO projection (name, position) VALUES ('mine', 1)");
  expect(await first.query('SELECT name FROM projection')).toEqual([{ name: 'mine' }]);
  expect(await second.query('SELECT name FROM projection')).toEqual([]);
});

it('empties a database that was given back, also twice, and gives it to the next test', async () => {
  const note = "INSERT INTO outbox (kind, idem_key, body, next_at) VALUES ('k', 'i', '{}', 0) RETURNING id";
  const used = await testDatabase(storeMigrations);
  const second = new Database({ connection: used.connection, onError: () => undefined });
  expect(await second.query(note)).toEqual([{ id: 1 }]);
  await used.drop();
  await used.drop();
  const next = await testDatabase(storeMigrations);
  made.push(next);
  expect(next.connection.database).toBe(used.connection.database);
  expect(await next.db.query('SELECT id FROM outbox')).toEqual([]);
  expect(await next.db.query('SELECT id FROM migration')).toHaveLength(storeMigrations.length);
  expect(await next.db.query(note)).toEqual([{ id: 1 }]);
  await second.close();
});

it.each([
  'CREATE TABLE more (id int)',
  'ALTER TABLE projection ADD COLUMN more int',
  'ALTER TABLE projection DROP COLUMN position',
  'DROP TABLE projection',
])('removes a database whose tables a test changed: %s', async (change) => {
  const changed = await testDatabase(storeMigrations);
  await changed.db.query(change);
  await changed.drop();
  const other = await make();
  expect(
    await other.query('SELECT 1 FROM pg_database WHERE datname = $1', [changed.connection.database]),
  ).toEqual([]);
});

it('gives the rows that migrations made to everybody', async () => {
  const filling = [{ id: 'fill-001', sql: 'CREATE TABLE filled (id int); INSERT INTO filled VALUES (1)' }];
  for (const _ of [1, 2]) {
    const one = await testDatabase(filling);
    expect(await one.db.query('DELETE FROM filled RETURNING id')).toEqual([{ id: 1 }]);
    await one.drop();
  }
});

it('knows the migrations of every server folder, the store’s first', async () => {
  const ids = (await allMigrations()).map((migration) => migration.id);
  expect(ids[0]).toBe('store-001-journal');
  expect(ids).toContain('crm-001-records');
  expect(new Set(ids).size).toBe(ids.length);
  const all = await testDatabase();
  made.push(all);
  expect(await all.db.query('SELECT id FROM migration')).toHaveLength(ids.length);
});
