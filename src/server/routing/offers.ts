/**
 * Offers: one agent is rung for one caller. An offer is decided once, by whoever comes first: `#take` removes it from the
 * agent, and everybody who comes later finds it gone. It is durable before anything rings.
 *
 *     made ──► ringing ──► accepted        made or ringing ──► declined · rang-out · withdrawn · failed
 */
import { newId } from '../../lib/ids.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { agentLegCreated } from '../telephony/conversations.ts';
import type { AgentDevice } from '../telephony/ports.ts';
import type { Agents, LiveOffer } from './agents.ts';
import type { Items } from './items.ts';
import { type OfferEnd, stateAfter } from './offer-end.ts';
import type { RoutingOptions } from './routing-options.ts';
import { endItem, endOffer, insertOffer } from './store.ts';

export interface OffersOptions {
  routing: RoutingOptions;
  agents: Agents;
  items: Items;
  /** Its timers end with it. */
  life: Lifecycle;
  /** The item is offered no more: it waits again, or the agent has it. */
  onDecided(offer: LiveOffer, how: OfferEnd | 'accepted', userId: string): void;
  /** What is written meanwhile; errors are the caller's to report. */
  run(what: string, ids: Record<string, string>, work: Promise<unknown>): void;
}

export class Offers {
  readonly #o: OffersOptions;

  constructor(options: OffersOptions) {
    this.#o = options;
  }

  /** Nothing happens when the caller, the queue or the agent's device is gone. */
  make(itemId: string, userId: string): void {
    const { routing, items, agents, life, run } = this.#o;
    const item = items.get(itemId);
    const device = routing.directory.device(userId);
    const queue = item && routing.queue(item.queueId);
    if (!item || !device || !queue) return;
    const now = routing.clock.now();
    const offer: LiveOffer = {
      offerId: newId('offer'),
      itemId,
      conversationId: item.conversationId,
      callId: item.callId,
      legId: newId('leg'),
      queueId: item.queueId,
      deadline: now + queue.ringMs,
      cancelTimer: life.after(queue.ringMs, () => this.end(userId, 'rang-out')),
    };
    item.offeredTo = userId;
    agents.change(userId, (agent) => {
      agent.offer = offer;
    });
    run(
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
    const { conversations, calls } = this.#o.routing;
    const { offerId, callId, itemId, queueId, legId, deadline, conversationId } = offer;
    try {
      await conversations.commit(
        conversationId,
        [
          agentLegCreated(callId, legId, userId, device),
          { type: 'offer.made', callId, offerId, itemId, queueId, userId, legId, deadline },
        ],
        { also: (sql) => insertOffer(sql, { id: offerId, itemId, userId, legId, madeAt: now, deadline }) },
      );
      // The caller may have left, or the agent declined, while the offer was being written: then nothing rings.
      if (!this.#isLive(userId, offerId)) return calls.cancelUnmadeLeg(legId);
      await calls.ringAgent(legId, device, ringMs + SWITCH_RINGS_LONGER_MS);
    } catch (error) {
      if (this.#isLive(userId, offerId)) this.end(userId, 'failed');
      throw error;
    }
  }

  #isLive(userId: string, offerId: string): boolean {
    return this.#o.agents.get(userId).offer?.offerId === offerId;
  }

  /** Takes the offer from the agent, once; undefined when somebody else has decided it. */
  #take(userId: string): LiveOffer | undefined {
    const agent = this.#o.agents.get(userId);
    const { offer } = agent;
    if (!offer) return undefined;
    offer.cancelTimer();
    delete agent.offer;
    return offer;
  }

  /** The caller has his old place again. Nothing happens when the agent has no offer. `notReady`: as `stateAfter` says. */
  end(userId: string, how: OfferEnd, notReady = true): void {
    const { routing, items, agents, run } = this.#o;
    const offer = this.#take(userId);
    if (!offer) return;
    const item = items.get(offer.itemId);
    if (item) delete item.offeredTo;
    const at = routing.clock.now();
    const durable = routing.conversations.commit(
      offer.conversationId,
      [{ type: 'offer.ended', callId: offer.callId, offerId: offer.offerId, userId, how }],
      { also: (sql) => endOffer(sql, offer.offerId, how, at) },
    );
    const agent = agents.get(userId);
    if (how === 'rang-out') agent.unanswered += 1;
    const rule = routing.queue(offer.queueId)?.agentRules?.noAnswer;
    const after = notReady ? stateAfter(how, agent.unanswered, rule) : undefined;
    if (after) {
      agent.unanswered = 0;
      run('set not ready', { userId }, agents.request(userId, after.state, after.reason, 'system'));
    } else {
      // Who let it ring out stands behind the others who are ready.
      agents.change(userId, () => (agent.idleSince = how === 'rang-out' ? at : agent.idleSince));
    }
    run(
      'end an offer',
      { userId },
      durable.then(() => routing.calls.dropLeg(offer.legId)),
    );
    this.#o.onDecided(offer, how, userId);
  }

  /** The agent answered: the caller is his. */
  accept(userId: string): void {
    const { routing, items, agents, run } = this.#o;
    const offer = this.#take(userId);
    const item = offer && items.take(offer.itemId);
    if (!offer || !item) return;
    const at = routing.clock.now();
    const { callId, offerId, legId, queueId, itemId, conversationId } = offer;
    const durable = routing.conversations.commit(
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
    agents.change(userId, (agent) => {
      agent.unanswered = 0;
      agent.talking.add(conversationId);
    });
    this.#o.onDecided(offer, 'accepted', userId);
    run(
      'connect an agent',
      { conversationId, userId },
      durable.then(() => routing.calls.connectAgent(conversationId, legId)),
    );
  }
}

/** The switch's own ring time-out is the second line of defence: ours, which decides, comes first. */
const SWITCH_RINGS_LONGER_MS = 2_000;
