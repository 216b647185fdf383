import cookie from '@fastify/cookie';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { VirtualClock } from '../../lib/clock.ts';
import type { Role } from '../../protocol/api.ts';
import type { CrmRecord, RecordPage, SearchResult } from '../../protocol/crm.ts';
import type { User } from '../callcenter/model.ts';
import { BuiltinCrm } from '../crm/builtin/builtin-crm.ts';
import { crmMigrations } from '../crm/schema.ts';
import type { Api } from './api-types.ts';
import { guardRoutes } from './auth.ts';
import { crmRoutes } from './crm.ts';
import { answerErrors } from './errors.ts';
import type { Session } from './sessions.ts';

let database: TestDatabase;
let api: Api;

/** The real guard; each role has a user whose token is known. */
beforeAll(async () => {
  database = await testDatabase(crmMigrations);
  const clock = new VirtualClock();
  api = Fastify() as unknown as Api;
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  answerErrors(api);
  await api.register(cookie);
  guardRoutes(api, {
    cookie: 'none',
    sessions: { find: (token) => ({ id: token, userId: token.replace(/_+$/, '') }) as Session },
    callCenter: { user: (id) => userOf(id as Role) },
    ticketHolds: () => false,
  });
  crmRoutes(api, { crm: new BuiltinCrm({ db: database.db, clock, country: 'GB' }) });
  await api.ready();
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

function userOf(role: Role): User {
  const plain = { username: role, name: role, locale: 'en-GB', zone: 'Europe/London', country: 'GB' };
  return {
    ...plain,
    id: role,
    roles: [role],
    email: null,
    extension: null,
    deviceId: null,
    platformId: 'private',
    profileId: null,
    skills: [],
    queueOrder: [],
    disabled: false,
    demoPassword: false,
  };
}

interface Answer<T> {
  status: number;
  body: T;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

async function ask<T = { code: string; data: object }>(
  role: Role | null,
  method: Method,
  url: string,
  payload?: object,
): Promise<Answer<T>> {
  const headers = role ? { authorization: `Bearer ${role.padEnd(20, '_')}` } : { authorization: 'none' };
  const response = await api.inject({
    method,
    url: `/api/crm${url}`,
    headers,
    ...(payload ? { payload } : {}),
  });
  return { status: response.statusCode, body: (response.body ? response.json() : undefined) as T };
}

async function make(object: string, fields: object): Promise<CrmRecord> {
  const { status, body } = await ask<CrmRecord>('agent', 'POST', `/${object}`, { fields });
  expect(status).toBe(201);
  return body;
}

describe('the CRM’s routes', () => {
  it('make, read, change and list records', async () => {
    const made = await make('Contact', { LastName: 'Lovelace', FirstName: 'Ada', Phone: '020 7946 0958' });
    const changed = await ask<CrmRecord>('agent', 'PATCH', `/Contact/${made.id}`, {
      fields: { Title: 'Countess' },
      rev: 1,
    });
    expect(changed).toMatchObject({ status: 200, body: { rev: 2, fields: { Title: 'Countess' } } });
    expect((await ask('agent', 'GET', `/Contact/${made.id}`)).body).toEqual(changed.body);
    const list = await ask<RecordPage>('agent', 'GET', '/Contact?q=love&sort=name&direction=desc&limit=1');
    expect(list.body).toEqual({ records: [changed.body], total: 1, next: null });
  });

  it('refuse an old revision, a bad field and an unknown record with their codes', async () => {
    const { id } = await make('Contact', { LastName: 'Strict' });
    const old = await ask('agent', 'PATCH', `/Contact/${id}`, { fields: { Title: 'X' }, rev: 7 });
    expect(old).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const bad = await ask('agent', 'POST', '/Contact', { fields: { LastName: 'X', Shoe: 43 } });
    expect(bad).toMatchObject({ status: 400, body: { code: 'bad-input', data: { field: 'Shoe' } } });
    const nested = await ask('agent', 'POST', '/Contact', { fields: { LastName: { $ne: 1 } } });
    expect(nested).toMatchObject({ status: 400, body: { code: 'bad-input' } });
    for (const url of ['/Rocket', '/Contact/003zzzzzzzzzzzz', `/Account/${id}`, `/Account/${id}/activity`]) {
      expect(await ask('agent', 'GET', url)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
    for (const url of [
      '/Contact?limit=0',
      '/Contact?after=x',
      '/match',
      '/search?q=',
      '/Contact?direction=up',
    ]) {
      expect(await ask('agent', 'GET', url)).toMatchObject({ status: 400, body: { code: 'bad-input' } });
    }
  });

  it('match and search', async () => {
    const made = await make('Lead', { LastName: 'Babbage', Company: 'Engines', Phone: '0161 496 0123' });
    const matched = await ask<SearchResult>(
      'agent',
      'GET',
      `/match?number=${encodeURIComponent('+44 (0)161 496 0123')}`,
    );
    expect(matched.body.records).toMatchObject([{ id: made.id, detail: 'Engines · New' }]);
    const found = await ask<SearchResult>('agent', 'GET', '/search?q=babb%20eng&object=Lead');
    expect(found.body.records).toMatchObject([{ id: made.id }]);
  });

  it('show what surrounds a record', async () => {
    const account = await make('Account', { Name: 'Around' });
    const person = await make('Contact', { LastName: 'Around', AccountId: account.id });
    const task = await make('Task', { Subject: 'Around', WhoId: person.id });
    const related = await ask<RecordPage>('agent', 'GET', `/Account/${account.id}/related/Contact/AccountId`);
    expect(related.body.records).toMatchObject([{ id: person.id, names: { [account.id]: 'Around' } }]);
    const activity = await ask<RecordPage>('agent', 'GET', `/Account/${account.id}/activity`);
    expect(activity.body.records).toMatchObject([{ id: task.id }]);
  });

  it('describe the objects', async () => {
    const { body } = await ask<{ name: string }[]>('supervisor', 'GET', '/objects');
    expect(body.map((o) => o.name)).toContain('Contact');
  });

  it('refuse strangers everywhere', async () => {
    const { id } = await make('Contact', { LastName: 'Hidden' });
    const tries: [Method, string][] = [
      ['GET', '/objects'],
      ['GET', '/search?q=hidden'],
      ['GET', '/match?number=1'],
      ['GET', '/Contact'],
      ['POST', '/Contact'],
      ['GET', `/Contact/${id}`],
      ['PATCH', `/Contact/${id}`],
      ['DELETE', `/Contact/${id}`],
      ['GET', `/Contact/${id}/related/Case/ContactId`],
      ['GET', `/Contact/${id}/activity`],
    ];
    for (const [method, url] of tries) {
      expect(await ask(null, method, url)).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
    }
  });

  it('let only administrators remove', async () => {
    const { id } = await make('Contact', { LastName: 'Removed' });
    for (const role of ['agent', 'supervisor'] as const) {
      expect(await ask(role, 'DELETE', `/Contact/${id}`)).toMatchObject({
        status: 403,
        body: { code: 'not-allowed' },
      });
    }
    expect((await ask('administrator', 'DELETE', `/Contact/${id}`)).status).toBe(204);
    expect((await ask('agent', 'GET', `/Contact/${id}`)).status).toBe(404);
  });
});
