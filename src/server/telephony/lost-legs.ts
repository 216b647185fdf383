/**
 * An agent's leg whose sound is gone because the page that carried it closed, though the switch still has the leg.
 *
 *     talking ── lose ──► lost ── replaced by a new leg in time ──► cleared, the call goes on
 *                          ├── 3 s ──► the other party hears music
 *                          └── 20 s without a new leg ──► cleared; an arrived caller goes back to the queue
 */
import type { Lifecycle } from '../../lib/lifecycle.ts';
import type { Conversations } from './conversations.ts';
import { type Call, carrierOf, type Conversation, isLive, type Leg } from './model.ts';
import { isReplaced, lostLegs } from './parties.ts';

export interface LostLegsOptions {
  conversations: Conversations;
  /** Its timers end with it. */
  life: Lifecycle;
  /** How long an agent may be gone from a call, in milliseconds. */
  reattachMs: number;
  /** Gives who is alone in this call music in place of silence. */
  comfort(conversationId: string, callId: string): void;
  giveUp(legId: string): void;
}

/** Silence that a caller may hear when the agent's page reloads, before music begins, in milliseconds. */
const MUSIC_AFTER_MS = 3_000;

export class LostLegs {
  readonly #o: LostLegsOptions;

  constructor(options: LostLegsOptions) {
    this.#o = options;
  }

  /** It, and whatever its switch leg carries. Nothing happens when it is no live leg of an agent, or lost already. */
  lose(legId: string): void {
    const found = this.#o.conversations.find(legId);
    for (const one of found ? this.#o.conversations.carriedBy(carrierOf(found.leg)) : []) this.#lose(one);
  }

  #lose({ conversation, call, leg }: { conversation: Conversation; call: Call; leg: Leg }): void {
    if (leg.lost || leg.role !== 'agent') return;
    const legId = leg.id;
    this.#o.conversations.record(conversation.id, [{ type: 'leg.lost', callId: call.id, legId }]);
    if (leg.connectedAt === undefined) return; // it still rings: the offer's deadline takes care of it
    this.#o.life.after(MUSIC_AFTER_MS, () => this.#comfortOther(legId));
    this.expectBack(legId);
  }

  /** The agent has `reattachMs` from now on. */
  expectBack(legId: string): void {
    this.#o.life.after(this.#o.reattachMs, () => {
      const found = this.#o.conversations.find(legId);
      if (found && isLive(found.leg) && !isReplaced(found.conversation, legId)) this.#o.giveUp(legId);
    });
  }

  /** After a restart: those that were lost have as long again. */
  resume(platformId: string): void {
    for (const leg of lostLegs(this.#o.conversations.all(), platformId)) this.expectBack(leg.id);
  }

  #comfortOther(legId: string): void {
    const found = this.#o.conversations.find(legId);
    if (!found || !isLive(found.leg) || isReplaced(found.conversation, legId)) return;
    this.#o.comfort(found.conversation.id, found.call.id);
  }
}
