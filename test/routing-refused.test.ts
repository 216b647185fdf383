/** A place in a queue that the database refuses. */
import { expect, it } from 'vitest';
import { CallWorld } from './harness/call-world.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

/** Takes everything but places in queues. */
class WithoutPlaces extends MemoryJournal {
  override commit(...[events, also]: Parameters<MemoryJournal['commit']>) {
    const refused = events.some(({ type }) => type === 'queue.entered');
    return super.commit(events, refused ? () => Promise.reject(new Error('refused')) : also);
  }
}

it('leaves nobody rung for the caller who does not have it', async () => {
  const world = await CallWorld.open({
    agents: ['ann'],
    journal: (clock) => new WithoutPlaces(clock, () => 1),
  });
  await world.ready('ann');
  await world.call();
  await world.pass(100);
  expect(world.happened).toContain('offer.made');
  expect([world.shown('ann'), world.routing.waiting('sales')]).toEqual(['ready', 0]);
  expect(world.exchange.device('ann').call?.state).not.toBe('ringing');
  await world.stop();
});
