/**
 * The queues of a PBX in a mirrored conversation: who waits, whose phone rings for him, how it ended.
 *
 *     a party waits ──► queue.entered ──► a member's leg is made ──► offer.made
 *     it waits no more ──► a member has answered: offer.accepted, queue.left answered; it is gone: abandoned; else no-agent
 *     a member's leg ends unanswered ──► offer.ended, by its cause
 */
import { newId } from '../../../lib/ids.ts';
import type { ClearCause, ConversationEvent } from '../../../protocol/facts.ts';
import { type Call, type Conversation, isLive, type Leg, type Offer, type QueueStay } from '../model.ts';
import type { ForeignParty } from './foreign-party.ts';
import type { MirroredCallsOptions } from './mirrored-calls.ts';

/** The PBX does not say how long a member is rung: shown until it ends by itself. */
const RINGS_AT_MOST_MS = 60_000;

/** Our id of a PBX's queue. */
export function queueIdOf(platformId: string, name: string): string {
  return `${platformId}:${name}`.slice(0, 80);
}

export class MirroredQueue {
  readonly #o: MirroredCallsOptions;

  constructor(options: MirroredCallsOptions) {
    this.#o = options;
  }

  sync(
    conversation: Conversation,
    partyOf: (leg: Leg) => ForeignParty | undefined,
    causes: ReadonlyMap<string, ClearCause>,
  ): void {
    for (const leg of conversation.legs.values()) {
      const call = conversation.calls.get(leg.callId);
      if (!call || call.platformId !== this.#o.platformId || leg.userId || !isLive(leg)) continue;
      const party = partyOf(leg);
      this.#waits(conversation, call, party?.queue, party !== undefined && !party.gaveUp);
    }
    for (const offer of conversation.offers.values()) this.#rung(conversation, offer, partyOf, causes);
  }

  #waits(conversation: Conversation, call: Call, name: string | undefined, there: boolean): void {
    const queueId = name === undefined ? undefined : queueIdOf(this.#o.platformId, name);
    const open = [...conversation.queueStays.values()].find(
      (stay) => stay.callId === call.id && stay.leftAt === undefined,
    );
    if (open && open.queueId !== queueId) this.#left(conversation, open, there);
    if (queueId === undefined) return;
    const stay = open?.queueId === queueId ? open : this.#enter(conversation, call, queueId);
    if (stay) this.#offer(conversation, stay);
  }

  #enter(conversation: Conversation, call: Call, queueId: string): QueueStay | undefined {
    const itemId = newId('item');
    this.#record(conversation, [{ type: 'queue.entered', callId: call.id, itemId, queueId, priority: 0 }]);
    return conversation.queueStays.get(itemId);
  }

  /** Each member's phone that rings for the caller is an offer. */
  #offer(conversation: Conversation, stay: QueueStay): void {
    const { itemId, callId, queueId } = stay;
    for (const leg of conversation.legs.values()) {
      if (leg.callId !== callId || !leg.userId || !isLive(leg)) continue;
      if ([...conversation.offers.values()].some((offer) => offer.legId === leg.id)) continue;
      const deadline = this.#o.clock.now() + RINGS_AT_MOST_MS;
      const { id: legId, userId } = leg;
      this.#record(conversation, [
        { type: 'offer.made', callId, offerId: newId('offer'), itemId, queueId, userId, legId, deadline },
      ]);
    }
  }

  #left(conversation: Conversation, { itemId, callId, queueId }: QueueStay, there: boolean): void {
    const answered = [...conversation.offers.values()].find(
      (offer) =>
        offer.itemId === itemId &&
        (offer.ended === 'accepted' ||
          (offer.ended === undefined && conversation.legs.get(offer.legId)?.connectedAt !== undefined)),
    );
    const how = answered ? 'answered' : there ? 'no-agent' : 'abandoned';
    this.#record(conversation, [
      ...(answered && answered.ended === undefined ? [accepted(answered)] : []),
      { type: 'queue.left', callId, itemId, queueId, how },
    ]);
  }

  #rung(
    conversation: Conversation,
    offer: Offer,
    partyOf: (leg: Leg) => ForeignParty | undefined,
    causes: ReadonlyMap<string, ClearCause>,
  ): void {
    const leg = conversation.legs.get(offer.legId);
    const call = conversation.calls.get(offer.callId);
    if (offer.ended !== undefined || !leg || call?.platformId !== this.#o.platformId) return;
    if (leg.joined) return this.#record(conversation, [accepted(offer)]);
    if (isLive(leg) && partyOf(leg)) return;
    const partyId = leg.id.slice(this.#o.platformId.length + 1).replace(/~.*/, '');
    const { callId, offerId, userId } = offer;
    const how = howItEnded(conversation, offer, leg.cause ?? causes.get(partyId));
    this.#record(conversation, [{ type: 'offer.ended', callId, offerId, userId, how }]);
  }

  #record(conversation: Conversation, events: ConversationEvent[]): void {
    this.#o.conversations.record(conversation.id, events);
  }
}

function accepted({ callId, offerId, userId, legId }: Offer): ConversationEvent {
  return { type: 'offer.accepted', callId, offerId, userId, legId };
}

function howItEnded(
  conversation: Conversation,
  offer: Offer,
  cause: ClearCause | undefined,
): 'declined' | 'rang-out' | 'withdrawn' | 'failed' {
  const stay = conversation.queueStays.get(offer.itemId);
  if (stay?.leftAt !== undefined) return 'withdrawn';
  if (cause === 'busy' || cause === 'rejected') return 'declined';
  if (cause === 'no-answer') return 'rang-out';
  return cause === 'cancelled' || cause === 'normal' ? 'rang-out' : 'failed';
}
