/** A caller waits for the agent who answered him last, for the time that his queue's rule gives that. */
import { expect, it } from 'vitest';
import { QueueRule } from '../src/protocol/queue-rules.ts';
import { CallWorld } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

it('waits for the agent who answered him last, although another is ready', async () => {
  const world = await CallWorld.open({
    agents: ['ann', 'bob'],
    journal: (clock) => new MemoryJournal(clock, () => 0),
  });
  world.queueRules = { sales: QueueRule.parse({ preferred: { forMs: 30_000, lastAgentDays: 1 } }) };
  world.routing.settingsChanged();
  await world.ready('ann');
  const first = await world.call('100', '+442079460001');
  await world.pass(500);
  world.exchange.device('ann').answer();
  await world.pass(500);
  expect(world.shown('ann')).toBe('talking');
  first.hangup();
  await world.pass(500);
  await world.ready('bob');
  expect(world.shown('ann'), 'she wraps up, and is logged in').toBe('wrap-up');
  await world.call('100', '+442079460001');
  await world.pass(20_000);
  expect(world.shown('bob')).toBe('ready');
  await world.pass(12_000);
  expect([world.shown('ann'), world.shown('bob')].sort()).toEqual(['offered', 'ready']);
  await world.stop();
});

it('a stranger is offered to anybody at once', async () => {
  const world = await CallWorld.open({
    agents: ['ann', 'bob'],
    journal: (clock) => new MemoryJournal(clock, () => 0),
  });
  world.queueRules = { sales: QueueRule.parse({ preferred: { forMs: 30_000, lastAgentDays: 1 } }) };
  world.routing.settingsChanged();
  await world.ready('bob');
  await world.call('100', '+442079460002');
  expect(world.shown('bob')).toBe('offered');
  await world.stop();
});
