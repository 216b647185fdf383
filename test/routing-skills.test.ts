/** A queue that requires skills: who waits, and for whom. */
import { expect, it } from 'vitest';
import { CallWorld } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

async function frenchQueue() {
  const world = await CallWorld.open({
    agents: ['ann', 'bob'],
    journal: (clock) => new MemoryJournal(clock, () => 0),
  });
  world.requirements = { sales: [{ skillId: 'french', minimum: 3 }] };
  world.levels = { ann: { french: 2 }, bob: { french: 3 } };
  world.routing.settingsChanged();
  world.routing.setOnline('ann', true);
  world.routing.setOnline('bob', true);
  void world.routing.setRequested('ann', 'ready', undefined, 'ann');
  world.exchange.arrive({ entry: 'public', ani: '+442079460110', dnis: '100' });
  await world.pass(1_000);
  return { world, offered: (userId: string) => world.routing.agent(userId).offer !== undefined };
}

it('a caller waits while only an agent of too low a level is ready, and is offered the moment a skilled one is', async () => {
  const { world, offered } = await frenchQueue();
  expect([offered('ann'), world.routing.waiting('sales')]).toEqual([false, 1]);
  void world.routing.setRequested('bob', 'ready', undefined, 'bob');
  expect([offered('ann'), offered('bob')]).toEqual([false, true]);
  await world.stop();
});

it('a caller who waits is offered the moment the level is raised', async () => {
  const { world, offered } = await frenchQueue();
  world.levels = { ann: { french: 4 } };
  world.routing.settingsChanged();
  expect(offered('ann')).toBe(true);
  await world.stop();
});

it('a caller who waits is offered the moment the queue requires less', async () => {
  const { world, offered } = await frenchQueue();
  world.requirements = {};
  world.routing.settingsChanged();
  expect(offered('ann')).toBe(true);
  await world.stop();
});
