/** What the call model keeps of callers who were led elsewhere, and of customers who are called at their place in a queue. */
import type { Address } from '../../protocol/address.ts';
import type { Handler } from './model.ts';

/** A customer who is called at his place in the queue. */
export interface PendingCallback {
  /** The call in which he asked for it. */
  callId: string;
  number: Address;
  queueId: string;
  priority: number;
  since: number;
  requestedAt: number;
  /** Calls that were queued for it, in order. */
  attempts: string[];
  notBefore?: number;
  ended?: 'reached' | 'not-reached' | 'cancelled';
}

type LedEvent = 'call.led' | 'callback.requested' | 'callback.changed' | 'callback.queued' | 'callback.ended';

export const LED_HANDLERS: { [K in LedEvent]: Handler<K> } = {
  'call.led': (c, e) => {
    const call = c.calls.get(e.callId);
    if (call && call.endedAt === undefined) call.led = e.to;
  },
  'callback.requested': (c, e) => {
    const { callId, number, queueId, priority, since } = e;
    c.callback = { callId, number, queueId, priority, since, requestedAt: e.at, attempts: [] };
  },
  'callback.changed': (c, e) => {
    const { callback } = c;
    if (!callback) return;
    if (e.number) callback.number = e.number;
    callback.queueId = e.queueId ?? callback.queueId;
    callback.priority = e.priority ?? callback.priority;
    if (e.notBefore === null) delete callback.notBefore;
    else callback.notBefore = e.notBefore ?? callback.notBefore;
  },
  'callback.queued': (c, e) => {
    const { callId: id, platformId, ani, dnis } = e;
    const call = {
      id,
      platformId,
      ani,
      dnis,
      direction: 'outbound',
      purpose: 'call',
      callback: true,
    } as const;
    c.calls.set(id, { ...call, startedAt: e.at });
    c.callback?.attempts.push(id);
  },
  'callback.ended': (c, e) => {
    if (c.callback) c.callback.ended ??= e.how;
  },
};
