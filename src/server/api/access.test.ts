/** Every route and who may call it. A route that is not in the table fails the test. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { Role } from '../../protocol/api.ts';
import type { Api } from './api-types.ts';

const EVERYBODY = ['nobody', 'agent', 'supervisor', 'administrator'] as const;
const SIGNED_IN = ['agent', 'supervisor', 'administrator'] as const;
const AGENTS = ['agent', 'supervisor'] as const;
const LEADERS = ['supervisor', 'administrator'] as const;
const ADMINISTRATOR = ['administrator'] as const;

const TABLE: Record<string, readonly (Role | 'nobody')[]> = {
  'POST /api/sign-in': EVERYBODY,
  'POST /api/tokens': EVERYBODY,
  'POST /api/sign-in/context': EVERYBODY,
  'POST /api/sign-in/hand-over': SIGNED_IN,
  'POST /softphone/sign-in': EVERYBODY,
  'GET /api/health': EVERYBODY,
  'GET /api/openapi.json': EVERYBODY,
  'GET /api/web-calls/entries': EVERYBODY,
  'POST /api/web-calls': EVERYBODY,
  'GET /api/web-calls/:id': EVERYBODY,
  'POST /api/web-calls/:id/hangup': EVERYBODY,
  'POST /api/sign-out': SIGNED_IN,
  'GET /api/me': SIGNED_IN,
  'PUT /api/me/password': SIGNED_IN,
  'GET /api/users/names': SIGNED_IN,
  'GET /api/socket': SIGNED_IN,
  'GET /sip': SIGNED_IN,
  'GET /api/devices': AGENTS,
  'POST /api/devices': AGENTS,
  'PATCH /api/devices/:id': AGENTS,
  'DELETE /api/devices/:id': AGENTS,
  'GET /api/users': LEADERS,
  'POST /api/users': ADMINISTRATOR,
  'PUT /api/users/:id': ADMINISTRATOR,
  'GET /api/scripts': LEADERS,
  'POST /api/scripts': ADMINISTRATOR,
  'PUT /api/scripts/:id': ADMINISTRATOR,
  'DELETE /api/scripts/:id': ADMINISTRATOR,
  'POST /api/scripts/:id/try': ADMINISTRATOR,
  'GET /api/script-runs': SIGNED_IN,
  'POST /api/script-runs': SIGNED_IN,
  'GET /api/script-runs/:id': SIGNED_IN,
  'POST /api/script-runs/:id/step': SIGNED_IN,
  'GET /api/queues': LEADERS,
  'POST /api/queues': ADMINISTRATOR,
  'PUT /api/queues/:id': ADMINISTRATOR,
  'DELETE /api/queues/:id': ADMINISTRATOR,
  'GET /api/numbers': LEADERS,
  'POST /api/numbers': ADMINISTRATOR,
  'PUT /api/numbers/:id': ADMINISTRATOR,
  'DELETE /api/numbers/:id': ADMINISTRATOR,
  'GET /api/trunks': LEADERS,
  'POST /api/trunks': ADMINISTRATOR,
  'PUT /api/trunks/order': ADMINISTRATOR,
  'PUT /api/trunks/:id': ADMINISTRATOR,
  'DELETE /api/trunks/:id': ADMINISTRATOR,
  'GET /api/outbound-routes': LEADERS,
  'POST /api/outbound-routes': ADMINISTRATOR,
  'PUT /api/outbound-routes/order': ADMINISTRATOR,
  'PUT /api/outbound-routes/:id': ADMINISTRATOR,
  'DELETE /api/outbound-routes/:id': ADMINISTRATOR,
  'GET /api/sites': LEADERS,
  'POST /api/sites': ADMINISTRATOR,
  'PUT /api/sites/:id': ADMINISTRATOR,
  'DELETE /api/sites/:id': ADMINISTRATOR,
  'GET /api/classes-of-service': LEADERS,
  'POST /api/classes-of-service': ADMINISTRATOR,
  'PUT /api/classes-of-service/:id': ADMINISTRATOR,
  'DELETE /api/classes-of-service/:id': ADMINISTRATOR,
  'GET /api/dialling': LEADERS,
  'PUT /api/dialling': ADMINISTRATOR,
  'GET /api/users/:id/dialling': LEADERS,
  'PUT /api/users/:id/dialling': ADMINISTRATOR,
  'GET /api/queues/:id/caller-id': LEADERS,
  'PUT /api/queues/:id/caller-id': ADMINISTRATOR,
  'GET /api/directories': LEADERS,
  'POST /api/directories': ADMINISTRATOR,
  'PUT /api/directories/:id': ADMINISTRATOR,
  'DELETE /api/directories/:id': ADMINISTRATOR,
  'POST /api/directories/:id/import': ADMINISTRATOR,
  'GET /api/directories/:id/entries': LEADERS,
  'POST /api/directories/:id/entries': ADMINISTRATOR,
  'PUT /api/directories/:id/entries/:entryId': ADMINISTRATOR,
  'DELETE /api/directories/:id/entries/:entryId': ADMINISTRATOR,
  'GET /api/softphone-layouts': LEADERS,
  'POST /api/softphone-layouts': ADMINISTRATOR,
  'PUT /api/softphone-layouts/:id': ADMINISTRATOR,
  'DELETE /api/softphone-layouts/:id': ADMINISTRATOR,
  'GET /api/softphone-layout-settings': LEADERS,
  'PUT /api/softphone-layout-settings': ADMINISTRATOR,
  'GET /api/crm-objects': SIGNED_IN,
  'POST /api/crm-objects': ADMINISTRATOR,
  'PUT /api/crm-objects/:name': ADMINISTRATOR,
  'DELETE /api/crm-objects/:name': ADMINISTRATOR,
  'GET /api/crm-objects/:name/count': ADMINISTRATOR,
  'POST /api/crm-objects/:name/fields': ADMINISTRATOR,
  'PUT /api/crm-objects/:name/fields/:field': ADMINISTRATOR,
  'DELETE /api/crm-objects/:name/fields/:field': ADMINISTRATOR,
  'GET /api/crm-objects/:name/fields/:field/count': ADMINISTRATOR,
  'GET /api/reasons': LEADERS,
  'POST /api/reasons': ADMINISTRATOR,
  'DELETE /api/reasons/:id': ADMINISTRATOR,
  'GET /api/recordings': SIGNED_IN,
  'GET /api/recordings/:id': SIGNED_IN,
  'GET /api/recordings/:id/audio': SIGNED_IN,
  'GET /api/recordings/:id/access': ADMINISTRATOR,
  'DELETE /api/recordings/:id': ADMINISTRATOR,
  'POST /api/recordings/retry': ADMINISTRATOR,
  'GET /api/recording-rules': LEADERS,
  'POST /api/recording-rules': ADMINISTRATOR,
  'PUT /api/recording-rules/:id': ADMINISTRATOR,
  'DELETE /api/recording-rules/:id': ADMINISTRATOR,
  'GET /api/recording-settings': LEADERS,
  'PUT /api/recording-settings': ADMINISTRATOR,
  'GET /api/calls/:conversationId/recording': SIGNED_IN,
  'POST /api/calls/:conversationId/recording/start': SIGNED_IN,
  'POST /api/calls/:conversationId/recording/pause': SIGNED_IN,
  'POST /api/calls/:conversationId/recording/resume': SIGNED_IN,
  'GET /api/platforms': LEADERS,
  'GET /api/platforms/kinds': LEADERS,
  'GET /api/platforms/:id': LEADERS,
  'POST /api/platforms': ADMINISTRATOR,
  'PUT /api/platforms/:id': ADMINISTRATOR,
  'DELETE /api/platforms/:id': ADMINISTRATOR,
  'POST /api/platforms/test': ADMINISTRATOR,
  'POST /api/platforms/:id/test': ADMINISTRATOR,
  'GET /api/platforms/:id/live': LEADERS,
  'GET /api/platforms/:id/phones/:extension': LEADERS,
  'POST /api/platforms/:id/queue-log': ADMINISTRATOR,
  'GET /api/platforms/:id/queue-figures': LEADERS,
  'GET /api/crm-connections': LEADERS,
  'GET /api/crm-connections/kinds': LEADERS,
  'GET /api/crm-connections/:id': LEADERS,
  'POST /api/crm-connections': ADMINISTRATOR,
  'PUT /api/crm-connections/:id': ADMINISTRATOR,
  'DELETE /api/crm-connections/:id': ADMINISTRATOR,
  'POST /api/crm-connections/test': ADMINISTRATOR,
  'POST /api/crm-connections/:id/sign-in': ADMINISTRATOR,
  'DELETE /api/crm-connections/:id/sign-in': ADMINISTRATOR,
  'GET /api/crm-connections/callback': SIGNED_IN,
  'GET /api/crm-choice': LEADERS,
  'PUT /api/crm-choice': ADMINISTRATOR,
  'GET /api/me/crm': SIGNED_IN,
  'POST /api/me/crm/sign-in': SIGNED_IN,
  'DELETE /api/me/crm/sign-in': SIGNED_IN,
  'GET /api/platform-links': LEADERS,
  'PUT /api/platform-links': ADMINISTRATOR,
  'DELETE /api/platform-links/:id': ADMINISTRATOR,
  'GET /support/api/:version/lightning/opencti.js': EVERYBODY,
  'GET /support/api/:version/lightning/opencti_min.js': EVERYBODY,
  'GET /support/api/:version/interaction.js': EVERYBODY,
  'GET /support/console/:version/integration.js': EVERYBODY,
  'GET /support/voice/:version/voice-host.js': EVERYBODY,
  'GET /api/call-centers': LEADERS,
  'PUT /api/call-centers/:id': ADMINISTRATOR,
  'PUT /api/call-centers/:id/users': ADMINISTRATOR,
  'POST /api/call-centers/:id/clone': ADMINISTRATOR,
  'DELETE /api/call-centers/:id': ADMINISTRATOR,
  'POST /api/call-centers/check': ADMINISTRATOR,
  'POST /api/call-centers/import': ADMINISTRATOR,
  'GET /api/call-centers/:id/file': LEADERS,
  'GET /api/opencti/leader': SIGNED_IN,
  'POST /api/opencti/leader': SIGNED_IN,
  'GET /api/opencti/traffic': ADMINISTRATOR,
  'POST /api/opencti/traffic': SIGNED_IN,
  'GET /api/opencti/adapter': SIGNED_IN,
  'GET /api/opencti/layout': SIGNED_IN,
  'GET /api/opencti/directory-numbers': SIGNED_IN,
  'POST /api/opencti/save-log': SIGNED_IN,
  'POST /api/opencti/search': SIGNED_IN,
  'POST /api/opencti/run-apex': SIGNED_IN,
  'GET /api/crm-hosts': LEADERS,
  'POST /api/crm-hosts': ADMINISTRATOR,
  'PUT /api/crm-hosts/:id': ADMINISTRATOR,
  'DELETE /api/crm-hosts/:id': ADMINISTRATOR,
  'GET /api/crm-hosts/:id/files': LEADERS,
  'GET /api/outbox': ADMINISTRATOR,
  'POST /api/outbox/:id/retry': ADMINISTRATOR,
  'PUT /api/reasons/:id': ADMINISTRATOR,
  'GET /api/lists': SIGNED_IN,
  'GET /api/lists/:id': SIGNED_IN,
  'GET /api/lists/:id/records': SIGNED_IN,
  'POST /api/lists': SIGNED_IN,
  'PUT /api/lists/:id': SIGNED_IN,
  'DELETE /api/lists/:id': SIGNED_IN,
  'GET /api/recent': SIGNED_IN,
  'GET /api/recent/:object': SIGNED_IN,
  'PUT /api/recent/:id': SIGNED_IN,
  'GET /api/imports': ADMINISTRATOR,
  'GET /api/imports/:id': ADMINISTRATOR,
  'GET /api/imports/:id/errors': ADMINISTRATOR,
  'GET /api/imports/:id/errors.csv': ADMINISTRATOR,
  'POST /api/imports': ADMINISTRATOR,
  'POST /api/imports/:id/check': ADMINISTRATOR,
  'POST /api/imports/:id/apply': ADMINISTRATOR,
  'POST /api/imports/:id/cancel': ADMINISTRATOR,
  'GET /api/audit': ADMINISTRATOR,
  'GET /api/system': ADMINISTRATOR,
  'GET /api/users/:id/devices': LEADERS,
  'POST /api/users/:id/devices': ADMINISTRATOR,
  'PATCH /api/users/:id/devices/:deviceId': ADMINISTRATOR,
  'DELETE /api/users/:id/devices/:deviceId': ADMINISTRATOR,
};

let test: TestApi;

beforeAll(async () => {
  test = await TestApi.create();
});
afterAll(() => test.close());

it('lists every route of the server, and no other', () => {
  const routes = test.api.accessTable.map(([route]) => route).filter((route) => !route.startsWith('HEAD '));
  expect(routes.sort()).toEqual(Object.keys(TABLE).sort());
});

describe.each(EVERYBODY)('%s', (who) => {
  it.each(Object.entries(TABLE))(`%s`, async (route, allowed) => {
    const [method = '', pattern = ''] = route.split(' ');
    const token = who === 'nobody' ? undefined : await test.tokenOf(who);
    const url = pattern.replace(':id', '4711');
    const { statusCode, body } = await test.call(
      method as 'GET',
      url,
      token,
      method === 'GET' ? undefined : {},
    );
    const code = body.startsWith('{') ? (JSON.parse(body) as { code?: string }).code : undefined;
    if (allowed.includes(who)) expect([401, 403], `${statusCode} ${body}`).not.toContain(statusCode);
    else
      expect({ statusCode, code }).toEqual(
        who === 'nobody'
          ? { statusCode: 401, code: 'not-signed-in' }
          : { statusCode: 403, code: 'not-allowed' },
      );
  });
});

it('does not start with a route that does not say who may call it', async () => {
  const add = (api: Api) => {
    api.get('/api/forgotten', async () => 'secret');
  };
  await expect(TestApi.create({ routes: [add] })).rejects.toThrow('/api/forgotten');
});
