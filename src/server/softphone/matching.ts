/**
 * Who calls: as soon as a call arrives (or is dialled) its number is looked up, and the result is journalled as
 * `match.found`, so that the pop is there when the agent's phone rings and a replay shows the same. Where an agent's CRM or his
 * rights in it are his own, it is looked up as him as soon as the call is his. What the caller has keyed or said, such as his
 * account's number, goes before his telephone number: the flow looks it up.
 */
import type { Clock } from '../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../lib/deadline.ts';
import type { Address } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ConversationEvent, PopDecision, Recorded, RecordRef } from '../../protocol/facts.ts';
import { type FindingCrm, findRecord } from '../crm/find-record.ts';
import { type Actor, SYSTEM_ACTOR } from '../crm/ports.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Call, type Conversation, isLive } from '../telephony/model.ts';
import type { ServingCrms, SoftphoneSettings } from './ports.ts';

export interface MatchingOptions {
  crm: FindingCrm;
  crms: Pick<ServingCrms, 'viewOf'>;
  settings: Pick<SoftphoneSettings, 'user'>;
  conversations: Conversations;
  clock: Clock;
  /** Milliseconds the CRM may take. Default 2,000. */
  deadlineMs?: number;
  onError: (what: string, error: unknown, ids: { conversationId: string }) => void;
}

/** What an agent asks for again may take longer, in milliseconds: he waits for it, and no call does. */
const AGAIN_MS = 8_000;

/** Records found at most: each agent's layout picks from them. */
const FOUND = 50;

type MatchBy = NonNullable<MatchFound['by']>;
type Found = { records: RecordRef[]; more: boolean };
type MatchFound = Extract<ConversationEvent, { type: 'match.found' }>;

/** True for an address that can be somebody's in a CRM. */
export function isMatchable(address: Address): boolean {
  return (
    address.kind === 'e164' || (address.kind === 'unknown' && address.value.replace(/\D/g, '').length >= 6)
  );
}

/** What the standard layout pops for a call that comes in; what did pop is the layout's of each agent. */
function decidePop(found: {
  status: 'done' | 'failed' | 'timeout';
  records: readonly RecordRef[];
  more: boolean;
}): PopDecision {
  if (found.status !== 'done') return 'none';
  if (found.records.length === 0) return 'new';
  return found.records.length === 1 && !found.more ? 'record' : 'list';
}

export class Matching {
  readonly #o: MatchingOptions;
  readonly #clicked = new Map<string, RecordRef>();

  constructor(options: MatchingOptions) {
    this.#o = options;
  }

  /** The record whose number was clicked: what the conversation that is about to be made is matched with. */
  expect(conversationId: string, record: RecordRef): void {
    this.#clicked.set(conversationId, record);
  }

  forget(conversationId: string): void {
    this.#clicked.delete(conversationId);
  }

  /** Listener of the conversations. */
  onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    if (event.type === 'call.arrived')
      this.#run(conversation.id, event.callId, event.ani, (found) => decidePop(found));
    if (event.type === 'call.created' && event.purpose === 'call')
      this.#dialled(conversation.id, event.callId, event.dnis);
    if (event.type === 'callback.queued') this.#run(conversation.id, event.callId, event.dnis, decidePop);
    if (event.type === 'leg.created' && event.role === 'agent' && event.userId !== undefined)
      this.#given(conversation, event.userId);
  }

  /**
   * The agent asks again for what the CRM did not answer: he gets what it says now, and whoever sees the same as he. What was found
   * already stays. @throws `timeout`, or what the CRM says; the match is as it was then.
   */
  async again({ id, calls, match, matches }: Conversation, userId: string): Promise<void> {
    const { crms, conversations } = this.#o;
    const own = crms.viewOf(userId) !== crms.viewOf();
    const failed = own ? matches.get(userId) : match;
    const call = failed && calls.get(failed.callId);
    if (!call || failed.status === 'done') return;
    const about = { callId: call.id, ...(own ? { userId } : {}), ...(failed.by ? { by: failed.by } : {}) };
    const actor = this.#actor(own ? userId : undefined);
    const result = await (failed.by
      ? this.#keyed(failed.by, actor, AGAIN_MS)
      : this.#search(customerOf(call), actor, AGAIN_MS)
    ).catch((error: unknown) => {
      throw isAway(error) ? new CodedError('timeout', { what: 'The CRM' }) : error;
    });
    const found = { ...about, ...result, status: 'done' as const };
    const decision = call.direction === 'outbound' ? 'none' : decidePop(found);
    if (conversations.get(id)) this.#found(id, { type: 'match.found', ...found, decision });
  }

  /** The call is this user's now, who may see others than everybody does. */
  #given(conversation: Conversation, userId: string): void {
    const { crms } = this.#o;
    if (crms.viewOf(userId) === crms.viewOf() || conversation.matches.has(userId)) return;
    const call = [...conversation.calls.values()].find(({ endedAt }) => endedAt === undefined);
    if (!call) return;
    const { by } = conversation.match ?? {};
    if (by) this.#runBy(conversation.id, call.id, by, userId);
    else this.#run(conversation.id, call.id, customerOf(call), decidePop, userId);
  }

  /** As this user, who may not see what the flow has found. */
  #runBy(conversationId: string, callId: string, by: MatchBy, userId: string): void {
    const found = (status: MatchFound['status'], records: RecordRef[]): void => {
      const match = { callId, userId, status, records, more: false, by };
      this.#found(conversationId, { type: 'match.found', ...match, decision: decidePop(match) });
    };
    this.#keyed(by, this.#actor(userId)).then(
      ({ records }) => found('done', records),
      (error: unknown) => {
        this.#o.onError('match what a caller keyed', error, { conversationId });
        found(isTimeout(error) ? 'timeout' : 'failed', []);
      },
    );
  }

  /** Looks up what the last process did not get to. */
  restore(): void {
    for (const conversation of this.#o.conversations.all()) {
      const call = [...conversation.calls.values()].find((c) => c.endedAt === undefined);
      if (!call) continue;
      for (const leg of conversation.legs.values())
        if (leg.role === 'agent' && leg.userId && isLive(leg)) this.#given(conversation, leg.userId);
      if (conversation.match) continue;
      if (call.direction === 'inbound') this.#run(conversation.id, call.id, call.ani, decidePop);
      else this.#dialled(conversation.id, call.id, call.dnis);
    }
  }

  /** An agent who dials has his record open or knows whom he calls: nothing pops by itself. */
  #dialled(conversationId: string, callId: string, to: Address): void {
    const record = this.#clicked.get(conversationId);
    this.#clicked.delete(conversationId);
    if (!record) return this.#run(conversationId, callId, to, () => 'none');
    this.#found(conversationId, {
      type: 'match.found',
      callId,
      status: 'done',
      records: [record],
      more: false,
      decision: 'none',
    });
  }

  #run(
    conversationId: string,
    callId: string,
    number: Address,
    decide: (found: MatchFound) => PopDecision,
    userId?: string,
  ): void {
    if (userId === undefined && this.#o.crms.viewOf() === undefined) return;
    const empty: MatchFound = {
      type: 'match.found',
      callId,
      ...(userId === undefined ? {} : { userId }),
      status: 'done',
      records: [],
      more: false,
      decision: 'none',
    };
    if (!isMatchable(number)) return this.#found(conversationId, empty);
    this.#search(number, this.#actor(userId)).then(
      (result) => {
        const found = { ...empty, ...result };
        this.#found(conversationId, { ...found, decision: decide(found) });
      },
      (error: unknown) => {
        this.#o.onError('match a number', error, { conversationId });
        this.#found(conversationId, { ...empty, status: isTimeout(error) ? 'timeout' : 'failed' });
      },
    );
  }

  #actor(userId: string | undefined): Actor {
    if (userId === undefined) return SYSTEM_ACTOR;
    return { userId, roles: this.#o.settings.user(userId)?.roles ?? [] };
  }

  async #keyed(by: MatchBy, actor: Actor, deadlineMs = this.#deadlineMs): Promise<Found> {
    const { clock, crm } = this.#o;
    const record = await withDeadline(clock, deadlineMs, 'The CRM', findRecord(crm, actor, by, by.value));
    return { records: record ? [record.ref] : [], more: false };
  }

  #search(number: Address, actor: Actor, deadlineMs = this.#deadlineMs): Promise<Found> {
    return withDeadline(
      this.#o.clock,
      deadlineMs,
      'The CRM',
      this.#o.crm.match(actor, number.value, { deadlineMs, limit: FOUND }),
    );
  }

  get #deadlineMs(): number {
    return this.#o.deadlineMs ?? 2_000;
  }

  /** The number's match that comes after that of what the caller keyed is too late. */
  #found(conversationId: string, found: MatchFound): void {
    const conversation = this.#o.conversations.get(conversationId);
    if (!conversation || (conversation.match?.by && !found.by)) return;
    this.#o.conversations.record(conversationId, [found]);
  }
}

/** Whose number is looked up: the caller's, else the one that was dialled. */
function customerOf({ direction, ani, dnis }: Call): Address {
  return direction === 'inbound' ? ani : dnis;
}

/** Nothing tries by itself what an agent asks for: unlike in the outbox, there is one thing to say. */
function isAway(error: unknown): boolean {
  return isTimeout(error) || (error instanceof CodedError && error.code === 'crm-unavailable');
}

function isTimeout(error: unknown): boolean {
  return error instanceof DeadlineError || (error instanceof CodedError && error.code === 'timeout');
}
