/**
 * What history tells of one conversation, as the fold of its journal stream: pure, so that replaying the journal gives the
 * same rows. Times are UTC milliseconds, spans milliseconds.
 *
 * A segment of an agent:  legs.joined ──► talk ◄──► hold ──► his last leg is cleared ──► (wrap-up) ──► wrap-up ended
 * A segment of a queue:   queue.entered ──► (offered) ──► queue.left
 *
 * An agent has one segment at a time in a conversation: while he consults somebody, the first call's hold runs; who was
 * consulted takes his segment with him into the call that he is given. A leg that stands for calls to come is no history.
 */
import type { ConversationEvent, Recorded, RecordRef } from '../../protocol/facts.ts';
import type { JournalEntry } from '../store/journal.ts';
import type { CallLogRow, CallRow, ConversationRow, LegRow, Rows, SegmentRow } from './rows.ts';

interface Fold {
  conversation: ConversationRow;
  calls: Map<string, CallRow>;
  legs: Map<string, LegRow & { heldSince?: number }>;
  segments: SegmentRow[];
  logs: Map<string, CallLogRow>;
  offers: Map<
    string,
    { itemId: string; queueId: string; userId: string; callId: string; at: number; accepted: boolean }
  >;
  /** By user: since when his wrap-up runs. */
  wraps: Map<string, number>;
  /** By segment: legs on hold, and since when any is. */
  holds: Map<string, { legs: Set<string>; since: number }>;
  match: { callId: string; name: string } | undefined;
}

type Event = Recorded<ConversationEvent>;
type Handlers = { [K in Event['type']]?: (fold: Fold, event: Extract<Event, { type: K }>) => void };

/** The rows of a conversation, from all events of its stream so far, oldest first. */
export function foldConversation(id: string, entries: readonly JournalEntry[]): Rows {
  const fold: Fold = {
    conversation: { id, first_at: entries[0]?.at ?? 0, ended_at: null, data: {} },
    calls: new Map(),
    legs: new Map(),
    segments: [],
    logs: new Map(),
    offers: new Map(),
    wraps: new Map(),
    holds: new Map(),
    match: undefined,
  };
  for (const entry of entries) {
    const event = { type: entry.type, ...entry.body, id: entry.id, seq: entry.seq, at: entry.at } as Event;
    (HANDLERS[event.type] as ((fold: Fold, event: Event) => void) | undefined)?.(fold, event);
  }
  return rowsOf(fold);
}

const HANDLERS: Handlers = {
  'call.arrived': (fold, e) => {
    addCall(fold, {
      id: e.callId,
      platform_id: e.platformId,
      direction: 'inbound',
      purpose: 'call',
      ani: e.ani ?? null,
      dnis: e.dnis,
      caller_name: e.callerName ?? null,
      started_at: e.at,
    });
    addLeg(fold, {
      id: e.legId,
      call_id: e.callId,
      role: 'customer',
      address: e.ani ?? null,
      created_at: e.at,
    });
  },
  'call.created': (fold, e) =>
    addCall(fold, {
      id: e.callId,
      platform_id: e.platformId,
      direction: e.direction,
      purpose: e.purpose,
      parent_call: e.parentCall ?? null,
      user_id: e.userId,
      ani: e.ani,
      dnis: e.dnis ?? null,
      started_at: e.at,
    }),
  'callback.queued': (fold, e) =>
    addCall(fold, {
      id: e.callId,
      platform_id: e.platformId,
      direction: 'outbound',
      purpose: 'call',
      ani: e.ani,
      dnis: e.dnis ?? null,
      started_at: e.at,
    }),
  'leg.created': (fold, e) =>
    addLeg(fold, {
      id: e.legId,
      call_id: e.callId,
      role: e.role,
      user_id: e.userId ?? null,
      device_id: e.deviceId ?? null,
      address: e.address ?? null,
      replaces: e.replaces ?? null,
      created_at: e.at,
    }),
  'leg.moved': (fold, e) => {
    const leg = fold.legs.get(e.legId);
    if (!leg || leg.cleared_at !== null) return;
    leg.call_id = e.toCallId;
    const segment = openSegment(fold, leg);
    if (segment?.call_id === e.callId) segment.call_id = e.toCallId;
  },
  'leg.alerting': (fold, e) => setState(fold, e.legId, 'alerting'),
  'leg.connected': (fold, e) => {
    const leg = fold.legs.get(e.legId);
    if (!leg || leg.connected_at !== null || leg.cleared_at !== null) return;
    leg.state = 'connected';
    leg.connected_at = e.at;
  },
  'leg.held': (fold, e) => {
    const leg = fold.legs.get(e.legId);
    if (!leg || leg.cleared_at !== null || leg.heldSince !== undefined) return;
    leg.state = 'held';
    leg.heldSince = e.at;
    beginHold(fold, leg, e.at);
  },
  'leg.retrieved': (fold, e) => endHold(fold, e.legId, e.at, 'connected'),
  'leg.cleared': (fold, e) => {
    const leg = fold.legs.get(e.legId);
    if (!leg || leg.cleared_at !== null) return;
    leg.cause = e.cause;
    leg.cleared_at = e.at;
    endHold(fold, e.legId, e.at, 'cleared');
    leg.state = 'cleared';
    endAgentSegment(fold, leg, e.at);
  },
  'legs.joined': (fold, e) => {
    for (const legId of e.legIds) beginAgentSegment(fold, legId, e.at);
  },
  'call.ended': (fold, e) => {
    const call = fold.calls.get(e.callId);
    if (call) Object.assign(call, { ended_at: e.at, cause: e.cause });
  },
  'conversation.ended': (fold, e) => {
    fold.conversation.ended_at = e.at;
  },
  'data.set': (fold, e) => {
    fold.conversation.data[e.key] = e.value;
  },
  'match.found': (fold, e) => {
    const [single, second] = e.records ?? [];
    if (single && !second && !e.more) fold.match = { callId: e.callId, name: single.name };
  },
  'queue.entered': (fold, e) => {
    fold.segments.push({
      ...emptySegment(fold, e.itemId, e.callId, 'queue'),
      queue_id: e.queueId,
      queued_at: e.at,
    });
  },
  'queue.left': (fold, e) => {
    const segment = fold.segments.find((s) => s.id === e.itemId);
    if (segment)
      Object.assign(segment, {
        ended_at: e.at,
        outcome: e.how,
        answered_at: e.how === 'answered' ? e.at : null,
      });
  },
  'offer.made': (fold, e) => {
    fold.offers.set(e.offerId, {
      itemId: e.itemId,
      queueId: e.queueId,
      userId: e.userId,
      callId: e.callId,
      at: e.at,
      accepted: false,
    });
    const segment = fold.segments.find((s) => s.id === e.itemId);
    if (segment) segment.offered_at ??= e.at;
  },
  'offer.accepted': (fold, e) => {
    const offer = fold.offers.get(e.offerId);
    if (offer) offer.accepted = true;
    // A callback is its agent's call from now on; another call has one from the beginning, or none.
    const call = fold.calls.get(e.callId);
    if (call?.direction === 'outbound') call.user_id ??= e.userId;
  },
  'wrap.started': (fold, e) => {
    fold.wraps.set(e.userId, e.at);
  },
  'wrap.ended': (fold, e) => {
    const since = fold.wraps.get(e.userId);
    const segment = lastSegment(fold, e.userId);
    fold.wraps.delete(e.userId);
    if (since !== undefined && segment) segment.wrap_ms += e.at - since;
  },
  'log.opened': (fold, e) => openLog(fold, e),
  'log.edited': (fold, e) => {
    const log = fold.logs.get(e.userId);
    if (!log) return;
    if (typeof e.comments === 'string') log.comments = e.comments;
    if (e.disposition !== undefined) log.disposition = e.disposition;
    if (e.who !== undefined) log.who = e.who;
    if (e.what !== undefined) log.what = e.what;
  },
  'log.closed': (fold, e) => {
    const log = fold.logs.get(e.userId);
    if (log) Object.assign(log, { state: 'closed', closed_at: e.at });
  },
};

function addCall(
  fold: Fold,
  call: Pick<CallRow, 'id' | 'platform_id' | 'direction' | 'purpose' | 'started_at'> & Partial<CallRow>,
): void {
  const empty = {
    parent_call: null,
    user_id: null,
    ani: null,
    dnis: null,
    caller_name: null,
    ended_at: null,
    cause: null,
  };
  fold.calls.set(call.id, { ...empty, ...call, conversation_id: fold.conversation.id });
}

function addLeg(
  fold: Fold,
  leg: Pick<LegRow, 'id' | 'call_id' | 'role' | 'created_at'> & Partial<LegRow>,
): void {
  const empty = {
    user_id: null,
    device_id: null,
    address: null,
    cause: null,
    replaces: null,
    connected_at: null,
    cleared_at: null,
  };
  fold.legs.set(leg.id, {
    ...empty,
    state: 'initiated',
    held_ms: 0,
    ...leg,
    conversation_id: fold.conversation.id,
  });
}

function setState(fold: Fold, legId: string, state: string): void {
  const leg = fold.legs.get(legId);
  if (leg && leg.connected_at === null && leg.cleared_at === null) leg.state = state;
}

function emptySegment(fold: Fold, id: string, callId: string, kind: SegmentRow['kind']): SegmentRow {
  const times = { queued_at: null, offered_at: null, answered_at: null, ended_at: null };
  const rest = {
    queue_id: null,
    user_id: null,
    outcome: null,
    disposition: null,
    talk_ms: 0,
    hold_ms: 0,
    wrap_ms: 0,
  };
  return { id, conversation_id: fold.conversation.id, call_id: callId, kind, ...times, ...rest };
}

function beginAgentSegment(fold: Fold, legId: string, at: number): void {
  const leg = fold.legs.get(legId);
  if (!leg?.user_id || leg.role !== 'agent' || openSegment(fold, leg)) return;
  const { user_id: userId, call_id: callId } = leg;
  const offer = [...fold.offers.values()].findLast(
    (o) => o.userId === userId && o.callId === callId && o.accepted,
  );
  const queued = offer && fold.segments.find((s) => s.id === offer.itemId);
  const count = fold.segments.filter((s) => s.id.startsWith(`${callId}:${userId}:`)).length;
  fold.segments.push({
    ...emptySegment(fold, `${callId}:${userId}:${count + 1}`, callId, 'agent'),
    user_id: userId,
    queue_id: offer?.queueId ?? null,
    queued_at: queued?.queued_at ?? null,
    offered_at: offer?.at ?? null,
    answered_at: at,
  });
}

/** A leg in whose place another one lives does not end the agent's stretch. */
function endAgentSegment(fold: Fold, leg: LegRow, at: number): void {
  const segment = openSegment(fold, leg);
  const others = [...fold.legs.values()].some(
    (l) =>
      l.user_id !== null && l.user_id === leg.user_id && l.cleared_at === null && l.connected_at !== null,
  );
  if (!segment || others) return;
  segment.ended_at = at;
  segment.talk_ms = Math.max(0, at - (segment.answered_at ?? at) - segment.hold_ms);
}

function openSegment(fold: Fold, leg: LegRow): SegmentRow | undefined {
  return fold.segments.find((s) => s.kind === 'agent' && s.user_id === leg.user_id && s.ended_at === null);
}

function lastSegment(fold: Fold, userId: string): SegmentRow | undefined {
  return fold.segments.findLast((s) => s.kind === 'agent' && s.user_id === userId);
}

/**
 * A segment is on hold while any of its legs is: a leg that takes a held one's place does not count twice, and a consultation
 * that waits while its agent talks to the customer does not count.
 */
function beginHold(fold: Fold, leg: LegRow, at: number): void {
  const segment = openSegment(fold, leg);
  if (segment?.call_id !== leg.call_id) return;
  const hold = fold.holds.get(segment.id) ?? { legs: new Set<string>(), since: at };
  if (hold.legs.size === 0) hold.since = at;
  hold.legs.add(leg.id);
  fold.holds.set(segment.id, hold);
}

function endHold(fold: Fold, legId: string, at: number, state: string): void {
  const leg = fold.legs.get(legId);
  if (leg?.heldSince === undefined) return;
  leg.held_ms += at - leg.heldSince;
  delete leg.heldSince;
  leg.state = state;
  const segment = openSegment(fold, leg);
  const hold = segment && fold.holds.get(segment.id);
  if (!segment || !hold?.legs.delete(legId) || hold.legs.size > 0) return;
  segment.hold_ms += at - hold.since;
}

function openLog(fold: Fold, e: Extract<Event, { type: 'log.opened' }>): void {
  const known = fold.logs.get(e.userId);
  const call = fold.calls.get(e.callId);
  if (known) Object.assign(known, { state: 'open', closed_at: null });
  if (known || !call) return;
  const first = firstCall(fold, call);
  fold.logs.set(e.userId, {
    conversation_id: fold.conversation.id,
    user_id: e.userId,
    call_id: e.callId,
    opened_at: e.at,
    closed_at: null,
    direction: first.direction,
    peer: peerOf(first, e.userId),
    peer_name: null,
    who: null,
    what: null,
    comments: '',
    disposition: null,
    state: 'open',
  });
}

/** A consultation is about the call that it was made from. */
function firstCall(fold: Fold, call: CallRow): CallRow {
  return fold.calls.get(call.parent_call ?? '') ?? call;
}

/** The customer, whoever talks to him by now; between colleagues the other one. */
function peerOf(call: CallRow, userId: string): CallRow['ani'] {
  if (call.direction === 'internal') return call.user_id === userId ? call.dnis : call.ani;
  return call.direction === 'inbound' ? call.ani : call.dnis;
}

function rowsOf(fold: Fold): Rows {
  const calls = [...fold.calls.values()];
  if (calls.length > 0 && calls.every((call) => call.purpose === 'standing'))
    return { conversation: [], call: [], leg: [], segment: [], call_log: [] };
  for (const log of fold.logs.values()) {
    log.peer_name = nameOf(fold, log);
    const segment = lastSegment(fold, log.user_id);
    if (segment) segment.disposition = log.disposition;
  }
  return {
    conversation: [fold.conversation],
    call: calls,
    leg: [...fold.legs.values()].map(({ heldSince: _running, ...leg }) => leg),
    segment: fold.segments,
    call_log: [...fold.logs.values()],
  };
}

function nameOf(fold: Fold, log: CallLogRow): string | null {
  const who: RecordRef | null = log.who;
  const call = fold.calls.get(log.call_id);
  const first = call && firstCall(fold, call);
  const matched = first && fold.match?.callId === first.id ? fold.match.name : undefined;
  return matched ?? who?.name ?? first?.caller_name ?? null;
}
