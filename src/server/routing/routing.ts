/**
 * The ACD: callers wait in queues, ready agents get offers, exactly one agent gets a call (DESIGN rule 2).
 *
 * A queue item:   waiting ──► offered ──► answered (left)
 *                    ▲           │
 *                    └───────────┘ declined, rang out, failed, withdrawn: back to its old place
 *                 waiting or offered ──► abandoned (left)
 *
 * Places are in items.ts, offers in offers.ts, what calls make of agents in agent-work.ts. Decisions are synchronous; what
 * they write is durable before the switch is told.
 */
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { RequestedState } from '../../protocol/softphone.ts';
import type { Database } from '../store/database.ts';
import { AgentWork } from './agent-work.ts';
import { Agents, type LiveOffer } from './agents.ts';
import { type Item, Items, type LeftHow } from './items.ts';
import { callerOf, KEPT, LastAgents } from './last-agents.ts';
import { Matching } from './matching.ts';
import { Offers } from './offers.ts';
import { Overflows } from './overflow.ts';
import type { Acd, AcdEvents, AgentView, EnqueueRequest, Estimate, SettingsChange } from './ports.ts';
import type { RoutingOptions } from './routing-options.ts';
import { endOffer, loadLastOffers, loadOffers, loadStays } from './store.ts';
import { WaitEstimate, WINDOW_MS } from './wait-estimate.ts';
import { WrapUps } from './wrap-ups.ts';

const DAY_MS = 86_400_000;

export class Routing implements Acd {
  readonly events: Emitter<AcdEvents>;
  readonly #o: RoutingOptions;
  readonly #agents: Agents;
  readonly #items: Items;
  readonly #offers: Offers;
  readonly #wrapUps: WrapUps;
  readonly #work: AgentWork;
  readonly #matching: Matching;
  readonly #overflows: Overflows;
  readonly #pace = new WaitEstimate();
  readonly #lastAgents = new LastAgents();
  readonly #life: Lifecycle;

  constructor(options: RoutingOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter((error, event) => options.onError(`listener of ${event}`, error, {}));
    const run = (what: string, ids: Record<string, string>, work: Promise<unknown>) =>
      this.#run(what, ids, work);
    this.#agents = new Agents({ ...options, events: this.events, run });
    this.#items = new Items(options);
    const parts = {
      routing: options,
      agents: this.#agents,
      life: this.#life,
      run,
    };
    this.#offers = new Offers({
      ...parts,
      items: this.#items,
      onDecided: (offer, how, userId) => {
        const { itemId, queueId } = offer;
        if (how === 'accepted') this.#answered(offer, userId);
        else this.#matching.freed(itemId);
        this.#tellQueue(queueId);
        this.#matching.step();
        this.#overflows.review(itemId);
      },
    });
    this.#matching = new Matching({ ...parts, items: this.#items, offers: this.#offers });
    this.#overflows = new Overflows({
      clock: options.clock,
      life: this.#life,
      item: (itemId) => this.#items.get(itemId),
      rule: (queueId) => options.queue(queueId)?.rule,
      isOpen: (queueId, at) => options.isOpen?.(queueId, at) ?? true,
      waiting: (queueId) => this.#items.waiting(queueId),
      estimate: (itemId) => this.estimate(itemId),
      hasBeenIn: ({ conversationId, callId }, queueId) =>
        [...(options.conversations.get(conversationId)?.queueStays.values() ?? [])].some(
          (stay) => stay.callId === callId && stay.queueId === queueId,
        ),
      tell: ({ itemId, conversationId, callId, queueId }, reason, target) =>
        this.events.emit('overflow', { itemId, conversationId, callId, queueId, reason, target }),
    });
    this.#wrapUps = new WrapUps({
      ...parts,
      onEnded: () => this.#matching.step(),
    });
    this.#work = new AgentWork({
      ...parts,
      offers: this.#offers,
      wrapUps: this.#wrapUps,
      customerGone: (callId) => this.#customerGone(callId),
      onFree: () => this.#matching.step(),
    });
    this.#life.add(this.events.on('agent', (view) => this.#matching.agentChanged(view)));
    this.#life.add(
      options.conversations.events.on('event', (conversation, event) =>
        this.#work.onEvent(conversation, event),
      ),
    );
  }

  /** Finds again who waits, rings, talks and wraps up. Call after Conversations.restore, before the switches are started. */
  async restore(db: Database): Promise<void> {
    await this.#agents.restore(db);
    const now = this.#o.clock.now();
    await this.#items.restore(db);
    // "Ringing offers are made anew": one that was live when the process died counts as withdrawn.
    for (const offer of await loadOffers(db)) await endOffer(db, offer.id, 'withdrawn', now);
    await this.#remember(db, now);
    this.#work.restore();
    this.#agents.restored();
    for (const item of this.#items.all()) this.#match(item);
  }

  /** What strategies, an agent of one's own and the predicted wait go by. */
  async #remember(db: Database, now: number): Promise<void> {
    const asking = this.#o
      .queues()
      .map(({ id, rule }) => ({ id, days: rule?.preferred?.lastAgentDays ?? 0 }));
    const past = await this.#o.past?.({
      queueIds: asking.filter(({ days }) => days > 0).map(({ id }) => id),
      since: now - Math.max(...asking.map(({ days }) => days), 0) * DAY_MS,
      most: KEPT,
      now,
      forMs: DAY_MS,
    });
    for (const { caller, queueId, userId, at } of past?.answers ?? [])
      this.#lastAgents.answered(caller, queueId, userId, at);
    this.#matching.restore({ work: past?.work ?? [], lastOffers: await loadLastOffers(db, now - DAY_MS) });
    this.#pace.restore(await loadStays(db, now - WINDOW_MS), this.#items.all());
  }

  /** The platform's switch is connected and reconciled: offers that were ringing before are made anew, and matching goes on. */
  resume(platformId: string): void {
    this.#matching.run(platformId, true);
    for (const legId of this.#work.legsOfEndedOffers(platformId))
      this.#run('stop an old ringing', { legId }, this.#o.calls.dropLeg(legId));
    this.#matching.step();
    for (const { itemId } of this.#items.all()) this.#overflows.review(itemId);
  }

  /** The platform's switch is away: its callers are offered to nobody; who waits keeps his place. */
  pause(platformId: string): void {
    this.#matching.run(platformId, false);
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
    return this.#items.waiting(queueId);
  }

  async enqueue(request: EnqueueRequest): Promise<void> {
    const durable = this.#items.enter(request);
    this.#tellQueue(request.queueId);
    this.#enter(request.itemId);
    try {
      await durable;
    } catch (error) {
      this.#takeOut(request.itemId);
      throw error;
    }
  }

  /** Each step may have him leave. */
  #enter(itemId: string): void {
    const entering = this.#items.get(itemId);
    if (!entering) return;
    this.#match(entering);
    this.#overflows.entering(entering);
    this.#matching.step();
    const entered = this.#items.get(itemId);
    if (entered) this.#overflows.entered(entered);
  }

  #match(item: Item): void {
    const preferredUserId = this.#ownAgent(item);
    this.#matching.entered({ ...item, ...(preferredUserId ? { preferredUserId } : {}) });
  }

  #answered({ itemId, queueId, conversationId, callId }: LiveOffer, userId: string): void {
    this.#gone(itemId, queueId, true);
    const caller = callerOf(this.#o.conversations.get(conversationId), callId);
    this.#lastAgents.answered(caller, queueId, userId, this.#o.clock.now());
  }

  /** The agent for whom the queue's rule may let him wait: a flow's goes before the last one. */
  #ownAgent({ preferredUserId, queueId, conversationId, callId }: Item): string | undefined {
    const days = this.#o.queue(queueId)?.rule?.preferred?.lastAgentDays ?? 0;
    if (preferredUserId !== undefined || days === 0) return preferredUserId;
    const caller = callerOf(this.#o.conversations.get(conversationId), callId);
    return this.#lastAgents.of(caller, queueId, this.#o.clock.now() - days * DAY_MS);
  }

  async leave(itemId: string, how: LeftHow): Promise<void> {
    const item = this.#takeOut(itemId);
    if (item) await this.#items.left(item, how);
  }

  /** Nobody is rung for him any more. Undefined when he has left already. */
  #takeOut(itemId: string): Item | undefined {
    const item = this.#items.take(itemId);
    if (!item) return undefined;
    this.#gone(itemId, item.queueId, false);
    if (item.offeredTo) this.#offers.end(item.offeredTo, 'withdrawn');
    this.#tellQueue(item.queueId);
    return item;
  }

  #gone(itemId: string, queueId: string, answered: boolean): void {
    this.#matching.left(itemId);
    this.#overflows.left(itemId);
    const waiting = this.#items.waiting(queueId);
    if (answered) this.#pace.answered(queueId, this.#o.clock.now(), waiting);
    else this.#pace.left(queueId, waiting);
  }

  position(itemId: string): number | undefined {
    return this.#items.position(itemId, this.#o.clock.now());
  }

  estimate(itemId: string): Estimate | undefined {
    const item = this.#items.get(itemId);
    const position = this.position(itemId);
    if (!item || position === undefined) return undefined;
    const members = this.#o.queue(item.queueId)?.memberIds ?? [];
    const staffed = members.some((userId) => {
      const agent = this.#agents.known(userId);
      return agent?.online === true && agent.requested !== 'logged-out';
    });
    return this.#pace.of(item.queueId, position, this.#o.clock.now(), staffed);
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
    if (state !== 'ready' && agent.offer) this.#offers.end(userId, 'declined', false);
    this.#wrapUps.stateChosen(userId, state);
    this.#matching.step();
    await durable;
  }

  setOnline(userId: string, online: boolean): void {
    const agent = this.#agents.get(userId);
    if (agent.online === online) return;
    this.#agents.change(userId, (a) => {
      a.online = online;
    });
    if (!online && agent.offer) this.#offers.end(userId, 'withdrawn');
    this.#matching.step();
  }

  deviceChanged(userId: string): void {
    this.#matching.deviceChanged(userId);
    this.#matching.step();
  }

  /** A skill, a queue's members or what it requires are other ones: who waits may be offered to somebody now. Without `change` anything may be. */
  settingsChanged(change?: SettingsChange): void {
    this.#matching.settingsChanged(change);
    this.#matching.step();
    for (const { itemId } of this.#items.all()) this.#overflows.review(itemId);
  }

  async decline(userId: string, offerId: string): Promise<void> {
    if (this.#agents.get(userId).offer?.offerId !== offerId) throw new CodedError('offer-gone');
    this.#offers.end(userId, 'declined');
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
    this.#offers.end(userId, 'withdrawn');
  }

  release(userId: string, conversationId: string): void {
    this.#work.release(userId, conversationId);
  }

  async finishWrap(userId: string, conversationId: string, by = userId): Promise<void> {
    this.#wrapUps.finish(userId, conversationId, by);
  }

  extendWrap(userId: string, conversationId: string): Promise<void> {
    return this.#wrapUps.extend(userId, conversationId);
  }

  // ── Pieces ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #customerGone(callId: string): void {
    const item = this.#items.ofCall(callId);
    if (item) this.#run('abandon', { itemId: item.itemId }, this.leave(item.itemId, 'abandoned'));
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
