/**
 * What callers hear while they wait, how they leave a queue without waiting on, callbacks and voicemail. Bodies of
 * `/api/queues/:id/waiting`, `/api/callbacks` and `/api/voicemails`. Times are UTC milliseconds, spans milliseconds.
 */
import { z } from 'zod';
import { Address } from './address.ts';
import { FlowLanguage } from './flows.ts';
import { RecordingInfo } from './recording.ts';

/** What is said, by language. A call in a language that is missing hears the English one, else the first. */
export const Spoken = z.record(FlowLanguage, z.string().trim().min(1).max(500, 'at most 500 characters'));
export type Spoken = z.infer<typeof Spoken>;

const Key = z.string().regex(/^[0-9*#]$/, 'one key: 0 to 9, * or #');
const span = (least: number, most: number) => z.number().int().min(least).max(most);

export const WaitingAnnouncements = z.object({
  /** Since he entered the queue. */
  firstMs: span(5_000, 3_600_000).default(15_000),
  /** From the beginning of one to the next; 0: once. */
  everyMs: span(0, 3_600_000).default(60_000),
  position: z.boolean().default(false),
  /** Said only when the prediction is honest. */
  wait: z.boolean().default(false),
});

export const WaitingComfort = z.object({
  everyMs: span(10_000, 3_600_000).default(45_000),
  /** Said in turn; empty: none. */
  texts: z.array(Spoken).max(10, 'at most ten').default([]),
});

export const WaitingCallback = z.object({
  /** Which key asks for it; null: no callbacks. */
  key: Key.nullable().default(null),
  /** Offered aloud when he has waited this long; null: with the announcements only. */
  offerAfterMs: span(5_000, 3_600_000).nullable().default(null),
  /** He may type another number than the one he calls from. */
  otherNumber: z.boolean().default(true),
  /** How often he is called at most, and how long after a try that did not reach him. */
  attempts: span(1, 10).default(3),
  intervalMs: span(60_000, 86_400_000).default(300_000),
});
export type WaitingCallback = z.infer<typeof WaitingCallback>;

export const VoicemailSettings = z.object({
  /** Which key leads to it while he waits; null: none. */
  key: Key.nullable().default(null),
  /** Said before the tone; empty: what stands in docs/queues.md. */
  greeting: Spoken.default({}),
  /** A message is no longer than this. */
  maxMs: span(10_000, 1_800_000).default(180_000),
  /** So much silence ends it; 0: it does not. */
  silenceMs: span(0, 60_000).default(6_000),
  /** Each message is sent here, with its sound; null: to nobody. */
  email: z.email('an e-mail address').max(200).nullable().default(null),
  /** Deleted after so many days; null: never. */
  retentionDays: span(1, 36_500).nullable().default(null),
});
export type VoicemailSettings = z.infer<typeof VoicemailSettings>;

/** What a queue's callers hear, beside its greeting, and how they can leave it. */
export const QueueWaiting = z
  .object({
    /** The queue's greeting in other languages. */
    greetings: Spoken.default({}),
    announcements: WaitingAnnouncements.prefault({}),
    comfort: WaitingComfort.prefault({}),
    callback: WaitingCallback.prefault({}),
    voicemail: VoicemailSettings.prefault({}),
  })
  .refine(({ callback, voicemail }) => callback.key === null || callback.key !== voicemail.key, {
    path: ['voicemail', 'key'],
    message: 'this key asks for a callback already',
  });
export type QueueWaiting = z.infer<typeof QueueWaiting>;

export const DEFAULT_WAITING: QueueWaiting = QueueWaiting.parse({});

/**
 * `leaving`: he is still on the line · `waiting`: nobody has got it yet · `offered`: an agent is being rung for it · `calling`: an
 * agent has it, the customer is called or talks · `later`: until `notBefore`, after a try in vain or because somebody said so ·
 * `closed`: the queue takes no calls at this time.
 */
export const CallbackState = z.enum(['leaving', 'waiting', 'offered', 'calling', 'later', 'closed']);
export type CallbackState = z.infer<typeof CallbackState>;

export const Callback = z.object({
  /** The conversation's. */
  id: z.string(),
  number: Address,
  callerName: z.string().optional(),
  queueId: z.string(),
  state: CallbackState,
  /** Since when he waits. */
  enteredAt: z.number(),
  requestedAt: z.number(),
  priority: z.number(),
  /** His place in the queue, from 1, while he has one. */
  position: z.number().optional(),
  /** Tries that have begun, and how many there are at most. */
  attempts: z.number(),
  maxAttempts: z.number(),
  notBefore: z.number().optional(),
});
export type Callback = z.infer<typeof Callback>;

/** What a supervisor changes. `number` as it is dialled. */
export const CallbackChange = z
  .object({
    number: z.string().trim().min(1).max(64),
    queueId: z.string().max(80),
    notBefore: z.number().int().min(0).nullable(),
  })
  .partial();
export type CallbackChange = z.infer<typeof CallbackChange>;

/** Whose messages they are: of everybody in a queue, or of one user. */
export const VoicemailBox = z.object({ kind: z.enum(['queue', 'user']), id: z.string().max(80) });
export type VoicemailBox = z.infer<typeof VoicemailBox>;

export const Voicemail = z.object({
  /** The recording's. */
  id: z.string(),
  box: VoicemailBox,
  conversationId: z.string(),
  callId: z.string(),
  from: Address,
  callerName: z.string().optional(),
  at: z.number(),
  /** When somebody first heard or marked it, and who; null: nobody has. */
  readAt: z.number().nullable(),
  readBy: z.string().nullable(),
  recording: RecordingInfo,
});
export type Voicemail = z.infer<typeof Voicemail>;

export const VoicemailPage = z.object({
  voicemails: z.array(Voicemail),
  /** The boxes that one may open, with what nobody has heard. */
  boxes: z.array(VoicemailBox.extend({ label: z.string(), unread: z.number() })),
  next: z.string().nullable(),
});
export type VoicemailPage = z.infer<typeof VoicemailPage>;

export const VoicemailChange = z.object({ read: z.boolean() });
