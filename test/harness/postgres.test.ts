import { afterAll, expect, it } from 'vitest';
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

it('removes a database that was dropped, also when asked twice', async () => {
  const one = await testDatabase(storeMigrations);
  const other = await make();
  await one.drop();
  await one.drop();
  expect(
    await other.query('SELECT 1 FROM pg_database WHERE datname = $1', [one.connection.database]),
  ).toEqual([]);
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
