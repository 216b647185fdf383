import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryJournal } from '../../../test/harness/memory-journal.ts';
import { VirtualClock } from '../../lib/clock.ts';
import type { Address } from '../../protocol/address.ts';
import type { ConversationEvent } from '../../protocol/facts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { JournalEntry } from '../store/journal.ts';
import { Conversations, replay } from './conversations.ts';
import type { Conversation } from './model.ts';

const address: Address = { kind: 'extension', raw: '100', value: '100' };
const callId = 'call';
const arrived: ConversationEvent = {
  type: 'call.arrived',
  callId,
  legId: 'caller',
  platformId: 'sim',
  entry: 'public',
  ani: address,
  dnis: address,
};
const agent: ConversationEvent = {
  type: 'leg.created',
  callId,
  legId: 'agent',
  role: 'agent',
  userId: 'ann',
  address,
};
const connected = (legId: string): ConversationEvent => ({ type: 'leg.connected', callId, legId });
const cleared = (legId: string): ConversationEvent => ({
  type: 'leg.cleared',
  callId,
  legId,
  cause: 'normal',
});
const muted = (on: boolean): ConversationEvent => ({ type: 'leg.muted', callId, legId: 'caller', on });
const ended: ConversationEvent = { type: 'call.ended', callId, cause: 'normal' };
const wrapStarted: ConversationEvent = { type: 'wrap.started', userId: 'ann', callId };
const wrapEnded: ConversationEvent = { type: 'wrap.ended', userId: 'ann', callId, how: 'finished' };

let clock: VirtualClock;
let journal: MemoryJournal;
let conversations: Conversations;
let told: string[];
let errors: unknown[];

function start(): void {
  clock = new VirtualClock();
  journal = new MemoryJournal(clock, () => 1);
  errors = [];
  told = [];
  conversations = new Conversations({ journal, clock, onListenerError: (error) => errors.push(error) });
  conversations.events.on('event', (_conversation, event) => told.push(event.type));
}
beforeEach(start);

const journalled = () => journal.entries.map((entry) => entry.type);

/** The stream as the database would give it back. */
const entries = (): JournalEntry[] =>
  journal.entries.map((entry, index) => ({
    ...entry,
    position: index + 1,
    seq: index + 1,
    id: `evt_${index}`,
  }));

describe('conversations', () => {
  it('are found by their legs until they are over', () => {
    conversations.record('c', [arrived]);
    expect(conversations.find('caller')).toMatchObject({
      conversation: { id: 'c' },
      call: { id: callId },
      leg: { id: 'caller' },
    });
    conversations.record('c', [agent]);
    expect(conversations.find('agent')?.leg.role).toBe('agent');
    conversations.record('c', [cleared('agent'), cleared('caller'), ended]);
    expect([conversations.find('caller'), conversations.get('c'), ...conversations.all()]).toEqual([
      undefined,
      undefined,
    ]);
    expect(journalled().at(-1)).toBe('conversation.ended');
  });

  it('apply an intent at once, and say when it is durable', async () => {
    const durable = conversations.commit('c', [arrived]);
    expect(conversations.find('caller')).toBeDefined();
    let known = false;
    const waiting = durable.then(() => {
      known = true;
    });
    expect(known).toBe(false);
    await clock.advance(1);
    await waiting;
    expect(known).toBe(true);
  });

  it('pass on that an intent was refused', async () => {
    const durable = conversations.commit('c', [arrived], {
      also: () => Promise.reject(new CodedError('busy')),
    });
    const refused = expect(durable).rejects.toMatchObject({ code: 'busy' });
    await clock.advance(1);
    await refused;
  });

  it('keep the switch’s time beside ours', () => {
    conversations.record('c', [arrived], { switchAt: 123 });
    expect(journal.entries[0]).toMatchObject({
      stream: 'conversation:c',
      conversationId: 'c',
      at: clock.now(),
      switchAt: 123,
    });
  });

  it('keep a listener that fails from the others', () => {
    conversations.events.on('event', () => {
      throw new Error('broken');
    });
    const heard: string[] = [];
    conversations.events.on('event', (_conversation, event) => heard.push(event.type));
    conversations.record('c', [arrived, agent]);
    expect(heard).toEqual(['call.arrived', 'leg.created']);
    expect(errors).toHaveLength(2);
  });
});

describe('what listeners record', () => {
  it('is told after what they were told of, to everybody in the order of the journal', () => {
    conversations.events.on('event', (_conversation, event) => {
      if (event.type === 'call.arrived') conversations.record('c', [muted(true)]);
    });
    const last: string[] = [];
    conversations.events.on('event', (_conversation, event) => last.push(event.type));
    conversations.record('c', [arrived, agent]);
    expect(journalled()).toEqual(['call.arrived', 'leg.created', 'leg.muted']);
    expect(told).toEqual(journalled());
    expect(last).toEqual(journalled());
  });

  it('keeps a conversation from ending that somebody goes on with, whoever is told last', () => {
    conversations.events.on('event', (_conversation, event) => {
      if (event.type === 'call.ended') conversations.record('c', [muted(false)]);
    });
    conversations.events.on('event', (_conversation, event) => {
      if (event.type === 'call.ended') conversations.record('c', [wrapStarted]);
    });
    conversations.record('c', [arrived, cleared('caller'), ended]);
    expect(conversations.get('c')).toBeDefined();
    conversations.record('c', [wrapEnded]);
    expect(conversations.get('c')).toBeUndefined();
    expect(journalled().filter((type) => type === 'conversation.ended')).toHaveLength(1);
  });
});

describe('what comes for a conversation that is over', () => {
  beforeEach(() => conversations.record('c', [arrived, cleared('caller'), ended]));

  it('is left out, or refused as too late: its stream never begins anew', async () => {
    const before = journal.entries.length;
    conversations.record('c', [muted(true)]);
    await expect(conversations.commit('c', [wrapStarted])).rejects.toMatchObject({ code: 'no-such-line' });
    expect(journal.entries).toHaveLength(before);
    expect(conversations.all()).toEqual([]);
  });
});

describe('replaying a stream', () => {
  const anything = fc.array(
    fc.constantFrom(
      agent,
      connected('caller'),
      connected('agent'),
      cleared('caller'),
      cleared('agent'),
      muted(true),
      muted(false),
      ended,
      wrapStarted,
      wrapEnded,
      { type: 'leg.held', callId, legId: 'agent', by: 'agent' } as const,
      { type: 'leg.retrieved', callId, legId: 'agent' } as const,
      { type: 'legs.joined', callId, bridgeId: 'b', legIds: ['caller', 'agent'] } as ConversationEvent,
      { type: 'queue.entered', callId, itemId: 'i', queueId: 'q', priority: 0 } as const,
      { type: 'queue.left', callId, itemId: 'i', queueId: 'q', how: 'closed' } as const,
    ),
    { maxLength: 25 },
  );

  it('gives the conversation that was live, whatever happened and whatever listeners recorded meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(anything, fc.infiniteStream(fc.nat(3)), async (events, sizes) => {
        start();
        let live: Conversation | undefined;
        conversations.events.on('event', (conversation, event) => {
          live = conversation;
          if (event.type === 'leg.connected') conversations.record('c', [muted(event.legId === 'agent')]);
          if (event.type === 'call.ended') void conversations.commit('c', [wrapStarted]);
        });
        conversations.record('c', [arrived]);
        const rest = [...events];
        for (const size of sizes) {
          if (rest.length === 0) break;
          await clock.advance(size);
          conversations.record('c', rest.splice(0, size));
        }
        await clock.advance(100);
        expect(replay('c', entries())).toEqual(live);
        expect(errors).toEqual([]);
      }),
    );
  });

  it('skips what was refused, and knows an empty stream', () => {
    conversations.record('c', [arrived]);
    const refused = { ...entries()[0], type: 'intent.refused', body: { type: 'offer.made' } } as JournalEntry;
    expect(replay('c', [...entries(), refused])).toEqual(conversations.get('c'));
    expect(replay('c', [])).toBeUndefined();
  });
});
