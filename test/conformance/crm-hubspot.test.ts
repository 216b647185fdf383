import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { hubspotKind } from '../../src/server/crm/hubspot/hubspot-kind.ts';
import { crmContext } from '../harness/crm-context.ts';
import { HUBSPOT_TOKEN, HubSpotDouble } from '../harness/hubspot-double.ts';
import { crmConformance } from './crm.ts';
import { connectCrm, type CrmHarness } from './crm-harness.ts';
import { declareSuite } from './suite.ts';

const FIGURES = { object: 'p_call_figures', keyField: 'key', fields: { answered: 'answered' } };

async function harness(): Promise<CrmHarness> {
  const double = await HubSpotDouble.start();
  // Its limits are tested with time passed in (hubspot-kind.test.ts): here the machine's own pace would decide.
  double.searchesPerSecond = Number.POSITIVE_INFINITY;
  const settings = hubspotKind.settings.parse({ apiUrl: double.url, token: HUBSPOT_TOKEN, figures: FIGURES });
  const connector = await hubspotKind.create(settings, crmContext());
  return {
    crm: connectCrm(connector, 'HubSpot'),
    user: 'ann',
    colleague: 'bob',
    async person({ lastName, numbers: [phone, mobilephone] = [] }) {
      const { id } = double.add('contacts', {
        lastname: lastName,
        ...(phone ? { phone } : {}),
        ...(mobilephone ? { mobilephone } : {}),
      });
      return { id: `contacts:${id}`, object: 'contacts', name: lastName };
    },
    newPerson: {
      object: 'contacts',
      fields: { lastname: 'Green', email: 'g@example.com' },
      phoneField: 'phone',
    },
    change: { fields: { firstname: 'Gary' }, refused: { email: 'no address' } },
    remove: async (id) => double.remove('contacts', id.replace('contacts:', '')),
    async logs() {
      return double.all('calls').map(({ id, properties }) => {
        const outcome = double.outcomes.find((one) => one.id === properties['hs_call_disposition']);
        const about = [...double.associations].find((one) => one.startsWith(`calls/${id} contacts/`));
        const recording = properties['hs_call_recording_url'];
        return {
          subject: properties['hs_call_title'] ?? '',
          comments: plain(properties['hs_call_body'] ?? ''),
          durationSeconds: Number(properties['hs_call_duration']) / 1_000,
          disposition: outcome?.label ?? null,
          whoId: about ? `contacts:${about.split('/').at(-1)}` : null,
          whatId: null,
          recordings: recording ? [recording] : [],
        };
      });
    },
    figures: async () =>
      double.all('p_call_figures').map(({ properties }) => ({
        key: properties['key'] ?? '',
        answered: Number(properties['answered']),
      })),
    away: (away) => {
      double.instead = away
        ? { status: 503, body: { status: 'error', message: 'Service unavailable' } }
        : undefined;
    },
    loseNextAnswer: () => double.loseNextAnswer(),
    dispose: () => double.close(),
  };
}

function plain(html: string): string {
  return html
    .replaceAll('<br>', '\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

declareSuite(
  { describe, it, beforeAll, beforeEach, afterAll },
  crmConformance({
    name: 'HubSpot',
    harness,
    lacks: { 'own-accounts': 'an app of HubSpot acts for the account, not for one user' },
  }),
);
