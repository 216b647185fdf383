/**
 * Tells another system of an alarm: an HTTP POST of JSON, signed, out of the outbox. Who gets it checks
 * `Crosspoint-Signature: t=<seconds>,v1=<hex>`: the HMAC-SHA-256 of `<t>.<body>` with the alarm's key.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { AlarmNotice } from '../../protocol/alarms.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Alarms } from '../callcenter/alarms.ts';
import type { OutboxHandler } from '../store/outbox.ts';

export const ALARM_WEBHOOK_KIND = 'alarm.webhook';

export interface AlarmWebhookOptions {
  alarms: Pick<Alarms, 'get' | 'key'>;
  clock: Clock;
  /** Carries it out, and refuses addresses of our own network. */
  request(request: WebhookRequest): Promise<{ status: number }>;
}

export interface WebhookRequest {
  method: 'POST';
  url: string;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
}

/** How long the other side may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** An alarm that has no webhook any more, or is gone, is done. */
export function alarmWebhookHandler({ alarms, clock, request }: AlarmWebhookOptions): OutboxHandler {
  return async (idemKey, body) => {
    const notice = AlarmNotice.parse(body);
    const alarm = alarms.get(notice.alarm.id);
    const key = alarm && (await alarms.key(alarm.id));
    if (!alarm?.webhook || key === undefined) return;
    const text = JSON.stringify(notice);
    const { status } = await request({
      method: 'POST',
      url: alarm.webhook,
      body: text,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': idemKey,
        'crosspoint-signature': signature(key, text, clock.now()),
      },
      timeoutMs: TIMEOUT_MS,
    });
    if (status < 200 || status >= 300) throw new CodedError('webhook-refused', { status });
  };
}

export function signature(key: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}
