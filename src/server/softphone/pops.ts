import type { RecordRef } from '../../protocol/facts.ts';
import type { Pop } from '../../protocol/softphone.ts';
import type { Call, Conversation } from '../telephony/model.ts';
import { answeredAt } from './assemble-line.ts';
import type { CallLayouts } from './call-layouts.ts';
import { callOf, subjectFor } from './user-calls.ts';

type PopLayouts = Pick<CallLayouts, 'matchOf' | 'pop' | 'popByHand' | 'popRules'>;

/**
 * Screen pops of one user, one per conversation at a time.
 *
 *     none ── his layout says now and the match is there ──► waiting for a tab ── a tab that shows records ──► told ── pop.done ──► done
 *       ▲                                                      ▲                                                                │
 *       └──────── by hand: a new pop with a new id ────────────┴────────────────────────────────────────────────────────────────┘
 *
 * A pop's id is made of the conversation's, so that a page which did it before a restart knows it again.
 */
export class Pops {
  readonly #userId: string;
  readonly #pops = new Map<string, Pop & { count: number }>();

  constructor(userId: string) {
    this.#userId = userId;
  }

  of(conversationId: string): Pop | undefined {
    const pop = this.#pops.get(conversationId);
    if (!pop) return undefined;
    const { count: _count, ...shown } = pop;
    return shown;
  }

  /** Something happened in a conversation that he has a leg in: what his layout says pops when it says so, once. */
  follow(conversation: Conversation, layouts: PopLayouts, tab: string | undefined): void {
    const call = subjectFor(conversation, this.#userId);
    if (!call || this.#pops.has(conversation.id)) return;
    if (layouts.matchOf(conversation, this.#userId)?.callId !== call.id) return;
    const { when } = layouts.popRules(conversation, call, this.#userId);
    if (when === 'hand' || (when === 'answer' && !this.#talks(conversation))) return;
    const pop = layouts.pop(conversation, call, this.#userId);
    if (pop) this.#put(conversation.id, pop, tab);
  }

  #talks(conversation: Conversation): boolean {
    const own: Call | undefined = callOf(conversation, this.#userId);
    return own !== undefined && answeredAt(conversation, own, this.#userId) !== undefined;
  }

  /** The agent asks: this record, or what his layout says, or what there is. */
  byHand(
    conversation: Conversation,
    layouts: PopLayouts,
    record: RecordRef | undefined,
    tab: string | undefined,
  ): void {
    const call = subjectFor(conversation, this.#userId);
    if (call) this.#put(conversation.id, layouts.popByHand(conversation, call, this.#userId, record), tab);
  }

  done(conversationId: string, popId: string): void {
    const pop = this.#pops.get(conversationId);
    if (pop?.id === popId) pop.done = true;
  }

  /** Pops that no tab was there for go to this one; those of a tab that is gone before it did them, too. */
  giveTo(tab: string | undefined, isThere: (tab: string) => boolean): void {
    for (const pop of this.#pops.values()) {
      if (pop.done || (pop.tab !== undefined && isThere(pop.tab))) continue;
      if (tab === undefined) delete pop.tab;
      else pop.tab = tab;
    }
  }

  /** After a restart: a call that is talked about has popped. */
  assumeDone(conversation: Conversation, layouts: PopLayouts): void {
    this.follow(conversation, layouts, undefined);
    const pop = this.#pops.get(conversation.id);
    if (pop) pop.done = true;
  }

  forget(conversationId: string): void {
    this.#pops.delete(conversationId);
  }

  #put(conversationId: string, what: Omit<Pop, 'id' | 'tab' | 'done'>, tab: string | undefined): void {
    const count = (this.#pops.get(conversationId)?.count ?? 0) + 1;
    const id = `${conversationId}:${this.#userId}:${count}`;
    this.#pops.set(conversationId, { id, count, ...what, ...(tab ? { tab } : {}), done: false });
  }
}
