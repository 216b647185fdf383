import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/harness/postgres.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import type { Actor } from '../ports.ts';
import { crmMigrations } from '../schema.ts';
import { BuiltinCrm } from './builtin-crm.ts';
import { DEMO_CONTACT, seedCrm } from './seed.ts';

const agent: Actor = { userId: 'user_1', roles: ['agent'] };
const clock = new VirtualClock();
let database: TestDatabase;
let crm: BuiltinCrm;

beforeAll(async () => {
  database = await testDatabase(crmMigrations);
  crm = new BuiltinCrm({ db: database.db, clock, country: 'GB' });
  await seedCrm(database.db, { now: clock.now(), owners: ['user_1', 'user_2'] });
});

afterAll(() => database.drop());

const totalOf = async (object: string) => (await crm.list(agent, object)).total;

describe('the demo data', () => {
  it('has accounts, contacts, leads, cases and tasks', async () => {
    const totals = await Promise.all(['Account', 'Contact', 'Lead', 'Case', 'Task'].map(totalOf));
    expect(totals).toEqual([40, 120, 18, 20, 32]);
  });

  it('pops Ada Lovelace, and her alone, for the number in the README', async () => {
    const { records } = await crm.match(agent, '020 7946 0958');
    expect(records).toMatchObject([{ object: 'Contact', name: DEMO_CONTACT.name }]);
    expect(records[0]?.detail).toContain(DEMO_CONTACT.account);
  });

  it('gives every number out of the ranges kept for fiction', async () => {
    const fiction = /^\+(442079460\d{3}|441614960\d{3}|447700900\d{3}|1\d{3}55501\d{2})$/;
    const rows = await database.db.query<{ e164: string }>('SELECT e164 FROM phone_index');
    expect(rows.length).toBeGreaterThan(280);
    expect(rows.filter((row) => !fiction.test(row.e164))).toEqual([]);
  });

  it('has people who share a switchboard, so that a list can pop', async () => {
    const shared = await database.db.query<{ e164: string }>(
      'SELECT e164 FROM phone_index GROUP BY e164 HAVING count(*) > 2',
    );
    const { records } = await crm.match(agent, shared[0]?.e164 ?? '');
    expect(records.length).toBeGreaterThan(1);
  });

  it('names nobody twice', async () => {
    const twice = await database.db.query(
      "SELECT name FROM record WHERE object = 'Contact' GROUP BY name HAVING count(*) > 1",
    );
    expect(twice).toEqual([]);
  });

  it('is put into an empty CRM only', async () => {
    expect(await seedCrm(database.db, { now: clock.now(), owners: ['user_1'] })).toBe(false);
    expect(await totalOf('Contact')).toBe(120);
  });
});
