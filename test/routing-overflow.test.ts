/** Callers whom the rule of their queue sends elsewhere: who is told of them, when and why; places and predicted waits. */
import { expect, it } from 'vitest';
import type { z } from 'zod';
import { QueueRule } from '../src/protocol/queue-rules.ts';
import type { Overflowed } from '../src/server/routing/ports.ts';
import { CallWorld } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

const hangup = { kind: 'hangup' as const, text: 'Please call again.' };

async function open(rule: z.input<typeof QueueRule>) {
  const world = await CallWorld.open({
    agents: ['ann'],
    journal: (clock) => new MemoryJournal(clock, () => 0),
  });
  world.queueRules = { sales: QueueRule.parse(rule) };
  world.routing.settingsChanged();
  const told: Overflowed[] = [];
  world.routing.events.on('overflow', (leaving) => void told.push(leaving));
  const itemOf = (ani: string) => {
    const conversation = world.conversations
      .all()
      .find((one) => [...one.calls.values()][0]?.ani.value === ani);
    return [...(conversation?.queueStays.keys() ?? [])].at(-1) ?? '';
  };
  return { world, told, reasons: () => told.map(({ reason }) => reason), itemOf };
}

it('tells after the longest wait, once', async () => {
  const { world, told } = await open({ maxWait: { afterMs: 60_000, target: hangup } });
  await world.call();
  await world.pass(59_000);
  expect(told).toEqual([]);
  await world.pass(1_000);
  expect(told).toMatchObject([{ queueId: 'sales', reason: 'max-wait', target: hangup }]);
  await world.pass(120_000);
  expect([told.length, world.routing.waiting('sales')]).toEqual([1, 0]);
  await world.stop();
});

it('waits with it while somebody is rung for the caller', async () => {
  const { world, reasons } = await open({ overflow: [{ when: 'wait', afterMs: 10_000, target: hangup }] });
  await world.ready('ann');
  await world.call();
  await world.pass(12_000);
  expect([world.shown('ann'), reasons()]).toEqual(['offered', []]);
  await world.routing.decline('ann', world.routing.agent('ann').offer?.offerId ?? '');
  expect(reasons()).toEqual(['wait']);
  await world.stop();
});

it.each([
  ['length', { overflow: [{ when: 'length' as const, waiting: 1, target: hangup }] }],
  ['full', { full: { waiting: 1, target: hangup } }],
])('tells of who comes while too many wait: %s', async (reason, rule) => {
  const { world, reasons } = await open(rule);
  await world.call('100', '+442079460001');
  expect(reasons()).toEqual([]);
  await world.call('100', '+442079460002');
  expect(reasons()).toEqual([reason]);
  await world.stop();
});

it('a queue in which nobody may wait has calls for who is ready', async () => {
  const { world, reasons } = await open({ full: { waiting: 0, target: hangup } });
  await world.ready('ann');
  await world.call('100', '+442079460001');
  expect([world.shown('ann'), reasons()]).toEqual(['offered', []]);
  await world.call('100', '+442079460002');
  expect(reasons()).toEqual(['full']);
  await world.stop();
});

it('tells of who waits when the hours end, and of who comes outside of them before he is offered', async () => {
  const { world, told, reasons } = await open({ closed: { target: hangup } });
  await world.call('100', '+442079460001');
  await world.pass(120_000);
  expect(reasons()).toEqual([]);
  world.closedQueues = ['sales'];
  await world.pass(60_000);
  expect(reasons()).toEqual(['closed']);
  told.length = 0;
  await world.ready('ann');
  await world.call('100', '+442079460002');
  expect([reasons(), world.shown('ann')]).toEqual([['closed'], 'ready']);
  await world.stop();
});

it('sends nobody to a queue in which he was before', async () => {
  const { world, told } = await open({ full: { waiting: 0, target: { kind: 'queue', queueId: 'sales' } } });
  await world.call();
  expect(told).toEqual([]);
  await world.stop();
});

it('knows each caller’s place, by the priority that grows as he waits', async () => {
  const { world, itemOf } = await open({ ageing: { points: 1, everyMs: 10_000 } });
  await world.call('100', '+442079460001');
  await world.pass(5_000);
  await world.call('100', '+442079460002');
  const places = () => ['+442079460001', '+442079460002'].map((ani) => world.routing.position(itemOf(ani)));
  expect(places()).toEqual([1, 2]);
  expect(world.routing.position('nothing')).toBeUndefined();
  await world.stop();
});

it('predicts a wait honestly once it has seen enough, by how fast callers were answered while others waited', async () => {
  const { world, itemOf } = await open({});
  const anis = Array.from({ length: 14 }, (_, n) => `+4420794601${String(10 + n)}`);
  for (const ani of anis) await world.call('100', ani);
  const last = itemOf(anis.at(-1) ?? '');
  expect(world.routing.estimate(last)).toEqual({ ms: 0, honest: false });
  for (let n = 0; n < 12; n++) {
    await world.ready('ann');
    await world.pass(1_000);
    world.exchange.device('ann').answer();
    await world.pass(19_000);
    world.exchange.device('ann').hangup();
    await world.pass(5);
    const wrap = world.routing.agent('ann').wrap?.conversationId;
    if (wrap) await world.routing.finishWrap('ann', wrap);
    const estimate = world.routing.estimate(last);
    expect(estimate?.honest, `after ${n + 1} answers`).toBe(n >= 10);
    const place = world.routing.position(last) ?? 0;
    if (n > 0) expect(Math.abs((estimate?.ms ?? 0) - 20_000 * place)).toBeLessThan(500 * place);
  }
  await world.stop();
});
