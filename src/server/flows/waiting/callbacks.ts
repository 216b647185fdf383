/**
 * Customers who are called at their place in the queue. All that is known stands in the conversation's journal, so that a place
 * outlives the call and the process. Each try is a call of its own in the same conversation, which waits in the queue without the
 * customer: an agent is offered it like any other, and when he accepts call control calls the customer for him.
 *
 *     requested ─► (caller hangs up) ─► queued ─► offered ─► accepted ─► customer rings ─┬─ joined ─► reached
 *                       ▲ open, due       ▲  └ closed: leaves the queue, waits           └─ in vain ─► later, at the old place
 *                       └─────────────────┴──────────────────────────────────────────────────┘   … as often as allowed: not reached
 *     in every state but called ─► cancelled, changed (number, queue, time) or called at once by a supervisor
 */
import type { Clock } from '../../../lib/clock.ts';
import { newId } from '../../../lib/ids.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import type { Address } from '../../../protocol/address.ts';
import { CodedError, isTooLate } from '../../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../../protocol/facts.ts';
import type { Callback, CallbackChange, CallbackState, WaitingCallback } from '../../../protocol/waiting.ts';
import type { Acd } from '../../routing/ports.ts';
import { isQueued } from '../../telephony/call-plan.ts';
import type { Conversations } from '../../telephony/conversations.ts';
import { type Call, type Conversation, liveLegs, type PendingCallback } from '../../telephony/model.ts';

export interface CallbacksOptions {
  conversations: Conversations;
  clock: Clock;
  acd: Pick<Acd, 'enqueue' | 'leave' | 'position'>;
  rules(queueId: string): Pick<WaitingCallback, 'attempts' | 'intervalMs'>;
  knowsQueue(queueId: string): boolean;
  /** Whether the queue takes calls at this instant. */
  isOpen(queueId: string, at: number): boolean;
  /** The number as it is called back. @throws CodedError for one that may not be called. */
  callable(number: string, platformId: string): Address;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

interface Pending {
  conversation: Conversation;
  callback: PendingCallback;
}

/** How often what is due is looked for, in milliseconds. */
const LOOK_MS = 5_000;
/** Whom a supervisor wants called now goes before everybody but those whose agent was lost. */
const NOW_PRIORITY = 90;

export class Callbacks {
  readonly #o: CallbacksOptions;
  readonly #life: Lifecycle;
  /** Conversations with one that has not ended. */
  readonly #open = new Set<string>();

  constructor(options: CallbacksOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(options.conversations.events.on('event', (c, event) => this.#onEvent(c, event)));
    this.#life.every(LOOK_MS, () => this.#look());
  }

  /** After a restart or a lost connection, with the switch reconciled. */
  resume(): void {
    for (const { id, callback } of this.#o.conversations.all())
      if (callback && callback.ended === undefined) this.#open.add(id);
    this.#look();
  }

  /**
   * The caller of this call is called back, once he has hung up, at the place that he has now.
   * @returns false when this number waits for a call from the same queue already: nothing is added.
   */
  request(
    { id }: Pick<Conversation, 'id'>,
    callId: string,
    place: Pick<PendingCallback, 'queueId' | 'priority' | 'since'>,
    number: Address,
  ): boolean {
    const twin = this.#pending().some(
      ({ conversation, callback }) =>
        conversation.id !== id &&
        callback.number.value === number.value &&
        callback.queueId === place.queueId,
    );
    if (twin) return false;
    this.#run('note a callback', id, () =>
      this.#o.conversations.commit(id, [{ type: 'callback.requested', callId, number, ...place }]),
    );
    return true;
  }

  /** The longest-waiting first. */
  all(): Callback[] {
    return this.#pending()
      .map((pending) => this.#show(pending))
      .sort((a, b) => b.priority - a.priority || a.enteredAt - b.enteredAt);
  }

  get(id: string): Callback | undefined {
    const pending = this.#find(id);
    return pending && this.#show(pending);
  }

  /** @throws CodedError `not-found`, `wrong-state` while an agent has it, `bad-input`, what the dial plan refuses a number with. */
  async change(id: string, change: CallbackChange, userId: string): Promise<Callback> {
    const { conversation, callback } = this.#mustNotBeCalled(id);
    const platformId = conversation.calls.get(callback.callId)?.platformId ?? '';
    const { queueId, notBefore } = change;
    if (queueId !== undefined && !this.#o.knowsQueue(queueId))
      throw new CodedError('bad-input', { field: 'queueId', detail: 'queueId: there is no such queue' });
    const number = change.number === undefined ? undefined : this.#o.callable(change.number, platformId);
    await this.#changed(conversation, {
      userId,
      ...(number ? { number } : {}),
      ...(queueId === undefined ? {} : { queueId }),
      ...(notBefore === undefined ? {} : { notBefore }),
    });
    return this.#show({ conversation, callback });
  }

  /** He goes before the others, whatever was said about when. @throws as `change`. */
  async callNow(id: string, userId: string): Promise<Callback> {
    const { conversation, callback } = this.#mustNotBeCalled(id);
    await this.#changed(conversation, { userId, notBefore: null, priority: NOW_PRIORITY });
    return this.#show({ conversation, callback });
  }

  /** @throws CodedError `not-found`, `wrong-state` while an agent has it. */
  async cancel(id: string, userId: string): Promise<void> {
    const { conversation } = this.#mustNotBeCalled(id);
    const ended = this.#o.conversations.commit(id, [{ type: 'callback.ended', how: 'cancelled', userId }]);
    this.#withdraw(conversation);
    await ended;
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    const { callback } = conversation;
    if (!callback) return;
    if (event.type === 'callback.requested') this.#open.add(conversation.id);
    if (event.type === 'callback.ended') this.#open.delete(conversation.id);
    if (callback.ended !== undefined) return;
    const isTry = 'callId' in event && callback.attempts.includes(event.callId ?? '');
    if (event.type === 'legs.joined' && isTry)
      this.#o.conversations.record(conversation.id, [{ type: 'callback.ended', how: 'reached' }]);
    if (event.type !== 'call.ended') return;
    if (isTry && conversation.calls.get(event.callId)?.userId !== undefined)
      this.#inVain(conversation, callback);
    else this.#step({ conversation, callback });
  }

  /** The customer did not answer, or the agent gave up. */
  #inVain(conversation: Conversation, callback: PendingCallback): void {
    const { attempts, intervalMs } = this.#o.rules(callback.queueId);
    const last = triesOf(conversation, callback) >= attempts;
    const notBefore = this.#o.clock.now() + intervalMs;
    this.#o.conversations.record(conversation.id, [
      last ? { type: 'callback.ended', how: 'not-reached' } : { type: 'callback.changed', notBefore },
    ]);
  }

  #look(): void {
    for (const pending of this.#pending()) this.#step(pending);
  }

  /** Queues what is due and not queued; takes out what is queued while the queue is closed. */
  #step({ conversation, callback }: Pending): void {
    const { knowsQueue, isOpen, clock } = this.#o;
    if (conversation.calls.get(callback.callId)?.endedAt === undefined || !knowsQueue(callback.queueId))
      return;
    const now = clock.now();
    const attempt = openTry(conversation, callback);
    const open = isOpen(callback.queueId, now);
    if (attempt && isTaken(attempt)) return;
    if (attempt && isQueued(conversation, attempt.id)) {
      if (!open) this.#leave(conversation, attempt.id, 'closed');
      return;
    }
    if (!open || (callback.notBefore ?? 0) > now) return;
    this.#run('queue a callback', conversation.id, () =>
      this.#queue(conversation, callback, attempt?.id ?? newId('call'), attempt === undefined),
    );
  }

  async #queue(
    conversation: Conversation,
    callback: PendingCallback,
    callId: string,
    isNew: boolean,
  ): Promise<void> {
    const { conversations, acd } = this.#o;
    const conversationId = conversation.id;
    const first = conversation.calls.get(callback.callId);
    if (!first) return;
    const { platformId } = first;
    const ani = first.direction === 'inbound' ? first.dnis : first.ani;
    const made = isNew
      ? conversations.commit(conversationId, [
          { type: 'callback.queued', callId, platformId, ani, dnis: callback.number },
        ])
      : Promise.resolve();
    const { queueId, priority, since: enteredAt } = callback;
    const place = { itemId: newId('item'), conversationId, callId, queueId, priority, enteredAt };
    await Promise.all([made, acd.enqueue(place)]);
  }

  // ── What supervisors do ───────────────────────────────────────────────────────────────────────────────────────────

  /** From now on this holds; a try that waits begins anew by it. */
  async #changed(
    conversation: Conversation,
    change: Omit<Extract<ConversationEvent, { type: 'callback.changed' }>, 'type'>,
  ): Promise<void> {
    const written = this.#o.conversations.commit(conversation.id, [{ type: 'callback.changed', ...change }]);
    this.#withdraw(conversation);
    await written;
    const { callback } = conversation;
    if (callback && callback.ended === undefined) this.#step({ conversation, callback });
  }

  /** A try that no agent has is over. */
  #withdraw(conversation: Conversation): void {
    const attempt = conversation.callback && openTry(conversation, conversation.callback);
    if (!attempt) return;
    this.#leave(conversation, attempt.id, 'callback');
    this.#o.conversations.record(conversation.id, [
      { type: 'call.ended', callId: attempt.id, cause: 'cancelled' },
    ]);
  }

  #leave(conversation: Conversation, callId: string, how: 'closed' | 'callback'): void {
    for (const stay of conversation.queueStays.values())
      if (stay.callId === callId && stay.leftAt === undefined)
        this.#run('take a callback out', conversation.id, () => this.#o.acd.leave(stay.itemId, how));
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #show({ conversation, callback }: Pending): Callback {
    const first = conversation.calls.get(callback.callId);
    const attempt = openTry(conversation, callback);
    const stay = [...conversation.queueStays.values()].find(
      (one) => one.callId === attempt?.id && one.leftAt === undefined,
    );
    const position = stay && this.#o.acd.position(stay.itemId);
    return {
      id: conversation.id,
      number: callback.number,
      ...(first?.callerName ? { callerName: first.callerName } : {}),
      queueId: callback.queueId,
      state: this.#stateOf(conversation, callback, attempt),
      enteredAt: callback.since,
      requestedAt: callback.requestedAt,
      priority: callback.priority,
      ...(position === undefined ? {} : { position }),
      attempts: triesOf(conversation, callback),
      maxAttempts: this.#o.rules(callback.queueId).attempts,
      ...(callback.notBefore === undefined ? {} : { notBefore: callback.notBefore }),
    };
  }

  #stateOf(conversation: Conversation, callback: PendingCallback, attempt: Call | undefined): CallbackState {
    if (conversation.calls.get(callback.callId)?.endedAt === undefined) return 'leaving';
    if (attempt && isTaken(attempt)) return 'calling';
    const now = this.#o.clock.now();
    if (attempt && liveLegs(conversation, attempt.id).length > 0) return 'offered';
    if ((callback.notBefore ?? 0) > now) return 'later';
    return this.#o.isOpen(callback.queueId, now) ? 'waiting' : 'closed';
  }

  #pending(): Pending[] {
    return [...this.#open].flatMap((id) => this.#find(id) ?? []);
  }

  #find(id: string): Pending | undefined {
    const conversation = this.#o.conversations.get(id);
    const callback = conversation?.callback;
    return conversation && callback && callback.ended === undefined ? { conversation, callback } : undefined;
  }

  #mustNotBeCalled(id: string): Pending {
    const pending = this.#find(id);
    if (!pending) throw new CodedError('not-found', { what: 'callback' });
    const attempt = openTry(pending.conversation, pending.callback);
    if (attempt && isTaken(attempt))
      throw new CodedError('wrong-state', { state: 'with an agent, who calls the customer' });
    return pending;
  }

  #run(what: string, conversationId: string, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      if (!isTooLate(error)) this.#o.onError(what, error, { conversationId });
    });
  }
}

/** The try that goes on. */
function openTry({ calls }: Conversation, { attempts }: PendingCallback): Call | undefined {
  const call = calls.get(attempts.at(-1) ?? '');
  return call?.endedAt === undefined ? call : undefined;
}

/** An agent has accepted it. */
function isTaken(attempt: Call): boolean {
  return attempt.userId !== undefined;
}

/** How often an agent has accepted it. */
function triesOf({ calls }: Conversation, { attempts }: PendingCallback): number {
  return attempts.filter((id) => calls.get(id)?.userId !== undefined).length;
}
