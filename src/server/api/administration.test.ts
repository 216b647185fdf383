/** What an administrator does by REST: users, queues, numbers, reasons, stuck writes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { enterOutbox } from '../store/outbox.ts';

let test: TestApi;
let admin: string;
beforeAll(async () => {
  test = await TestApi.create();
  admin = await test.tokenOf('administrator');
});
afterAll(() => test.close());

const post = (url: string, body: object) => test.call('POST', url, admin, body);
const put = (url: string, body: object) => test.call('PUT', url, admin, body);
const get = async (url: string) =>
  (await test.call('GET', url, admin)).json<Record<string, { id: string }[]>>();

describe('users', () => {
  const ada = {
    username: 'ada',
    name: 'Ada',
    roles: ['agent'],
    locale: 'en-GB',
    zone: 'Europe/London',
    country: 'GB',
    password: 'a good password',
  };

  it('are made, changed and never shown with a secret', async () => {
    const made = await post('/api/users', ada);
    expect(made.statusCode).toBe(201);
    const { id } = made.json<{ id: string }>();
    expect(made.body).not.toContain('password');
    expect((await put(`/api/users/${id}`, { extension: '1042' })).json()).toMatchObject({
      username: 'ada',
      extension: '1042',
    });
    expect((await get('/api/users')).users).toContainEqual(
      expect.objectContaining({ id, extension: '1042' }),
    );
    expect((await get('/api/users/names')).users).toContainEqual({ id, name: 'Ada', extension: '1042' });
  });

  it('sign in with their new password, and are signed out where they were', async () => {
    const { id } = (await post('/api/users', { ...ada, username: 'ben' })).json<{ id: string }>();
    const { token } = await test.sessions.open(id);
    await put(`/api/users/${id}`, { password: 'another password' });
    expect((await test.call('GET', '/api/me', token)).statusCode).toBe(401);
    expect((await post('/api/tokens', { username: 'ben', password: 'another password' })).statusCode).toBe(
      200,
    );
  });

  it.each([
    [{ username: 'a b' }, 'username'],
    [{ roles: [] }, 'roles'],
    [{ roles: ['god'] }, 'roles.0'],
    [{ zone: 'Moon/Base' }, 'zone'],
    [{ country: 'gb' }, 'country'],
    [{ extension: '12x' }, 'extension'],
    [{ password: 'short' }, 'password'],
  ])('are refused with %j, naming the field', async (wrong, field) => {
    expect((await post('/api/users', { ...ada, username: 'carl', ...wrong })).json()).toMatchObject({
      code: 'bad-input',
      data: { field },
    });
  });

  it('cannot have a name twice, and an administrator cannot lock himself out', async () => {
    expect((await post('/api/users', { ...ada, username: 'AGENT' })).json()).toMatchObject({
      code: 'already-exists',
    });
    const me = test.callCenter.userByName('only-administrator')?.id;
    expect((await put(`/api/users/${me}`, { disabled: true })).json()).toMatchObject({ code: 'bad-input' });
    expect((await put(`/api/users/${me}`, { roles: ['agent'] })).json()).toMatchObject({ code: 'bad-input' });
    expect((await put('/api/users/nobody', { name: 'X' })).json()).toMatchObject({ code: 'not-found' });
  });
});

it('makes a queue with members and codes, a number that leads to it, and removes both', async () => {
  const queue = (
    await post('/api/queues', { label: 'Orders', memberIds: ['user_agent'], dispositions: ['Done'] })
  ).json<{ id: string }>();
  expect(queue).toMatchObject({
    ringMs: 20_000,
    wrapMs: 30_000,
    memberIds: ['user_agent'],
    dispositions: [{ label: 'Done' }],
  });
  expect((await put(`/api/queues/${queue.id}`, { wrapMs: 0 })).json()).toMatchObject({
    label: 'Orders',
    wrapMs: 0,
    dispositions: [{ label: 'Done' }],
  });
  const number = (
    await post('/api/numbers', { dnis: '020 7946 0321', label: 'Orders', queueId: queue.id })
  ).json<{ id: string }>();
  expect(number).toMatchObject({ dnis: '+442079460321', offeredToVisitors: false });
  expect((await put(`/api/numbers/${number.id}`, { offeredToVisitors: true })).json()).toMatchObject({
    offeredToVisitors: true,
  });
  expect((await test.call('DELETE', `/api/queues/${queue.id}`, admin)).json()).toMatchObject({
    code: 'in-use',
  });
  expect((await test.call('DELETE', `/api/numbers/${number.id}`, admin)).statusCode).toBe(204);
  expect((await test.call('DELETE', `/api/queues/${queue.id}`, admin)).statusCode).toBe(204);
  expect((await get('/api/queues')).queues?.map((q) => q.id)).not.toContain(queue.id);
  expect((await get('/api/numbers')).numbers).toHaveLength(3);
});

it('adds reasons and takes them out of use, but for those of the program', async () => {
  const reason = (await post('/api/reasons', { label: 'Paperwork' })).json<{ id: string }>();
  expect((await get('/api/reasons')).reasons).toContainEqual({
    id: reason.id,
    label: 'Paperwork',
    kind: 'not-ready',
    system: false,
    active: true,
  });
  expect((await put(`/api/reasons/${reason.id}`, { label: 'Paper', position: 0 })).json()).toMatchObject({
    label: 'Paper',
  });
  expect((await get('/api/reasons')).reasons?.[0]).toMatchObject({ id: reason.id, label: 'Paper' });
  expect((await put(`/api/reasons/${reason.id}`, { label: 'Lunch' })).json()).toMatchObject({
    code: 'already-exists',
    data: { field: 'label' },
  });
  expect((await put(`/api/reasons/${reason.id}`, { active: false })).json()).toMatchObject({ active: false });
  expect((await put('/api/reasons/no-answer', { active: false })).json()).toMatchObject({
    code: 'bad-input',
  });
  expect((await post('/api/reasons', { label: 'Going home', kind: 'logged-out' })).json()).toMatchObject({
    kind: 'logged-out',
  });
});

it('shows what is stuck in the outbox and makes it due', async () => {
  const { db } = test.database;
  await enterOutbox(db, { kind: 'crm.log', idemKey: 'k1', body: {} }, 0);
  await db.query("UPDATE outbox SET attempts = 3, error = 'no answer', next_at = 99999999999999");
  const { stuck } = await get('/api/outbox');
  expect(stuck).toMatchObject([{ kind: 'crm.log', key: 'k1', attempts: 3, error: 'no answer' }]);
  expect((await test.call('POST', `/api/outbox/${stuck?.[0]?.id}/retry`, admin)).statusCode).toBe(204);
  expect((await test.call('POST', '/api/outbox/x/retry', admin)).json()).toMatchObject({ code: 'bad-input' });
});
