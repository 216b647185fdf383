import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import { BuiltinCrm } from '../../src/server/crm/builtin/builtin-crm.ts';
import { crmMigrations } from '../../src/server/crm/schema.ts';
import { agent, administrator, colleague } from '../harness/crm.ts';
import { type TestDatabase, testDatabase } from '../harness/postgres.ts';
import { crmConformance } from './crm.ts';
import { type CrmDriver, type CrmHarness, SUITE_COUNTRY } from './crm-harness.ts';
import { declareSuite } from './suite.ts';

const NUMBER_FIELDS = ['Phone', 'MobilePhone', 'HomePhone'];
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(crmMigrations);
});
afterAll(() => database.drop());

async function harness(): Promise<CrmHarness> {
  await database.db.query('TRUNCATE record CASCADE');
  const crm = new BuiltinCrm({ db: database.db, clock: realClock, country: SUITE_COUNTRY });
  return {
    crm,
    user: agent.userId,
    colleague: colleague.userId,
    async person({ lastName, numbers = [] }) {
      const phones = numbers.map((number, index) => [NUMBER_FIELDS[index] ?? 'Fax', number]);
      const { id, object, name } = await crm.create(agent, 'Contact', {
        LastName: lastName,
        ...(Object.fromEntries(phones) as Record<string, string>),
      });
      return { id, object, name };
    },
    newPerson: {
      object: 'Contact',
      fields: { LastName: 'Green', Email: 'g@example.com' },
      phoneField: 'Phone',
    },
    change: { fields: { FirstName: 'Gary' }, refused: { Email: 'no address' } },
    remove: (id) => crm.remove(administrator, id),
    async logs() {
      const { records } = await crm.list(administrator, 'Task', { limit: 200 });
      return records.map(({ fields }) => ({
        subject: String(fields['Subject']),
        comments: String(fields['Description'] ?? ''),
        durationSeconds: Number(fields['CallDurationInSeconds']),
        disposition: (fields['CallDisposition'] ?? null) as string | null,
        whoId: (fields['WhoId'] ?? null) as string | null,
        whatId: (fields['WhatId'] ?? null) as string | null,
        recordings: [],
      }));
    },
    dispose: () => undefined,
  };
}

const driver: CrmDriver = {
  name: 'the built-in CRM',
  harness,
  lacks: {
    'recording-link': 'recordings are played beside the log',
    figures: 'they are shown by Crosspoint itself',
    away: 'it is the same database',
    'lost-answer': 'it is the same database',
    'own-accounts': 'every agent sees every customer',
  },
};

declareSuite({ describe, it, beforeAll, beforeEach, afterAll }, crmConformance(driver));
