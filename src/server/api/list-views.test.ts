import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { ListView } from '../../protocol/list-views.ts';

let test: TestApi;
beforeAll(async () => {
  test = await TestApi.create();
});
afterAll(() => test.close());

const LIST = { object: 'Contact', name: 'Londoners', sort: 'Name', direction: 'asc' };

async function ask(
  role: 'agent' | 'supervisor' | 'administrator',
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: object,
) {
  const answer = await test.call(method, url, await test.tokenOf(role), body);
  return {
    status: answer.statusCode,
    body: answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown),
  };
}

async function make(role: 'agent' | 'supervisor', more: object = {}): Promise<ListView> {
  const { status, body } = await ask(role, 'POST', '/api/lists', { ...LIST, ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body as ListView;
}

async function trail(): Promise<{ action: string; label: string }[]> {
  const { body } = await ask('administrator', 'GET', '/api/audit?object=lists');
  return (body as { changes: { action: string; label: string }[] }).changes;
}

describe('a private list view', () => {
  it('is seen, changed and removed by its owner alone, and is not in the audit trail', async () => {
    const view = await make('agent');
    expect(view.id).toMatch(/^00B/);
    expect((await ask('supervisor', 'GET', `/api/lists/${view.id}`)).status).toBe(404);
    expect((await ask('supervisor', 'DELETE', `/api/lists/${view.id}`)).status).toBe(404);
    const changed = await ask('agent', 'PUT', `/api/lists/${view.id}`, { name: 'Mine' });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Mine', sort: 'Name' } });
    expect((await ask('agent', 'DELETE', `/api/lists/${view.id}`)).status).toBe(204);
    expect(await trail()).toEqual([]);
  });

  it('cannot have the name of another one of the same owner and object', async () => {
    const view = await make('agent', { name: 'Twice' });
    const again = await ask('agent', 'POST', '/api/lists', { ...LIST, name: 'TWICE' });
    expect(again).toMatchObject({ status: 400, body: { data: { field: 'name' } } });
    await ask('agent', 'DELETE', `/api/lists/${view.id}`);
  });
});

describe('a shared list view', () => {
  it('is everybody’s to see, a supervisor’s to change, and in the audit trail', async () => {
    const view = await make('supervisor', {
      shared: true,
      conditions: [{ field: 'MailingCity', operator: 'equals', values: ['London'] }],
    });
    const { body } = await ask('agent', 'GET', '/api/lists?object=Contact');
    expect(body).toMatchObject({ lists: [{ id: view.id, shared: true }] });
    expect((await ask('agent', 'PUT', `/api/lists/${view.id}`, { name: 'Ours' })).status).toBe(403);
    expect((await ask('agent', 'DELETE', `/api/lists/${view.id}`)).status).toBe(403);
    expect((await ask('agent', 'GET', `/api/lists/${view.id}/records`)).body).toMatchObject({ records: [] });
    await ask('supervisor', 'PUT', `/api/lists/${view.id}`, { name: 'All of London' });
    await ask('supervisor', 'DELETE', `/api/lists/${view.id}`);
    expect((await trail()).map(({ action, label }) => `${action} ${label}`)).toEqual([
      'delete All of London',
      'change All of London',
      'create Londoners',
    ]);
  });

  it('is not an agent’s to make', async () => {
    expect((await ask('agent', 'POST', '/api/lists', { ...LIST, shared: true })).status).toBe(403);
  });
});

it.each([
  [{ object: 'Nothing' }, 'object'],
  [{ sort: 'Nothing' }, 'sort'],
  [{ columns: ['Nothing'] }, 'columns'],
  [{ conditions: [{ field: 'Phone', operator: 'lessThan', values: ['1'] }] }, 'conditions'],
  [{ name: ' ' }, 'name'],
])('refuses a list view with %j', async (wrong, field) => {
  const { status, body } = await ask('agent', 'POST', '/api/lists', { ...LIST, ...wrong });
  expect(status).toBe(400);
  expect(String((body as { data: { field: string } }).data.field)).toContain(field);
});

describe('a field that is deleted', () => {
  const FIELD = { name: 'Shoe__c', label: 'Shoe', type: 'text' };
  const NAMING = {
    conditions: [{ field: 'Shoe__c', operator: 'equals', values: ['42'] }],
    columns: ['Name', 'Shoe__c'],
    sort: 'Shoe__c',
  };
  const addField = () => ask('administrator', 'POST', '/api/crm-objects/Contact/fields', FIELD);
  const removeField = () => ask('administrator', 'DELETE', '/api/crm-objects/Contact/fields/Shoe__c');

  it('stays while a list of everybody names it, which is said', async () => {
    expect((await addField()).status).toBe(201);
    const view = await make('supervisor', { shared: true, name: 'By shoe', ...NAMING });
    expect(await removeField()).toMatchObject({
      status: 409,
      body: { code: 'in-use', data: { detail: 'the list view By shoe of everybody names it' } },
    });
    await ask('supervisor', 'DELETE', `/api/lists/${view.id}`);
    expect((await removeField()).status).toBe(204);
  });

  it('is left out of private lists, which say so until they are saved again', async () => {
    await addField();
    const view = await make('agent', { name: 'Mine by shoe', ...NAMING });
    expect(view.gone).toEqual([]);
    expect((await removeField()).status).toBe(204);
    const without = { conditions: [], columns: ['Name'], sort: 'Name' };
    const { body } = await ask('agent', 'GET', '/api/lists?object=Contact');
    expect(body).toMatchObject({ lists: [{ id: view.id, ...without, gone: ['Shoe__c'] }] });
    expect((await ask('agent', 'GET', `/api/lists/${view.id}/records`)).status).toBe(200);
    const saved = await ask('agent', 'PUT', `/api/lists/${view.id}`, without);
    expect(saved).toMatchObject({ status: 200, body: { ...without, gone: [] } });
    await ask('agent', 'DELETE', `/api/lists/${view.id}`);
  });
});
