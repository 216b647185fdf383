/** Agent scripts by their routes: designed by an administrator, run by agents, on a real database and the built-in CRM. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { Script, ScriptRun } from '../../protocol/scripts.ts';
import { BuiltinCrm } from '../crm/builtin/builtin-crm.ts';

const SALE = {
  label: 'Sale',
  name: 'Sale',
  active: true,
  steps: [
    {
      id: 'hello',
      title: 'Greet',
      kind: 'screen',
      text: 'Hello {record:caller.Name}, you call from {ANI}.',
      fields: [
        { name: 'reason', label: 'Reason', type: 'choice', options: ['Order', 'Complaint'], required: true },
        { name: 'quantity', label: 'Quantity', type: 'number' },
        { name: 'card', label: 'Card number', type: 'text', sensitive: true },
      ],
      next: 'which',
    },
    {
      id: 'which',
      title: 'Which',
      kind: 'branch',
      rules: [
        {
          all: [
            { left: '{answer:reason}', is: 'equal', right: 'order' },
            { left: '{answer:quantity}', is: 'greater', right: '9' },
          ],
          next: 'many',
        },
      ],
      otherwise: 'few',
    },
    {
      id: 'many',
      title: 'Many',
      kind: 'end',
      text: '{answer:quantity} is many.',
      disposition: 'Order taken',
    },
    {
      id: 'few',
      title: 'Comment',
      kind: 'update',
      record: 'caller',
      fields: { Title: 'Asked: {answer:reason}' },
      next: 'done',
      failed: 'refused',
    },
    { id: 'refused', title: 'Refused', kind: 'end', text: 'Not written.' },
    { id: 'done', title: 'Done', kind: 'end', text: 'Written for {record:caller.Title}.' },
  ],
};

let api: TestApi;
let administrator: string;
let agent: string;
let other: string;
let contactId: string;

beforeAll(async () => {
  api = await TestApi.create();
  administrator = await api.tokenOf('administrator');
  agent = await api.tokenOf('agent');
  other = await api.tokenOf('supervisor');
  const crm = new BuiltinCrm({ db: api.database.db, clock: api.clock, country: 'GB' });
  const actor = { userId: 'seed', roles: ['administrator'] as const };
  const contact = await crm.create(actor, 'Contact', {
    FirstName: 'Ada',
    LastName: 'Lovelace',
    Phone: '020 7946 0958',
    Email: 'ada@example.com',
  });
  contactId = contact.id;
});
afterAll(() => api.close());

let calls = 0;
let conversationId = '';
beforeEach(() => {
  conversationId = `conv_${++calls}`;
  api.disposition = undefined;
  for (const key of Object.keys(api.callData)) delete api.callData[key];
  api.scripted.set(conversationId, {
    values: { ANI: '+442079460958' },
    data: (key) => (key === 'vip' ? 'yes' : undefined),
    match: { id: contactId, object: 'Contact', name: 'Ada Lovelace' },
  });
});

async function design(
  change: object = {},
  name = `S${Math.random().toString(36).slice(2, 10)}`,
): Promise<Script> {
  const answer = await api.call('POST', '/api/scripts', administrator, { ...SALE, name, ...change });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
}

async function begin(script: Script, token = agent, more: object = { conversationId }): Promise<ScriptRun> {
  const answer = await api.call('POST', '/api/script-runs', token, { scriptId: script.id, ...more });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const step = (run: ScriptRun, body: object, token = agent) =>
  api.call('POST', `/api/script-runs/${run.id}/step`, token, { rev: run.rev, to: 'next', ...body });

async function next(run: ScriptRun, answers: object = {}): Promise<ScriptRun> {
  const answer = await step(run, { answers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

describe('a run', () => {
  it('shows texts filled in from call and record, branches by answers, tells the call, sets the wrap-up code', async () => {
    let run = await begin(await design());
    expect(run.screen).toMatchObject({
      title: 'Greet',
      text: 'Hello Ada Lovelace, you call from +442079460958.',
    });
    run = await next(run, { reason: 'Order', quantity: '12', card: '4111' });
    expect(run.screen).toMatchObject({ kind: 'end', text: '12 is many.', fields: [] });
    expect(api.callData).toEqual({ reason: 'Order', quantity: '12' });
    run = await next(run);
    expect(run).toMatchObject({ state: 'finished', screen: null, outcome: 'Wrap-up code: Order taken' });
    expect(api.disposition).toBe('Order taken');
    expect(run.answers.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'Reason: Order',
      'Quantity: 12',
    ]);
  });

  it('forgets sensitive answers when it ends', async () => {
    const run = await next(await begin(await design()), { reason: 'Order', quantity: '12', card: '4111' });
    const stored = () => api.database.db.query('SELECT state FROM script_run WHERE id = $1', [run.id]);
    expect(JSON.stringify(await stored())).toContain('4111');
    await step(run, { to: 'stop' });
    expect(JSON.stringify(await stored())).not.toContain('4111');
  });

  it('changes the record as the agent, and goes on with it as it is then', async () => {
    const run = await next(await begin(await design()), { reason: 'Complaint' });
    expect(run.screen?.text).toBe('Written for Asked: Complaint.');
    expect(run.records).toEqual([
      { name: 'caller', record: { id: contactId, object: 'Contact', name: 'Ada Lovelace' } },
    ]);
  });

  it('takes the way for a refusal, and says what the CRM said', async () => {
    const steps = SALE.steps.map((one) =>
      one.id === 'few' ? { ...one, fields: { Email: 'no address' } } : one,
    );
    const run = await next(await begin(await design({ steps })), { reason: 'Complaint' });
    expect(run.screen).toMatchObject({ stepId: 'refused' });
    expect(run.screen?.notice).toMatch(/^Comment: .*Email/);
  });

  it('goes back with the answers kept, to the first screen and no further', async () => {
    let run = await next(await begin(await design()), { reason: 'Order', quantity: '12' });
    expect(run.screen?.canGoBack).toBe(true);
    run = (await step(run, { to: 'back' })).json();
    expect(run.screen).toMatchObject({ stepId: 'hello', canGoBack: false });
    expect(run.screen?.fields.map(({ answer }) => answer)).toEqual(['Order', '12', null]);
    run = (await step(run, { to: 'back' })).json();
    expect(run.screen?.stepId).toBe('hello');
  });

  it.each<[string, object, string]>([
    ['a missing answer', {}, 'Reason: an answer is needed'],
    ['an option that there is not', { reason: 'Praise' }, 'Reason: choose one of the options'],
    ['no number', { reason: 'Order', quantity: 'many' }, 'Quantity: a number is needed'],
  ])('stays where it is for %s', async (_what, answers, detail) => {
    const run = await begin(await design());
    const refused = await step(run, { answers });
    expect(refused.json()).toMatchObject({ code: 'bad-input', data: { detail } });
    const same = await api.call('GET', `/api/script-runs/${run.id}`, agent);
    expect(same.json()).toEqual(run);
  });

  it('is one per call and agent: another tab goes on with it, and only the first of two steps counts', async () => {
    const script = await design();
    const run = await begin(script);
    const [again, same] = await Promise.all([begin(script), begin(script)]);
    expect([again.id, same.id]).toEqual([run.id, run.id]);
    const answers = { reason: 'Order', quantity: '12' };
    const codes = await Promise.all([step(run, { answers }), step(run, { answers })]);
    expect(codes.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
  });

  it('keeps the version that it began with', async () => {
    const script = await design();
    const run = await begin(script);
    const steps = [{ id: 'new', title: 'New', kind: 'screen', next: null }];
    await api.call('PUT', `/api/scripts/${script.id}`, administrator, { ...SALE, name: script.name, steps });
    expect((await next(run, { reason: 'Order', quantity: '12' })).screen?.text).toBe('12 is many.');
    conversationId = `conv_${++calls}`;
    api.scripted.set(conversationId, { values: {}, data: () => undefined, match: undefined });
    expect((await begin(script)).screen?.title).toBe('New');
  });

  it('is its agent’s alone; what he answered in a call, its leaders see, too', async () => {
    const run = await begin(await design());
    expect((await api.call('GET', `/api/script-runs/${run.id}`, other)).json()).toMatchObject({
      code: 'not-found',
    });
    expect((await step(run, { to: 'stop' }, other)).json()).toMatchObject({ code: 'not-found' });
    const of = async (token: string) =>
      (await api.call('GET', `/api/script-runs?conversationId=${conversationId}`, token)).json().runs.length;
    expect(await of(other)).toBe(1);
    expect(await of(agent)).toBe(1);
    expect(await of(await api.tokenOf('administrator'))).toBe(1);
  });

  it('cannot go on when it is over, nor begin without a call of his, nor while the script is inactive', async () => {
    const script = await design();
    const run = await begin(script);
    const stopped: ScriptRun = (await step(run, { to: 'stop' })).json();
    expect(stopped).toMatchObject({ state: 'stopped', outcome: null });
    expect((await step(stopped, { to: 'back' })).json()).toMatchObject({ code: 'script-over' });
    const start = (body: object) => api.call('POST', '/api/script-runs', agent, body);
    expect((await start({ scriptId: script.id, conversationId: 'conv_of_others' })).json()).toMatchObject({
      code: 'not-found',
    });
    await api.call('PUT', `/api/scripts/${script.id}`, administrator, {
      ...SALE,
      name: script.name,
      active: false,
    });
    api.scripted.set('conv_x', { values: {}, data: () => undefined, match: undefined });
    expect((await start({ scriptId: script.id, conversationId: 'conv_x' })).json()).toMatchObject({
      code: 'script-inactive',
    });
    const trial = await api.call('POST', `/api/scripts/${script.id}/try`, administrator);
    expect(trial.json()).toMatchObject({ conversationId: null, screen: { title: 'Greet' } });
  });

  it('begins by the name that an adapter knows, with its arguments as first answers, others ignored', async () => {
    const script = await design();
    const answer = await api.call('POST', '/api/script-runs', agent, {
      name: script.name.toUpperCase(),
      conversationId,
      answers: { reason: 'Complaint', quantity: 3, nonsense: 'x' },
    });
    expect(answer.json().screen.fields.map((one: { answer: unknown }) => one.answer)).toEqual([
      'Complaint',
      '3',
      null,
    ]);
  });
});

describe('a look-up', () => {
  const find = (object: string, field: string, value: string) => ({
    steps: [
      {
        id: 'find',
        title: 'Find',
        kind: 'lookup',
        object,
        field,
        value,
        into: 'hit',
        found: 'yes',
        missing: 'no',
      },
      { id: 'yes', title: 'Yes', kind: 'end', text: 'It is {record:hit.LastName}.' },
      { id: 'no', title: 'No', kind: 'end', text: 'Nobody.' },
    ],
  });

  it.each<[string, string, string, string, string]>([
    ['a text in any case', 'Contact', 'Email', 'ADA@example.com', 'It is Lovelace.'],
    ['a number in any way of typing', 'Contact', 'Phone', '{ANI}', 'It is Lovelace.'],
    ['a value that another field has', 'Contact', 'Email', 'Lovelace', 'Nobody.'],
    ['nothing', 'Contact', 'Email', '{data:nothing}', 'Nobody.'],
  ])('by %s', async (_what, object, field, value, text) => {
    const run = await begin(await design(find(object, field, value)));
    expect(run.screen?.text).toBe(text);
  });
});

describe('designing', () => {
  it('keeps what is unfinished as a draft, and says what keeps it from being active', async () => {
    const steps = [{ id: 'a', title: 'First', kind: 'screen', next: 'gone' }];
    const draft = await design({ active: false, steps });
    expect(draft.problems).toEqual([{ step: 'a', detail: 'Next: there is no step gone' }]);
    const refused = await api.call('PUT', `/api/scripts/${draft.id}`, administrator, {
      ...SALE,
      name: draft.name,
      steps,
    });
    expect(refused.json()).toMatchObject({
      code: 'script-invalid',
      data: { field: 'steps.0', detail: 'First: Next: there is no step gone' },
    });
    const found = (await api.call('GET', '/api/scripts', administrator)).json().scripts as Script[];
    expect(found.find(({ id }) => id === draft.id)).toMatchObject({ active: false, version: 1 });
  });

  it('has one script of a name, removes only what is inactive, and is in the audit trail', async () => {
    const script = await design();
    const twice = await api.call('POST', '/api/scripts', administrator, {
      ...SALE,
      name: script.name.toLowerCase(),
    });
    expect(twice.json()).toMatchObject({ code: 'already-exists' });
    const remove = () => api.call('DELETE', `/api/scripts/${script.id}`, administrator);
    expect((await remove()).json()).toMatchObject({ code: 'in-use' });
    await api.call('PUT', `/api/scripts/${script.id}`, administrator, {
      ...SALE,
      name: script.name,
      active: false,
    });
    expect((await remove()).statusCode).toBe(204);
    const trail = (await api.call('GET', `/api/audit?objectId=${script.id}`, administrator)).json();
    expect(trail.changes.map(({ action }: { action: string }) => action)).toEqual([
      'delete',
      'change',
      'create',
    ]);
  });
});
