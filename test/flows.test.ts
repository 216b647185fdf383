/** Callers in drawn flows, node by node, with what they and the world outside can do wrong; in virtual time. */
import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../src/protocol/errors.ts';
import type { FlowDocument } from '../src/protocol/flows.ts';
import type { WebRequest } from '../src/server/flows/node.ts';
import {
  BYE,
  collect,
  FlowWorld,
  flowOf,
  MENU_FLOW,
  type NodeText,
  SALES,
  SUPPORT,
  text,
} from './harness/flow-world.ts';

let world: FlowWorld;

afterEach(async () => {
  await world.close();
  expect(world.calls.errors).toEqual([]);
});

const open = async (document: FlowDocument) => (world = await FlowWorld.open(document));
const LONG_MS = 30_000;

/** A node whose exits lead to different places. */
const exits = (node: NodeText, ...names: string[]): Record<string, NodeText> => ({
  it: { ...node, exits: Object.fromEntries(names.map((name) => [name, `at-${name}`])) },
  ...Object.fromEntries(
    names.map((name): [string, NodeText] => [
      `at-${name}`,
      {
        kind: 'menu',
        settings: { prompt: text('x'), choices: [{ key: '0', exit: 'bye' }] },
        exits: { bye: 'bye', failed: 'bye' },
      },
    ]),
  ),
  bye: BYE,
});

describe('say', () => {
  const say = (settings: Record<string, unknown>) =>
    flowOf({ it: { kind: 'say', settings, exits: { next: 'ask' } }, ...MENU_FLOW });
  const long = 'Welcome to a company with a very long greeting. '.repeat(4);

  it('answers the caller, says the text to its end and goes on', async () => {
    await open(say({ prompt: text('Hello.') }));
    const caller = await world.call();
    expect(caller).toMatchObject({ state: 'talking', hears: 'playback' });
    expect(world.node).toBe('it');
    await world.calls.pass(3_000);
    expect(world.node).toBe('ask');
  });

  it('is cut short by a key, which the menu after it takes', async () => {
    await open(say({ prompt: text(long) }));
    const caller = await world.call();
    await world.press(caller, '2');
    expect(world.waitedIn).toEqual(['support']);
  });

  it('that may not be cut short keeps the key until it is over', async () => {
    await open(say({ prompt: text(long), interruptible: false }));
    const caller = await world.call();
    await world.press(caller, '2');
    expect(world.node).toBe('it');
    await world.calls.pass(LONG_MS);
    expect(world.waitedIn).toEqual(['support']);
  });
});

describe('menu', () => {
  it('leads where the key leads, also while the question is still being said', async () => {
    await open(flowOf(MENU_FLOW));
    const caller = await world.call();
    await world.press(caller, '1');
    expect(world.waitedIn).toEqual(['sales']);
    expect(caller.hears).toBe('music');
  });

  it('asks again after a wrong key, and after none in time, and then goes on as failed', async () => {
    await open(flowOf(MENU_FLOW));
    const caller = await world.call();
    await world.press(caller, '7');
    expect(caller.hears).toBe('playback');
    await world.calls.pass(LONG_MS);
    expect(caller).toMatchObject({ state: 'ended', cause: 'normal' });
  });
});

describe('collect digits', () => {
  it('keeps the digits as call data until the terminator', async () => {
    await open(flowOf(collect()));
    const caller = await world.call();
    await world.press(caller, '47110#');
    expect(world.data('account')).toBe('47110');
    expect(world.waitedIn).toEqual(['sales']);
  });

  it('goes on at once with the last digit that there can be, and after a pause without a terminator', async () => {
    await open(flowOf(collect({ terminator: 'none', max: 6 })));
    const first = await world.call();
    await world.press(first, '123456');
    expect(world.data('account')).toBe('123456');
    first.hangup();
    await world.calls.pass(100);
    const second = await world.call();
    await world.press(second, '1234');
    expect(world.node).toBe('ask');
    await world.calls.pass(5_000);
    expect(world.data('account')).toBe('1234');
  });

  it.each([
    ['too short a number', {}, '12#', '4711'],
    ['a wrong check digit', { check: 'luhn', max: 16 }, '4012888888881882#', '4012888888881881'],
    ['a star among the digits', {}, '12*45#', '4711'],
    ['nothing but the terminator', {}, '#', '4711'],
  ])('asks again for %s, and takes the right one then', async (_, settings, keys, right) => {
    await open(flowOf(collect(settings)));
    const caller = await world.call();
    await world.press(caller, keys);
    expect(world.data('account')).toBeUndefined();
    expect(world.node).toBe('ask');
    await world.press(caller, `${right}#`);
    expect(world.data('account')).toBe(right);
  });

  it('gives up after its tries, whether the caller is silent or wrong', async () => {
    await open(flowOf(collect()));
    const caller = await world.call();
    await world.press(caller, '1#2#');
    await world.calls.pass(LONG_MS);
    expect(caller.state).toBe('ended');
    const silent = await world.call();
    await world.calls.pass(LONG_MS);
    expect(silent.state).toBe('ended');
  });

  it('masked digits are known to the next nodes, and never written down', async () => {
    const [key, value] = ['pin', '9137'];
    await open(
      flowOf({
        ...collect({ into: key, masked: true }),
        ask: { ...collect({ into: key, masked: true }).ask, exits: { done: 'test', failed: 'bye' } },
        test: {
          kind: 'test',
          settings: { rules: [{ left: '{data:pin}', is: 'equal', right: value, exit: 'ok' }] },
          exits: { ok: 'sales', otherwise: 'bye' },
        },
      }),
    );
    const caller = await world.call();
    await world.press(caller, `${value}#`);
    expect(world.waitedIn).toEqual(['sales']);
    expect(world.data(key)).toBeUndefined();
    await world.calls.journal.drain();
    const kept = await world.database.db.query(
      'SELECT body::text FROM journal UNION ALL SELECT value::text FROM personal',
    );
    expect(JSON.stringify(kept)).not.toContain(value);
  });
});

describe('data', () => {
  it.each([
    ['equal', '{data:tier}', 'gold', 'yes'],
    ['greater', '10', '9', 'yes'],
    ['equal', '007', '7', 'otherwise'],
    ['empty', '{data:nothing}', '', 'yes'],
    ['filled', '{data:nothing}', '', 'otherwise'],
    ['contains', '{ANI}', '7946', 'yes'],
    ['starts-with', '{DNIS}', '3', 'yes'],
    ['not-equal', '{data:tier}', 'GOLD', 'otherwise'],
    ['less', 'abc', 'abd', 'yes'],
  ])('%s of %s and %s leads to %s', async (is, left, right, exit) => {
    const rules = [{ left, is, right, exit: 'yes' }];
    const test = exits({ kind: 'test', settings: { rules } }, 'yes', 'otherwise');
    await open(
      flowOf({
        set: { kind: 'set', settings: { values: [{ key: 'tier', value: 'gold' }] }, exits: { next: 'it' } },
        ...test,
      }),
    );
    await world.call();
    expect(world.node).toBe(`at-${exit}`);
  });

  it('chooses the language in which the dialogue goes on', async () => {
    await open(
      flowOf(
        {
          set: {
            kind: 'set',
            settings: { values: [{ key: 'language', value: 'de' }] },
            exits: { next: 'say' },
          },
          say: {
            kind: 'say',
            settings: { prompt: { en: { text: 'A'.repeat(400) }, de: { text: 'B' } } },
            exits: { next: 'sales' },
          },
          sales: SALES,
        },
        ['en', 'de'],
      ),
    );
    await world.call();
    await world.calls.pass(1_000);
    expect(world.waitedIn, 'the German text is over at once').toEqual(['sales']);
  });
});

describe('hours', () => {
  const HOURS = exits({ kind: 'hours', settings: { hoursId: 'office' } }, 'open', 'closed', 'holiday');

  it.each([
    ['open', { open: true }],
    ['closed', { open: false, because: 'hours' }],
    ['closed', { open: false, because: 'closure', label: 'Flood' }],
    ['holiday', { open: false, because: 'holiday', label: 'Easter' }],
  ] as const)('lead to %s', async (exit, state) => {
    await open(flowOf(HOURS));
    world.hours = state;
    await world.call();
    expect(world.node).toBe(`at-${exit}`);
  });

  it('lead to closed on a holiday that leads nowhere', async () => {
    const { it: node, 'at-holiday': _, ...rest } = HOURS;
    await open(flowOf({ it: { ...node!, exits: { open: 'at-open', closed: 'at-closed' } }, ...rest }));
    world.hours = { open: false, because: 'holiday', label: 'Easter' };
    await world.call();
    expect(world.node).toBe('at-closed');
  });
});

describe('look up in the CRM', () => {
  const settings = {
    object: 'Account',
    field: 'Number',
    value: '{ANI}',
    keep: [{ field: 'Name', key: 'name' }],
  };
  const LOOKUP = exits({ kind: 'lookup', settings }, 'found', 'missing', 'failed');
  const ACME = {
    ref: { id: 'acc_1', object: 'Account', name: 'Acme' },
    fields: { Number: '+442079460958', Name: 'Acme' },
  };

  it('matches the caller with the record, and keeps its fields', async () => {
    await open(flowOf(LOOKUP));
    world.records = [ACME];
    await world.call();
    expect(world.node).toBe('at-found');
    expect(world.matched).toEqual(['Acme']);
    expect(world.data('name')).toBe('Acme');
  });

  it.each([
    ['missing', undefined],
    ['failed', new CodedError('crm-unavailable', { crm: 'CRM', detail: '' })],
  ])('leads to %s otherwise', async (exit, error) => {
    await open(flowOf(LOOKUP));
    world.crmFails = error;
    await world.call();
    expect(world.node).toBe(`at-${exit}`);
    expect(world.matched).toEqual([]);
  });
});

describe('HTTP request', () => {
  const settings = {
    method: 'POST',
    url: 'https://api.example.com/find?number={data:what}',
    headers: [{ name: 'Authorization', value: 'Bearer {secret:shop}' }],
    body: '{"what":"{data:what}"}',
    keep: [{ path: '$.account.name', key: 'name' }],
  };
  const HTTP = {
    set: { kind: 'set', settings: { values: [{ key: 'what', value: 'a"&b' }] }, exits: { next: 'it' } },
    ...exits({ kind: 'http', settings }, 'ok', 'failed'),
  };

  it('asks with what is known, encoded, with secrets, and keeps parts of the answer', async () => {
    await open(flowOf(HTTP));
    world.secrets.shop = 'sesame';
    const asked: WebRequest[] = [];
    world.answer = (request) => {
      asked.push(request);
      return Promise.resolve({ status: 200, body: '{"account":{"name":"Acme"}}' });
    };
    await world.call();
    expect(world.node).toBe('at-ok');
    expect(asked).toEqual([
      {
        method: 'POST',
        url: 'https://api.example.com/find?number=a%22%26b',
        headers: { Authorization: 'Bearer sesame' },
        body: '{"what":"a\\"&b"}',
        timeoutMs: 5_000,
      },
    ]);
    expect(world.data('name')).toBe('Acme');
  });

  it.each([
    ['an error status', () => Promise.resolve({ status: 404, body: '{}' })],
    ['no JSON', () => Promise.resolve({ status: 200, body: '<html>' })],
    ['no answer', () => Promise.reject(new Error('connection refused'))],
  ])('fails with %s', async (_, answer) => {
    await open(flowOf(HTTP));
    world.secrets.shop = 'sesame';
    world.answer = answer;
    await world.call();
    expect(world.node).toBe('at-failed');
  });

  it('asks nobody without its secret', async () => {
    await open(flowOf(HTTP));
    world.answer = () => Promise.reject(new Error('it was asked'));
    await world.call();
    expect(world.node).toBe('at-failed');
  });
});

describe('queue', () => {
  it('lets the caller wait for an agent, who gets him with what he has keyed', async () => {
    await open(flowOf(collect()));
    await world.calls.ready('ann');
    const caller = await world.call();
    await world.press(caller, '4711#');
    await world.calls.pass(100);
    world.calls.exchange.device('ann').answer();
    await world.calls.pass(100);
    expect(caller.hears).toEqual([world.calls.exchange.device('ann').call?.legId]);
    expect(world.data('account')).toBe('4711');
  });

  it('goes on elsewhere when it has been deleted', async () => {
    await open(flowOf({ it: { ...SALES, exits: { gone: 'support' } }, support: SUPPORT }));
    world.queues.delete('sales');
    await world.call();
    expect(world.waitedIn).toEqual(['support']);
  });
});

describe('transfer', () => {
  const TRANSFER = flowOf({
    it: { kind: 'transfer', settings: { to: 'user', userId: 'ann' }, exits: { unanswered: 'number' } },
    number: {
      kind: 'transfer',
      settings: { to: 'number', number: '020 7946 0001' },
      exits: { unanswered: 'support' },
    },
    support: SUPPORT,
  });

  it('rings the user, who talks with the caller', async () => {
    await open(TRANSFER);
    const caller = await world.call();
    world.calls.exchange.device('ann').answer();
    await world.calls.pass(100);
    expect(caller.hears).toEqual([world.calls.exchange.device('ann').call?.legId]);
    world.calls.exchange.device('ann').call?.hangup();
    await world.calls.pass(100);
    expect(caller.state).toBe('ended');
  });

  it('goes on when nobody takes the call: to the number outside, and then to the queue', async () => {
    await open(TRANSFER);
    const caller = await world.call();
    await world.calls.pass(26_000);
    expect(world.node).toBe('number');
    const outside = world.calls.exchange.outside('+442079460001');
    expect(outside.call?.state).toBe('ringing');
    outside.call?.hangup();
    await world.calls.pass(200);
    expect(world.waitedIn).toEqual(['support']);
    expect(caller.state).toBe('talking');
  });
});

describe('play position, record and script', () => {
  it('tell the place and the wait when it is known', async () => {
    const settings = { queueId: 'sales', prompt: text('{data:position} {data:waitMinutes}'), unknown: {} };
    await open(flowOf({ it: { kind: 'position', settings, exits: { next: 'bye' } }, bye: BYE }));
    world.wait = { waiting: 4, waitMs: 170_000 };
    await world.call();
    expect([world.data('position'), world.data('waitMinutes')]).toEqual(['5', '3']);
  });

  it('record, and go on when nothing can be recorded', async () => {
    await open(
      flowOf({
        on: { kind: 'record', exits: { next: 'off' } },
        off: { kind: 'record', settings: { action: 'stop' }, exits: { next: 'sales' } },
        sales: SALES,
      }),
    );
    await world.call();
    expect(world.recorded).toEqual([true, false]);
    world.recordingFails = new CodedError('recording-off');
    await world.call();
    expect(world.calls.conversations.all().map(({ queueStays }) => queueStays.size)).toEqual([1, 1]);
  });

  it('hand a script over to the agent', async () => {
    await open(
      flowOf({
        it: { kind: 'script', settings: { scriptId: 'script_1' }, exits: { next: 'sales' } },
        sales: SALES,
      }),
    );
    await world.call();
    expect(world.data('script')).toBe('script_1');
  });
});

describe('callback', () => {
  const CALLBACK: NodeText = { kind: 'callback', settings: { queueId: 'sales' }, exits: { declined: 'ask' } };

  it('notes who confirms his number, tells him so and hangs him up', async () => {
    await open(flowOf({ it: CALLBACK, ...MENU_FLOW }));
    const caller = await world.call();
    await world.press(caller, '1');
    await world.calls.pass(LONG_MS);
    expect(caller.state).toBe('ended');
    expect(world.calls.waiting.callbacks.all()).toMatchObject([
      { state: 'waiting', queueId: 'sales', number: { value: '+442079460958' } },
    ]);
  });

  it('goes on with who does not', async () => {
    await open(flowOf({ it: CALLBACK, ...MENU_FLOW }));
    const caller = await world.call();
    await world.press(caller, '*');
    expect(world.node).toBe('ask');
    expect(world.calls.waiting.callbacks.all()).toEqual([]);
    await world.press(caller, '2');
    expect(world.waitedIn).toEqual(['support']);
  });
});

describe('voicemail', () => {
  it('records a message and hangs the caller up, also over a restart', async () => {
    await open(flowOf({ it: { kind: 'voicemail', settings: { to: 'queue', queueId: 'sales' } } }));
    const caller = await world.call();
    while (!world.calls.told.includes('beep')) await world.calls.pass(100);
    await world.calls.pass(2_000);
    await world.restart();
    await world.press(caller, '#');
    await world.calls.pass(LONG_MS);
    expect(caller.state).toBe('ended');
    expect(world.calls.told.filter((one) => one === 'beep')).toHaveLength(1);
  });
});
