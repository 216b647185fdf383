/** A user's log and wrap-up in a conversation, as far as they are going on. */
import type { Conversation, Log } from '../telephony/model.ts';

export function openLog(conversation: Conversation, userId: string): Log | undefined {
  const log = conversation.logs.get(userId);
  return log && log.closedAt === undefined ? log : undefined;
}

export function runningWrap(
  conversation: Conversation,
  userId: string,
): { callId: string; endsAt?: number } | undefined {
  const wrap = conversation.wraps.get(userId);
  return wrap && wrap.endedAt === undefined ? wrap : undefined;
}
