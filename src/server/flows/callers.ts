/** How an arrived caller stands: pure questions to the model. */
import { isQueued } from '../telephony/call-plan.ts';
import { type Call, type Conversation, customerLeg, isLive, liveLegs } from '../telephony/model.ts';

/**
 * Somebody was rung for the call, since an instant, and did not take it. Who takes the place of a lost leg does not count, nor
 * who was offered the call by a queue.
 */
export function wasRungInVain(conversation: Conversation, call: Call, since = 0): boolean {
  const offered = new Set([...conversation.offers.values()].map(({ legId }) => legId));
  return [...conversation.legs.values()].some(
    (leg) =>
      leg.callId === call.id &&
      leg.role !== 'customer' &&
      leg.createdAt >= since &&
      leg.connectedAt === undefined &&
      leg.clearedAt !== undefined &&
      leg.replaces === undefined &&
      !offered.has(leg.id),
  );
}

/** An arrived caller who talks to nobody, waits nowhere, is rung for nobody and led nowhere. */
export function isStranded(conversation: Conversation, call: Call): boolean {
  if (call.direction !== 'inbound' || call.endedAt !== undefined || call.parked || call.transfer || call.led)
    return false;
  const customer = customerLeg(conversation, call.id);
  if (!customer || !isLive(customer)) return false;
  const others = liveLegs(conversation, call.id).some((leg) => leg.id !== customer.id);
  return !isQueued(conversation, call.id) && !others;
}

/** The queue where he waited last, unless he has come to a node of a flow since. */
export function lastQueue(conversation: Conversation, call: Call): string | undefined {
  const last = [...conversation.queueStays.values()].findLast((stay) => stay.callId === call.id);
  return last && last.enteredAt >= (call.dialogue?.at ?? 0) ? last.queueId : undefined;
}
