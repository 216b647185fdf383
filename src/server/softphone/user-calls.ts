/** Which calls of a conversation are lines of a user, and what hangs together: pure. */
import type { Address } from '../../protocol/address.ts';
import type { Line } from '../../protocol/softphone.ts';
import { agentLeg, type Call, type Conversation, isLive, type Leg, liveLegs } from '../telephony/model.ts';
import { openLog, runningWrap } from './log-state.ts';

/** One line: a call that the user has a leg in, or that he wraps up or logs. */
export interface UserCall {
  /** `conversationId` of his own call, `callId` of a consultation beside it. */
  lineId: string;
  call: Call;
  /** His leg that is in use. */
  leg: Leg | undefined;
  /** Line id of the call that this consultation of his is about. */
  parent?: string;
}

/**
 * The user's calls in the conversation, his own first, then the consultations that he made beside it. When the call that he
 * asked about is gone for him, the consultation is his call.
 */
export function userCalls(conversation: Conversation, userId: string): UserCall[] {
  const live = new Set(
    [...legsOf(conversation, userId), ...supervisedBy(conversation, userId)]
      .filter(isLive)
      .map((leg) => leg.callId),
  );
  const consultations = [...live].filter((callId) => isConsultation(conversation, callId, userId, live));
  const own =
    [...live].filter((callId) => !consultations.includes(callId)).at(-1) ??
    runningWrap(conversation, userId)?.callId ??
    openLog(conversation, userId)?.callId;
  const mine = own === undefined ? [] : lineOf(conversation, own, userId, conversation.id);
  return [
    ...mine,
    ...consultations.flatMap((callId) => lineOf(conversation, callId, userId, callId, conversation.id)),
  ];
}

/** The user's own call in the conversation. */
export function callOf(conversation: Conversation, userId: string): Call | undefined {
  const [own] = userCalls(conversation, userId);
  return own?.lineId === conversation.id ? own.call : undefined;
}

/** The call that he is in the conversation for: who is asked about one, or takes it over, has what is the first agent's. */
export function subjectFor(conversation: Conversation, userId: string): Call | undefined {
  const call = callOf(conversation, userId);
  return call && subjectOfCall(conversation, call);
}

/** A consultation of the user about this call that is not over. */
export function consultationAbout(
  conversation: Conversation,
  callId: string,
  userId: string,
): Call | undefined {
  return [...conversation.calls.values()].find(
    (call) =>
      call.purpose === 'consult' &&
      call.parentCall === callId &&
      call.userId === userId &&
      call.endedAt === undefined,
  );
}

/** The call that a consultation, perhaps about another consultation, is about in the end; a call of its own is itself. */
export function subjectOfCall(conversation: Conversation, call: Call): Call {
  const seen = new Set<string>();
  let subject = call;
  while (subject.purpose === 'consult' && subject.parentCall && !seen.has(subject.id)) {
    seen.add(subject.id);
    const parent = conversation.calls.get(subject.parentCall);
    if (!parent) break;
    subject = parent;
  }
  return subject;
}

/** The other party as this user sees it: of an inbound call the caller, of an outbound one who was called, of an internal one his colleague. */
export function peerOf(call: Call, userId: string): Address {
  if (call.purpose === 'consult' || call.direction === 'internal')
    return call.userId === userId ? call.dnis : call.ani;
  return call.direction === 'outbound' ? call.dnis : call.ani;
}

function legsOf(conversation: Conversation, userId: string): Leg[] {
  return [...conversation.legs.values()].filter((leg) => leg.userId === userId && leg.role === 'agent');
}

/** The legs by which he only listens or whispers. */
function supervisedBy(conversation: Conversation, userId: string): Leg[] {
  return [...conversation.legs.values()].filter((leg) => leg.userId === userId && leg.role === 'supervisor');
}

function isConsultation(
  conversation: Conversation,
  callId: string,
  userId: string,
  live: ReadonlySet<string>,
): boolean {
  const call = conversation.calls.get(callId);
  return call?.purpose === 'consult' && call.userId === userId && live.has(call.parentCall ?? '');
}

function lineOf(
  conversation: Conversation,
  callId: string,
  userId: string,
  lineId: string,
  parent?: string,
): UserCall[] {
  const call = conversation.calls.get(callId);
  if (!call || call.purpose === 'standing') return [];
  const leg =
    agentLeg(conversation, callId, userId) ??
    liveLegs(conversation, callId)
      .filter((one) => one.userId === userId && (one.role === 'agent' || one.role === 'supervisor'))
      .at(-1);
  return [{ lineId, call, leg, ...(parent ? { parent } : {}) }];
}

/** The queue that offered him the call, and how long the caller waited in it. */
export function queueOf(
  conversation: Conversation,
  call: Call,
  userId: string,
  label: (queueId: string) => string,
): Line['queue'] {
  const offer = [...conversation.offers.values()]
    .filter((o) => o.userId === userId && o.callId === call.id)
    .at(-1);
  const stay = offer && conversation.queueStays.get(offer.itemId);
  if (!offer || !stay) return undefined;
  return {
    id: stay.queueId,
    label: label(stay.queueId),
    waitedMs: Math.max(0, offer.madeAt - stay.enteredAt),
  };
}

/** He is in one of its calls now. */
export function hasLiveLeg(conversation: Conversation, userId: string): boolean {
  return legsOf(conversation, userId).some(isLive);
}
