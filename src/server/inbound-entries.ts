/**
 * Where a number of ours leads at an instant: its queue, user or flow, or what its business hours say outside of them; and which
 * emergency message its callers hear first.
 */
import { type Address, parseAddress } from '../protocol/address.ts';
import type { WhenClosed } from '../protocol/hours.ts';
import type { BusinessHoursBook } from './callcenter/business-hours.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { EmergencyMessages } from './callcenter/emergency-messages.ts';
import type { Entry as OwnedNumber } from './callcenter/model.ts';
import type { Entry } from './flows/entries.ts';

export interface InboundEntriesOptions {
  callCenter: Pick<CallCenter, 'entryFor' | 'queue'>;
  hours: Pick<BusinessHoursBook, 'closedAt'>;
  messages: Pick<EmergencyMessages, 'heardAt'>;
  /** ISO 3166 code: how a number outside is read. */
  country: string;
  /** What callers hear before they are queued or anybody is rung. */
  announcementFor(queueId?: string): string;
  /** Whether callers who do not reach this user may leave him a message; default: nobody's may. */
  takesMessages?(userId: string): boolean;
}

/** @param at when the call came (UTC milliseconds). */
export function entryAt(
  options: InboundEntriesOptions,
  dnis: Address,
  platformId: string,
  at: number,
): Entry | undefined {
  const { callCenter, messages } = options;
  const entry = callCenter.entryFor(dnis, platformId);
  if (!entry) return undefined;
  const message = messages.heardAt(entry.id);
  if (message?.afterwards === 'hang-up') return { closed: message.text };
  const leads = leadsTo(options, entry, at);
  if (!leads || !message) return leads;
  return 'closed' in leads
    ? { closed: `${message.text} ${leads.closed}` }
    : { ...leads, notice: message.text };
}

function leadsTo(options: InboundEntriesOptions, entry: OwnedNumber, at: number): Entry | undefined {
  const { hours, announcementFor, takesMessages } = options;
  const closed = hours.closedAt(entry, at);
  if (closed) return whenClosed(options, closed);
  const { userId } = entry;
  if (userId) return { userId, voicemail: takesMessages?.(userId) ?? false, announcement: announcementFor() };
  if (entry.flowId) return { flowId: entry.flowId, announcement: announcementFor() };
  return queueEntry(options, entry.queueId ?? '');
}

function whenClosed(options: InboundEntriesOptions, action: WhenClosed): Entry | undefined {
  switch (action.kind) {
    case 'message':
      return { closed: action.text };
    case 'queue':
      return queueEntry(options, action.queueId);
    case 'number':
      return {
        number: parseAddress(action.number, options.country),
        announcement: options.announcementFor(),
      };
  }
}

function queueEntry({ callCenter, announcementFor }: InboundEntriesOptions, id: string): Entry | undefined {
  const queue = callCenter.queue(id);
  return queue && { queueId: queue.id, greeting: queue.greeting, announcement: announcementFor(queue.id) };
}
