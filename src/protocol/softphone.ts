import { z } from 'zod';
import { Address } from './address.ts';
import { DeviceControl } from './api.ts';
import { ClearCause, Direction, LegRole, LegState, RecordRef, SupervisionMode } from './facts.ts';
import { PopPlace } from './layouts.ts';

/**
 * The softphone's state: one document per user, made by the server, rendered by every page (DESIGN section 5).
 * A page gets a snapshot, then RFC 6902 patches. Devices, levels and the ringing sound are the browser's own.
 */
export const Verb = z.enum([
  'answer',
  'decline',
  'hangup',
  'hold',
  /** Takes back; what else the user talked on goes on hold: swap. */
  'retrieve',
  'mute',
  'unmute',
  'dtmf',
  /** Blind: the caller goes there, and comes back to me when nobody answers. */
  'transfer',
  /** Holds this line and calls somebody about it: a line of its own, with this one as `parent`. */
  'consult',
  /** On a consultation's line: its two parties go on without me. */
  'complete',
  /** On a consultation's line: ends it and takes the held line back. */
  'cancel',
  /** On a consultation's line: everybody talks with everybody, in the parent's line. */
  'conference',
  /** Takes one party out of a conference. */
  'drop',
  'park',
  'record',
  'record.pause',
  'record.resume',
]);
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

/** The page of a record, the list of what has the number, a new record's form, a page by its address, a script beside the record. */
export const PopKind = z.enum(['record', 'list', 'new', 'page', 'script']);
export type PopKind = z.infer<typeof PopKind>;

export const Pop = z.object({
  /** Changes with every pop: the page that is told to pop does it once per id and answers `pop.done`. */
  id: z.string(),
  decision: PopKind,
  record: RecordRef.optional(),
  /** The caller's number, for the list. */
  number: z.string(),
  /** Of `new`: the object, and the values that its fields begin with. */
  object: z.string().optional(),
  prefill: z.record(z.string(), z.string()).optional(),
  /** Of `page`: a path of ours, or an address by https of a host that the administrator allowed. Of `script`: its path. */
  url: z.string().optional(),
  open: PopPlace,
  /** The tab that pops it: the one the agent looked at last. */
  tab: z.string().optional(),
  done: z.boolean(),
});
export type Pop = z.infer<typeof Pop>;

/** A record that matches, with what the user's layout shows of it. */
export const MatchedRecord = RecordRef.extend({
  fields: z.array(z.object({ label: z.string(), value: z.string() })).optional(),
});
export type MatchedRecord = z.infer<typeof MatchedRecord>;

export const Party = z.object({
  legId: z.string(),
  role: LegRole,
  me: z.boolean(),
  name: z.string().optional(),
  address: Address,
  state: LegState,
  muted: z.boolean(),
  /** Takes this party out of the conference. */
  drop: Action,
});

export type Party = z.infer<typeof Party>;

/** What an agent who had this conversation before wrote about it: read only. */
export const EarlierNotes = z.object({
  userId: z.string(),
  name: z.string(),
  /** When he got the call, UTC milliseconds. */
  at: z.number(),
  comments: z.string(),
  /** Label of the wrap-up code that he chose. */
  disposition: z.string().optional(),
});
export type EarlierNotes = z.infer<typeof EarlierNotes>;

export const RecordingState = z.enum(['off', 'on', 'paused', 'failed']);
export type RecordingState = z.infer<typeof RecordingState>;

export const Line = z.object({
  /** `conversationId` for the user's own call in a conversation; a consultation of his in the same one is a second line: its `callId`. */
  id: z.string(),
  conversationId: z.string(),
  callId: z.string(),
  /** `consult`: this call is about another one. */
  purpose: z.enum(['call', 'consult']),
  /** The line that a consultation of mine is about, on hold meanwhile. */
  parent: z.string().optional(),
  platformId: z.string(),
  /** The leg that carries my sound in this call, perhaps one of another call of mine: what the browser phone's SIP session carries as `X-Crosspoint-Leg`. */
  legId: z.string().optional(),
  direction: Direction,
  /** I called: it is not for me to answer. */
  dialled: z.boolean(),
  /** The customer asked to be called back: he is called as soon as I accept. */
  callback: z.boolean().optional(),
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
  /** Somebody asks me about this customer: what popped is his. */
  about: z.object({ peer: Address, peerName: z.string().optional(), dnis: Address }).optional(),
  dnis: Address,
  /** Of an outbound call: what we show as our number, where the layout shows it. */
  ani: Address.optional(),
  queue: z.object({ id: z.string(), label: z.string(), waitedMs: z.number() }).optional(),
  parties: z.array(Party),
  /** I am here for this agent's call as his supervisor, and no party of it. */
  supervises: z.object({ name: z.string(), mode: SupervisionMode }).optional(),
  /** Three or more talk with each other. */
  conference: z.boolean(),
  muted: z.boolean(),
  recording: RecordingState,
  /** Who transferred the call to me, or asks me about it. */
  handedBy: z.object({ userId: z.string(), name: z.string(), how: z.enum(['blind', 'attended']) }).optional(),
  earlier: z.array(EarlierNotes),
  /** Which of these the user's layout shows; what it does not show of the call data is not in `data`. */
  fields: z.array(z.enum(['ANI', 'DNIS', 'QUEUE'])),
  data: z.array(z.object({ key: z.string(), label: z.string(), value: z.string(), from: z.string() })),
  match: z.object({
    status: z.enum(['searching', 'done', 'failed', 'timeout']),
    records: z.array(MatchedRecord),
    more: z.boolean(),
  }),
  pop: Pop.optional(),
  /** What the user's layout pops when he asks for it. */
  popChoice: Pop.pick({ decision: true, object: true }).optional(),
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

/** A caller whom somebody parked: everybody may pick him up. */
export const ParkedCall = z.object({
  /** What is dialled or pressed to get him, such as `701`. */
  slot: z.string(),
  conversationId: z.string(),
  peer: Address,
  peerName: z.string().optional(),
  /** UTC milliseconds. */
  since: z.number(),
  by: z.object({ userId: z.string(), name: z.string() }),
  pickUp: Action,
});
export type ParkedCall = z.infer<typeof ParkedCall>;

/** How a user wants to be called, kept on the server. Numbers as he typed them, null for none. */
export const PersonalSettings = z.object({
  /** No call rings, not even a colleague's; queues offer none. */
  doNotDisturb: z.boolean(),
  /** A colleague or caller who dials him goes there at once. */
  forwardAlways: z.string().max(64).nullable(),
  forwardBusy: z.string().max(64).nullable(),
  forwardNoAnswer: z.string().max(64).nullable(),
  /** How long it rings before `forwardNoAnswer`, in seconds. */
  noAnswerSeconds: z.number().int().min(5).max(120),
  /** Calls of queues are answered at once, without a click, after a tone. */
  autoAnswer: z.boolean(),
  /** His phone stays connected between calls: the next one begins without ringing. */
  nailedUp: z.boolean(),
  /** A second call may ring while he talks. */
  callWaiting: z.boolean(),
});
export type PersonalSettings = z.infer<typeof PersonalSettings>;

export const DEFAULT_PERSONAL_SETTINGS: PersonalSettings = {
  doNotDisturb: false,
  forwardAlways: null,
  forwardBusy: null,
  forwardNoAnswer: null,
  noAnswerSeconds: 20,
  autoAnswer: false,
  nailedUp: false,
  callWaiting: true,
};

/** Where a call can be transferred to, or who is asked about it. A number is as it was typed. */
export const TargetRef = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), userId: z.string().max(80) }),
  z.object({ kind: z.literal('queue'), queueId: z.string().max(80) }),
  z.object({ kind: z.literal('number'), number: z.string().min(1).max(64) }),
]);
export type TargetRef = z.infer<typeof TargetRef>;

/** One line of `GET /api/transfer-targets`. */
export const TransferTarget = z.object({
  target: TargetRef,
  label: z.string(),
  /** Extension, number, company: one line that tells namesakes apart. */
  detail: z.string().optional(),
  /** `directory`: a number of a directory. `record`: a number of a record in the CRM. `number`: what was typed. */
  source: z.enum(['agent', 'queue', 'directory', 'record', 'number']),
  /** An agent's shown state. */
  shown: AgentShown.optional(),
  /** Callers who wait in the queue, and agents who could take a call of it now. */
  queue: z.object({ waiting: z.number(), ready: z.number() }).optional(),
  /** He can be asked; a disabled one says why not. */
  consult: Action,
  transfer: Action,
});
export type TransferTarget = z.infer<typeof TransferTarget>;

/** `GET /api/transfer-targets?q=…&lineId=…`: agents first, then queues, records, and the number itself; at most 20. */
export const TransferTargets = z.object({ targets: z.array(TransferTarget) });
export type TransferTargets = z.infer<typeof TransferTargets>;

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
    /** Where he sits, when that is known: its emergency numbers go past every rule, too. */
    siteCountry: z.string().optional(),
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
    /**
     * What he is to be. Chosen during a call: when that and its wrap-up are over; choosing what he is takes it back. With `platform`:
     * once the telephone system that rules over his state has confirmed it. Until then it is as shown.
     */
    pending: z
      .object({
        state: RequestedState,
        /** The reason's label. */
        reason: z.string().optional(),
        /** UTC milliseconds. */
        since: z.number(),
        /** The telephone system's name. */
        platform: z.string().optional(),
      })
      .optional(),
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
    /** `pbx`: the phone that a telephone system which routes by itself gave him. */
    kind: z.enum(['browser', 'sip', 'pbx', 'none']),
    label: z.string(),
    devices: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['browser', 'sip', 'pbx']),
        label: z.string(),
        /** How it can be answered from here. */
        control: DeviceControl,
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
  /** What is parked on the platforms that the user belongs to, oldest first. */
  parked: z.array(ParkedCall),
  settings: z.object({
    values: PersonalSettings,
    /** What the telephone system or the device cannot do, by setting; absent means it can. */
    unavailable: z.partialRecord(PersonalSettings.keyof(), z.string()),
  }),
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

/** The verbs that need to know the line only. */
export const PlainVerb = Verb.exclude(['dtmf', 'transfer', 'consult', 'drop']);
export type PlainVerb = z.infer<typeof PlainVerb>;

/** What a page may ask. Idempotent by commandId; the answer is accepted or a coded error, the effect comes only through the state. */
export const Command = z.discriminatedUnion('verb', [
  z.object({ commandId, verb: PlainVerb, lineId }),
  z.object({ commandId, verb: z.literal('dtmf'), lineId, digits: z.string().regex(/^[0-9*#A-D]{1,32}$/) }),
  z.object({ commandId, verb: z.literal('transfer'), lineId, target: TargetRef }),
  z.object({ commandId, verb: z.literal('consult'), lineId, target: TargetRef }),
  z.object({ commandId, verb: z.literal('drop'), lineId, legId: z.string().max(80) }),
  /** A parked call becomes a line of mine. */
  z.object({ commandId, verb: z.literal('pickup'), slot: z.string().min(1).max(16) }),
  z.object({ commandId, verb: z.literal('settings'), change: PersonalSettings.partial() }),
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
  /** Looks up once more who this is, where the CRM did not answer. */
  z.object({ commandId, verb: z.literal('match.again'), lineId }),
  z.object({ commandId, verb: z.literal('pop.done'), lineId, popId: z.string() }),
  z.object({ commandId, verb: z.literal('device'), deviceId: z.string().max(80) }),
  z.object({ commandId, verb: z.literal('notice.dismiss'), noticeId: z.string() }),
]);
export type Command = z.infer<typeof Command>;
