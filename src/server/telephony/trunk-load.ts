/** How many calls are on a trunk, from the call model, so that a restarted process counts the same. */
import { type Conversation, isLive } from './model.ts';

/** Live legs that leave by the trunk, and callers who came in by it. */
export function callsOn(conversations: readonly Conversation[], trunkId: string): number {
  const entry = `trunk:${trunkId}`;
  return conversations.flatMap((conversation) =>
    [...conversation.legs.values()].filter((leg) => {
      if (!isLive(leg)) return false;
      if (leg.trunkId === trunkId) return true;
      return leg.role === 'customer' && conversation.calls.get(leg.callId)?.entry === entry;
    }),
  ).length;
}
