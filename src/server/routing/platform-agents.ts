/**
 * Agent states of a platform with an ACD of its own: it rules, we follow. What an agent is there is read from its queues'
 * members at each change and compared with what was known; a change here is one command to the platform, `pending` until its
 * queues say so, and nothing is ever sent because the platform changed: so no state can go to and fro. Where both change at
 * once, the platform's word stands.
 *
 *     requested here ──► command, pending ── its members say so ──► confirmed
 *                                  └── they say otherwise until the deadline ──► as they say
 *
 * Logged out is: in no queue, or paused with the reason `Logged out` where the queue's own configuration holds the member.
 */
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RequestedState } from '../../protocol/softphone.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { isLive } from '../telephony/model.ts';
import type { PlatformAcd, PlatformMember, PlatformQueue } from '../telephony/ports.ts';
import { shownState } from './agent-state.ts';
import type { AcdEvents, AgentStates, AgentView, PendingState } from './ports.ts';

export interface PlatformAgentsOptions {
  platformId: string;
  acd: PlatformAcd;
  conversations: Conversations;
  clock: Clock;
  /** The user's device and name there; undefined for who does not belong to this platform. */
  user(userId: string): { device: string; name: string } | undefined;
  userIds(): string[];
  /** Our not-ready reasons: their labels are what the platform gets and says. */
  reasons(): readonly { id: string; label: string }[];
  /** Queues for an agent who logs in and is in none. */
  loginQueues: readonly string[];
  /** Ends a leg that rings: how an offer is declined. */
  hangup(legId: string): Promise<void>;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

interface Agent {
  online: boolean;
  /** Of who is in no queue: nobody rules over that but he. */
  alone: AgentView['requested'];
  pending?: PendingState & { cancel: () => void };
  wrap?: { conversationId: string; callId: string; endsAt: number; cancel: () => void };
  /** Queues that he left when he logged out: he comes back into the same. */
  left: string[];
  told?: AgentView;
}

export const LOGGED_OUT_REASON = 'Logged out';
/** The platform confirms within this many milliseconds, or its own word stands. */
const CONFIRMED_WITHIN_MS = 5_000;

export class PlatformAgents implements AgentStates {
  readonly events: Emitter<AcdEvents>;
  readonly #o: PlatformAgentsOptions;
  readonly #agents = new Map<string, Agent>();
  readonly #life: Lifecycle;

  constructor(options: PlatformAgentsOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter((error, event) => options.onError(`listener of ${event}`, error, {}));
    this.#life.add(options.acd.events.on('changed', () => this.#review()));
    this.#life.add(
      options.conversations.events.on('event', (conversation, event) => {
        if (event.type === 'leg.cleared') this.#legCleared(conversation.id, event.callId, event.legId);
        if ('legId' in event || 'userId' in event) this.#review();
      }),
    );
  }

  /** After a restart: nobody knows how long the platform still leaves a member alone, and its own word is what counts. */
  restore(): void {
    const { conversations, platformId } = this.#o;
    for (const conversation of conversations.all())
      for (const { userId, callId, endedAt } of conversation.wraps.values())
        if (endedAt === undefined && conversation.calls.get(callId)?.platformId === platformId)
          conversations.record(conversation.id, [{ type: 'wrap.ended', userId, callId, how: 'timeout' }]);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  agent(userId: string): AgentView {
    const { platformId, clock } = this.#o;
    const agent = this.#of(userId);
    const requested = this.#requested(userId, agent);
    const { offer, talking } = this.#work(userId);
    const work = talking ? 'talking' : offer ? 'offered' : agent.wrap ? 'wrap-up' : 'idle';
    const shown = shownState({ requested: requested.state, work, online: agent.online });
    const { wrap, pending } = agent;
    const same = agent.told?.shown === shown && agent.told.requested.reason === requested.reason;
    return {
      userId,
      requested,
      work,
      online: agent.online,
      shown,
      since: same && agent.told ? agent.told.since : clock.now(),
      authority: platformId,
      ...(offer ? { offer } : {}),
      ...(wrap
        ? { wrap: { conversationId: wrap.conversationId, callId: wrap.callId, endsAt: wrap.endsAt } }
        : {}),
      ...(pending ? { pending: pendingOf(pending) } : {}),
    };
  }

  agents(): AgentView[] {
    return this.#o.userIds().map((userId) => this.agent(userId));
  }

  waiting(queueId: string): number {
    return this.#o.acd.queues().find(({ id }) => id === queueId)?.waiting.length ?? 0;
  }

  /** Its queues, members and callers, for who watches them. */
  queues(): PlatformQueue[] {
    return this.#o.acd.queues();
  }

  async setRequested(userId: string, state: RequestedState, reason: string | undefined): Promise<void> {
    const user = this.#mustBeHere(userId);
    const agent = this.#of(userId);
    agent.pending?.cancel();
    const cancel = this.#life.after(CONFIRMED_WITHIN_MS, () => this.#giveUp(userId));
    agent.pending = { state, ...(reason ? { reason } : {}), since: this.#o.clock.now(), cancel };
    this.#tell(userId);
    try {
      await this.#ask(user, agent, state, reason);
    } catch (error) {
      this.#giveUp(userId);
      throw error;
    }
    this.#review();
  }

  setOnline(userId: string, online: boolean): void {
    if (!this.#o.user(userId)) return;
    this.#of(userId).online = online;
    this.#tell(userId);
  }

  deviceChanged(userId: string): void {
    if (this.#o.user(userId)) this.#tell(userId);
  }

  async decline(userId: string, offerId: string): Promise<void> {
    const { offer } = this.#work(userId);
    if (offer?.offerId !== offerId) throw new CodedError('offer-gone');
    await this.#o.hangup(offer.legId).catch((error: unknown) => {
      // Its phone has stopped ringing, and the platform has not said so yet.
      throw error instanceof CodedError && error.code === 'no-such-line'
        ? new CodedError('offer-gone')
        : error;
    });
  }

  /** The platform itself offers nothing to a phone that is in use. */
  async reserve(
    userId: string,
    _conversationId: string,
    { emergency = false }: { emergency?: boolean } = {},
  ): Promise<void> {
    const { offer, talking } = this.#work(userId);
    if (!emergency && (offer || talking)) throw new CodedError('busy');
  }

  release(): void {
    // nothing was reserved
  }

  async finishWrap(userId: string, conversationId: string): Promise<void> {
    if (this.#of(userId).wrap?.conversationId === conversationId) this.#endWrap(userId, 'finished');
  }

  /** The platform's own time cannot be made longer. */
  async extendWrap(): Promise<void> {
    throw new CodedError('not-capable');
  }

  // ── What the platform says ────────────────────────────────────────────────────────────────────────────────────────

  #requested(userId: string, agent: Agent): AgentView['requested'] {
    const members = this.#members(userId);
    if (members.length === 0) return this.#isQueueAgent() ? { state: 'logged-out' } : agent.alone;
    const ready = members.some((member) => !member.paused);
    if (ready) return { state: 'ready' };
    const said = members.find((member) => member.reason !== '')?.reason ?? '';
    if (said === LOGGED_OUT_REASON) return { state: 'logged-out' };
    const known = this.#o.reasons().find(({ id, label }) => sameText(label, said) || id === said);
    const reason = known?.id ?? said;
    return { state: 'not-ready', ...(reason ? { reason } : {}) };
  }

  /** There are queues into which he can be put: who is in none is logged out, and else just has a telephone. */
  #isQueueAgent(): boolean {
    return this.#o.loginQueues.length > 0;
  }

  #members(userId: string): PlatformMember[] {
    const device = this.#o.user(userId)?.device;
    return this.#o.acd
      .queues()
      .flatMap(({ members }) => members.filter((member) => member.device === device));
  }

  async #ask(
    user: { device: string; name: string },
    agent: Agent,
    state: RequestedState,
    reason: string | undefined,
  ): Promise<void> {
    const { acd, loginQueues, reasons } = this.#o;
    if (state === 'logged-out') {
      agent.left = await acd.logOut(user.device);
      agent.alone = { state };
      return acd.setPaused(user.device, true, LOGGED_OUT_REASON);
    }
    const inNone = acd.queues().every(({ members }) => members.every(({ device }) => device !== user.device));
    if (inNone) await acd.logIn(user.device, user.name, agent.left.length > 0 ? agent.left : loginQueues);
    agent.alone = { state, ...(reason ? { reason } : {}) };
    const label = reasons().find(({ id }) => id === reason)?.label ?? reason ?? '';
    return acd.setPaused(user.device, state !== 'ready', label);
  }

  #giveUp(userId: string): void {
    const agent = this.#of(userId);
    if (!agent.pending) return;
    agent.pending.cancel();
    delete agent.pending;
    this.#tell(userId);
  }

  /** Compares what is with what was told: who differs is told of. */
  #review(): void {
    for (const userId of this.#o.userIds()) {
      const agent = this.#of(userId);
      const { state, reason } = this.#requested(userId, agent);
      if (agent.pending?.state === state && agent.pending.reason === reason) {
        agent.pending.cancel();
        delete agent.pending;
      }
      this.#tell(userId);
    }
    for (const { id } of this.#o.acd.queues()) this.events.emit('queue', id);
  }

  #tell(userId: string): void {
    const agent = this.#of(userId);
    const view = this.agent(userId);
    if (agent.told && JSON.stringify(agent.told) === JSON.stringify(view)) return;
    agent.told = view;
    this.events.emit('agent', view);
  }

  // ── Work ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #work(userId: string): { offer: AgentView['offer']; talking: boolean } {
    let offer: AgentView['offer'];
    let talking = false;
    for (const conversation of this.#o.conversations.all()) {
      for (const leg of conversation.legs.values())
        talking ||=
          leg.userId === userId && leg.role === 'agent' && isLive(leg) && leg.connectedAt !== undefined;
      const live = [...conversation.offers.values()].find((one) => one.userId === userId && !one.ended);
      if (!live) continue;
      const { offerId, callId, legId, queueId, deadline } = live;
      offer = { offerId, conversationId: conversation.id, callId, legId, queueId, deadline };
    }
    return { offer, talking };
  }

  /** After a call of a queue the platform leaves its member alone for a while. */
  #legCleared(conversationId: string, callId: string, legId: string): void {
    const { conversations, platformId, clock } = this.#o;
    const conversation = conversations.get(conversationId);
    const leg = conversation?.legs.get(legId);
    const call = conversation?.calls.get(callId);
    if (!conversation || !leg?.userId || !leg.joined || call?.platformId !== platformId) return;
    const offer = [...conversation.offers.values()].find(
      (one) => one.legId === legId && one.ended === 'accepted',
    );
    const queue = this.#o.acd.queues().find(({ id }) => id === offer?.queueId);
    const wrapMs =
      queue?.members.find(({ device }) => device === this.#o.user(leg.userId ?? '')?.device)?.wrapMs ?? 0;
    if (!offer || wrapMs <= 0) return;
    const { userId } = leg;
    const endsAt = clock.now() + wrapMs;
    const cancel = this.#life.after(wrapMs, () => this.#endWrap(userId, 'timeout'));
    this.#of(userId).wrap = { conversationId, callId, endsAt, cancel };
    conversations.record(conversationId, [
      { type: 'wrap.started', userId, callId, queueId: offer.queueId, endsAt },
    ]);
  }

  #endWrap(userId: string, how: 'finished' | 'timeout'): void {
    const agent = this.#of(userId);
    const { wrap } = agent;
    if (!wrap) return;
    wrap.cancel();
    delete agent.wrap;
    const { conversationId, callId } = wrap;
    this.#o.conversations.record(conversationId, [{ type: 'wrap.ended', userId, callId, how }]);
    this.#tell(userId);
  }

  #mustBeHere(userId: string): { device: string; name: string } {
    const user = this.#o.user(userId);
    if (!user) throw new CodedError('not-found', { what: 'agent of this telephone system' });
    return user;
  }

  #of(userId: string): Agent {
    const known = this.#agents.get(userId);
    if (known) return known;
    const agent: Agent = { online: false, alone: { state: 'not-ready' }, left: [] };
    this.#agents.set(userId, agent);
    return agent;
  }
}

function pendingOf({ state, reason, since }: PendingState): PendingState {
  return { state, since, ...(reason ? { reason } : {}) };
}

function sameText(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}
