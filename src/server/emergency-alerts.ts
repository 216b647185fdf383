/**
 * Tells of an emergency call the moment it is dialled: an event in the journal, a line in the log, a notice for everybody who
 * leads. It only listens: an alert that fails never reaches the call.
 */
import type { Logger } from 'pino';
import type { ErrorBody } from '../protocol/errors.ts';
import { CodedError } from '../protocol/errors.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { DialRights } from './callcenter/dial-rights.ts';
import type { ConversationEvent, Recorded } from '../protocol/facts.ts';
import type { Conversations } from './telephony/conversations.ts';
import type { Conversation } from './telephony/model.ts';

export interface EmergencyAlertsOptions {
  conversations: Conversations;
  callCenter: Pick<CallCenter, 'user' | 'users'>;
  dialRights: Pick<DialRights, 'siteOf'>;
  log: Logger;
  /** Shows a notice to a user, on every page that he has open. */
  notify(userId: string, notice: ErrorBody): void;
}

/** Returns the function that ends it. */
export function watchEmergencies(options: EmergencyAlertsOptions): () => void {
  const { conversations, callCenter, dialRights, log, notify } = options;
  return conversations.events.on('event', (conversation, event) => {
    const dialled = emergencyIn(conversation, event);
    if (!dialled) return;
    const { callId, userId, number } = dialled;
    const site = dialRights.siteOf(userId);
    conversations.record(conversation.id, [
      {
        type: 'emergency.called',
        callId,
        userId,
        number,
        ...(site ? { siteId: site.id, location: site.address } : {}),
      },
    ]);
    log.warn({ callId, userId, siteId: site?.id, number }, 'an emergency number was dialled');
    const notice = new CodedError('emergency-called', {
      name: callCenter.user(userId)?.name ?? userId,
      number,
      place: site ? `${site.label}: ${site.address}` : 'an unknown place (no site is set)',
    }).toBody();
    for (const user of callCenter.users())
      if (!user.disabled && user.roles.some((role) => role !== 'agent')) notify(user.id, notice);
  });
}

/** A call for help was begun, or a call of another kind was sent there: transferred or forwarded. */
function emergencyIn(
  conversation: Conversation,
  event: Recorded<ConversationEvent>,
): { callId: string; userId: string; number: string } | undefined {
  if (event.type === 'call.created' && event.dnis.kind === 'service')
    return { callId: event.callId, userId: event.userId, number: event.dnis.value };
  if (event.type !== 'leg.created' || event.role !== 'external' || event.address.kind !== 'service')
    return undefined;
  const call = conversation.calls.get(event.callId);
  if (!call || call.dnis.kind === 'service') return undefined;
  const userId = call.transfer?.byUserId ?? call.userId ?? '';
  return { callId: event.callId, userId, number: event.address.value };
}
