import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { AuditPage } from '../../protocol/setup.ts';
import { DEFAULT_PERSONAL_SETTINGS, type PersonalSettings } from '../../protocol/softphone.ts';
import { callSettingsRoutes } from './call-settings.ts';

const kept = new Map<string, PersonalSettings>();
const settings = {
  of: (userId: string) => kept.get(userId) ?? DEFAULT_PERSONAL_SETTINGS,
  change: async (userId: string, change: Partial<PersonalSettings>) => {
    kept.set(userId, { ...settings.of(userId), ...change });
  },
};

let test: TestApi;
beforeAll(async () => {
  test = await TestApi.create({
    routes: [
      (api) => callSettingsRoutes(api, { callCenter: { user: (id) => test.callCenter.user(id) }, settings }),
    ],
  });
});
afterAll(() => test.close());

const PATH = '/api/users/user_agent/call-settings';

it('are changed by an administrator, with before and after in the trail', async () => {
  const admin = await test.tokenOf('administrator');
  const changed = await test.call('PUT', PATH, admin, { forwardBusy: '1002' });
  expect(changed.json()).toMatchObject({ forwardBusy: '1002', callWaiting: true });
  const { changes } = (await test.call('GET', '/api/audit', admin)).json<AuditPage>();
  expect(changes).toMatchObject([{ before: { forwardBusy: null }, after: { forwardBusy: '1002' } }]);
});

it('are looked at by a supervisor, who may not change them, and not seen by agents', async () => {
  const supervisor = await test.tokenOf('supervisor');
  expect((await test.call('GET', PATH, supervisor)).statusCode).toBe(200);
  expect((await test.call('PUT', PATH, supervisor, {})).statusCode).toBe(403);
  expect((await test.call('GET', PATH, await test.tokenOf('agent'))).statusCode).toBe(403);
  const nobody = await test.call('GET', '/api/users/nobody/call-settings', supervisor);
  expect(nobody.statusCode).toBe(404);
});
