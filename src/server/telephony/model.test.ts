import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../../protocol/address.ts';
import type { ClearCause, ConversationEvent, LegState } from '../../protocol/facts.ts';
import {
  agentLeg,
  apply,
  type Conversation,
  customerLeg,
  emptyConversation,
  isOver,
  type Leg,
  liveLegs,
} from './model.ts';

const ani: Address = { kind: 'e164', raw: '+442079460958', value: '+442079460958' };
const dnis: Address = { kind: 'extension', raw: '100', value: '100' };
const callId = 'call';
const stay = { callId, itemId: 'item', queueId: 'sales' };
const offer = { callId, offerId: 'offer', userId: 'ann' };

let conversation: Conversation;
let at: number;

/** Applies events, each a millisecond after the last. */
function happens(...events: ConversationEvent[]): void {
  for (const event of events) {
    at++;
    apply(conversation, { ...event, id: `evt_${at}`, seq: at, at });
  }
}

const arrived: ConversationEvent = {
  type: 'call.arrived',
  callId,
  legId: 'caller',
  platformId: 'sim',
  entry: 'public',
  ani,
  dnis,
};
const agentCreated = (legId = 'agent', replaces?: string): ConversationEvent => ({
  type: 'leg.created',
  callId,
  legId,
  role: 'agent',
  userId: 'ann',
  address: dnis,
  ...(replaces ? { replaces } : {}),
});
const to = (
  type: 'leg.alerting' | 'leg.connected' | 'leg.retrieved' | 'leg.lost',
  legId = 'agent',
): ConversationEvent => ({ type, callId, legId });
const held = (legId = 'agent'): ConversationEvent => ({ type: 'leg.held', callId, legId, by: legId });
const cleared = (legId = 'agent', cause: ClearCause = 'normal'): ConversationEvent => ({
  type: 'leg.cleared',
  callId,
  legId,
  cause,
});
const joined = (...legIds: string[]): ConversationEvent => ({
  type: 'legs.joined',
  callId,
  bridgeId: 'bridge',
  legIds,
});
const queued: ConversationEvent = { type: 'queue.entered', ...stay, priority: 0 };
const left = (how: 'answered' | 'abandoned' | 'closed' | 'no-agent'): ConversationEvent => ({
  type: 'queue.left',
  ...stay,
  how,
});
const ended: ConversationEvent = { type: 'call.ended', callId, cause: 'normal' };

function leg(id = 'agent'): Leg {
  const found = conversation.legs.get(id);
  if (!found) throw new Error(`no leg ${id}`);
  return found;
}

beforeEach(() => {
  at = 1_000;
  conversation = emptyConversation('conv', at);
});

/** How a leg gets into each state. */
const INTO: Record<LegState, ConversationEvent[]> = {
  initiated: [],
  alerting: [to('leg.alerting')],
  connected: [to('leg.connected')],
  held: [to('leg.connected'), held()],
  queued: [],
  failed: [cleared('agent', 'unreachable')],
  cleared: [cleared()],
};

const TRANSITIONS: [from: LegState, event: ConversationEvent, to: LegState][] = [
  ['initiated', to('leg.alerting'), 'alerting'],
  ['initiated', to('leg.connected'), 'connected'],
  ['initiated', held(), 'initiated'],
  ['initiated', to('leg.retrieved'), 'initiated'],
  ['initiated', cleared(), 'cleared'],
  ['initiated', cleared('agent', 'unreachable'), 'failed'],
  ['initiated', cleared('agent', 'busy'), 'cleared'],
  ['alerting', to('leg.alerting'), 'alerting'],
  ['alerting', to('leg.connected'), 'connected'],
  ['alerting', held(), 'alerting'],
  ['alerting', to('leg.retrieved'), 'alerting'],
  ['alerting', cleared('agent', 'no-answer'), 'cleared'],
  ['alerting', cleared('agent', 'congestion'), 'failed'],
  ['connected', to('leg.alerting'), 'connected'],
  ['connected', to('leg.connected'), 'connected'],
  ['connected', held(), 'held'],
  ['connected', to('leg.retrieved'), 'connected'],
  ['connected', joined('agent'), 'connected'],
  ['connected', cleared('agent', 'failed'), 'cleared'],
  ['held', to('leg.alerting'), 'held'],
  ['held', to('leg.connected'), 'held'],
  ['held', held(), 'held'],
  ['held', to('leg.retrieved'), 'connected'],
  ['held', joined('agent'), 'held'],
  ['held', cleared(), 'cleared'],
  ...(['cleared', 'failed'] as const).flatMap((from) =>
    [
      to('leg.alerting'),
      to('leg.connected'),
      held(),
      to('leg.retrieved'),
      to('leg.lost'),
      joined('agent'),
      cleared('agent', 'lost'),
    ].map((event): [LegState, ConversationEvent, LegState] => [from, event, from]),
  ),
];

describe('an agent’s leg', () => {
  it.each(TRANSITIONS)('that is %s and is told $type is %s', (from, event, state) => {
    happens(arrived, agentCreated(), ...INTO[from]);
    expect(leg().state).toBe(from);
    const before = structuredClone(leg());
    happens(event);
    expect(leg().state).toBe(state);
    if (from === 'cleared' || from === 'failed') expect(leg()).toEqual(before);
  });

  it('adds up the times that it was held, the last one ended by its end', () => {
    happens(arrived, agentCreated(), to('leg.connected'));
    for (const last of [to('leg.retrieved'), cleared()]) {
      happens(held());
      at += 500;
      happens(last);
    }
    expect(leg()).toMatchObject({ heldMs: 1_002, clearedAt: at });
    expect(leg().heldSince).toBeUndefined();
  });

  it('that was made in place of a held one goes on with its talk', () => {
    happens(
      arrived,
      to('leg.connected', 'caller'),
      agentCreated(),
      to('leg.connected'),
      joined('caller', 'agent'),
      held(),
      to('leg.lost'),
    );
    expect(agentLeg(conversation, callId, 'ann')).toBeUndefined();
    happens(agentCreated('new', 'agent'), to('leg.connected', 'new'), held('new'));
    expect(leg('new')).toMatchObject({ joined: true, state: 'held' });
    expect(agentLeg(conversation, callId, 'ann')?.id).toBe('new');
  });
});

describe('a caller’s leg', () => {
  beforeEach(() => happens(arrived));
  const caller = () => leg('caller').state;

  it.each(['before', 'after'])(
    'is queued while he waits, whether he is answered %s he enters the queue',
    (order) => {
      happens(
        ...(order === 'before'
          ? [to('leg.connected', 'caller'), queued]
          : [queued, to('leg.connected', 'caller')]),
      );
      expect(caller()).toBe('queued');
      expect(leg('caller').connectedAt).toBeDefined();
    },
  );

  it('is connected when he is joined with an agent, in whatever order the agent’s acceptance is told', () => {
    happens(to('leg.connected', 'caller'), queued, left('answered'));
    expect(caller()).toBe('queued');
    happens(joined('caller'));
    expect(caller()).toBe('connected');
    happens(left('no-agent'));
    expect(conversation.queueStays.get('item')?.how).toBe('answered');
  });

  it.each(['closed', 'no-agent', 'abandoned'] as const)(
    'is connected again when he leaves the queue: %s',
    (how) => {
      happens(to('leg.connected', 'caller'), queued, left(how));
      expect(caller()).toBe('connected');
      expect(conversation.queueStays.get('item')).toMatchObject({ how, leftAt: at });
    },
  );

  it('stays ended when the queue is told after he hung up', () => {
    happens(to('leg.connected', 'caller'), queued, cleared('caller'), left('abandoned'));
    expect(caller()).toBe('cleared');
    expect(customerLeg(conversation, callId)).toBeUndefined();
  });
});

describe('what is decided once', () => {
  beforeEach(() =>
    happens(arrived, agentCreated(), {
      type: 'offer.made',
      ...offer,
      itemId: 'item',
      queueId: 'sales',
      legId: 'agent',
      deadline: 9_999,
    }),
  );
  const accepted: ConversationEvent = { type: 'offer.accepted', ...offer, legId: 'agent' };
  const offerEnded: ConversationEvent = { type: 'offer.ended', ...offer, how: 'rang-out' };

  it.each([
    [[accepted, offerEnded], 'accepted'],
    [[offerEnded, accepted], 'rang-out'],
  ] as const)('an offer is what came first', (events, how) => {
    happens(...events);
    expect(conversation.offers.get('offer')?.ended).toBe(how);
  });

  it('a call ends once', () => {
    happens(cleared('caller'), cleared(), ended);
    const endedAt = at;
    happens({ ...ended, cause: 'lost' });
    expect(conversation.calls.get(callId)).toMatchObject({ endedAt, cause: 'normal' });
    expect(liveLegs(conversation, callId)).toEqual([]);
  });
});

describe('a conversation', () => {
  const wrapStarted: ConversationEvent = { type: 'wrap.started', userId: 'ann', callId, endsAt: 5_000 };
  const wrapEnded: ConversationEvent = { type: 'wrap.ended', userId: 'ann', callId, how: 'finished' };
  const logOpened: ConversationEvent = { type: 'log.opened', userId: 'ann', callId, legId: 'agent' };
  const logClosed: ConversationEvent = { type: 'log.closed', userId: 'ann' };

  it('is over when its calls have ended, no wrap-up runs and no log is open, whichever comes last', () => {
    expect(isOver(conversation)).toBe(false);
    for (const order of [
      [ended, wrapEnded, logClosed],
      [logClosed, ended, wrapEnded],
      [wrapEnded, logClosed, ended],
    ]) {
      conversation = emptyConversation('conv', at);
      happens(arrived, logOpened, wrapStarted);
      for (const event of order) {
        expect(isOver(conversation)).toBe(false);
        happens(event);
      }
      expect(isOver(conversation)).toBe(true);
    }
  });

  it('has one log per agent: a second connection goes on with it', () => {
    happens(arrived, logOpened, { type: 'log.edited', userId: 'ann', comments: 'first' }, logClosed, {
      ...logOpened,
      legId: 'second',
    });
    expect([...conversation.logs.values()]).toMatchObject([{ comments: 'first', legId: 'agent', rev: 1 }]);
    expect(conversation.logs.get('ann')?.closedAt).toBeUndefined();
  });

  it('keeps of a log what an edit does not name, and sets to nothing what it names so', () => {
    const who = { id: '003', object: 'Contact', name: 'Ada' };
    happens(
      arrived,
      logOpened,
      { type: 'log.edited', userId: 'ann', who, disposition: 'sale' },
      { type: 'log.edited', userId: 'ann', comments: 'x', disposition: null },
    );
    expect(conversation.logs.get('ann')).toMatchObject({
      who,
      what: null,
      comments: 'x',
      disposition: null,
      rev: 2,
    });
  });

  it('does nothing about calls, legs, offers, wrap-ups and logs that it does not have', () => {
    const empty = structuredClone(conversation);
    happens(
      to('leg.alerting'),
      to('leg.connected'),
      held(),
      to('leg.retrieved'),
      to('leg.lost'),
      cleared(),
      joined('agent'),
      ended,
      left('closed'),
      wrapEnded,
      logClosed,
    );
    happens(
      { type: 'offer.accepted', ...offer, legId: 'agent' },
      { type: 'leg.muted', callId, legId: 'agent', on: true },
      { type: 'wrap.extended', userId: 'ann', callId, endsAt: 1 },
      { type: 'log.edited', userId: 'ann', comments: 'x' },
    );
    expect(conversation).toEqual(empty);
  });
});

describe('any order of events', () => {
  const some = fc.array(
    fc.constantFrom(
      arrived,
      agentCreated(),
      agentCreated('new', 'agent'),
      queued,
      left('answered'),
      left('closed'),
      joined('caller', 'agent'),
      ended,
      ...['agent', 'caller', 'new'].flatMap((id) => [
        to('leg.alerting', id),
        to('leg.connected', id),
        held(id),
        to('leg.retrieved', id),
        to('leg.lost', id),
        cleared(id),
        cleared(id, 'failed'),
      ]),
    ),
    { maxLength: 30 },
  );

  it('leaves each leg in a state that its times tell', () => {
    fc.assert(
      fc.property(some, (events) => {
        conversation = emptyConversation('conv', at);
        happens(...events);
        for (const one of conversation.legs.values()) {
          expect(one.clearedAt !== undefined).toBe(one.state === 'cleared' || one.state === 'failed');
          expect(one.heldSince !== undefined).toBe(one.state === 'held');
          if (one.state === 'failed') expect(one.connectedAt).toBeUndefined();
          if (['connected', 'held', 'queued'].includes(one.state)) expect(one.connectedAt).toBeDefined();
          expect(one.heldMs).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
