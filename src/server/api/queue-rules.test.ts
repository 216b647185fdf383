/** A queue's rule by REST: kept, refused with the field that is wrong, and what it names stays. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { PLAIN_RULE, QueueRule } from '../../protocol/queue-rules.ts';
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
const made = async (label: string, more: object = {}) =>
  (await call('POST', '/api/queues', { label, ...more })).json<ShownQueue>();

it('a queue has the plain rule, and keeps one that it is given', async () => {
  const [sales, billing] = [await made('Sales 1'), await made('Billing 1')];
  expect(sales.rule).toEqual(PLAIN_RULE);
  const skill = (await call('POST', '/api/skills', { label: 'Billing' })).json<Skill>();
  const rule = QueueRule.parse({
    steps: [{ afterMs: 20_000, requirements: [{ skillId: skill.id, minimum: 1 }] }],
    helpers: [{ queueId: sales.id, afterMs: 120_000 }],
    overflow: [{ when: 'wait', afterMs: 300_000, target: { kind: 'queue', queueId: sales.id } }],
  });
  const saved = await call('PUT', `/api/queues/${billing.id}`, { rule });
  expect(saved.json<ShownQueue>().rule).toEqual(rule);
  const renamed = await call('PUT', `/api/queues/${billing.id}`, { label: 'Bills 1' });
  expect(renamed.json<ShownQueue>().rule, 'what is not said stays').toEqual(rule);
  expect((await call('DELETE', `/api/skills/${skill.id}`)).json()).toMatchObject({ code: 'in-use' });
  expect((await call('DELETE', `/api/queues/${sales.id}`)).json()).toMatchObject({ code: 'in-use' });
  const { changes } = (await call('GET', '/api/audit?object=queues')).json<{ changes: ConfigChange[] }>();
  expect(changes.some(({ after }) => JSON.stringify(after).includes('"afterMs":300000'))).toBe(true);
});

it.each([
  [
    { steps: [{ afterMs: 20_000, requirements: [{ skillId: 'nothing', minimum: 1 }] }] },
    'rule.steps.0.requirements',
  ],
  [{ groups: [{ label: 'Night', afterMs: 1_000, userIds: ['nobody'] }] }, 'rule.groups.0.userIds'],
  [{ helpers: [{ queueId: 'nowhere', afterMs: 0 }] }, 'rule.helpers.0.queueId'],
  [{ closed: { target: { kind: 'queue', queueId: 'nowhere' } } }, 'rule.closed.target.queueId'],
  [
    { maxWait: { afterMs: 60_000, target: { kind: 'flow', flowId: 'nothing' } } },
    'rule.maxWait.target.flowId',
  ],
  [{ full: { waiting: 3, target: { kind: 'number', number: 'abc' } } }, 'rule.full.target.number'],
  [{ priority: 1.5 }, 'rule.priority'],
  [{ strategy: 'random' }, 'rule.strategy'],
  [
    {
      steps: [
        { afterMs: 2_000, requirements: [] },
        { afterMs: 1_000, requirements: [] },
      ],
    },
    'rule.steps',
  ],
])('refuses a rule that cannot be, at its field: %j', async (rule, field) => {
  const { id } = await made(`Wrong ${field} ${JSON.stringify(rule).length}`);
  const refused = await call('PUT', `/api/queues/${id}`, { rule });
  expect(refused.json()).toMatchObject({ code: 'bad-input', data: { field } });
});

it('a user has an order of queues, without those that are gone', async () => {
  const [one, two] = [await made('One 3'), await made('Two 3')];
  const queueOrder = [two.id, one.id];
  const order = async () =>
    (await call('GET', '/api/users'))
      .json<{ users: ShownUser[] }>()
      .users.find(({ id }) => id === 'user_agent')?.queueOrder;
  await call('PUT', '/api/users/user_agent', { queueOrder });
  expect(await order()).toEqual(queueOrder);
  await call('DELETE', `/api/queues/${two.id}`);
  expect(await order()).toEqual([one.id]);
  expect((await call('PUT', '/api/users/user_agent', { queueOrder: ['nowhere'] })).json()).toMatchObject({
    code: 'bad-input',
    data: { field: 'queueOrder' },
  });
});
