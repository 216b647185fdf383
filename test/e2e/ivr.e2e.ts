/** A drawn flow on the real telephone system: a caller keys digits by RFC 4733, gets to the right queue, and his account pops. */
import { beforeAll, expect, it } from 'vitest';
import type { CrmRecord } from '../../src/protocol/crm.ts';
import type { Flow, FlowDocument } from '../../src/protocol/flows.ts';
import type { ShownQueue } from '../../src/protocol/setup.ts';
import type { Caller } from './caller.ts';
import { ADA, LOUD, Stage } from './stage.ts';

const stage = Stage.forThisFile();

const NUMBER = '300';
const ACCOUNT = { name: 'Swift Cycles', number: '4711' };
const at = { x: 0, y: 0 };
const en = (text: string) => ({ en: { text } });

interface Parts {
  field: string;
  support: string;
}

/** Ask for the account, look it up, ask what he wants, queue. */
function accountFlow({ field, support }: Parts): FlowDocument {
  const node = (id: string, kind: string, settings: object, exits: Record<string, string> = {}) => ({
    id,
    kind,
    label: '',
    settings: settings as Record<string, unknown>,
    exits,
    at,
  });
  return {
    languages: ['en'],
    start: 'account',
    nodes: [
      node(
        'account',
        'collect',
        { prompt: en('Please enter your account number.'), into: 'account', min: 4, max: 8, timeout: 3 },
        { done: 'find', failed: 'bye' },
      ),
      node(
        'find',
        'lookup',
        { object: 'Account', field, value: '{data:account}' },
        { found: 'wish', missing: 'bye', failed: 'bye' },
      ),
      node(
        'wish',
        'menu',
        { prompt: en('For support press two.'), choices: [{ key: '2', exit: 'support' }], timeout: 20 },
        { support: 'support', failed: 'bye' },
      ),
      node('support', 'queue', { queueId: support }),
      node('bye', 'hangup', { prompt: en('Goodbye.') }),
    ],
  };
}

/** Sound of ours reaches the caller: a prompt is being said. */
async function isSpokenTo(caller: Caller): Promise<void> {
  await expect.poll(() => caller.ear.loudness, { timeout: 20_000 }).toBeGreaterThan(LOUD);
}

async function press(caller: Caller, keys: string): Promise<void> {
  for (const key of keys) {
    caller.ear.press(key);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

beforeAll(async () => {
  const { product } = stage;
  const field = await product.post<{ name: string }>(
    '/api/crm-objects/Account/fields',
    { label: 'Account number', type: 'text' },
    'admin',
  );
  const { records } = await product.api<{ records: CrmRecord[] }>(
    `/api/crm/search?q=${encodeURIComponent(ACCOUNT.name)}`,
    'admin',
  );
  const account = records.find(({ object, name }) => object === 'Account' && name === ACCOUNT.name);
  await product.patch(
    `/api/crm/Account/${account?.id}`,
    { fields: { [field.name]: ACCOUNT.number } },
    'admin',
  );
  const { queues } = await product.api<{ queues: ShownQueue[] }>('/api/queues', 'admin');
  const support = queues.find(({ label }) => label === 'Support')?.id ?? '';
  const document = accountFlow({ field: field.name, support });
  const flow = await product.post<Flow>('/api/flows', { label: 'Account', document }, 'admin');
  expect(flow.problems).toEqual([]);
  await product.post(`/api/flows/${flow.id}/publish`, { rev: flow.rev }, 'admin');
  await product.post('/api/numbers', { dnis: NUMBER, label: 'Hotline', flowId: flow.id }, 'admin');
});

it('his account pops by the number that he keys, not by the one he calls from, at an agent of the queue that he chooses', async () => {
  const desk = await stage.readyDesk();
  const caller = await stage.call({ to: NUMBER, number: ADA.number });
  await isSpokenTo(caller);
  await press(caller, `${ACCOUNT.number}#`);
  caller.ear.reset();
  await isSpokenTo(caller);
  await press(caller, '2');
  await desk.lineIs('alerting');
  await desk.page.getByTestId('record-name').filter({ hasText: ACCOUNT.name }).waitFor();
  await desk.press('answer');
  await desk.lineIs('connected');
  caller.ear.reset();
  await desk.hearsSound();
  expect(caller.ear.loudness).toBeGreaterThan(LOUD);
  await desk.press('hangup');
  await caller.finished();
  await desk.finishWrapUp();
});

it('the server is killed while he is asked: he is asked again by the next one, which knows what he has keyed', async () => {
  const caller = await stage.call({ to: NUMBER, number: ADA.number });
  await isSpokenTo(caller);
  await press(caller, `${ACCOUNT.number}#`);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await stage.product.kill();
  await stage.product.start();
  caller.ear.reset();
  await isSpokenTo(caller);
  const desk = await stage.readyDesk();
  await press(caller, '2');
  await desk.lineIs('alerting');
  await desk.page.getByTestId('record-name').filter({ hasText: ACCOUNT.name }).waitFor();
  await desk.press('answer');
  await desk.lineIs('connected');
  await desk.press('hangup');
  await caller.finished();
  await desk.finishWrapUp();
});
