/** The audit trail: every change of the configuration, with before and after, whoever makes it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { AuditPage } from '../../protocol/setup.ts';
import type { Api } from './api-types.ts';
import { auditOf } from './audit.ts';

let test: TestApi;
let admin: string;
let adminId: string;

/** Routes of tests that come to a sticky end. */
function badRoutes(api: Api): void {
  const config = { access: ['administrator'] as const };
  api.put('/api/broken/:id', { config }, async () => {
    throw new Error('half way');
  });
  api.put('/api/settings/:id', { config }, async (request) => ({
    label: 'Line',
    ...(request.body as object),
  }));
  api.post('/api/settings/:id/test', { config: { ...config, audit: false } }, async () => ({}));
}

beforeAll(async () => {
  test = await TestApi.create({ routes: [badRoutes] });
  admin = await test.tokenOf('administrator');
  adminId = test.callCenter.userByName('only-administrator')?.id ?? '';
});
afterAll(() => test.close());
beforeEach(() => test.database.db.query('DELETE FROM config_change'));

const audit = async (query = '') => (await test.call('GET', `/api/audit${query}`, admin)).json<AuditPage>();

const ada = {
  username: 'ada',
  name: 'Ada',
  roles: ['agent'],
  locale: 'en-GB',
  zone: 'Europe/London',
  country: 'GB',
  password: 'a good password',
};

describe('a change', () => {
  it('is written with who, when, before and after, newest first', async () => {
    await test.clock.advance(5_000);
    const at = test.clock.now();
    const made = await test.call('POST', '/api/queues', admin, { label: 'Returns' });
    const { id } = made.json<{ id: string }>();
    await test.call('PUT', `/api/queues/${id}`, admin, { label: 'Refunds' });
    await test.call('DELETE', `/api/queues/${id}`, admin);
    const { changes, objects } = await audit();
    const common = { at, userId: adminId, userName: 'only-administrator', object: 'queues', objectId: id };
    expect(changes).toMatchObject([
      { ...common, action: 'delete', label: 'Refunds', before: { label: 'Refunds' }, after: null },
      {
        ...common,
        action: 'change',
        label: 'Refunds',
        before: { label: 'Returns' },
        after: { label: 'Refunds', ringMs: 20_000 },
      },
      { ...common, action: 'create', label: 'Returns', before: null, after: { label: 'Returns' } },
    ]);
    expect(changes.every((change) => change.outcome === 'done')).toBe(true);
    expect(objects).toEqual(['queues']);
  });

  it('says that a password was set, and not which', async () => {
    const { id } = (await test.call('POST', '/api/users', admin, ada)).json<{ id: string }>();
    await test.call('PUT', `/api/users/${id}`, admin, { password: 'open sesame' });
    const { changes } = await audit();
    expect(changes[0]).toMatchObject({ before: { name: 'Ada' }, after: { name: 'Ada' } });
    expect(changes[0]?.after).toHaveProperty('password');
    expect(JSON.stringify(changes)).not.toMatch(/sesame|a good password/);
  });

  it('of a user’s own is written too: his phones and his password', async () => {
    const agent = await test.tokenOf('agent');
    const made = await test.call('POST', '/api/devices', agent, { label: 'Desk' });
    const { device, password } = made.json<{ device: { id: string }; password: string }>();
    await test.call('DELETE', `/api/devices/${device.id}`, agent);
    const { changes } = await audit();
    expect(changes).toMatchObject([
      { action: 'delete', object: 'devices', objectId: device.id, before: { label: 'Desk' } },
      { action: 'create', object: 'devices', objectId: device.id, userName: 'only-agent' },
    ]);
    expect(JSON.stringify(changes)).not.toContain(password);
  });

  it('by a route that names no reader is written with what it answered', async () => {
    await test.call('PUT', '/api/settings/7', admin, { limit: 3, secret: 'open sesame' });
    const { changes } = await audit();
    expect(changes).toMatchObject([
      { object: 'settings', objectId: '7', label: 'Line', after: { limit: 3 } },
    ]);
    expect(JSON.stringify(changes)).not.toContain('sesame');
  });
});

describe('no change', () => {
  it('is written for what was refused, failed, only read, or only tried', async () => {
    await test.call('PUT', '/api/queues/queue_sales', admin, { ringMs: 1 });
    await test.call('PUT', '/api/queues/nowhere', admin, { label: 'X' });
    await test.call('PUT', '/api/broken/1', admin, {});
    await test.call('POST', '/api/settings/7/test', admin, {});
    await test.call('PUT', '/api/queues/queue_sales', await test.tokenOf('supervisor'), { label: 'X' });
    await test.call('GET', '/api/queues', admin);
    expect((await audit()).changes).toEqual([]);
  });
});

it('shows a change whose end the server did not live to see', async () => {
  await test.database.db.query(
    `INSERT INTO config_change (at, user_id, object, object_id, label, action, outcome)
      VALUES (1, 'gone', 'queues', 'q', 'Sales', 'delete', 'begun')`,
  );
  expect((await audit()).changes).toMatchObject([{ outcome: 'begun', userName: '', label: 'Sales' }]);
});

it('is filtered by object, person, time and words, and read page by page', async () => {
  for (const label of ['One', 'Two', 'Three']) {
    await test.clock.advance(1_000);
    await test.call('POST', '/api/reasons', admin, { label });
  }
  await test.call('PUT', '/api/queues/queue_sales', admin, { greeting: 'Moin' });
  const labels = async (query: string) => (await audit(query)).changes.map((change) => change.label);
  expect(await labels('?object=reasons')).toEqual(['Three', 'Two', 'One']);
  expect(await labels('?object=queues&objectId=queue_sales')).toEqual(['Sales']);
  expect(await labels('?q=moin')).toEqual(['Sales']);
  expect(await labels(`?from=${test.clock.now() - 1_000}&to=${test.clock.now()}`)).toEqual(['Two']);
  expect(await labels('?userId=somebody')).toEqual([]);
  const first = await audit('?limit=3');
  expect(first).toMatchObject({ more: true, changes: { length: 3 } });
  const rest = await audit(`?limit=3&beforeId=${first.changes[2]?.id}`);
  expect(rest).toMatchObject({ more: false, changes: [{ label: 'One' }] });
});

it('is written for every route that changes something and is for administrators alone', () => {
  const changing = test.api.accessTable.filter(
    ([route, access]) => !/^(GET|HEAD) /.test(route) && [access].flat().join() === 'administrator',
  );
  expect(changing.length).toBeGreaterThan(10);
  for (const [route, access] of changing) {
    const [method = '', url = ''] = route.split(' ');
    expect(auditOf(method, url, { access }), route).toBeDefined();
  }
});
