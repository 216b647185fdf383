/** Rules of queues and orders of queues in the file: exported by names, applied again, refused where a name leads nowhere. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { ConfigurationFile } from '../../protocol/configuration.ts';
import { PLAIN_RULE } from '../../protocol/queue-rules.ts';
import type { ShownQueue } from '../../protocol/setup.ts';

let test: TestApi;
let admin: string;
beforeAll(async () => {
  test = await TestApi.create();
  admin = await test.tokenOf('administrator');
});
afterAll(() => test.close());

const call = (method: 'GET' | 'POST' | 'PUT', url: string, body?: object) =>
  test.call(method, url, admin, body);

it('exports rules by names, and applies them again', async () => {
  const made = async (label: string) => (await call('POST', '/api/queues', { label })).json<ShownQueue>();
  const [one, two] = [await made('Rule one'), await made('Rule two')];
  const rule = {
    helpers: [{ queueId: two.id, afterMs: 60_000 }],
    overflow: [{ when: 'wait', afterMs: 300_000, target: { kind: 'queue', queueId: two.id } }],
    closed: { target: { kind: 'hangup', text: 'Closed.' } },
  };
  await call('PUT', `/api/queues/${one.id}`, { rule });
  await call('PUT', '/api/users/user_agent', { queueOrder: [two.id, one.id] });
  const file = (await call('GET', '/api/configuration')).json<Record<string, Record<string, unknown>>>();
  expect(file.queueRules).toMatchObject({
    'Rule one': {
      helpers: [{ queue: 'Rule two' }],
      overflow: [{ target: { kind: 'queue', queue: 'Rule two' } }],
    },
  });
  expect(Object.values(file.queueOrder ?? {})).toEqual([{ queues: ['Rule two', 'Rule one'] }]);
  const stored = () => test.callCenter.queue(one.id)?.rule;
  const before = stored();
  const whole = file as unknown as ConfigurationFile;
  expect(await test.configuration.plan(whole)).toMatchObject({ changes: [], problems: [] });
  expect(await test.configuration.apply({ ...whole, queueRules: {}, queueOrder: {} })).toMatchObject({
    applied: true,
  });
  expect([stored(), test.callCenter.queueOrder('user_agent')]).toEqual([PLAIN_RULE, []]);
  expect(await test.configuration.apply(whole)).toMatchObject({ applied: true, problems: [] });
  expect([stored(), test.callCenter.queueOrder('user_agent')]).toEqual([before, [two.id, one.id]]);
});
