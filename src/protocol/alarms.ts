import { z } from 'zod';

/** What is watched on the floor, and when it is too much. */
export const AlarmKind = z.enum([
  'oldest-wait', // the longest-waiting caller of a queue has waited longer than `limit` seconds
  'waiting', // more callers than `limit` wait in a queue
  'service-level', // a queue's service level of the last hour is below `limit` percent
  'ready', // fewer agents than `limit` are ready for a queue
  'state', // an agent is in `state` for longer than `limit` seconds
]);
export type AlarmKind = z.infer<typeof AlarmKind>;

const shape = {
  label: z.string().trim().min(1, 'an alarm needs a name').max(80, 'at most 80 characters'),
  kind: AlarmKind,
  limit: z.number().int().min(0, 'not below zero').max(1_000_000),
  /** Of kind `state`: the state that an agent must not be in for too long. */
  state: z.enum(['ready', 'not-ready', 'offered', 'talking', 'wrap-up', 'lost']).nullable(),
  /** The queues that are watched, of kind `state` those whose agents are; empty: all. */
  queueIds: z.array(z.string().max(80)).max(1_000),
  active: z.boolean(),
  /** Told of by an HTTP POST when it begins and when it ends; null: on the pages alone. */
  webhook: z
    .url({ protocol: /^https?$/, error: 'an address such as https://example.com/alarms' })
    .max(500, 'at most 500 characters')
    .nullable(),
};

export const AlarmFields = z
  .object({
    ...shape,
    state: shape.state.default(null),
    queueIds: shape.queueIds.default([]),
    active: shape.active.default(true),
    webhook: shape.webhook.default(null),
  })
  .refine((alarm) => (alarm.kind === 'state') === (alarm.state !== null), {
    path: ['state'],
    message: 'a state for alarms about a state, and none for others',
  })
  .refine((alarm) => alarm.kind !== 'service-level' || (alarm.limit >= 1 && alarm.limit <= 100), {
    path: ['limit'],
    message: 'a percentage from 1 to 100',
  });
export type AlarmFields = z.infer<typeof AlarmFields>;

/** The key that webhooks are signed with is set and never read back. */
const key = z.string().min(16, 'at least 16 characters').max(200, 'at most 200 characters');
export const AlarmInput = AlarmFields.safeExtend({ key: key.optional() });
export type AlarmInput = z.infer<typeof AlarmInput>;
export const AlarmChange = z.object({ ...shape, key }).partial();
export type AlarmChange = z.infer<typeof AlarmChange>;

export const Alarm = AlarmFields.safeExtend({ id: z.string(), hasKey: z.boolean() });
export type Alarm = z.infer<typeof Alarm>;

/** An alarm that goes on now. */
export const ActiveAlarm = z.object({
  /** One for each alarm and queue or agent that it is about. */
  id: z.string(),
  alarmId: z.string(),
  label: z.string(),
  kind: AlarmKind,
  queueId: z.string().optional(),
  userId: z.string().optional(),
  /** What is wrong, in a sentence. */
  text: z.string(),
  /** UTC milliseconds. */
  since: z.number(),
});
export type ActiveAlarm = z.infer<typeof ActiveAlarm>;

/** What a webhook gets, once when it begins and once when it ends; `at` tells the order, also after a retry. */
export const AlarmNotice = z.object({
  event: z.enum(['alarm.began', 'alarm.ended']),
  /** The same for the beginning and the end. */
  id: z.string(),
  alarm: z.object({ id: z.string(), label: z.string(), kind: AlarmKind, limit: z.number() }),
  queue: z.object({ id: z.string(), label: z.string() }).optional(),
  agent: z.object({ id: z.string(), name: z.string() }).optional(),
  text: z.string(),
  /** UTC milliseconds. */
  at: z.number(),
});
export type AlarmNotice = z.infer<typeof AlarmNotice>;
