import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { salesforceRig } from '../harness/salesforce-rig.ts';
import { crmConformance } from './crm.ts';
import { connectCrm, type CrmHarness } from './crm-harness.ts';
import { declareSuite } from './suite.ts';

const NUMBER_FIELDS = ['Phone', 'MobilePhone', 'HomePhone'];
const FIGURES = { object: 'Call_Figure__c', keyField: 'Key__c', fields: { answered: 'Answered__c' } };

async function harness(): Promise<CrmHarness> {
  const { double, connector } = await salesforceRig({ figures: FIGURES });
  return {
    crm: connectCrm(connector, 'Salesforce'),
    user: 'ann',
    colleague: 'bob',
    async person({ lastName, numbers = [] }) {
      const phones = numbers.map((number, index) => [NUMBER_FIELDS[index] ?? 'Fax', number]);
      const id = double.add('Contact', { LastName: lastName, ...Object.fromEntries(phones) });
      return { id, object: 'Contact', name: lastName };
    },
    newPerson: {
      object: 'Contact',
      fields: { LastName: 'Green', Email: 'g@example.com' },
      phoneField: 'Phone',
    },
    change: { fields: { FirstName: 'Gary' }, refused: { Email: 'no address' } },
    remove: async (id) => double.remove(id),
    async logs() {
      return double.all('Task').map((task) => {
        const lines = String(task['Description'] ?? '').split('\n');
        return {
          subject: String(task['Subject']),
          comments: lines.filter((line) => !line.startsWith('Recording: ')).join('\n'),
          durationSeconds: Number(task['CallDurationInSeconds']),
          disposition: (task['CallDisposition'] ?? null) as string | null,
          whoId: (task['WhoId'] ?? null) as string | null,
          whatId: (task['WhatId'] ?? null) as string | null,
          recordings: lines.flatMap((line) => (line.startsWith('Recording: ') ? [line.slice(11)] : [])),
        };
      });
    },
    figures: async () =>
      double
        .all('Call_Figure__c')
        .map((row) => ({ key: String(row['Key__c']), answered: Number(row['Answered__c']) })),
    away: (away) => {
      double.maintenance = away;
    },
    loseNextAnswer: () => double.loseNextAnswer(),
    hide: (id, userId) => double.hide(id, `${userId}@acme.example`),
    dispose: () => double.close(),
  };
}

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  crmConformance({ name: 'Salesforce', harness }),
);
