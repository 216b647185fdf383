/** Who is in a call and who talks to whom: questions that call control asks of the model. */
import { planCall } from './call-plan.ts';
import { type Call, type Conversation, isLive, type Leg, liveLegs } from './model.ts';

export function callerIdOf(call: Call): { number: string; name: string } {
  return { number: call.ani.value || 'anonymous', name: call.callerName ?? '' };
}

/** The customer, as a colleague sees him whose phone rings for the call: whoever transfers or consults. */
export function customerIdOf(conversation: Conversation, call: Call): { number: string; name: string } {
  const first = conversation.calls.get(call.parentCall ?? '') ?? call;
  if (first.direction === 'inbound') return callerIdOf(first);
  return { number: first.dnis.value || 'anonymous', name: '' };
}

export function isReplaced(conversation: Conversation, legId: string): boolean {
  return [...conversation.legs.values()].some((leg) => leg.replaces === legId && isLive(leg));
}

/** Answered customers of the platform's calls who talk to nobody. */
export function lonelyCustomers(conversations: readonly Conversation[], platformId: string): Leg[] {
  return conversations.flatMap((conversation) =>
    [...conversation.calls.values()]
      .filter((call) => call.platformId === platformId && call.endedAt === undefined)
      .flatMap((call) => {
        const { talk } = planCall(conversation, call);
        return liveLegs(conversation, call.id).filter(
          (leg) => leg.role === 'customer' && leg.connectedAt !== undefined && !talk.includes(leg),
        );
      }),
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
