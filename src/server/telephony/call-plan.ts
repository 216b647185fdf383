/**
 * What should be heard in a call, from the model alone: pure. The engine brings the switch to it after every change, after a
 * restart and after a lost connection, so that there is one rule for all orders in which parties come and go.
 *
 *     set up ── two who may talk ──► talk ◄──► one of them alone: music ── nobody to come ──► over: the rest is hung up
 *       └── nobody to come ──► over                 └── waits in a queue, parked, on the way to somebody ──► goes on
 *
 * Who may talk: connected, not on hold by himself, not leaving, his page not lost, his offer accepted. A supervisor who only
 * listens or whispers is no party: he hears by another way, and the call ends without asking for him.
 */
import { type Call, type Conversation, customerLeg, isLive, type Leg, liveLegs } from './model.ts';

export interface Plan {
  /** They hear each other when there are two at least. */
  talk: Leg[];
  /** Has talked, or is parked, and hears nobody: music, and the fallback armed. */
  alone?: Leg;
  /** To hang up, once the others are joined. */
  drop: Leg[];
}

export function planCall(conversation: Conversation, call: Call): Plan {
  const live = liveLegs(conversation, call.id);
  const parties = partiesOf(conversation, call.id);
  if (call.purpose === 'standing') return { talk: [], drop: [] };
  if (isOver(conversation, call)) return { talk: [], drop: live };
  const able = parties.filter((leg) => mayTalk(conversation, leg));
  const drop = live.filter((leg) => leg.leaving);
  const [first] = able;
  if (call.parked) return { talk: [], ...(first ? { alone: first } : {}), drop };
  if (able.length >= 2) return { talk: able, drop };
  return { talk: [], ...(first && (first.joined || call.transfer) ? { alone: first } : {}), drop };
}

/** Who is in the call beside `mine`: connected or rung, without those who are just leaving or lost. */
export function othersIn(conversation: Conversation, mine: Leg): Leg[] {
  return partiesOf(conversation, mine.callId).filter(
    (leg) => leg.id !== mine.id && !leg.leaving && !(leg.userId !== undefined && leg.userId === mine.userId),
  );
}

/** Whose ear is kept while the call waits in a queue: the customer's, in a consultation the agent's who made it. */
export function waitingLeg(conversation: Conversation, callId: string): Leg | undefined {
  const call = conversation.calls.get(callId);
  const there = partiesOf(conversation, callId).filter((leg) => isThere(leg) && !leg.leaving);
  return (
    customerLeg(conversation, callId) ??
    there.find((leg) => leg.userId === call?.userId) ??
    there.find((leg) => !offerOf(conversation, leg))
  );
}

export function isQueued(conversation: Conversation, callId: string): boolean {
  return [...conversation.queueStays.values()].some(
    (stay) => stay.callId === callId && stay.leftAt === undefined,
  );
}

/** A callback that no agent has accepted yet: nobody is on the line, and it goes on all the same. */
export function awaitsAgent(conversation: Conversation, call: Call): boolean {
  return call.callback === true && isQueued(conversation, call.id);
}

/** Rung by an offer that he has not accepted: he is not in the call. */
export function isOnlyOffered(conversation: Conversation, leg: Leg): boolean {
  return !isAdmitted(conversation, leg);
}

/** The call that a consultation was made from, and the consulting agent's leg in it, as long as both live. */
export function parentOf(conversation: Conversation, consult: Leg): { call: Call; leg: Leg } | undefined {
  const child = conversation.calls.get(consult.callId);
  if (child?.purpose !== 'consult' || child.userId !== consult.userId) return undefined;
  const call = conversation.calls.get(child.parentCall ?? '');
  if (!call || call.endedAt !== undefined) return undefined;
  const leg = liveLegs(conversation, call.id).findLast(
    (one) => one.role === 'agent' && one.userId === consult.userId && !one.leaving,
  );
  return leg && { call, leg };
}

/** The consultation that this leg's user has made from its call. */
export function consultOf(conversation: Conversation, mine: Leg): { call: Call; leg: Leg } | undefined {
  for (const call of conversation.calls.values()) {
    if (call.purpose !== 'consult' || call.parentCall !== mine.callId || call.endedAt !== undefined) continue;
    const leg = liveLegs(conversation, call.id).findLast((one) => one.userId === mine.userId);
    if (leg && call.userId === mine.userId) return { call, leg };
  }
  return undefined;
}

/** Everybody in the call but who supervises it. */
function partiesOf(conversation: Conversation, callId: string): Leg[] {
  return liveLegs(conversation, callId).filter((leg) => leg.role !== 'supervisor');
}

function mayTalk(conversation: Conversation, leg: Leg): boolean {
  if (leg.connectedAt === undefined || leg.leaving || leg.lost) return false;
  // A customer's own hold button is between him and his telephone company: he stays in the talk.
  if (leg.role === 'agent' && leg.state !== 'connected') return false;
  return isAdmitted(conversation, leg);
}

function isAdmitted(conversation: Conversation, leg: Leg): boolean {
  const offer = offerOf(conversation, leg);
  return !offer || offer.ended === 'accepted';
}

function offerOf(conversation: Conversation, leg: Leg) {
  return [...conversation.offers.values()].find((offer) => offer.legId === leg.id);
}

function isThere(leg: Leg): boolean {
  return leg.connectedAt !== undefined;
}

/** Nobody is left to talk to, and nobody will come. */
function isOver(conversation: Conversation, call: Call): boolean {
  if (awaitsAgent(conversation, call)) return false;
  const live = partiesOf(conversation, call.id).filter((leg) => !leg.leaving);
  const parties = live.filter((leg) => isParty(conversation, leg));
  if (call.parked || call.transfer) return !parties.some(isThere);
  if (isQueued(conversation, call.id)) return waitingLeg(conversation, call.id) === undefined;
  if (![...conversation.legs.values()].some((leg) => leg.callId === call.id && leg.joined))
    return isGivenUp(conversation, call, live);
  const people = new Set(parties.map((leg) => leg.userId ?? leg.id));
  const [last] = parties;
  if (!last || !parties.some(isThere)) return true;
  return people.size === 1 && !staysForAnother(conversation, call, last);
}

/** Counts as somebody to wait for: connected, or rung for this call. */
function isParty(conversation: Conversation, leg: Leg): boolean {
  const offer = offerOf(conversation, leg);
  if (!offer) return true;
  return offer.ended === 'accepted' || (offer.ended === undefined && !isThere(leg));
}

/** A call in which nobody has talked yet. */
function isGivenUp(conversation: Conversation, call: Call, live: readonly Leg[]): boolean {
  if (call.direction === 'inbound') return !live.some((leg) => leg.role === 'customer');
  if (!live.some((leg) => leg.role === 'agent' && leg.userId === call.userId)) return true;
  const others = [...conversation.legs.values()].filter(
    (leg) => leg.callId === call.id && leg.userId !== call.userId && leg.role !== 'supervisor',
  );
  if (call.callback) {
    const dialled = others.filter((leg) => !isOnlyOffered(conversation, leg));
    return dialled.length > 0 && !dialled.some(isLive);
  }
  if (others.length > 0) return !others.some(isLive);
  return [...conversation.queueStays.values()].some((stay) => stay.callId === call.id);
}

/** An arrived caller whose agent did not leave him on purpose goes back to the flow. */
function staysForAnother(conversation: Conversation, call: Call, last: Leg): boolean {
  if (call.direction !== 'inbound' || last.role !== 'customer') return false;
  const gone = [...conversation.legs.values()]
    .filter((leg) => leg.callId === call.id && leg.clearedAt !== undefined)
    // Who talked outside for us and left has left on purpose, too.
    .filter((leg) => leg.role === 'agent' || (leg.role === 'external' && leg.joined))
    .reduce<Leg | undefined>(
      (latest, leg) => ((leg.clearedAt ?? 0) >= (latest?.clearedAt ?? 0) ? leg : latest),
      undefined,
    );
  return gone === undefined || !gone.joined || gone.lost;
}
