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
import { Agents, isReady } from './agents.ts';
import { type Item, Items, type LeftHow } from './items.ts';
import { compareWaiting, match } from './match.ts';
import { Offers } from './offers.ts';
import { Overflows } from './overflow.ts';
import type { Acd, AcdEvents, AgentView, EnqueueRequest, Estimate } from './ports.ts';
import type { RoutingOptions } from './routing-options.ts';
import { endOffer, loadOffers } from './store.ts';
import { WaitEstimate } from './wait-estimate.ts';
import { WrapUps } from './wrap-ups.ts';

export class Routing implements Acd {
  readonly events: Emitter<AcdEvents>;
  readonly #o: RoutingOptions;
  readonly #agents: Agents;
  readonly #items: Items;
  readonly #offers: Offers;
  readonly #wrapUps: WrapUps;
  readonly #work: AgentWork;
  readonly #overflows: Overflows;
  readonly #pace = new WaitEstimate();
  readonly #life: Lifecycle;
  /** Platforms whose switch is connected and reconciled: callers of others are not offered to anybody. */
  readonly #running = new Set<string>();

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
      onDecided: ({ itemId, queueId }, how) => {
        if (how === 'accepted') this.#gone(itemId, queueId, true);
        this.#tellQueue(queueId);
        this.#step();
        this.#overflows.review(itemId);
      },
    });
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
      onEnded: () => this.#step(),
    });
    this.#work = new AgentWork({
      ...parts,
      offers: this.#offers,
      wrapUps: this.#wrapUps,
      customerGone: (callId) => this.#customerGone(callId),
      onFree: () => this.#step(),
    });
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
    this.#work.restore();
    this.#agents.restored();
  }

  /** The platform's switch is connected and reconciled: offers that were ringing before are made anew, and matching goes on. */
  resume(platformId: string): void {
    this.#running.add(platformId);
    for (const legId of this.#work.legsOfEndedOffers(platformId))
      this.#run('stop an old ringing', { legId }, this.#o.calls.dropLeg(legId));
    this.#step();
    for (const { itemId } of this.#items.all()) this.#overflows.review(itemId);
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
    return this.#items.waiting(queueId);
  }

  async enqueue(request: EnqueueRequest): Promise<void> {
    const durable = this.#items.enter(request);
    this.#tellQueue(request.queueId);
    this.#enter(request.itemId);
    await durable;
  }

  /** Each step may have him leave. */
  #enter(itemId: string): void {
    const entering = this.#items.get(itemId);
    if (entering) this.#overflows.entering(entering);
    this.#step();
    const entered = this.#items.get(itemId);
    if (entered) this.#overflows.entered(entered);
  }

  async leave(itemId: string, how: LeftHow): Promise<void> {
    const item = this.#items.take(itemId);
    if (!item) return;
    this.#gone(itemId, item.queueId, false);
    if (item.offeredTo) this.#offers.end(item.offeredTo, 'withdrawn');
    this.#tellQueue(item.queueId);
    await this.#items.left(item, how);
  }

  #gone(itemId: string, queueId: string, answered: boolean): void {
    this.#overflows.left(itemId);
    const waiting = this.#items.waiting(queueId);
    if (answered) this.#pace.answered(queueId, this.#o.clock.now(), waiting);
    else this.#pace.left(queueId, waiting);
  }

  position(itemId: string): number | undefined {
    const item = this.#items.get(itemId);
    if (!item) return undefined;
    const now = this.#o.clock.now();
    const rule = this.#o.queue(item.queueId)?.rule;
    const place = (one: Item) => ({ ...one, rule });
    let before = 0;
    for (const other of this.#items.inQueue(item.queueId))
      if (compareWaiting(place(other), place(item), now) < 0) before++;
    return before + 1;
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
    this.#step();
    await durable;
  }

  setOnline(userId: string, online: boolean): void {
    const agent = this.#agents.get(userId);
    if (agent.online === online) return;
    this.#agents.change(userId, (a) => {
      a.online = online;
    });
    if (!online && agent.offer) this.#offers.end(userId, 'withdrawn');
    this.#step();
  }

  deviceChanged(_userId: string): void {
    this.#step();
  }

  /** A skill, a queue's members or what it requires are other ones: who waits may be offered to somebody now. */
  settingsChanged(): void {
    this.#step();
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

  // ── Matching ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #step(): void {
    if (this.#running.size === 0 || this.#life.closed) return;
    const waiting = this.#items
      .all()
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
    for (const pair of match(waiting, ready)) this.#offers.make(pair.itemId, pair.userId);
  }

  #platformOf({ conversationId, callId }: Item): string {
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
