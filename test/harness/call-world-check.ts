/** What must hold whenever a call center has come to rest, whatever happened before. */
import { expect } from 'vitest';
import { carrierOf, isLive } from '../../src/server/telephony/model.ts';
import { replay } from '../../src/server/telephony/conversations.ts';
import type { JournalEntry } from '../../src/server/store/journal.ts';
import type { CallWorld } from './call-world.ts';
import { MemoryJournal } from './memory-journal.ts';

/**
 * Nobody is left in silence, one user talks in one call, the switch has the legs that the model has and no others, and the
 * journal tells the same story. An agent hears nothing while all that he has is on hold by his own doing, or stands.
 */
export function expectSoundWorld(world: CallWorld, when = ''): void {
  const legs = world.conversations
    .all()
    .flatMap((conversation) =>
      [...conversation.legs.values()].filter(isLive).map((leg) => ({ conversation, leg })),
    );
  const onSwitch = world.exchange.list().legs;
  expect(onSwitch.map((leg) => leg.legId).sort(), `legs of the switch and of the model ${when}`).toEqual(
    [...new Set(legs.map(({ leg }) => carrierOf(leg)))].sort(),
  );
  const talking = new Map<string, number>();
  for (const { conversation, leg } of legs) {
    const isStanding = conversation.calls.get(leg.callId)?.purpose === 'standing';
    if (leg.role !== 'agent' || leg.state !== 'connected' || leg.lost || isStanding || !leg.userId) continue;
    talking.set(leg.userId, (talking.get(leg.userId) ?? 0) + 1);
  }
  expect(
    [...talking].filter(([, count]) => count > 1),
    `users who talk twice ${when}`,
  ).toEqual([]);
  for (const { legId, state } of onSwitch) {
    const hears = world.exchange.party(legId)?.hears;
    if (state !== 'connected' || hears !== 'silence') continue;
    const carried = legs.filter(({ leg }) => carrierOf(leg) === legId);
    const excused = carried.every(
      ({ conversation, leg }) =>
        leg.role === 'agent' &&
        (leg.state === 'held' || conversation.calls.get(leg.callId)?.purpose === 'standing'),
    );
    expect(excused, `leg ${legId} is left in silence ${when}`).toBe(true);
  }
  if (world.journal instanceof MemoryJournal) expectSameByReplay(world, world.journal, when);
}

function expectSameByReplay(world: CallWorld, journal: MemoryJournal, when: string): void {
  for (const conversation of world.conversations.all()) {
    const entries = journal.entries
      .filter((event) => event.stream === `conversation:${conversation.id}`)
      .map(
        (event, index): JournalEntry => ({ ...event, position: index, id: String(index), seq: index + 1 }),
      );
    expect(replay(conversation.id, entries), `replay ${when}`).toEqual(conversation);
  }
}

/** Everybody hangs up: then nothing is left, on the switch or with us. */
export async function expectNothingRemains(world: CallWorld, restMs: number): Promise<void> {
  for (const { legId } of world.exchange.list().legs) world.exchange.party(legId)?.hangup();
  await world.pass(restMs);
  for (const { legId } of world.exchange.list().legs) world.exchange.party(legId)?.hangup();
  await world.pass(restMs);
  expect(world.exchange.list().legs, 'legs that remain').toEqual([]);
  expect(world.exchange.list().bridges, 'bridges that remain').toEqual([]);
  expect(
    world.conversations.all().map(({ id }) => id),
    'conversations that remain',
  ).toEqual([]);
}
