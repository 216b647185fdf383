/** What legs of a conversation are to an agent's work. */
import { type Conversation, isLive, type Leg } from '../telephony/model.ts';

/** A leg of an agent in a call; one that stands for calls to come is none. */
export function isWork(conversation: Conversation, leg: Leg): boolean {
  return leg.role === 'agent' && conversation.calls.get(leg.callId)?.purpose !== 'standing';
}

/** Whether the user is rung or talks in the conversation. */
export function hasLiveLeg(conversation: Conversation, userId: string): boolean {
  return [...conversation.legs.values()].some((leg) => leg.userId === userId && isLive(leg));
}
