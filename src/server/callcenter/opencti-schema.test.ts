import { expect, it } from 'vitest';
import { testDatabase } from '../../../test/harness/postgres.ts';
import { migrate } from '../store/migrations.ts';
import { storeMigrations } from '../store/schema.ts';
import { Directories } from './directories.ts';
import { callcenterMigrations } from './schema.ts';

it('numbers that lay beside the directories are in one afterwards', async () => {
  const last = 'callcenter-opencti-002-one-directory';
  const before = callcenterMigrations.filter(({ id }) => id !== last);
  const database = await testDatabase([...storeMigrations, ...before]);
  const { db } = database;
  await db.query(
    `INSERT INTO call_center (id, internal_name, definition) VALUES ('cc1', 'Demo', '{"sections":[]}')`,
  );
  await db.query(`INSERT INTO directory_number (id, call_center_id, name, phone, description) VALUES
    ('n1', NULL, 'Room', '+44207946000', 'ring twice'), ('n2', 'cc1', 'Desk', '100', '')`);
  await migrate(db, [...storeMigrations, ...callcenterMigrations]);
  const directories = await Directories.load({
    db,
    country: 'GB',
    callCenterExists: () => true,
    objects: async () => [],
  });
  expect(directories.numbers()).toEqual([
    { callCenterId: 'cc1', name: 'Desk', phone: '100', description: '' },
    { callCenterId: null, name: 'Room', phone: '+44207946000', description: 'ring twice' },
  ]);
  expect(directories.search('7946', 'cc1', 5).map(({ name }) => name)).toEqual(['Room']);
  await database.drop();
});
