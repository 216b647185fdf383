/** The connector by REST on the home-grown CRM, with the settings that an administrator would write for it. */
import type { CrmContext } from '../../src/server/crm/connector.ts';
import { type RestConnector, restCrm } from '../../src/server/crm/rest/rest-kind.ts';
import { restSettings } from '../../src/server/crm/rest/rest-settings.ts';
import { crmContext } from './crm-context.ts';
import { API_KEY, HomeGrownCrm } from './home-grown-crm.ts';

/** A call of the CRM by what it calls its own. */
const CALL = {
  key: '{key}',
  subject: '{subject}',
  text: '{comments}',
  seconds: '{durationSeconds}',
  outcome: '{disposition}',
  person: '{who.id}',
  about: '{what.id}',
  agent: '{user}',
};

export const HOME_GROWN = {
  headers: { 'X-Api-Key': '{secret}', 'X-Acting-User': '{user}' },
  secret: API_KEY,
  ping: { path: '/status' },
  objects: [
    {
      name: 'Person',
      collection: 'people',
      nameField: 'last',
      fields: {
        first: { path: '$.first' },
        last: { path: '$.last', required: true },
        email: { path: '$.contact.email', type: 'email' },
        work: { path: '$.contact.phones.work', type: 'phone' },
        mobile: { path: '$.contact.phones.mobile', type: 'phone' },
      },
      page: 'https://crm.example/{collection}/{id}',
    },
  ],
  match: {
    path: '/people',
    query: { digits: '{national}', limit: '{limit}' },
    records: { Person: '$.items[*]' },
    more: '$.more',
  },
  search: { path: '/people', query: { q: '{text}', limit: '{limit}' }, records: { Person: '$.items[*]' } },
  read: { path: '/{collection}/{id}', record: '$.person' },
  create: { path: '/{collection}', body: '{fields}', record: '$.person' },
  update: { path: '/{collection}/{id}', body: '{fields}', record: '$.person' },
  findLog: {
    path: '/calls',
    query: { key: '{key}' },
    id: '$.items[0].id',
    recordings: '$.items[0].links[*]',
  },
  writeLog: { path: '/calls', body: CALL },
  updateLog: { path: '/calls/{id}', body: CALL },
  attachRecording: { path: '/calls/{id}/links', body: { url: '{url}' } },
  writeFigures: { path: '/figures/{key}', body: { queue: '{queue}', answered: '{answered}' } },
  errors: { message: '$.error.message', field: '$.error.field' },
};

export interface RestRig {
  crm: HomeGrownCrm;
  connector: RestConnector;
}

export async function restRig(change: object = {}, context: Partial<CrmContext> = {}): Promise<RestRig> {
  const crm = await HomeGrownCrm.start();
  try {
    const settings = restSettings.parse({ address: crm.url, ...HOME_GROWN, ...change });
    return { crm, connector: restCrm(settings, crmContext(context)) };
  } catch (error) {
    await crm.close();
    throw error;
  }
}
