/** What agents choose while they work, and what calls that they do not answer make of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, RING_MS, WRAP_MS } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

let world: CallWorld;
let journal: MemoryJournal;

beforeEach(async () => {
  world = await CallWorld.open({
    agents: ['ann', 'bob'],
    journal: (clock) => (journal = new MemoryJournal(clock, () => 1)),
  });
});

afterEach(async () => {
  await world.stop();
  expect(world.errors).toEqual([]);
});

const agent = (userId = 'ann') => world.routing.agent(userId);

async function choose(state: 'ready' | 'not-ready' | 'logged-out', reason?: string, by = 'ann') {
  const chosen = world.routing.setRequested('ann', state, reason, by);
  await world.pass(5);
  await chosen;
}

async function talk(): Promise<SimulatedParty> {
  await world.ready('ann');
  const caller = await world.call();
  world.exchange.device('ann').answer();
  await world.pass(50);
  expect(agent().shown).toBe('talking');
  return caller;
}

async function hangUp(caller: SimulatedParty): Promise<void> {
  caller.hangup();
  await world.pass(50);
}

/** Event types of the agent's stream, with the state that they are about. */
const journalled = () =>
  journal.entries
    .filter(({ stream }) => stream === 'agent:ann')
    .map(({ type, body }: { type: string; body: { state?: string; shown?: string } }) =>
      [type, body.state ?? body.shown].join(' '),
    );

describe('a state that is chosen during a call', () => {
  it('is pending until call and wrap-up are over', async () => {
    const caller = await talk();
    await choose('not-ready', 'lunch');
    expect(agent()).toMatchObject({
      shown: 'talking',
      requested: { state: 'ready' },
      pending: { state: 'not-ready', reason: 'lunch' },
    });
    await hangUp(caller);
    expect(agent()).toMatchObject({ shown: 'wrap-up', pending: { state: 'not-ready' } });
    await world.pass(WRAP_MS);
    expect(agent()).toMatchObject({ shown: 'not-ready', requested: { state: 'not-ready', reason: 'lunch' } });
    expect(agent().pending).toBeUndefined();
    expect(journalled().slice(-5)).toEqual([
      'agent.changed talking',
      'agent.pending not-ready',
      'agent.changed wrap-up',
      'agent.requested not-ready',
      'agent.changed not-ready',
    ]);
  });

  it('can be another one, and can be taken back', async () => {
    const caller = await talk();
    await choose('logged-out', 'shift');
    await choose('not-ready', 'lunch');
    expect(agent().pending).toMatchObject({ state: 'not-ready', reason: 'lunch' });
    await choose('ready');
    expect(agent().pending).toBeUndefined();
    await hangUp(caller);
    await world.pass(WRAP_MS);
    expect(agent().shown).toBe('ready');
  });

  it('takes the wrap-up’s place where the queue says so, unless that needs a code', async () => {
    world.agentRules.sales = { pendingState: 'instead-of-wrap-up' };
    let caller = await talk();
    await choose('logged-out', 'shift');
    await hangUp(caller);
    expect(agent()).toMatchObject({ shown: 'logged-out', requested: { reason: 'shift' } });
    world.needCode.add('sales');
    await choose('ready');
    caller = await talk();
    await choose('logged-out');
    await hangUp(caller);
    expect(agent().shown).toBe('wrap-up');
    await world.pass(WRAP_MS);
    expect(agent().shown).toBe('logged-out');
  });

  it('ends a wrap-up that is running already where the queue says so, also when it is the same', async () => {
    world.agentRules.sales = { pendingState: 'instead-of-wrap-up' };
    const caller = await talk();
    await hangUp(caller);
    expect(agent().shown).toBe('wrap-up');
    await choose('ready');
    expect(agent().shown).toBe('ready');
  });

  it('waits for the end of a wrap-up elsewhere', async () => {
    const caller = await talk();
    await hangUp(caller);
    await choose('logged-out');
    expect(agent()).toMatchObject({ shown: 'wrap-up', pending: { state: 'logged-out' } });
    await world.routing.finishWrap('ann', agent().wrap?.conversationId ?? '');
    expect(agent().shown).toBe('logged-out');
  });

  it('waits for the end of all calls, and no call is offered in between', async () => {
    const caller = await talk();
    await world.routing.reserve('ann', 'conv_other');
    await choose('not-ready', 'lunch');
    const waiting = await world.call();
    await hangUp(caller);
    await world.pass(WRAP_MS);
    expect(agent()).toMatchObject({ shown: 'talking', pending: { state: 'not-ready' } });
    world.routing.release('ann', 'conv_other');
    expect(agent().shown).toBe('not-ready');
    await world.pass(100);
    expect(agent().offer).toBeUndefined();
    expect(waiting.state).not.toBe('ended');
  });

  it.each(['while it is being dialled', 'after it has failed'])(
    'of an outbound call is kept, chosen %s',
    async (when) => {
      await world.ready('ann');
      await world.routing.reserve('ann', 'conv_out');
      if (when === 'while it is being dialled') await choose('logged-out');
      world.routing.release('ann', 'conv_out');
      if (when === 'after it has failed') await choose('logged-out');
      expect(agent()).toMatchObject({ shown: 'logged-out', requested: { state: 'logged-out' } });
    },
  );

  it('while it rings declines and holds at once', async () => {
    await world.ready('ann');
    await world.call();
    expect(agent().shown).toBe('offered');
    await choose('not-ready', 'lunch');
    expect(agent()).toMatchObject({ shown: 'not-ready', requested: { reason: 'lunch' } });
  });
});

describe('states that are chosen while others are being written', () => {
  /** The next `count` commits fail. */
  function refuse(count: number): void {
    const commit = journal.commit.bind(journal);
    let left = count;
    journal.commit = (events, also) =>
      left-- > 0
        ? commit(events, () => Promise.reject(new Error('the database is away')))
        : commit(events, also);
  }

  it('are done in the order in which they were chosen: the last one holds', async () => {
    await world.ready('ann');
    const all = [
      world.routing.setRequested('ann', 'not-ready', 'lunch', 'ann'),
      world.routing.setRequested('ann', 'logged-out', undefined, 'ann'),
      world.routing.setRequested('ann', 'ready', undefined, 'ann'),
    ];
    expect(agent().shown).toBe('ready');
    await world.pass(20);
    await Promise.all(all);
    expect(agent().shown).toBe('ready');
  });

  it('go back to what was durable when they are refused', async () => {
    await world.ready('ann');
    refuse(1);
    const refused = world.routing.setRequested('ann', 'not-ready', 'lunch', 'ann').catch(String);
    await world.pass(20);
    expect(await refused).toContain('the database is away');
    expect(agent()).toMatchObject({ shown: 'ready', requested: { state: 'ready' } });
  });

  it('do not go back when another was chosen since', async () => {
    await world.ready('ann');
    refuse(1);
    const refused = world.routing.setRequested('ann', 'logged-out', undefined, 'ann').catch(String);
    const chosen = world.routing.setRequested('ann', 'not-ready', 'lunch', 'ann');
    await world.pass(20);
    expect(await refused).toContain('the database is away');
    await chosen;
    expect(agent()).toMatchObject({ shown: 'not-ready', requested: { reason: 'lunch' } });
  });

  it('go back past one that was refused before', async () => {
    await world.ready('ann');
    refuse(2);
    const refused = [
      world.routing.setRequested('ann', 'logged-out', undefined, 'ann').catch(String),
      world.routing.setRequested('ann', 'not-ready', 'lunch', 'ann').catch(String),
    ];
    await world.pass(20);
    await Promise.all(refused);
    expect(agent().shown).toBe('ready');
  });
});

describe('a call that is not answered', () => {
  it('makes the agent not ready with “No answer”, and the caller is first again', async () => {
    await world.ready('ann');
    const first = await world.call('100', '+442079460001');
    await world.call('100', '+442079460002');
    const { callId } = agent().offer ?? {};
    await world.pass(RING_MS);
    expect(agent()).toMatchObject({ shown: 'not-ready', requested: { reason: 'no-answer' } });
    await world.ready('bob');
    expect(agent('bob').offer?.callId).toBe(callId);
    expect(first.state).not.toBe('ended');
  });

  it.each([
    [{ state: 'not-ready', reasonId: 'lunch', after: 1 }, 'not-ready', 'lunch'],
    [{ state: 'logged-out', reasonId: 'shift', after: 1 }, 'logged-out', 'shift'],
    [{ state: 'logged-out', reasonId: null, after: 1 }, 'logged-out', undefined],
  ] as const)('makes him what the queue says: %j', async (noAnswer, shown, reason) => {
    world.agentRules.sales = { noAnswer };
    await world.ready('ann');
    await world.call();
    await world.pass(RING_MS);
    expect(agent().shown).toBe(shown);
    expect(agent().requested.reason).toBe(reason);
  });

  it('goes on to the next where he stays ready, and comes back to him', async () => {
    world.agentRules.sales = { noAnswer: { state: 'ready', reasonId: null, after: 1 } };
    await world.ready('ann');
    await world.pass(10);
    await world.ready('bob');
    await world.call();
    expect([agent().shown, agent('bob').shown]).toEqual(['offered', 'ready']);
    await world.pass(RING_MS);
    expect([agent().shown, agent('bob').shown]).toEqual(['ready', 'offered']);
    await world.pass(RING_MS);
    expect([agent().shown, agent('bob').shown]).toEqual(['offered', 'ready']);
  });

  it('counts in a row: one that he answers in between begins anew', async () => {
    world.agentRules.sales = { noAnswer: { state: 'not-ready', reasonId: null, after: 2 } };
    await world.ready('ann');
    let caller = await world.call();
    await world.pass(RING_MS);
    expect(agent().shown).toBe('offered');
    world.exchange.device('ann').answer();
    await world.pass(50);
    await hangUp(caller);
    await world.pass(WRAP_MS);
    caller = await world.call();
    await world.pass(RING_MS);
    expect(agent().shown).toBe('offered');
    await world.pass(RING_MS);
    expect(agent()).toMatchObject({ shown: 'not-ready', requested: { reason: 'no-answer' } });
    expect(caller.state).not.toBe('ended');
  });
});

describe('a wrap-up', () => {
  const wrap = () => {
    const { conversationId = '', endsAt = 0 } = agent().wrap ?? {};
    return { conversationId, left: endsAt - world.clock.now() };
  };

  it('is given more time as often as the queue says', async () => {
    world.agentRules.sales = { wrapExtensions: 2 };
    await hangUp(await talk());
    const { conversationId, left } = wrap();
    for (const more of [30_000, 60_000]) {
      const extended = world.routing.extendWrap('ann', conversationId);
      await world.pass(5);
      await extended;
      expect(wrap().left).toBeGreaterThan(left + more - 100);
    }
    await expect(world.routing.extendWrap('ann', conversationId)).rejects.toMatchObject({ code: 'too-many' });
    await world.pass(WRAP_MS + 60_000);
    expect(agent().shown).toBe('ready');
  });

  it('is ended by a supervisor, and that is written down', async () => {
    await hangUp(await talk());
    const { conversationId } = wrap();
    await world.routing.finishWrap('ann', conversationId, 'sofia');
    expect(agent().shown).toBe('ready');
    expect(journal.entries.filter(({ type }) => type === 'wrap.ended')).toMatchObject([
      { body: { how: 'supervisor' } },
    ]);
    await expect(world.routing.finishWrap('ann', conversationId)).rejects.toMatchObject({
      code: 'no-such-line',
    });
  });
});
