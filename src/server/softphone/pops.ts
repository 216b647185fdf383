import type { PopDecision, RecordRef } from '../../protocol/facts.ts';
import type { Pop } from '../../protocol/softphone.ts';
import type { Call, Conversation, Match } from '../telephony/model.ts';
import { callOf, peerOf, subjectOfCall } from './user-calls.ts';

/**
 * Screen pops of one user, one per conversation at a time.
 *
 *     none ── his phone rings and the match is there ──► waiting for a tab ── a tab that shows records ──► told ── pop.done ──► done
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

  /** The call rings at this user: pops what was decided, once. */
  ring(conversation: Conversation, tab: string | undefined): void {
    const call = this.#subject(conversation);
    const match = conversation.match;
    if (!call || this.#pops.has(conversation.id) || match?.callId !== call.id) return;
    const decision = this.#decide(match, call);
    if (decision === 'none') return;
    this.#put(
      conversation.id,
      {
        decision,
        number: peerOf(call, this.#userId).value,
        ...(decision === 'record' ? { record: match.records[0] } : {}),
      },
      tab,
    );
  }

  /** Who is asked about a call, or takes it over, gets what popped for the first agent. */
  #subject(conversation: Conversation): Call | undefined {
    const call = callOf(conversation, this.#userId);
    return call && subjectOfCall(conversation, call);
  }

  /** Nothing pops for an agent who dials; for the one who gets his call, his records do. */
  #decide(match: Match, call: Call): PopDecision {
    if (match.decision !== 'none' || call.userId === this.#userId || match.status !== 'done')
      return match.decision;
    if (match.records.length === 0) return 'none';
    return match.records.length === 1 && !match.more ? 'record' : 'list';
  }

  /** The agent asks: this record, or what was decided once more, or the list of what matches. */
  byHand(conversation: Conversation, record: RecordRef | undefined, tab: string | undefined): void {
    const call = this.#subject(conversation);
    if (!call) return;
    const found = conversation.match?.records ?? [];
    const chosen = record ?? (found.length === 1 ? found[0] : undefined);
    const decision = chosen ? 'record' : found.length > 1 ? 'list' : 'new';
    this.#put(
      conversation.id,
      { decision, number: peerOf(call, this.#userId).value, ...(chosen ? { record: chosen } : {}) },
      tab,
    );
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
  assumeDone(conversation: Conversation): void {
    this.ring(conversation, undefined);
    const pop = this.#pops.get(conversation.id);
    if (pop) pop.done = true;
  }

  forget(conversationId: string): void {
    this.#pops.delete(conversationId);
  }

  #put(
    conversationId: string,
    what: Pick<Pop, 'decision' | 'number' | 'record'>,
    tab: string | undefined,
  ): void {
    const count = (this.#pops.get(conversationId)?.count ?? 0) + 1;
    const id = `${conversationId}:${this.#userId}:${count}`;
    this.#pops.set(conversationId, { id, count, ...what, ...(tab ? { tab } : {}), done: false });
  }
}
