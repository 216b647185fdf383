/**
 * The call model (DESIGN section 2): a conversation holds calls, a call holds legs. The model is the fold of the
 * conversation's journal stream: `apply` is the only way it changes, so replaying the stream gives the same model.
 *
 * A leg, in CSTA's connection states (ECMA-269, 6.1.5):
 *
 *     initiated ──► alerting ──► connected ◄──► held
 *         │            │             │            │
 *         └────────────┴──────┬──────┴────────────┘
 *                             ▼
 *                   cleared (or failed: it never connected and its cause is an error)
 *
 *     connected ──► queued ──► connected: a connected customer's leg is called so while its call waits in a queue
 *
 * An offer ends once, a place in a queue is left once: what says so later changes nothing.
 * A call ends when its last leg is cleared; a conversation ends when its calls have ended, no wrap-up runs, no log is open and
 * nobody is to be called back.
 */
import type { Address } from '../../protocol/address.ts';
import type {
  ClearCause,
  ConversationEvent,
  Direction,
  LegRole,
  LegState,
  Led,
  PopDecision,
  QueueLeft,
  Recorded,
  RecordRef,
  SupervisionMode,
} from '../../protocol/facts.ts';
import { RECORDING_HANDLERS, type RecordingOfLeg } from './model-recordings.ts';
import { LED_HANDLERS, type PendingCallback } from './model-led.ts';

export type { PendingCallback } from './model-led.ts';
export type { RecordingOfLeg } from './model-recordings.ts';

export interface Leg {
  id: string;
  callId: string;
  role: LegRole;
  userId?: string;
  deviceId?: string;
  address: Address;
  state: LegState;
  cause?: ClearCause;
  muted: boolean;
  /** Its sound is gone (the page that carried it closed) though the switch still has it. */
  lost: boolean;
  /** It was connected to the other party: its end ends the call. */
  joined: boolean;
  /** The leg in whose place this one was made. */
  replaces?: string;
  /** The trunk that it leaves by. */
  trunkId?: string;
  /** The switch leg that carries it, when that is another one: see carrierOf. */
  via?: string;
  /** Its user has left the call to others (transfer, parking): it is hung up as soon as they are joined. */
  leaving?: boolean;
  /** Of a supervisor's leg: the agent's leg that it hears, and what it is to be; see supervision.ts. */
  supervises?: { legId: string; mode: SupervisionMode };
  createdAt: number;
  connectedAt?: number;
  heldSince?: number;
  heldMs: number;
  clearedAt?: number;
}

/** A call on its way from one party to the next: until the next one is joined, or waits in a queue. */
export interface PendingTransfer {
  /** Who gave it away, or parked it: it comes back to him first. */
  byUserId: string;
  /** The leg that rings now. */
  legId?: string;
  /** The queue where it shall wait. */
  queueId?: string;
  /** It has come back already: the next failure does not go to the same user again. */
  recalled: boolean;
  /** There is nobody left to try. */
  apology: boolean;
}

export interface Call {
  id: string;
  platformId: string;
  direction: Direction;
  purpose: 'call' | 'consult' | 'standing';
  parentCall?: string;
  /** The queue that is consulted. */
  queueId?: string;
  transfer?: PendingTransfer;
  /** Where its caller is led; gone when he waits in a queue again, or talks. */
  led?: Led;
  /** It waits in a queue without its customer, who is called when an agent has accepted it. */
  callback?: true;
  parked?: { slot: string; userId: string; at: number };
  /** The agent who made it, for a call that did not arrive. */
  userId?: string;
  ani: Address;
  dnis: Address;
  entry?: string;
  callerName?: string;
  /** The node of a flow where its caller is, or was when he went on to a queue or to somebody. */
  dialogue?: Dialogue;
  bridgeId?: string;
  startedAt: number;
  endedAt?: number;
  cause?: ClearCause;
}

/** Where a caller is in a flow. */
export interface Dialogue {
  flowId: string;
  version: number;
  nodeId: string;
  /** When he came to this node. */
  at: number;
  /** How many nodes he has come to in all. */
  nodes: number;
}

export interface QueueStay {
  itemId: string;
  callId: string;
  queueId: string;
  priority: number;
  enteredAt: number;
  /** Since when he waits altogether. */
  since: number;
  leftAt?: number;
  how?: QueueLeft;
}

export interface Offer {
  offerId: string;
  itemId: string;
  callId: string;
  queueId: string;
  userId: string;
  legId: string;
  madeAt: number;
  deadline: number;
  ended?: 'accepted' | 'declined' | 'rang-out' | 'withdrawn' | 'failed';
}

export interface WrapUp {
  userId: string;
  callId: string;
  queueId?: string;
  startedAt: number;
  endsAt?: number;
  /** How often it was given more time. */
  extensions?: number;
  endedAt?: number;
}

export interface Log {
  userId: string;
  callId: string;
  legId: string;
  queueId?: string;
  openedAt: number;
  rev: number;
  comments: string;
  disposition: string | null;
  who: RecordRef | null;
  what: RecordRef | null;
  closedAt?: number;
}

export interface Match {
  callId: string;
  status: 'done' | 'failed' | 'timeout';
  records: RecordRef[];
  more: boolean;
  decision: PopDecision;
  /** What the caller keyed or said, by which it was found; absent: his number. */
  by?: { object: string; field: string; value: string };
}

export interface Conversation {
  readonly id: string;
  startedAt: number;
  endedAt?: number;
  calls: Map<string, Call>;
  legs: Map<string, Leg>;
  queueStays: Map<string, QueueStay>;
  offers: Map<string, Offer>;
  wraps: Map<string, WrapUp>;
  logs: Map<string, Log>;
  data: Map<string, { value: string; from: string }>;
  recordings: Map<string, RecordingOfLeg>;
  callback?: PendingCallback;
  /** What everybody sees who sees the same. */
  match?: Match;
  /** What a user sees whose CRM, or whose rights in it, are his own. */
  matches: Map<string, Match>;
}

export function emptyConversation(id: string, at: number): Conversation {
  return {
    id,
    startedAt: at,
    calls: new Map(),
    legs: new Map(),
    queueStays: new Map(),
    offers: new Map(),
    wraps: new Map(),
    logs: new Map(),
    matches: new Map(),
    data: new Map(),
    recordings: new Map(),
  };
}

/** The switch's leg behind a leg: facts about it hold for all legs that it carries. */
export function carrierOf(leg: Pick<Leg, 'id' | 'via'>): string {
  return leg.via ?? leg.id;
}

/** A leg that the switch has, or is making. */
export function isLive(leg: Leg): boolean {
  return leg.state !== 'cleared' && leg.state !== 'failed';
}

export function liveLegs(conversation: Conversation, callId: string): Leg[] {
  return [...conversation.legs.values()].filter((leg) => leg.callId === callId && isLive(leg));
}

/** The party that the agents talk to: the customer of an arrived call, the dialled party of one that was made. */
export function customerLeg(conversation: Conversation, callId: string): Leg | undefined {
  return liveLegs(conversation, callId).find((leg) => leg.role === 'customer' || leg.role === 'external');
}

/** The user's leg that is in use: the newest live one. */
export function agentLeg(conversation: Conversation, callId: string, userId: string): Leg | undefined {
  return liveLegs(conversation, callId)
    .filter((leg) => leg.role === 'agent' && leg.userId === userId && !leg.lost)
    .at(-1);
}

/** True when nothing more can happen in the conversation. */
export function isOver(conversation: Conversation): boolean {
  const open = (things: Iterable<{ endedAt?: number }>) =>
    [...things].some((thing) => thing.endedAt === undefined);
  if (conversation.callback && conversation.callback.ended === undefined) return false;
  if (conversation.calls.size === 0 || open(conversation.calls.values())) return false;
  if (open(conversation.wraps.values())) return false;
  return [...conversation.logs.values()].every((log) => log.closedAt !== undefined);
}

/** How an event of this type changes the model. */
export type Handler<K extends ConversationEvent['type']> = (
  c: Conversation,
  e: Recorded<Extract<ConversationEvent, { type: K }>>,
) => void;

/** Applies one event, in place. An event about a leg or call that is not there (it was refused) changes nothing. */
export function apply(conversation: Conversation, event: Recorded<ConversationEvent>): void {
  (HANDLERS[event.type] as Handler<ConversationEvent['type']>)(conversation, event as never);
}

const HANDLERS: { [K in ConversationEvent['type']]: Handler<K> } = {
  'call.arrived': (c, e) => {
    c.calls.set(e.callId, {
      id: e.callId,
      platformId: e.platformId,
      direction: 'inbound',
      purpose: 'call',
      ani: e.ani,
      dnis: e.dnis,
      entry: e.entry,
      ...(e.callerName ? { callerName: e.callerName } : {}),
      startedAt: e.at,
    });
    addLeg(c, { id: e.legId, callId: e.callId, role: 'customer', address: e.ani, at: e.at });
  },
  'call.created': (c, e) => {
    c.calls.set(e.callId, {
      id: e.callId,
      platformId: e.platformId,
      direction: e.direction,
      purpose: e.purpose,
      ...(e.parentCall ? { parentCall: e.parentCall } : {}),
      ...(e.queueId ? { queueId: e.queueId } : {}),
      userId: e.userId,
      ani: e.ani,
      dnis: e.dnis,
      startedAt: e.at,
    });
  },
  'leg.created': (c, e) => addLeg(c, { ...e, id: e.legId }),
  'leg.routed': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg && isLive(leg)) leg.trunkId = e.trunkId;
  },
  'emergency.called': () => undefined,
  'leg.moved': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg && isLive(leg)) leg.callId = e.toCallId;
  },
  'leg.carried': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg && isLive(leg)) leg.via = e.via;
  },
  'leg.alerting': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg?.state === 'initiated') leg.state = 'alerting';
  },
  'leg.connected': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (!leg || (leg.state !== 'initiated' && leg.state !== 'alerting')) return;
    leg.state = isQueued(c, leg) ? 'queued' : 'connected';
    leg.connectedAt = e.at;
  },
  'leg.held': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg?.state !== 'connected') return;
    leg.state = 'held';
    leg.heldSince = e.at;
    // Made in place of a leg that was on hold: it goes on with that one's talk.
    if (leg.replaces && c.legs.get(leg.replaces)?.joined) leg.joined = true;
  },
  'leg.retrieved': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg?.state !== 'held') return;
    leg.state = 'connected';
    endHold(leg, e.at);
  },
  'leg.muted': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg && isLive(leg)) leg.muted = e.on;
  },
  'leg.lost': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg && isLive(leg)) leg.lost = true;
  },
  'leg.cleared': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (!leg || !isLive(leg)) return;
    leg.state = leg.connectedAt === undefined && FAILURES.has(e.cause) ? 'failed' : 'cleared';
    leg.cause = e.cause;
    leg.clearedAt = e.at;
    endHold(leg, e.at);
  },
  'supervision.set': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg?.role === 'supervisor' && isLive(leg)) leg.supervises = { legId: e.agentLegId, mode: e.mode };
  },
  'supervision.joined': (c, e) => {
    const leg = c.legs.get(e.legId);
    if (leg?.role !== 'supervisor' || !isLive(leg)) return;
    leg.role = 'agent';
    delete leg.supervises;
    if (e.mode === 'take-over') leave(c, e.callId, e.agentUserId);
  },
  'legs.joined': (c, e) => {
    const call = c.calls.get(e.callId);
    if (call) call.bridgeId = e.bridgeId;
    // Whoever is leaving was joined before he gave the call away: it is still on its way.
    if (call && !e.legIds.some((id) => c.legs.get(id)?.leaving)) delete call.transfer;
    if (call) delete call.led;
    for (const id of e.legIds) {
      const leg = c.legs.get(id);
      if (!leg || !isLive(leg)) continue;
      leg.joined = true;
      if (leg.state === 'queued') leg.state = 'connected';
    }
  },
  'call.ended': (c, e) => {
    const call = c.calls.get(e.callId);
    if (!call || call.endedAt !== undefined) return;
    call.endedAt = e.at;
    call.cause = e.cause;
  },
  'call.transferred': (c, e) => {
    const call = c.calls.get(e.callId);
    if (!call) return;
    leave(c, e.callId, e.byUserId);
    if (e.how === 'blind')
      call.transfer = {
        byUserId: e.byUserId,
        ...(e.legId ? { legId: e.legId } : {}),
        ...(e.queueId ? { queueId: e.queueId } : {}),
        recalled: false,
        apology: false,
      };
  },
  'call.recalled': (c, e) => {
    const call = c.calls.get(e.callId);
    if (!call) return;
    call.transfer = {
      byUserId: call.transfer?.byUserId ?? e.userId ?? '',
      ...(e.legId ? { legId: e.legId } : {}),
      ...(e.queueId ? { queueId: e.queueId } : {}),
      recalled: true,
      apology: e.to === 'apology',
    };
  },
  'call.parked': (c, e) => {
    const call = c.calls.get(e.callId);
    if (!call) return;
    leave(c, e.callId, e.userId);
    call.parked = { slot: e.slot, userId: e.userId, at: e.at };
  },
  'call.unparked': (c, e) => {
    const call = c.calls.get(e.callId);
    if (!call?.parked) return;
    call.transfer = { byUserId: call.parked.userId, recalled: false, apology: false };
    delete call.parked;
  },
  'conversation.ended': (c, e) => {
    c.endedAt = e.at;
  },
  'data.set': (c, e) => {
    c.data.set(e.key, { value: e.value, from: e.from });
  },
  'flow.entered': (c, e) => {
    const call = c.calls.get(e.callId);
    if (!call) return;
    const { flowId, version, nodeId } = e;
    delete call.led;
    call.dialogue = { flowId, version, nodeId, at: e.at, nodes: (call.dialogue?.nodes ?? 0) + 1 };
  },
  'match.found': (c, e) => {
    const match: Match = {
      callId: e.callId,
      status: e.status,
      records: e.records ?? [],
      more: e.more,
      decision: e.decision,
      ...(e.by ? { by: e.by } : {}),
    };
    if (e.userId === undefined) c.match = match;
    else c.matches.set(e.userId, match);
  },
  'queue.entered': (c, e) => {
    c.queueStays.set(e.itemId, {
      itemId: e.itemId,
      callId: e.callId,
      queueId: e.queueId,
      priority: e.priority,
      enteredAt: e.at,
      since: e.since ?? e.at,
    });
    const call = c.calls.get(e.callId);
    if (call) {
      delete call.transfer;
      delete call.led;
    }
    const leg = customerLeg(c, e.callId);
    if (leg?.state === 'connected') leg.state = 'queued';
  },
  'queue.left': (c, e) => {
    const stay = c.queueStays.get(e.itemId);
    if (!stay) return;
    if (stay.leftAt !== undefined) return;
    stay.leftAt = e.at;
    stay.how = e.how;
    // Who is answered stays queued until he is joined; everybody else is back where he was before he waited.
    const leg = customerLeg(c, stay.callId);
    if (e.how !== 'answered' && leg?.state === 'queued') leg.state = 'connected';
  },
  ...LED_HANDLERS,
  'offer.made': (c, e) => {
    c.offers.set(e.offerId, {
      offerId: e.offerId,
      itemId: e.itemId,
      callId: e.callId,
      queueId: e.queueId,
      userId: e.userId,
      legId: e.legId,
      madeAt: e.at,
      deadline: e.deadline,
    });
  },
  'offer.accepted': (c, e) => {
    const offer = c.offers.get(e.offerId);
    if (offer) offer.ended ??= 'accepted';
    // Whose callback it is from now on: he is the one who calls.
    const call = c.calls.get(e.callId);
    if (call?.callback) call.userId = e.userId;
  },
  'offer.ended': (c, e) => {
    const offer = c.offers.get(e.offerId);
    if (offer) offer.ended ??= e.how;
  },
  'wrap.started': (c, e) => {
    c.wraps.set(e.userId, {
      userId: e.userId,
      callId: e.callId,
      startedAt: e.at,
      ...(e.queueId ? { queueId: e.queueId } : {}),
      ...(e.endsAt ? { endsAt: e.endsAt } : {}),
    });
  },
  'wrap.extended': (c, e) => {
    const wrap = c.wraps.get(e.userId);
    if (!wrap || wrap.endedAt !== undefined) return;
    wrap.endsAt = e.endsAt;
    wrap.extensions = (wrap.extensions ?? 0) + 1;
  },
  'wrap.ended': (c, e) => {
    const wrap = c.wraps.get(e.userId);
    if (wrap) wrap.endedAt = e.at;
  },
  'log.opened': (c, e) => {
    // One log per conversation and agent: a second connection of the same agent goes on with his first log.
    const log = c.logs.get(e.userId);
    if (log) {
      delete log.closedAt;
      return;
    }
    c.logs.set(e.userId, {
      userId: e.userId,
      callId: e.callId,
      legId: e.legId,
      ...(e.queueId ? { queueId: e.queueId } : {}),
      openedAt: e.at,
      rev: 0,
      comments: '',
      disposition: null,
      who: null,
      what: null,
    });
  },
  'log.edited': (c, e) => {
    const log = c.logs.get(e.userId);
    if (!log) return;
    log.rev++;
    if (typeof e.comments === 'string') log.comments = e.comments;
    if (e.disposition !== undefined) log.disposition = e.disposition;
    if (e.who !== undefined) log.who = e.who;
    if (e.what !== undefined) log.what = e.what;
  },
  'log.closed': (c, e) => {
    const log = c.logs.get(e.userId);
    if (log) log.closedAt = e.at;
  },
  ...RECORDING_HANDLERS,
};

const FAILURES = new Set<ClearCause>(['unreachable', 'not-found', 'congestion', 'failed']);

function addLeg(
  c: Conversation,
  leg: {
    id: string;
    callId: string;
    role: LegRole;
    userId?: string;
    deviceId?: string;
    address: Address;
    replaces?: string;
    via?: string;
    at: number;
  },
): void {
  c.legs.set(leg.id, {
    id: leg.id,
    callId: leg.callId,
    role: leg.role,
    ...(leg.userId ? { userId: leg.userId } : {}),
    ...(leg.deviceId ? { deviceId: leg.deviceId } : {}),
    ...(leg.replaces ? { replaces: leg.replaces } : {}),
    ...(leg.via ? { via: leg.via } : {}),
    address: leg.address,
    state: 'initiated',
    muted: false,
    lost: false,
    joined: false,
    createdAt: leg.at,
    heldMs: 0,
  });
}

/** The user's legs in the call go as soon as the others are joined. */
function leave(c: Conversation, callId: string, userId: string): void {
  for (const leg of liveLegs(c, callId))
    if (leg.userId === userId && leg.connectedAt !== undefined) leg.leaving = true;
}

function isQueued(c: Conversation, leg: Leg): boolean {
  if (leg.role !== 'customer') return false;
  return [...c.queueStays.values()].some((stay) => stay.callId === leg.callId && stay.leftAt === undefined);
}

function endHold(leg: Leg, at: number): void {
  if (leg.heldSince === undefined) return;
  leg.heldMs += Math.max(0, at - leg.heldSince);
  delete leg.heldSince;
}
