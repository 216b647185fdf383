/**
 * The ACD: callers wait in queues, ready agents get offers, exactly one agent gets a call (DESIGN rule 2).
 *
 * A queue item:   waiting ──► offered ──► answered (left)
 *                    ▲           │
 *                    └───────────┘ declined, rang out, failed, withdrawn: back to its old place
 *                 waiting or offered ──► abandoned (left)
 *
 * An offer is decided once, by whoever comes first: `#take` removes it from the agent, and everybody who comes later
 * finds it gone. Decisions are synchronous; what they write is durable before the switch is told.
 */
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { ClearCause, ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { RequestedState } from '../../protocol/softphone.ts';
import type { Database } from '../store/database.ts';
import type { Journal } from '../store/journal.ts';
import { agentLegCreated, type Conversations } from '../telephony/conversations.ts';
import { waitingLeg } from '../telephony/call-plan.ts';
import { type Conversation, isLive, type Leg } from '../telephony/model.ts';
import type { AgentDevice } from '../telephony/ports.ts';
import { hasLiveLeg, isWork } from './agent-legs.ts';
import { Agents, isReady, type LiveOffer } from './agents.ts';
import { match } from './match.ts';
import { howItEnded, type OfferEnd, reasonAfter } from './offer-end.ts';
import type {
  Acd,
  AcdEvents,
  AgentDirectory,
  AgentView,
  EnqueueRequest,
  QueueSettings,
  SkillBook,
} from './ports.ts';
import {
  endItem,
  endOffer,
  insertItem,
  insertOffer,
  loadItems,
  loadOffers,
  type StoredItem,
} from './store.ts';
import { WrapUps } from './wrap-ups.ts';

/** What routing asks of call control. */
export interface RoutingCalls {
  ringAgent(legId: string, device: AgentDevice, ringMs: number): Promise<void>;
  connectAgent(conversationId: string, legId: string): Promise<void>;
  dropLeg(legId: string): Promise<void>;
  cancelUnmadeLeg(legId: string): void;
}

export interface RoutingOptions {
  conversations: Conversations;
  journal: Journal;
  clock: Clock;
  calls: RoutingCalls;
  directory: AgentDirectory;
  queue(queueId: string): QueueSettings | undefined;
  queues(): QueueSettings[];
  skills: SkillBook;
  /** Whether calls of this platform are ours to route; default: all are. */
  routes?(platformId: string): boolean;
  /** Wrap-up after a call that the agent made himself, in milliseconds; 0 means none. */
  outboundWrapMs: number;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

interface Item extends StoredItem {
  /** The agent who is being rung for it. */
  offeredTo?: string;
}

export class Routing implements Acd {
  readonly events: Emitter<AcdEvents>;
  readonly #o: RoutingOptions;
  readonly #agents: Agents;
  readonly #items = new Map<string, Item>();
  readonly #wrapUps: WrapUps;
  readonly #life: Lifecycle;
  /** Platforms whose switch is connected and reconciled: callers of others are not offered to anybody. */
  readonly #running = new Set<string>();

  constructor(options: RoutingOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter((error, event) => options.onError(`listener of ${event}`, error, {}));
    this.#agents = new Agents(options.journal, options.clock, this.events);
    this.#wrapUps = new WrapUps({
      agents: this.#agents,
      conversations: options.conversations,
      clock: options.clock,
      life: this.#life,
      onEnded: () => this.#step(),
      run: (what, ids, work) => this.#run(what, ids, work),
    });
    this.#life.add(
      options.conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event)),
    );
  }

  /** Finds again who waits, rings, talks and wraps up. Call after Conversations.restore, before the switches are started. */
  async restore(db: Database): Promise<void> {
    await this.#agents.restore(db);
    const now = this.#o.clock.now();
    for (const item of await loadItems(db)) {
      if (this.#o.conversations.get(item.conversationId)) this.#items.set(item.itemId, item);
      else await endItem(db, item.itemId, 'abandoned', now);
    }
    // "Ringing offers are made anew": one that was live when the process died counts as withdrawn.
    for (const offer of await loadOffers(db)) await endOffer(db, offer.id, 'withdrawn', now);
    for (const conversation of this.#o.conversations.all()) this.#restoreWork(conversation);
  }

  /** The platform's switch is connected and reconciled: offers that were ringing before are made anew, and matching goes on. */
  resume(platformId: string): void {
    this.#running.add(platformId);
    for (const legId of this.#legsOfEndedOffers(platformId))
      this.#run('stop an old ringing', { legId }, this.#o.calls.dropLeg(legId));
    this.#step();
  }

  /** The platform's switch is away: its callers are offered to nobody; who waits keeps his place. */
  pause(platformId: string): void {
    this.#running.delete(platformId);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  // ── Acd ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  agent(userId: string): AgentView {
    return this.#agents.view(userId);
  }

  agents(): AgentView[] {
    return this.#agents.all().map((agent) => this.#agents.view(agent.userId));
  }

  /** How many callers wait in the queue, offered ones included. */
  waiting(queueId: string): number {
    return [...this.#items.values()].filter((item) => item.queueId === queueId).length;
  }

  async enqueue(request: EnqueueRequest): Promise<void> {
    if (!this.#o.queue(request.queueId)) throw new CodedError('not-found', { what: 'queue' });
    const item: Item = { ...request, enteredAt: request.enteredAt ?? this.#o.clock.now() };
    this.#items.set(item.itemId, item);
    const { itemId, callId, queueId, priority } = request;
    const durable = this.#o.conversations.commit(
      request.conversationId,
      [{ type: 'queue.entered', callId, itemId, queueId, priority }],
      { also: (sql) => insertItem(sql, item) },
    );
    this.#tellQueue(queueId);
    this.#step();
    try {
      await durable;
    } catch (error) {
      this.#items.delete(itemId);
      throw error;
    }
  }

  async leave(itemId: string, how: 'abandoned' | 'closed' | 'no-agent'): Promise<void> {
    const item = this.#items.get(itemId);
    if (!item) return;
    this.#items.delete(itemId);
    if (item.offeredTo) this.#endOffer(item.offeredTo, 'withdrawn');
    this.#tellQueue(item.queueId);
    await this.#commitLeft(item, how);
  }

  async setRequested(
    userId: string,
    state: RequestedState,
    reason: string | undefined,
    by: string,
  ): Promise<void> {
    const agent = this.#agents.get(userId);
    const durable = this.#agents.request(userId, state, reason, by);
    // After it: while he still counted as ready, the same call would be offered to him again.
    if (state !== 'ready' && agent.offer) this.#endOffer(userId, 'declined', false);
    if (state === 'logged-out') this.#wrapUps.end(userId, 'logged-out');
    this.#step();
    await durable;
  }

  setOnline(userId: string, online: boolean): void {
    const agent = this.#agents.get(userId);
    if (agent.online === online) return;
    this.#agents.change(userId, (a) => {
      a.online = online;
    });
    if (!online && agent.offer) this.#endOffer(userId, 'withdrawn');
    this.#step();
  }

  deviceChanged(_userId: string): void {
    this.#step();
  }

  /** A skill, a queue's members or what it requires are other ones: who waits may be offered to somebody now. */
  settingsChanged(): void {
    this.#step();
  }

  async decline(userId: string, offerId: string): Promise<void> {
    if (this.#agents.get(userId).offer?.offerId !== offerId) throw new CodedError('offer-gone');
    this.#endOffer(userId, 'declined');
  }

  async reserve(
    userId: string,
    conversationId: string,
    { emergency = false }: { emergency?: boolean } = {},
  ): Promise<void> {
    const agent = this.#agents.get(userId);
    if (!emergency && (agent.offer || agent.ringing.size > 0)) throw new CodedError('busy');
    this.#agents.change(userId, (a) => a.talking.add(conversationId));
    // After it: while he still counted as ready, the same call would be offered to him again.
    this.#endOffer(userId, 'withdrawn');
  }

  release(userId: string, conversationId: string): void {
    if (!this.#agents.get(userId).talking.has(conversationId)) return;
    this.#agents.change(userId, (a) => a.talking.delete(conversationId));
    this.#step();
  }

  async finishWrap(userId: string, conversationId: string): Promise<void> {
    this.#wrapUps.finish(userId, conversationId);
  }

  extendWrap(userId: string, conversationId: string): Promise<void> {
    return this.#wrapUps.extend(userId, conversationId);
  }

  // ── Matching ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #step(): void {
    if (this.#running.size === 0 || this.#life.closed) return;
    const waiting = [...this.#items.values()]
      .filter((item) => !item.offeredTo)
      .map((item) => ({
        ...item,
        platformId: this.#platformOf(item),
        requirements: this.#o.queue(item.queueId)?.requirements ?? [],
      }))
      .filter(({ platformId }) => this.#running.has(platformId));
    if (waiting.length === 0) return;
    const queues = this.#membersOf(new Set(waiting.map(({ queueId }) => queueId)));
    const ready = [...queues].flatMap(([userId, queueIds]) => {
      const agent = this.#agents.known(userId);
      if (!agent || !isReady(agent)) return [];
      // Asked only of those whose turn it is: of a hundred agents one or two.
      const reached = () => this.#reached(userId);
      const level = (skillId: string) => this.#o.skills.skillLevel(userId, skillId);
      return [
        { userId, idleSince: agent.idleSince, queueIds, level, reaches: (id: string) => reached().has(id) },
      ];
    });
    for (const pair of match(waiting, ready)) this.#makeOffer(pair.itemId, pair.userId);
  }

  #platformOf({ conversationId, callId }: StoredItem): string {
    return this.#o.conversations.get(conversationId)?.calls.get(callId)?.platformId ?? '';
  }

  /** The platforms whose callers can reach this user now: none when none of his devices can be rung. */
  #reached(userId: string): ReadonlySet<string> {
    const device = this.#o.directory.device(userId);
    if (!device) return new Set();
    return this.#o.directory.platformsOf?.(device) ?? new Set([device.platformId]);
  }

  /** The members of these queues, each with those that he is in. */
  #membersOf(queueIds: ReadonlySet<string>): Map<string, Set<string>> {
    const members = new Map<string, Set<string>>();
    for (const queueId of queueIds)
      for (const userId of this.#o.queue(queueId)?.memberIds ?? [])
        members.set(userId, (members.get(userId) ?? new Set()).add(queueId));
    return members;
  }

  #makeOffer(itemId: string, userId: string): void {
    const item = this.#items.get(itemId);
    const device = this.#o.directory.device(userId);
    const queue = item && this.#o.queue(item.queueId);
    if (!item || !device || !queue) return;
    const now = this.#o.clock.now();
    const offer: LiveOffer = {
      offerId: newId('offer'),
      itemId,
      conversationId: item.conversationId,
      callId: item.callId,
      legId: newId('leg'),
      queueId: item.queueId,
      deadline: now + queue.ringMs,
      cancelTimer: this.#life.after(queue.ringMs, () => this.#endOffer(userId, 'rang-out')),
    };
    item.offeredTo = userId;
    this.#agents.change(userId, (agent) => {
      agent.offer = offer;
    });
    this.#run(
      'offer a call',
      { conversationId: item.conversationId, userId },
      this.#ring(userId, offer, device, queue.ringMs, now),
    );
  }

  async #ring(
    userId: string,
    offer: LiveOffer,
    device: AgentDevice,
    ringMs: number,
    now: number,
  ): Promise<void> {
    const { offerId, callId, itemId, queueId, legId, deadline, conversationId } = offer;
    try {
      await this.#o.conversations.commit(
        conversationId,
        [
          agentLegCreated(callId, legId, userId, device),
          { type: 'offer.made', callId, offerId, itemId, queueId, userId, legId, deadline },
        ],
        { also: (sql) => insertOffer(sql, { id: offerId, itemId, userId, legId, madeAt: now, deadline }) },
      );
      // The caller may have left, or the agent declined, while the offer was being written: then nothing rings.
      if (!this.#isLiveOffer(userId, offerId)) return this.#o.calls.cancelUnmadeLeg(legId);
      await this.#o.calls.ringAgent(legId, device, ringMs + SWITCH_RINGS_LONGER_MS);
    } catch (error) {
      if (this.#isLiveOffer(userId, offerId)) this.#endOffer(userId, 'failed');
      throw error;
    }
  }

  #isLiveOffer(userId: string, offerId: string): boolean {
    return this.#agents.get(userId).offer?.offerId === offerId;
  }

  /** Takes the offer from the agent, once; undefined when somebody else has decided it. */
  #take(userId: string): LiveOffer | undefined {
    const agent = this.#agents.get(userId);
    const { offer } = agent;
    if (!offer) return undefined;
    offer.cancelTimer();
    delete agent.offer;
    return offer;
  }

  #endOffer(userId: string, how: OfferEnd, notReady = true): void {
    const offer = this.#take(userId);
    if (!offer) return;
    const item = this.#items.get(offer.itemId);
    if (item) delete item.offeredTo;
    const at = this.#o.clock.now();
    const durable = this.#o.conversations.commit(
      offer.conversationId,
      [{ type: 'offer.ended', callId: offer.callId, offerId: offer.offerId, userId, how }],
      {
        also: (sql) => endOffer(sql, offer.offerId, how, at),
      },
    );
    this.#agents.change(userId, () => undefined);
    const reason = reasonAfter(how);
    if (reason && notReady)
      this.#run('set not ready', { userId }, this.#agents.request(userId, 'not-ready', reason, 'system'));
    this.#run(
      'end an offer',
      { userId },
      durable.then(() => this.#o.calls.dropLeg(offer.legId)),
    );
    this.#tellQueue(offer.queueId);
    this.#step();
  }

  // ── What happens in conversations ─────────────────────────────────────────────────────────────────────────────────

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    if ('callId' in event && event.callId !== undefined && !this.#routes(conversation, event.callId)) return;
    switch (event.type) {
      case 'leg.created':
        return this.#legCreated(conversation, event.legId);
      case 'leg.connected':
        return this.#legConnected(conversation, event.legId);
      case 'leg.lost':
        return this.#legLost(conversation, event.legId);
      case 'leg.cleared':
        return this.#legCleared(conversation, event.legId, event.cause);
      case 'call.ended':
        return this.#callEnded(conversation, event.callId);
      default:
    }
  }

  /** An agent who is rung without us gets no offer, one who is making a call is in it already. */
  #legCreated(conversation: Conversation, legId: string): void {
    const leg = conversation.legs.get(legId);
    if (!leg || !isWork(conversation, leg) || !leg.userId || leg.replaces) return;
    if ([...conversation.offers.values()].some((offer) => offer.legId === legId)) return;
    const { userId } = leg;
    const own = conversation.calls.get(leg.callId)?.userId === userId;
    this.#agents.change(userId, (agent) => {
      if (own) agent.talking.add(conversation.id);
      else agent.ringing.add(legId);
    });
  }

  #legConnected(conversation: Conversation, legId: string): void {
    const leg = conversation.legs.get(legId);
    if (!leg || !isWork(conversation, leg) || !leg.userId) return;
    const userId = leg.userId;
    if (this.#agents.get(userId).offer?.legId === legId) return this.#accept(userId);
    if ([...conversation.offers.values()].some((offer) => offer.legId === legId)) {
      // It was picked up after the offer had ended: somebody else has the caller, or he is gone.
      return this.#run('drop a late answer', { legId }, this.#o.calls.dropLeg(legId));
    }
    this.#agents.change(userId, (agent) => {
      agent.ringing.delete(legId);
      agent.talking.add(conversation.id);
    });
    this.#endOffer(userId, 'withdrawn'); // he took another call while one was offered to him
  }

  #accept(userId: string): void {
    const offer = this.#take(userId);
    const item = offer && this.#items.get(offer.itemId);
    if (!offer || !item) return;
    this.#items.delete(item.itemId);
    const at = this.#o.clock.now();
    const { callId, offerId, legId, queueId, itemId, conversationId } = offer;
    const durable = this.#o.conversations.commit(
      conversationId,
      [
        { type: 'offer.accepted', callId, offerId, userId, legId },
        { type: 'queue.left', callId, itemId, queueId, how: 'answered' },
      ],
      {
        also: async (sql) => {
          await Promise.all([endOffer(sql, offerId, 'accepted', at), endItem(sql, itemId, 'answered', at)]);
        },
      },
    );
    this.#agents.change(userId, (agent) => agent.talking.add(conversationId));
    this.#tellQueue(queueId);
    this.#run(
      'connect an agent',
      { conversationId, userId },
      durable.then(() => this.#o.calls.connectAgent(conversationId, legId)),
    );
  }

  /** The page that rang is gone (a reload): the offer is made anew as soon as the agent's phone is back. */
  #legLost(conversation: Conversation, legId: string): void {
    const userId = conversation.legs.get(legId)?.userId;
    if (userId && this.#agents.get(userId).offer?.legId === legId) this.#endOffer(userId, 'withdrawn');
  }

  #legCleared(conversation: Conversation, legId: string, cause: ClearCause): void {
    const leg = conversation.legs.get(legId);
    if (!leg) return;
    if (!waitingLeg(conversation, leg.callId)) this.#customerGone(leg.callId);
    if (!isWork(conversation, leg) || !leg.userId) return;
    if (this.#agents.get(leg.userId).ringing.has(legId))
      this.#agents.change(leg.userId, (agent) => agent.ringing.delete(legId));
    if (this.#agents.get(leg.userId).offer?.legId === legId)
      return this.#endOffer(leg.userId, howItEnded(cause));
    this.#agentDone(conversation, leg, leg.userId);
    this.#step();
  }

  #customerGone(callId: string): void {
    const item = [...this.#items.values()].find((candidate) => candidate.callId === callId);
    if (item) this.#run('abandon', { itemId: item.itemId }, this.leave(item.itemId, 'abandoned'));
  }

  #callEnded(conversation: Conversation, callId: string): void {
    this.#customerGone(callId);
    // An agent who was dialling and never got a leg is free again.
    for (const agent of this.#agents.all()) {
      if (agent.talking.has(conversation.id) && !hasLiveLeg(conversation, agent.userId))
        this.release(agent.userId, conversation.id);
    }
  }

  /** The agent's last leg in the conversation is gone: wrap-up, if he talked and his queue has one. */
  #agentDone(conversation: Conversation, leg: Leg, userId: string): void {
    if (hasLiveLeg(conversation, userId)) return;
    const agent = this.#agents.get(userId);
    if (!agent.talking.has(conversation.id)) return;
    const talked = [...conversation.legs.values()].some(
      (l) => l.userId === userId && l.joined && conversation.calls.get(l.callId)?.purpose === 'call',
    );
    const queueId = [...conversation.offers.values()].findLast(
      (offer) => offer.userId === userId && offer.ended === 'accepted',
    )?.queueId;
    const wrapMs = talked ? this.#wrapMs(queueId) : 0;
    if (wrapMs > 0 && agent.requested !== 'logged-out') {
      const { callId } = leg;
      return this.#wrapUps.start(
        { conversationId: conversation.id, callId, userId, ...(queueId ? { queueId } : {}) },
        wrapMs,
      );
    }
    this.release(userId, conversation.id);
  }

  #wrapMs(queueId: string | undefined): number {
    return queueId ? (this.#o.queue(queueId)?.wrapMs ?? 0) : this.#o.outboundWrapMs;
  }

  // ── Restart ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #legsOfEndedOffers(platformId: string): string[] {
    return this.#o.conversations.all().flatMap((conversation) =>
      [...conversation.offers.values()]
        .filter((offer) => offer.ended !== undefined && offer.ended !== 'accepted')
        .map((offer) => offer.legId)
        .filter((legId) => {
          const leg = conversation.legs.get(legId);
          const call = leg && conversation.calls.get(leg.callId);
          return leg !== undefined && isLive(leg) && call?.platformId === platformId;
        }),
    );
  }

  /** Calls of a PBX that routes by itself are shown, and none of our business. */
  #routes(conversation: Conversation, callId: string): boolean {
    const platformId = conversation.calls.get(callId)?.platformId;
    return platformId === undefined || (this.#o.routes?.(platformId) ?? true);
  }

  #restoreWork(conversation: Conversation): void {
    if (![...conversation.calls.keys()].every((callId) => this.#routes(conversation, callId))) return;
    for (const offer of conversation.offers.values()) {
      if (offer.ended !== undefined) continue;
      this.#o.conversations.record(conversation.id, [
        {
          type: 'offer.ended',
          callId: offer.callId,
          offerId: offer.offerId,
          userId: offer.userId,
          how: 'withdrawn',
        },
      ]);
    }
    for (const leg of conversation.legs.values()) {
      if (!isWork(conversation, leg) || !leg.userId || !isLive(leg)) continue;
      const offered = [...conversation.offers.values()].some((offer) => offer.legId === leg.id);
      this.#agents.change(leg.userId, (agent) => {
        if (leg.connectedAt !== undefined) agent.talking.add(conversation.id);
        else if (!offered && !leg.replaces) agent.ringing.add(leg.id);
      });
    }
    for (const wrap of conversation.wraps.values()) {
      if (wrap.endedAt === undefined) this.#wrapUps.restore(conversation.id, wrap);
    }
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #commitLeft(item: Item, how: 'abandoned' | 'closed' | 'no-agent'): Promise<void> {
    const at = this.#o.clock.now();
    const also = (sql: Parameters<typeof endItem>[0]) => endItem(sql, item.itemId, how, at);
    if (!this.#o.conversations.get(item.conversationId)) return Promise.resolve();
    return this.#o.conversations.commit(
      item.conversationId,
      [{ type: 'queue.left', callId: item.callId, itemId: item.itemId, queueId: item.queueId, how }],
      { also },
    );
  }

  #tellQueue(queueId: string): void {
    this.events.emit('queue', queueId);
  }

  #run(what: string, ids: Record<string, string>, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isTooLate(error)) this.#o.onError(what, error, ids);
    });
  }
}

/** The switch's own ring time-out is the second line of defence: ours, which decides, comes first. */
const SWITCH_RINGS_LONGER_MS = 2_000;
