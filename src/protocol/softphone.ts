import { z } from 'zod';
import { Address } from './address.ts';
import { ClearCause, Direction, LegRole, LegState, PopDecision, RecordRef } from './facts.ts';

/**
 * The softphone's state: one document per user, made by the server, rendered by every page (DESIGN section 5).
 * A page gets a snapshot, then RFC 6902 patches. Devices, levels and the ringing sound are the browser's own.
 */
export const Verb = z.enum(['answer', 'decline', 'hangup', 'hold', 'retrieve', 'mute', 'unmute', 'dtmf']);
export type Verb = z.infer<typeof Verb>;

/** A button: enabled, or the catalogue code that says why not (protocol/errors.ts) and its sentence. */
export const Action = z.discriminatedUnion('enabled', [
  z.object({ enabled: z.literal(true) }),
  z.object({ enabled: z.literal(false), reason: z.string(), text: z.string() }),
]);
export type Action = z.infer<typeof Action>;

export const LogDraft = z.object({
  rev: z.number(),
  subject: z.string(),
  comments: z.string(),
  disposition: z.string().nullable(),
  dispositionRequired: z.boolean(),
  dispositions: z.array(z.object({ id: z.string(), label: z.string() })),
  who: RecordRef.nullable(),
  what: RecordRef.nullable(),
  candidates: z.array(RecordRef),
  save: z.enum(['draft', 'queued', 'saved', 'failed']),
  error: z.string().optional(),
  crmRef: RecordRef.optional(),
  edit: Action,
});
export type LogDraft = z.infer<typeof LogDraft>;

export const Pop = z.object({
  /** Changes with every pop: the page that is told to pop does it once per id and answers `pop.done`. */
  id: z.string(),
  decision: PopDecision,
  record: RecordRef.optional(),
  /** The caller's number, for the list and the new-contact form. */
  number: z.string(),
  /** The tab that pops it: the one the agent looked at last. */
  tab: z.string().optional(),
  done: z.boolean(),
});
export type Pop = z.infer<typeof Pop>;

export const Party = z.object({
  legId: z.string(),
  role: LegRole,
  me: z.boolean(),
  name: z.string().optional(),
  address: Address,
  state: LegState,
});

export type Party = z.infer<typeof Party>;

export const Line = z.object({
  /** One line per conversation and user: `conversationId`. */
  id: z.string(),
  callId: z.string(),
  platformId: z.string(),
  /** My leg in this call: what the browser phone's SIP session carries as `X-Crosspoint-Leg`. */
  legId: z.string().optional(),
  direction: Direction,
  state: z.enum(['initiated', 'alerting', 'connected', 'held', 'reconnecting', 'wrap-up', 'ended']),
  cause: ClearCause.optional(),
  /** UTC milliseconds; timers are drawn from these and `serverNow`. */
  t: z.object({
    started: z.number(),
    answered: z.number().optional(),
    heldSince: z.number().optional(),
    ended: z.number().optional(),
    wrapEndsAt: z.number().optional(),
  }),
  offer: z.object({ id: z.string(), deadline: z.number() }).optional(),
  /** The other party's address: ANI of an inbound call, the dialled number of an outbound one. */
  peer: Address,
  peerName: z.string().optional(),
  dnis: Address,
  queue: z.object({ id: z.string(), label: z.string(), waitedMs: z.number() }).optional(),
  parties: z.array(Party),
  muted: z.boolean(),
  data: z.array(z.object({ key: z.string(), label: z.string(), value: z.string(), from: z.string() })),
  match: z.object({
    status: z.enum(['searching', 'done', 'failed', 'timeout']),
    records: z.array(RecordRef),
    more: z.boolean(),
  }),
  pop: Pop.optional(),
  log: LogDraft.optional(),
  pending: z.array(z.object({ commandId: z.string(), verb: z.string() })),
  actions: z.record(Verb, Action),
  wrap: z.object({ finish: Action, extend: Action }).optional(),
});
export type Line = z.infer<typeof Line>;

export const AgentShown = z.enum([
  'logged-out',
  'ready',
  'not-ready',
  'offered',
  'talking',
  'wrap-up',
  'lost',
]);
export type AgentShown = z.infer<typeof AgentShown>;

export const RequestedState = z.enum(['ready', 'not-ready', 'logged-out']);
export type RequestedState = z.infer<typeof RequestedState>;

export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warn', 'error']),
  code: z.string(),
  text: z.string(),
  at: z.number(),
});
export type Notice = z.infer<typeof Notice>;

export const SoftphoneState = z.object({
  v: z.literal(1),
  rev: z.number(),
  /** A new epoch means: the server has started anew, take a new snapshot. */
  epoch: z.string(),
  serverNow: z.number(),
  user: z.object({
    id: z.string(),
    name: z.string(),
    locale: z.string(),
    zone: z.string(),
    country: z.string(),
    roles: z.array(z.string()),
  }),
  platforms: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      link: z.enum(['up', 'reconciling', 'down']),
      audio: z.boolean(),
    }),
  ),
  agent: z.object({
    shown: AgentShown,
    since: z.number(),
    reason: z.string().optional(),
    requested: z.object({ state: RequestedState, reason: z.string().optional() }),
    choices: z.array(
      z.object({
        state: RequestedState,
        label: z.string(),
        action: Action,
        reasonRequired: z.boolean(),
        reasons: z.array(z.object({ id: z.string(), label: z.string() })),
      }),
    ),
  }),
  phone: z.object({
    deviceId: z.string().optional(),
    kind: z.enum(['browser', 'sip', 'none']),
    label: z.string(),
    devices: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['browser', 'sip']),
        label: z.string(),
        /** It could be rung now. */
        registered: z.boolean(),
      }),
    ),
    /** The tab that has the audio, elected by the server. */
    audioTab: z.string().optional(),
    registered: z.boolean(),
    problem: z.string().optional(),
  }),
  /** In a stable order; an ended line stays until its log is closed. */
  lines: z.array(Line),
  dial: Action,
  /** Logs of the last calls, newest first, at most 10. */
  previous: z.array(
    z.object({
      conversationId: z.string(),
      peer: Address,
      peerName: z.string().optional(),
      direction: Direction,
      at: z.number(),
      save: z.enum(['queued', 'saved', 'failed']),
      crmRef: RecordRef.optional(),
    }),
  ),
  notices: z.array(Notice),
});
export type SoftphoneState = z.infer<typeof SoftphoneState>;

const commandId = z.string().min(8).max(64);
const lineId = z.string().min(1).max(80);

/** What a page may ask. Idempotent by commandId; the answer is accepted or a coded error, the effect comes only through the state. */
export const Command = z.discriminatedUnion('verb', [
  z.object({ commandId, verb: z.literal('answer'), lineId }),
  z.object({ commandId, verb: z.literal('decline'), lineId }),
  z.object({ commandId, verb: z.literal('hangup'), lineId }),
  z.object({ commandId, verb: z.literal('hold'), lineId }),
  z.object({ commandId, verb: z.literal('retrieve'), lineId }),
  z.object({ commandId, verb: z.literal('mute'), lineId }),
  z.object({ commandId, verb: z.literal('unmute'), lineId }),
  z.object({ commandId, verb: z.literal('dtmf'), lineId, digits: z.string().regex(/^[0-9*#A-D]{1,32}$/) }),
  z.object({
    commandId,
    verb: z.literal('dial'),
    number: z.string().min(1).max(64),
    record: RecordRef.optional(),
  }),
  z.object({
    commandId,
    verb: z.literal('agent.state'),
    state: RequestedState,
    reason: z.string().max(80).optional(),
  }),
  z.object({ commandId, verb: z.literal('wrap.finish'), lineId }),
  z.object({ commandId, verb: z.literal('wrap.extend'), lineId }),
  z.object({
    commandId,
    verb: z.literal('log.edit'),
    lineId,
    comments: z.string().max(32_000).optional(),
    disposition: z.string().max(80).nullable().optional(),
    who: RecordRef.nullable().optional(),
    what: RecordRef.nullable().optional(),
  }),
  z.object({ commandId, verb: z.literal('pop'), lineId, recordId: z.string().max(18).optional() }),
  z.object({ commandId, verb: z.literal('pop.done'), lineId, popId: z.string() }),
  z.object({ commandId, verb: z.literal('device'), deviceId: z.string().max(80) }),
  z.object({ commandId, verb: z.literal('notice.dismiss'), noticeId: z.string() }),
]);
export type Command = z.infer<typeof Command>;
