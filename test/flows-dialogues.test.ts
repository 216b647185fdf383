/** Dialogues in drawn flows that end, fail, are restarted and are begun by others; in virtual time. */
import { afterEach, describe, expect, it } from 'vitest';
import type { FlowDocument } from '../src/protocol/flows.ts';
import { QueueRule } from '../src/protocol/queue-rules.ts';
import { BYE, collect, FlowWorld, flowOf, MENU, MENU_FLOW, SUPPORT, text } from './harness/flow-world.ts';

let world: FlowWorld;
let expected: string[] = [];

afterEach(async () => {
  await world.close();
  expect(world.calls.errors).toEqual(expected);
  expected = [];
});

const open = async (document: FlowDocument) => (world = await FlowWorld.open(document));
const LONG_MS = 30_000;

const LOOKUP = {
  kind: 'lookup',
  settings: { object: 'A', field: 'B', value: 'c' },
  exits: { found: 'bye', missing: 'bye', failed: 'bye' },
};

describe('a queue’s rule that leads into a flow', () => {
  it('has the caller begin there, and go on at its node after a restart', async () => {
    await open(flowOf(MENU_FLOW));
    const caller = await world.call();
    await world.press(caller, '1');
    const { conversation, callId } = world.calls;
    world.calls.waiting.lead(conversation.id, callId, { kind: 'flow', flowId: 'flow_1' });
    await world.calls.pass(200);
    expect(world.node).toBe('ask');
    await world.calls.pass(3_000);
    await world.restart();
    expect(world.calls.flowsBegun).toEqual(['flow_1']);
    await world.press(caller, '2');
    expect(world.waitedIn).toEqual(['sales', 'support']);
  });
});

describe('a queue node that asks for skills', () => {
  const asking = (requirements: object[]) =>
    flowOf({ wait: { kind: 'queue', settings: { queueId: 'sales', requirements } } });

  it('has the caller wait for an agent who has them, also after a restart', async () => {
    await open(asking([{ skillId: 'french', minimum: 3 }]));
    const { calls } = world;
    calls.levels = { ann: { french: 2 }, bob: { french: 3 } };
    await calls.ready('ann');
    await world.call();
    await calls.pass(1_000);
    expect(calls.shown('ann')).toBe('ready');
    await world.restart();
    await calls.ready('ann');
    await calls.pass(1_000);
    expect(calls.shown('ann')).toBe('ready');
    await calls.ready('bob');
    await calls.pass(100);
    expect(calls.shown('bob')).toBe('offered');
  });

  it('lets go of them where the queue’s rule asks for nothing any more', async () => {
    await open(asking([{ skillId: 'french', minimum: 3 }]));
    const { calls } = world;
    calls.queueRules = { sales: QueueRule.parse({ steps: [{ afterMs: 20_000, requirements: [] }] }) };
    calls.routing.settingsChanged();
    await calls.ready('ann');
    await world.call();
    await calls.pass(19_000);
    expect(calls.shown('ann')).toBe('ready');
    await calls.pass(1_000);
    expect(calls.shown('ann')).toBe('offered');
  });
});

describe('a dialogue', () => {
  it('ends at once when the caller hangs up, whatever it was waiting for', async () => {
    await open(flowOf(MENU_FLOW));
    const caller = await world.call();
    caller.hangup();
    await world.calls.pass(50);
    expect(world.calls.conversations.all()).toEqual([]);
    await world.calls.pass(LONG_MS);
    expect(world.calls.happened.filter((type) => type === 'queue.entered')).toEqual([]);
  });

  it('that fails tells the caller, and hangs up', async () => {
    await open(flowOf({ it: LOOKUP, bye: BYE }));
    world.crmFails = new TypeError('a bug');
    const caller = await world.call();
    expect(caller.hears).toBe('playback');
    await world.calls.pass(LONG_MS);
    expect(caller).toMatchObject({ state: 'ended', cause: 'normal' });
    expected = ['a flow: a bug'];
  });

  it('that goes round without asking anything is ended: with an apology, and the node is named', async () => {
    const again = {
      kind: 'transfer',
      settings: { to: 'user', userId: 'gone' },
      exits: { unanswered: 'again' },
    };
    await open(flowOf({ again }));
    const caller = await world.call();
    await world.calls.pass(LONG_MS);
    expect(caller).toMatchObject({ state: 'ended', cause: 'normal' });
    expected = ['a flow: it goes round at again: 500 nodes without asking the caller anything'];
  });

  it('that goes round and asks goes on for as long as the caller stays', async () => {
    const { ask, sales, support } = MENU_FLOW;
    const settings = { ...ask.settings, timeout: 1, tries: 1 };
    await open(flowOf({ ask: { ...ask, settings, exits: { ...ask.exits, failed: 'ask' } }, sales, support }));
    const caller = await world.call();
    const rounds = () => world.calls.happened.filter((type) => type === 'flow.entered').length;
    while (rounds() < 600) await world.calls.pass(60_000);
    expect(caller.state).toBe('talking');
    await world.press(caller, '1');
    expect(world.waitedIn).toEqual(['sales']);
  });

  it('keeps the version that it began with, also after a restart', async () => {
    await open(flowOf(MENU_FLOW));
    const caller = await world.call();
    world.publish(
      flowOf({ ask: { ...MENU, exits: { sales: 'bye', support: 'bye', failed: 'bye' } }, bye: BYE }),
    );
    await world.restart();
    expect(world.node).toBe('ask');
    await world.press(caller, '1');
    expect(world.waitedIn).toEqual(['sales']);
  });

  it.each(Object.keys(MENU_FLOW).filter((node) => node !== 'bye'))(
    'goes on at %s after a restart, and gets the caller to an agent',
    async (node) => {
      await open(flowOf(MENU_FLOW));
      const caller = await world.call();
      if (node !== 'ask') await world.press(caller, node === 'sales' ? '1' : '2');
      expect(world.node).toBe(node);
      await world.calls.pass(3_000);
      await world.restart();
      expect(caller.state).toBe('talking');
      if (node === 'ask') await world.press(caller, '1');
      await world.calls.ready('ann');
      await world.calls.pass(200);
      world.calls.exchange.device('ann').answer();
      await world.calls.pass(100);
      expect(caller.hears).toEqual([world.calls.exchange.device('ann').call?.legId]);
    },
  );

  it('asks for digits anew after a restart, with what was collected before', async () => {
    await open(
      flowOf({
        ...collect(),
        ask: { ...collect().ask, exits: { done: 'second', failed: 'bye' } },
        second: {
          kind: 'collect',
          settings: { prompt: text('Order?'), into: 'order', min: 2, max: 4 },
          exits: { done: 'sales', failed: 'bye' },
        },
      }),
    );
    const caller = await world.call();
    await world.press(caller, '4711#');
    await world.press(caller, '1');
    await world.restart();
    await world.press(caller, '99#');
    expect([world.data('account'), world.data('order')]).toEqual(['4711', '99']);
    expect(world.waitedIn).toEqual(['sales']);
  });

  it('that was transferring goes on as unanswered after a restart in which nobody took the call', async () => {
    await open(
      flowOf({
        it: { kind: 'transfer', settings: { to: 'user', userId: 'ann' }, exits: { unanswered: 'support' } },
        support: SUPPORT,
      }),
    );
    const caller = await world.call();
    await world.calls.stop();
    world.calls.exchange.device('ann').call?.hangup();
    await world.calls.startProcess();
    await world.calls.pass(200);
    expect(world.waitedIn).toEqual(['support']);
    expect(caller.state).toBe('talking');
  });

  it('gives way to whoever the caller is given to', async () => {
    await open(flowOf(MENU_FLOW));
    const caller = await world.call();
    await world.press(caller, '1');
    const { conversation, callId } = world.calls;
    expect(world.calls.flow.enterFlow(conversation.id, callId, 'flow_1')).toBe(true);
    await world.calls.pass(200);
    expect(world.node).toBe('ask');
  });
});

it('an emergency message is heard to its end before the flow, and the recording’s announcement after it', async () => {
  await open(flowOf(MENU_FLOW));
  world.calls.closed = () => ({ flowId: 'flow_1', notice: 'There is a fault.', announcement: 'Recorded.' });
  const caller = await world.call();
  expect(caller.hears).toBe('playback');
  expect(world.node).toBeUndefined();
  await world.calls.pass(4_000);
  expect(world.node).toBe('ask');
});
