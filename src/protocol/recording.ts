import { z } from 'zod';
import { Direction } from './facts.ts';

/** REST bodies about recordings and their rules. Times are UTC milliseconds. */

/**
 * `recording`: the call goes on · `waiting`: it is on the switch or in the spool until the store has it · `stored` ·
 * `failed`: the switch has no sound of it · `deleted`: by its retention or by an administrator.
 */
export const RecordingState = z.enum(['recording', 'waiting', 'stored', 'failed', 'deleted']);
export type RecordingState = z.infer<typeof RecordingState>;

/** Loudest sample of each stretch, 0 to 255, evenly over the recording: for a waveform. */
export const Peaks = z.object({ left: z.array(z.number()), right: z.array(z.number()) });
export type Peaks = z.infer<typeof Peaks>;

export const RecordingInfo = z.object({
  id: z.string(),
  conversationId: z.string(),
  callId: z.string(),
  legId: z.string(),
  platformId: z.string(),
  direction: Direction,
  queueId: z.string().nullable(),
  /** The agents who talked while it ran. */
  userIds: z.array(z.string()),
  /** `voicemail`: a message that the caller left. */
  why: z.enum(['rule', 'demand', 'voicemail']),
  /** Who asked for it, null where a rule did. */
  by: z.string().nullable(),
  state: RecordingState,
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  /** Length of the sound; null until it is known. */
  ms: z.number().nullable(),
  bytes: z.number().nullable(),
  /** Of the stored file, hexadecimal. */
  sha256: z.string().nullable(),
  /** When it will be deleted; null for never. */
  deleteAt: z.number().nullable(),
  /** Why it is not stored yet, and when that is tried again. */
  problem: z.object({ error: z.string(), attempts: z.number(), nextAt: z.number() }).nullable(),
  /** The one who asks may hear it, may save it. */
  may: z.object({ play: z.boolean(), download: z.boolean() }),
});
export type RecordingInfo = z.infer<typeof RecordingInfo>;

/** `next` is what `after` must be for the page behind this one. */
export const RecordingPage = z.object({ recordings: z.array(RecordingInfo), next: z.string().nullable() });
export type RecordingPage = z.infer<typeof RecordingPage>;

export const RecordingDetails = RecordingInfo.extend({ peaks: Peaks.nullable() });
export type RecordingDetails = z.infer<typeof RecordingDetails>;

/** Somebody asked for a recording; repeated requests within ten minutes are one entry, counted. */
export const RecordingAccess = z.object({
  id: z.number(),
  userId: z.string(),
  what: z.enum(['played', 'downloaded', 'deleted', 'refused']),
  /** The address that the request came from. */
  from: z.string(),
  at: z.number(),
  lastAt: z.number(),
  times: z.number(),
});
export type RecordingAccess = z.infer<typeof RecordingAccess>;

/** What a recording rule is about: one queue, or all calls of a direction. A queue's rule goes before its direction's. */
export const RecordingRuleScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('queue'), queueId: z.string().min(1).max(80) }),
  z.object({ kind: z.literal('direction'), direction: Direction }),
]);
export type RecordingRuleScope = z.infer<typeof RecordingRuleScope>;

export const RecordingRuleInput = z.object({
  scope: RecordingRuleScope,
  /** `always`; `demand`: when an agent asks for it; `never`: not even then. */
  record: z.enum(['always', 'demand', 'never']),
  /** Spoken to the other party before anything is recorded; empty for none. */
  announcement: z.string().trim().max(500).default(''),
  /** Days until a recording is deleted, 1 to 36,500; null for never. */
  retentionDays: z.number().int().min(1).max(36_500).nullable().default(null),
});
export type RecordingRuleInput = z.infer<typeof RecordingRuleInput>;

export const RecordingRule = RecordingRuleInput.extend({ id: z.string() });
export type RecordingRule = z.infer<typeof RecordingRule>;

export const RecordingSettings = z.object({
  /** Agents may hear the recordings of calls that they were in. */
  agentsMayPlay: z.boolean(),
  /** … and save them as files. */
  agentsMayDownload: z.boolean(),
  /** A pause that lasts longer is shown as a warning; it is never ended by itself. 10 s to 1 h. */
  maxPauseMs: z.number().int().min(10_000).max(3_600_000),
  /** Where no rule applies: whether agents may record on demand, and for how many days that is kept. */
  withoutRule: z.object({
    record: z.enum(['demand', 'never']),
    retentionDays: z.number().int().min(1).max(36_500).nullable(),
  }),
});
export type RecordingSettings = z.infer<typeof RecordingSettings>;

/** Body of pause and resume: whoever holds a pause must end it; recording goes on when nobody holds one. */
export const RecordingPause = z.object({
  holder: z
    .string()
    .regex(/^[\w-]{1,40}$/)
    .default('agent'),
});

/** What a call's recording is doing. */
export const CallRecordingState = z.object({
  state: z.enum(['off', 'on', 'paused', 'failed']),
  recordingId: z.string().optional(),
  /** Since when it records or is paused. */
  since: z.number().optional(),
  /** Paused for longer than the settings allow: somebody has probably forgotten it. */
  overdue: z.boolean(),
  /** Who keeps it paused: `agent`, or a name that a payment page chose. */
  holders: z.array(z.string()),
});
export type CallRecordingState = z.infer<typeof CallRecordingState>;
