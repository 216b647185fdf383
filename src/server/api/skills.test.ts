/** Skills by REST: made, given to users, asked for by queues, and what is refused. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { ConfigChange, ShownQueue, ShownUser } from '../../protocol/setup.ts';
import type { Skill } from '../../protocol/skills.ts';

let test: TestApi;
let admin: string;
beforeAll(async () => {
  test = await TestApi.create();
  admin = await test.tokenOf('administrator');
});
afterAll(() => test.close());

const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object) =>
  test.call(method, url, admin, body);
const made = async (label: string) => (await call('POST', '/api/skills', { label })).json<Skill>();
const queueWith = (label: string, requirements: object[]) =>
  call('POST', '/api/queues', { label, requirements });

it('is made, renamed, given to a user with a level, and gone from him when it is deleted', async () => {
  const { id } = await made('Billing');
  expect((await call('PUT', `/api/skills/${id}`, { description: 'Invoices' })).json()).toEqual({
    id,
    label: 'Billing',
    description: 'Invoices',
  });
  const skills = [{ skillId: id, level: 7 }];
  expect((await call('PUT', '/api/users/user_agent', { skills })).json<ShownUser>().skills).toEqual(skills);
  const renamed = await call('PUT', '/api/users/user_agent', { locale: 'en-GB' });
  expect(renamed.json<ShownUser>().skills, 'what is not said stays').toEqual(skills);
  expect((await call('DELETE', `/api/skills/${id}`)).statusCode).toBe(204);
  const { users } = (await call('GET', '/api/users')).json<{ users: ShownUser[] }>();
  expect(users.find((user) => user.id === 'user_agent')?.skills).toEqual([]);
  const { changes } = (await call('GET', '/api/audit?object=skills')).json<{ changes: ConfigChange[] }>();
  expect(changes.map(({ action }) => action)).toEqual(['delete', 'change', 'create']);
});

it('cannot be deleted while a queue requires it', async () => {
  const { id } = await made('French');
  const requirements = [{ skillId: id, minimum: 3 }];
  const queue = (await queueWith('French speakers', requirements)).json<ShownQueue>();
  expect(queue.requirements).toEqual(requirements);
  expect((await call('DELETE', `/api/skills/${id}`)).json()).toMatchObject({ code: 'in-use' });
  expect(
    (await call('PUT', `/api/queues/${queue.id}`, { wrapMs: 0 })).json<ShownQueue>().requirements,
  ).toEqual(requirements);
  await call('PUT', `/api/queues/${queue.id}`, { requirements: [] });
  expect((await call('DELETE', `/api/skills/${id}`)).statusCode).toBe(204);
});

it('refuses a name that is taken, a level past 10, a skill twice, and one that there is not', async () => {
  const { id } = await made('Spanish');
  expect((await call('POST', '/api/skills', { label: 'Spanish' })).json()).toMatchObject({
    code: 'already-exists',
    data: { field: 'label' },
  });
  for (const requirements of [
    [{ skillId: id, minimum: 11 }],
    [{ skillId: id, minimum: 0 }],
    [
      { skillId: id, minimum: 1 },
      { skillId: id, minimum: 2 },
    ],
    [{ skillId: 'nothing', minimum: 1 }],
  ]) {
    expect((await queueWith('Spanish speakers', requirements)).json()).toMatchObject({ code: 'bad-input' });
  }
  const skills = [{ skillId: 'nothing', level: 1 }];
  expect((await call('PUT', '/api/users/user_agent', { skills })).json()).toMatchObject({
    code: 'bad-input',
    data: { field: 'skills' },
  });
});
