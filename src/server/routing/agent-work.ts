/**
 * What happens in conversations, as agents' work: who is rung, who talks, who wraps up. The events of call control come in;
 * offers, wrap-ups and agents are told.
 */
import type { ClearCause, ConversationEvent, Recorded } from '../../protocol/facts.ts';
import { waitingLeg } from '../telephony/call-plan.ts';
import { type Conversation, isLive, type Leg } from '../telephony/model.ts';
import { hasLiveLeg, isWork } from './agent-legs.ts';
import type { Agents } from './agents.ts';
import { howItEnded } from './offer-end.ts';
import type { Offers } from './offers.ts';
import type { RoutingOptions } from './routing-options.ts';
import type { WrapUps } from './wrap-ups.ts';

export interface AgentWorkOptions {
  routing: RoutingOptions;
  agents: Agents;
  offers: Offers;
  wrapUps: WrapUps;
  /** Nobody waits in this call any more. */
  customerGone(callId: string): void;
  /** An agent may get the next call now. */
  onFree(): void;
  /** What is written meanwhile; errors are the caller's to report. */
  run(what: string, ids: Record<string, string>, work: Promise<unknown>): void;
}

export class AgentWork {
  readonly #o: AgentWorkOptions;

  constructor(options: AgentWorkOptions) {
    this.#o = options;
  }

  onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
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
    this.#o.agents.change(userId, (agent) => {
      if (own) agent.talking.add(conversation.id);
      else agent.ringing.add(legId);
    });
  }

  #legConnected(conversation: Conversation, legId: string): void {
    const leg = conversation.legs.get(legId);
    if (!leg || !isWork(conversation, leg) || !leg.userId) return;
    const userId = leg.userId;
    if (this.#o.agents.get(userId).offer?.legId === legId) return this.#o.offers.accept(userId);
    if ([...conversation.offers.values()].some((offer) => offer.legId === legId)) {
      // It was picked up after the offer had ended: somebody else has the caller, or he is gone.
      return this.#o.run('drop a late answer', { legId }, this.#o.routing.calls.dropLeg(legId));
    }
    this.#o.agents.change(userId, (agent) => {
      agent.ringing.delete(legId);
      agent.talking.add(conversation.id);
    });
    this.#o.offers.end(userId, 'withdrawn'); // he took another call while one was offered to him
  }

  /** The page that rang is gone (a reload): the offer is made anew as soon as the agent's phone is back. */
  #legLost(conversation: Conversation, legId: string): void {
    const userId = conversation.legs.get(legId)?.userId;
    if (userId && this.#o.agents.get(userId).offer?.legId === legId) this.#o.offers.end(userId, 'withdrawn');
  }

  #legCleared(conversation: Conversation, legId: string, cause: ClearCause): void {
    const leg = conversation.legs.get(legId);
    if (!leg) return;
    // A callback's customer was never there.
    if (!waitingLeg(conversation, leg.callId) && !conversation.calls.get(leg.callId)?.callback)
      this.#o.customerGone(leg.callId);
    if (!isWork(conversation, leg) || !leg.userId) return;
    if (this.#o.agents.get(leg.userId).ringing.has(legId))
      this.#o.agents.change(leg.userId, (agent) => agent.ringing.delete(legId));
    if (this.#o.agents.get(leg.userId).offer?.legId === legId)
      return this.#o.offers.end(leg.userId, howItEnded(cause));
    this.#agentDone(conversation, leg, leg.userId);
    this.#o.onFree();
  }

  #callEnded(conversation: Conversation, callId: string): void {
    this.#o.customerGone(callId);
    // An agent who was dialling and never got a leg is free again.
    for (const agent of this.#o.agents.all()) {
      if (agent.talking.has(conversation.id) && !hasLiveLeg(conversation, agent.userId))
        this.release(agent.userId, conversation.id);
    }
  }

  /** The agent's last leg in the conversation is gone: wrap-up, if he talked and his queue has one. */
  #agentDone(conversation: Conversation, leg: Leg, userId: string): void {
    if (hasLiveLeg(conversation, userId)) return;
    const agent = this.#o.agents.get(userId);
    if (!agent.talking.has(conversation.id)) return;
    const talked = [...conversation.legs.values()].some(
      (l) => l.userId === userId && l.joined && conversation.calls.get(l.callId)?.purpose === 'call',
    );
    const queueId = [...conversation.offers.values()].findLast(
      (offer) => offer.userId === userId && offer.ended === 'accepted',
    )?.queueId;
    const wrapMs = talked ? this.#wrapMs(queueId) : 0;
    const skipped = agent.next !== undefined && this.#o.wrapUps.givesWay(queueId);
    if (wrapMs > 0 && agent.requested !== 'logged-out' && !skipped) {
      const { callId } = leg;
      return this.#o.wrapUps.start(
        { conversationId: conversation.id, callId, userId, ...(queueId ? { queueId } : {}) },
        wrapMs,
      );
    }
    this.release(userId, conversation.id);
  }

  #wrapMs(queueId: string | undefined): number {
    return queueId ? (this.#o.routing.queue(queueId)?.wrapMs ?? 0) : this.#o.routing.outboundWrapMs;
  }

  /** He was making a call, or had one, and has it no more. */
  release(userId: string, conversationId: string): void {
    if (!this.#o.agents.get(userId).talking.has(conversationId)) return;
    this.#o.agents.change(userId, (agent) => agent.talking.delete(conversationId));
    this.#o.onFree();
  }

  // ── Restart ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Finds again who rings, talks and wraps up. */
  restore(): void {
    for (const conversation of this.#o.routing.conversations.all()) this.#restoreOf(conversation);
  }

  /** What rings although its offer is over: it was offered by a process that died. */
  legsOfEndedOffers(platformId: string): string[] {
    return this.#o.routing.conversations.all().flatMap((conversation) =>
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
    return platformId === undefined || (this.#o.routing.routes?.(platformId) ?? true);
  }

  #restoreOf(conversation: Conversation): void {
    if (![...conversation.calls.keys()].every((callId) => this.#routes(conversation, callId))) return;
    for (const offer of conversation.offers.values()) {
      if (offer.ended !== undefined) continue;
      this.#o.routing.conversations.record(conversation.id, [
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
      this.#o.agents.change(leg.userId, (agent) => {
        if (leg.connectedAt !== undefined) agent.talking.add(conversation.id);
        else if (!offered && !leg.replaces) agent.ringing.add(leg.id);
      });
    }
    for (const wrap of conversation.wraps.values()) {
      if (wrap.endedAt === undefined) this.#o.wrapUps.restore(conversation.id, wrap);
    }
  }
}
