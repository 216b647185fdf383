/** A user's log and wrap-up in a conversation, as far as they are going on. */
import type { Conversation, Log, WrapUp } from '../telephony/model.ts';
import type { SoftphoneSettings } from './ports.ts';

export function openLog(conversation: Conversation, userId: string): Log | undefined {
  const log = conversation.logs.get(userId);
  return log && log.closedAt === undefined ? log : undefined;
}

export function runningWrap(
  conversation: Conversation,
  userId: string,
): Pick<WrapUp, 'callId' | 'queueId' | 'endsAt' | 'extensions'> | undefined {
  const wrap = conversation.wraps.get(userId);
  return wrap && wrap.endedAt === undefined ? wrap : undefined;
}

/** The wrap-up codes that the log can have: the active ones of its queue, and the one that it has. */
export function choosableCodes(
  log: Pick<Log, 'queueId' | 'disposition'>,
  settings: Pick<SoftphoneSettings, 'dispositions'>,
): { id: string; label: string }[] {
  if (log.queueId === undefined) return [];
  return settings
    .dispositions(log.queueId)
    .filter(({ id, active }) => active || id === log.disposition)
    .map(({ id, label }) => ({ id, label }));
}
