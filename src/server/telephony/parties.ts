/** Who is in a call and who talks to whom: questions that call control asks of the model. */
import { type Call, type Conversation, customerLeg, isLive, type Leg, liveLegs } from './model.ts';

export function callerIdOf(call: Call): { number: string; name: string } {
  return { number: call.ani.value || 'anonymous', name: call.callerName ?? '' };
}

export function otherParty(conversation: Conversation, callId: string, mine: Leg): Leg | undefined {
  return liveLegs(conversation, callId).find(
    (leg) => leg.id !== mine.id && leg.userId !== (mine.userId ?? '') && leg.connectedAt !== undefined,
  );
}

export function isTalkingToAgent(conversation: Conversation, callId: string): boolean {
  return liveLegs(conversation, callId).some(
    (leg) => leg.role === 'agent' && leg.state === 'connected' && leg.joined && !leg.lost,
  );
}

export function isReplaced(conversation: Conversation, legId: string): boolean {
  return [...conversation.legs.values()].some((leg) => leg.replaces === legId && isLive(leg));
}

/**
 * True when the parties that remain have nobody to talk to: the customer left, or the agent who was talking hung up.
 * A customer whose agent got lost, or never was connected, goes back to the flow instead.
 */
export function leavesNobodyToTalk(conversation: Conversation, call: Call, gone: Leg): boolean {
  if (isReplaced(conversation, gone.id)) return false;
  if (gone.role !== 'agent') return true;
  if (call.direction !== 'inbound') return true;
  const agents = liveLegs(conversation, call.id).filter((leg) => leg.role === 'agent' && leg.joined);
  return gone.joined && !gone.lost && agents.length === 0;
}

/** Answered customers of the platform's calls who talk to no agent. */
export function lonelyCustomers(conversations: readonly Conversation[], platformId: string): Leg[] {
  return conversations.flatMap((conversation) =>
    [...conversation.calls.values()]
      .filter((call) => call.platformId === platformId && call.endedAt === undefined)
      .filter((call) => !isTalkingToAgent(conversation, call.id))
      .flatMap((call) => customerLeg(conversation, call.id) ?? [])
      .filter((leg) => leg.connectedAt !== undefined),
  );
}

/** Legs of the platform that lost their sound and have no other in their place. */
export function lostLegs(conversations: readonly Conversation[], platformId: string): Leg[] {
  return conversations.flatMap((conversation) =>
    [...conversation.legs.values()].filter(
      (leg) =>
        conversation.calls.get(leg.callId)?.platformId === platformId &&
        isLive(leg) &&
        leg.lost &&
        !isReplaced(conversation, leg.id),
    ),
  );
}
