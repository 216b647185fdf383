import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { restRig } from '../harness/rest-rig.ts';
import { crmConformance } from './crm.ts';
import { connectCrm, type CrmHarness } from './crm-harness.ts';
import { declareSuite } from './suite.ts';

async function harness(): Promise<CrmHarness> {
  const { crm, connector } = await restRig({ timeoutSeconds: 2 });
  return {
    crm: connectCrm(connector, 'Our CRM'),
    user: 'ann',
    colleague: 'bob',
    async person({ lastName, numbers: [work, mobile] = [] }) {
      const phones = { ...(work ? { work } : {}), ...(mobile ? { mobile } : {}) };
      const { id } = crm.person({ last: lastName, contact: { phones } });
      return { id: `Person:${id}`, object: 'Person', name: lastName };
    },
    newPerson: { object: 'Person', fields: { last: 'Green', email: 'g@example.com' }, phoneField: 'work' },
    change: { fields: { first: 'Gary' }, refused: { email: 'no address' } },
    async remove(id) {
      const at = crm.people.findIndex((person) => `Person:${person.id}` === id);
      crm.people.splice(at, 1);
    },
    async logs() {
      return crm.calls.map((call) => ({
        subject: String(call['subject']),
        comments: String(call['text']),
        durationSeconds: Number(call['seconds']),
        disposition: (call['outcome'] ?? null) as string | null,
        whoId: call['person'] === null ? null : `Person:${String(call['person'])}`,
        whatId: (call['about'] ?? null) as string | null,
        recordings: call.links,
      }));
    },
    figures: async () => [...crm.figures].map(([key, { answered }]) => ({ key, answered: Number(answered) })),
    away: (away) => {
      crm.instead = away ? { status: 502, body: 'Bad gateway' } : undefined;
    },
    loseNextAnswer: () => crm.loseNextAnswer(),
    dispose: () => crm.close(),
  };
}

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  crmConformance({
    name: 'a CRM by REST',
    harness,
    lacks: { 'own-accounts': 'one key serves the organisation; who acts is said in a header' },
  }),
);
