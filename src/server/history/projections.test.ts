/** History follows real calls: routing, softphone and call control on the simulated exchange, journal and PostgreSQL. */
import { describe, expect, it } from 'vitest';
import { WRAP_MS } from '../../../test/harness/call-world.ts';
import { CALLER, type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';
import { previousCalls } from './previous-calls.ts';

const TABLES = ['conversation', 'call', 'leg', 'segment', 'call_log'];

let world: SoftphoneWorld;
worldForEachTest((fresh) => (world = fresh));

async function rows(): Promise<Record<string, object[]>> {
  await world.history.catchUp();
  const entries = await Promise.all(
    TABLES.map(
      async (table) =>
        [table, await world.database.db.query(`SELECT * FROM ${table} ORDER BY 1, 2`)] as const,
    ),
  );
  return Object.fromEntries(entries);
}

/** A call that waits 5 s, rings 2 s, talks 10 s of which 3 s on hold, and is wrapped up for 4 s. */
async function wholeCall(): Promise<string> {
  const page = world.page('ann');
  await world.pass(50);
  const caller = await world.call('100', CALLER);
  await world.pass(5_000);
  await page.command({ verb: 'agent.state', state: 'ready' });
  await world.pass(2_000);
  const lineId = page.line.id;
  await page.command({ verb: 'answer', lineId });
  await world.pass(4_000);
  await page.command({ verb: 'hold', lineId });
  await world.pass(3_000);
  await page.command({ verb: 'retrieve', lineId });
  await world.pass(3_000);
  await page.command({ verb: 'log.edit', lineId, comments: 'all well', disposition: 'd1' });
  caller.hangup();
  await world.pass(4_000);
  await page.command({ verb: 'wrap.finish', lineId });
  await world.pass(1_000);
  return lineId;
}

const about = (ms: number) => ({
  asymmetricMatch: (value: unknown) => typeof value === 'number' && Math.abs(value - ms) <= 200,
});

describe('history', () => {
  it('tells of a call: its legs, its segments with their times, its log', async () => {
    const id = await wholeCall();
    const found = await rows();
    expect(found['conversation']).toMatchObject([{ id, ended_at: expect.any(Number) }]);
    expect(found['call']).toMatchObject([
      { conversation_id: id, direction: 'inbound', ani: { value: CALLER }, cause: 'normal' },
    ]);
    expect(found['leg']?.map((leg) => (leg as { role: string }).role).sort()).toEqual(['agent', 'customer']);
    const agent = found['segment']?.find((s) => (s as { kind: string }).kind === 'agent');
    const queue = found['segment']?.find((s) => (s as { kind: string }).kind === 'queue');
    expect(agent).toMatchObject({
      user_id: 'ann',
      queue_id: 'sales',
      disposition: 'd1',
      talk_ms: about(7_000),
      hold_ms: about(3_000),
      wrap_ms: about(4_000),
    });
    expect(queue).toMatchObject({ queue_id: 'sales', outcome: 'answered' });
    expect(found['call_log']).toMatchObject([
      { conversation_id: id, user_id: 'ann', comments: 'all well', disposition: 'd1', state: 'closed' },
    ]);
  });

  it('tells the same when it is made anew by replaying the journal', async () => {
    await wholeCall();
    await world.call('100', '+442079460001'); // waits
    await world.pass(200);
    const before = await rows();
    expect(before['conversation']).toHaveLength(2);
    await world.database.db.query(`UPDATE call_log SET comments = 'spoilt'`);
    await world.history.rebuild();
    expect(await rows()).toEqual(before);
  });

  it('goes on where it was after our process died, in the middle of a call', async () => {
    const page = await world.agent('ann');
    const caller = await world.call('100', CALLER);
    await page.command({ verb: 'answer', lineId: page.line.id });
    await world.pass(60);
    const { legId = '' } = page.line;
    await rows();
    await world.stop();
    await world.startProcess();
    world.page('ann', 'ann-tab-1', { legs: [legId] });
    await world.pass(100);
    caller.hangup();
    await world.pass(WRAP_MS + 2_000);
    const before = await rows();
    expect(before['call_log']).toMatchObject([{ state: 'closed' }]);
    await world.history.rebuild();
    expect(await rows()).toEqual(before);
  });

  it('that fails does not reach the calls, and catches up when it can', async () => {
    await world.database.db.query('ALTER TABLE segment RENAME TO segment_gone');
    const page = await world.agent('ann');
    await world.call('100', CALLER);
    expect(await page.command({ verb: 'answer', lineId: page.line.id })).toBe(true);
    await world.pass(200);
    expect(page.line.state).toBe('connected');
    await world.database.db.query('ALTER TABLE segment_gone RENAME TO segment');
    await world.pass(5_000);
    expect(world.errors.splice(0).every((error) => error.startsWith('history: '))).toBe(true);
    expect(await world.database.db.query('SELECT * FROM segment')).toHaveLength(2);
  });

  it('keeps an abandoned call as a queue segment without an agent, and no log', async () => {
    const caller = await world.call('100', CALLER);
    await world.pass(3_000);
    caller.hangup();
    await world.pass(200);
    const found = await rows();
    expect(found['segment']).toMatchObject([{ kind: 'queue', outcome: 'abandoned', answered_at: null }]);
    expect(found['call_log']).toEqual([]);
  });

  it('lists the previous calls of a user with what became of their logs', async () => {
    const id = await wholeCall();
    await rows();
    expect(await previousCalls(world.database.db, 'ann', 10)).toMatchObject([
      { conversationId: id, peer: { value: CALLER }, save: 'saved', crmRef: { object: 'Task' } },
    ]);
    await world.history.rebuild();
    expect(await previousCalls(world.database.db, 'ann', 10)).toMatchObject([
      { conversationId: id, save: 'saved' },
    ]);
    expect(await previousCalls(world.database.db, 'bob', 10)).toEqual([]);
  });
});
