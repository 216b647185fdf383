import { z } from 'zod';
import { Address } from './address.ts';

/**
 * The journal's events (DESIGN section 6). Each type has a version `v`; a changed shape gets a new version and an
 * upcaster. `personal` lists the body's fields that hold personal data: the journal stores a token in their place and
 * the value in the `personal` table, so that erasure rewrites nothing.
 */
export const LegState = z.enum(['initiated', 'alerting', 'connected', 'held', 'queued', 'failed', 'cleared']);
export type LegState = z.infer<typeof LegState>;

export const ClearCause = z.enum([
  'normal', // a party hung up
  'busy',
  'no-answer',
  'rejected',
  'cancelled', // the caller gave up while it rang
  'unreachable', // device or destination is not registered or not there
  'not-found', // no such number
  'congestion',
  'timeout', // a deadline of ours
  'lost', // it was gone when we reconciled with the switch
  'fallback', // the switch's armed fallback took it because we were silent
  'failed',
]);
export type ClearCause = z.infer<typeof ClearCause>;

/** How a place in a queue is left. `overflow`: a rule led the caller elsewhere; `callback`, `voicemail`: he asked for that. */
export const QueueLeft = z.enum([
  'answered',
  'abandoned',
  'closed',
  'no-agent',
  'overflow',
  'callback',
  'voicemail',
]);
export type QueueLeft = z.infer<typeof QueueLeft>;

/** Who a leg belongs to. */
export const LegRole = z.enum(['customer', 'agent', 'external', 'supervisor', 'ivr']);
export type LegRole = z.infer<typeof LegRole>;

/** Listen: he hears the call. Whisper: the agent hears him, too. Barge: everybody does. Take over: and the agent leaves. */
export const SupervisionMode = z.enum(['listen', 'whisper', 'barge', 'take-over']);
export type SupervisionMode = z.infer<typeof SupervisionMode>;

export const Direction = z.enum(['inbound', 'outbound', 'internal']);
export type Direction = z.infer<typeof Direction>;

const Id = z.string().min(1).max(80);

export const RecordRef = z.object({
  id: Id,
  object: z.string(),
  name: z.string(),
  /** One line that tells namesakes apart: company, city, status. */
  detail: z.string().optional(),
  /** Its page in its own CRM; absent for a record of the built-in one, which our desktop shows. */
  url: z.string().optional(),
});
export type RecordRef = z.infer<typeof RecordRef>;

/** Where a caller is led who waits no longer, or whose number leads there. */
export const Led = z.discriminatedUnion('kind', [
  /** `since`: he keeps his place. */
  z.object({ kind: z.literal('queue'), queueId: Id, priority: z.number(), since: z.number().optional() }),
  z.object({ kind: z.literal('number'), number: Address }),
  z.object({ kind: z.literal('flow'), flowId: Id }),
  z.object({ kind: z.literal('voicemail'), box: z.object({ kind: z.enum(['queue', 'user']), id: Id }) }),
  z.object({ kind: z.literal('hangup'), text: z.string().max(2_000) }),
]);
export type Led = z.infer<typeof Led>;

export const PopDecision = z.enum(['none', 'record', 'list', 'new']);
export type PopDecision = z.infer<typeof PopDecision>;

function event<T extends string, S extends z.ZodRawShape>(
  type: T,
  shape: S,
  personal: (keyof S & string)[] = [],
) {
  return { type, v: 1, body: z.object(shape), personal: personal as string[] };
}

export const CONVERSATION_EVENTS = {
  'call.arrived': event(
    'call.arrived',
    {
      callId: Id,
      legId: Id,
      platformId: Id,
      entry: z.string(),
      ani: Address,
      dnis: Address,
      callerName: z.string().optional(),
    },
    ['ani', 'callerName'],
  ),
  'call.created': event(
    'call.created',
    {
      callId: Id,
      platformId: Id,
      direction: Direction,
      /** `standing`: a leg of an agent that waits to carry calls, and no call of anybody. */
      purpose: z.enum(['call', 'consult', 'standing']),
      parentCall: Id.optional(),
      /** A queue is consulted: the call waits in it. */
      queueId: Id.optional(),
      userId: Id,
      ani: Address,
      dnis: Address,
    },
    ['dnis'],
  ),
  'leg.created': event(
    'leg.created',
    {
      callId: Id,
      legId: Id,
      role: LegRole,
      userId: Id.optional(),
      deviceId: Id.optional(),
      address: Address,
      replaces: Id.optional(),
      /** The switch's leg that carries it, when that is another one: it needs no ringing of its own. */
      via: Id.optional(),
    },
    ['address'],
  ),
  /** It is tried by this trunk: the last one said is the one that carries it. */
  'leg.routed': event('leg.routed', { callId: Id, legId: Id, trunkId: Id }),
  /** An emergency number was dialled: supervisors are told. `location` is the site's address. */
  'emergency.called': event('emergency.called', {
    callId: Id,
    userId: Id,
    number: z.string().max(16),
    siteId: Id.optional(),
    location: z.string().max(500).optional(),
  }),
  /** A leg goes on in another call of the conversation. */
  'leg.moved': event('leg.moved', { callId: Id, legId: Id, toCallId: Id }),
  /** From now on this switch leg carries it. */
  'leg.carried': event('leg.carried', { callId: Id, legId: Id, via: Id }),
  'leg.alerting': event('leg.alerting', { callId: Id, legId: Id }),
  'leg.connected': event('leg.connected', { callId: Id, legId: Id }),
  'leg.held': event('leg.held', { callId: Id, legId: Id, by: Id }),
  'leg.retrieved': event('leg.retrieved', { callId: Id, legId: Id }),
  'leg.muted': event('leg.muted', { callId: Id, legId: Id, on: z.boolean() }),
  'leg.lost': event('leg.lost', { callId: Id, legId: Id }),
  'leg.cleared': event('leg.cleared', { callId: Id, legId: Id, cause: ClearCause }),
  /** What the supervisor's leg is there for: the agent's leg that it hears, and what it is to be to the call. */
  'supervision.set': event('supervision.set', {
    callId: Id,
    legId: Id,
    agentLegId: Id,
    mode: SupervisionMode,
  }),
  /** The supervisor's leg is a party of the call from now on, heard by all; `take-over`: in place of this agent. */
  'supervision.joined': event('supervision.joined', {
    callId: Id,
    legId: Id,
    mode: z.enum(['barge', 'take-over']),
    agentUserId: Id,
  }),
  'legs.joined': event('legs.joined', { callId: Id, bridgeId: Id, legIds: z.array(Id) }),
  'call.ended': event('call.ended', { callId: Id, cause: ClearCause }),
  /** The user leaves the call to the target; `legId` is the target's leg, when one rings or talks. */
  'call.transferred': event(
    'call.transferred',
    {
      callId: Id,
      byUserId: Id,
      how: z.enum(['blind', 'attended']),
      legId: Id.optional(),
      userId: Id.optional(),
      queueId: Id.optional(),
      number: Address.optional(),
    },
    ['number'],
  ),
  /** A transfer or a parking came to nothing: the call goes back to a user (his leg `legId` rings), a queue, or ends with an apology. */
  'call.recalled': event('call.recalled', {
    callId: Id,
    to: z.enum(['user', 'queue', 'apology']),
    userId: Id.optional(),
    legId: Id.optional(),
    queueId: Id.optional(),
  }),
  'call.parked': event('call.parked', { callId: Id, slot: z.string().max(8), userId: Id }),
  'call.unparked': event('call.unparked', {
    callId: Id,
    slot: z.string().max(8),
    how: z.enum(['picked-up', 'timeout']),
    /** Who picked it up. */
    userId: Id.optional(),
  }),
  'conversation.ended': event('conversation.ended', { calls: z.number() }),
  'data.set': event(
    'data.set',
    {
      key: z.string().max(64),
      value: z.string().max(1024),
      from: z.enum(['ivr', 'agent', 'crm', 'platform']),
    },
    ['value'],
  ),
  /** The caller's dialogue goes on at this node of this version: an intent, so that a restart goes on there. */
  'flow.entered': event('flow.entered', {
    callId: Id,
    flowId: Id,
    version: z.number().int(),
    nodeId: z.string().max(40),
  }),
  'match.found': event(
    'match.found',
    {
      callId: Id,
      /** As whom it was asked, where each user sees records of his own; absent: what everybody sees. */
      userId: Id.optional(),
      status: z.enum(['done', 'failed', 'timeout']),
      records: z.array(RecordRef),
      more: z.boolean(),
      decision: PopDecision,
      /** Found by what the caller keyed or said, such as his account's number: that goes before his telephone number. */
      by: z
        .object({ object: z.string().max(80), field: z.string().max(80), value: z.string().max(255) })
        .optional(),
    },
    ['records', 'by'],
  ),
  /** `since`: he waits for longer than he is in this queue. */
  'queue.entered': event('queue.entered', {
    callId: Id,
    itemId: Id,
    queueId: Id,
    priority: z.number(),
    since: z.number().optional(),
  }),
  'queue.left': event('queue.left', {
    callId: Id,
    itemId: Id,
    queueId: Id,
    how: QueueLeft,
  }),
  /** The caller is led there; until he has arrived, a restart leads him again. */
  'call.led': event('call.led', { callId: Id, to: Led }),
  /** The caller of `callId` gives up waiting on the line: he is called, at his place in the queue. */
  'callback.requested': event(
    'callback.requested',
    { callId: Id, number: Address, queueId: Id, priority: z.number(), since: z.number() },
    ['number'],
  ),
  'callback.changed': event(
    'callback.changed',
    {
      /** Who said so; absent: a rule. */
      userId: Id.optional(),
      number: Address.optional(),
      queueId: Id.optional(),
      priority: z.number().optional(),
      /** Null: at once. */
      notBefore: z.number().nullable().optional(),
    },
    ['number'],
  ),
  /** A try: the call `callId` waits in the queue for an agent, who then calls the customer. */
  'callback.queued': event('callback.queued', { callId: Id, platformId: Id, ani: Address, dnis: Address }, [
    'dnis',
  ]),
  'callback.ended': event('callback.ended', {
    how: z.enum(['reached', 'not-reached', 'cancelled']),
    userId: Id.optional(),
  }),
  'offer.made': event('offer.made', {
    callId: Id,
    offerId: Id,
    itemId: Id,
    queueId: Id,
    userId: Id,
    legId: Id,
    deadline: z.number(),
  }),
  'offer.accepted': event('offer.accepted', { callId: Id, offerId: Id, userId: Id, legId: Id }),
  'offer.ended': event('offer.ended', {
    callId: Id,
    offerId: Id,
    userId: Id,
    how: z.enum(['declined', 'rang-out', 'withdrawn', 'failed']),
  }),
  'wrap.started': event('wrap.started', {
    userId: Id,
    callId: Id,
    queueId: Id.optional(),
    endsAt: z.number().optional(),
  }),
  'wrap.extended': event('wrap.extended', { userId: Id, callId: Id, endsAt: z.number() }),
  'wrap.ended': event('wrap.ended', {
    userId: Id,
    callId: Id,
    how: z.enum(['finished', 'timeout', 'logged-out', 'supervisor']),
  }),
  /** An agent connected: exactly one log per conversation and agent begins here. */
  'log.opened': event('log.opened', { userId: Id, callId: Id, legId: Id, queueId: Id.optional() }),
  'log.edited': event(
    'log.edited',
    {
      userId: Id,
      comments: z.string().max(32_000).optional(),
      disposition: z.string().max(80).nullable().optional(),
      who: RecordRef.nullable().optional(),
      what: RecordRef.nullable().optional(),
    },
    ['comments', 'who', 'what'],
  ),
  'log.closed': event('log.closed', { userId: Id }),
  /** What `legId` says and hears is recorded from now on. `rule`: because a rule says so, `demand`: `userId` asked for it, `voicemail`: it is a message. */
  'recording.started': event('recording.started', {
    callId: Id,
    legId: Id,
    recordingId: Id,
    why: z.enum(['rule', 'demand', 'voicemail']),
    userId: Id.optional(),
  }),
  /** `holder` asks for a pause (`on`) or gives it up: while anybody holds one, nothing is recorded. */
  'recording.paused': event('recording.paused', {
    callId: Id,
    legId: Id,
    recordingId: Id,
    on: z.boolean(),
    holder: z.string().max(80),
    userId: Id,
  }),
  'recording.stopped': event('recording.stopped', {
    callId: Id,
    legId: Id,
    recordingId: Id,
    outcome: z.enum(['done', 'failed']),
  }),
} as const;

export type ConversationEventType = keyof typeof CONVERSATION_EVENTS;
export type ConversationEvent = {
  [K in ConversationEventType]: { type: K } & z.infer<(typeof CONVERSATION_EVENTS)[K]['body']>;
}[ConversationEventType];

/** An event as it stands in the journal. `at` is ours, `switchAt` the switch's clock, both UTC milliseconds. */
export type Recorded<E> = E & { id: string; seq: number; at: number; switchAt?: number };

export const AGENT_EVENTS = {
  'agent.requested': event('agent.requested', {
    state: z.enum(['ready', 'not-ready', 'logged-out']),
    reason: z.string().optional(),
    by: Id,
  }),
  /** Asked for during a call: takes effect after it, as `agent.requested`. Without a state: taken back. */
  'agent.pending': event('agent.pending', {
    state: z.enum(['ready', 'not-ready', 'logged-out']).optional(),
    reason: z.string().optional(),
    by: Id,
  }),
  /** What is shown, what he asked for or its reason is another; `shown` is what everybody saw from then on. */
  'agent.changed': event('agent.changed', {
    shown: z.enum(['logged-out', 'ready', 'not-ready', 'offered', 'talking', 'wrap-up', 'lost']),
    requested: z.enum(['ready', 'not-ready', 'logged-out']),
    reason: z.string().optional(),
    work: z.enum(['idle', 'offered', 'talking', 'wrap-up']),
    online: z.boolean(),
  }),
} as const;

export type AgentEvent = {
  [K in keyof typeof AGENT_EVENTS]: { type: K } & z.infer<(typeof AGENT_EVENTS)[K]['body']>;
}[keyof typeof AGENT_EVENTS];

export const PLATFORM_EVENTS = {
  'platform.link': event('platform.link', { platformId: Id, link: z.enum(['up', 'down', 'reconciling']) }),
  'platform.reconciled': event('platform.reconciled', {
    platformId: Id,
    adopted: z.number(),
    closed: z.number(),
    strangers: z.number(),
  }),
} as const;

export const JOURNAL_EVENTS = {
  /** Fills the number of an intent that the database refused, so that a stream has no holes. */
  'intent.refused': event('intent.refused', { type: z.string() }),
} as const;

export const ALL_EVENTS = { ...CONVERSATION_EVENTS, ...AGENT_EVENTS, ...PLATFORM_EVENTS, ...JOURNAL_EVENTS };
export type EventType = keyof typeof ALL_EVENTS;
