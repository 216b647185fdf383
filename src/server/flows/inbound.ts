/**
 * The built-in flow of an arrived call (DESIGN section 3): the dialled number leads to a queue; the
 * caller is answered, greeted, hears what is set for the queue and waits (waiting/). The flow keeps the caller's ear; routing holds
 * only the place.
 * Or it leads to one user (direct inward dialling), who is rung by call control's rules for direct calls; or to a flow that was
 * drawn (dialogues.ts), which decides itself.
 *
 *     arrived ─► no such number: refused
 *             └► closed at this time ─► answered ─► told ─► hung up
 *             └► (announcement, heard to its end) ─► answered + queued ─► greeting ─► music ─► (joined by call control) ─► agent lost? ─► back to the front
 *             └► (announcement) ─► the user rings ─► (joined by call control) ─► his page lost? ─► he is rung again
 *                                     └ busy, away, no answer, and no forward (left) ─► answered ─► apology ─► hung up
 */

import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { Address } from '../../protocol/address.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { Acd } from '../routing/ports.ts';
import { isQueued } from '../telephony/call-plan.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Call, type Conversation, customerLeg } from '../telephony/model.ts';
import { isStranded, lastQueue, wasRungInVain } from './callers.ts';
import { Dialogues, type DialogueCalls, type DialoguesOptions, type FlowLibrary } from './dialogues.ts';
import type { ClosedEntry, Entry, QueueEntry } from './entries.ts';
import type { FlowServices } from './node.ts';
import type { Waiting } from './waiting/waiting.ts';

/** What the flow asks of call control. */
export interface FlowCalls extends DialogueCalls {
  rejectCaller(conversationId: string, callId: string, cause: 'not-found' | 'congestion'): Promise<void>;
  ringUser(conversationId: string, callId: string, userId: string, ringMs?: number): Promise<void>;
  ringNumber(conversationId: string, callId: string, number: Address, ringMs?: number): Promise<void>;
  hangupCaller(conversationId: string, callId: string): Promise<void>;
}

export interface InboundOptions {
  conversations: Conversations;
  clock: Clock;
  calls: FlowCalls;
  acd: Pick<Acd, 'enqueue' | 'leave'>;
  /** What who waits hears. */
  waiting: Pick<Waiting, 'attend' | 'voicemail'>;
  /**
   * Where a dialled number leads; undefined when it is none of ours.
   * @param at when the call came (UTC milliseconds): who came in time is not turned away because he waited.
   */
  entryFor(dnis: Address, platformId: string, at: number): Entry | undefined;
  /** Whether calls of this platform are ours to answer; default: all are. A PBX that routes by itself answers its own. */
  routes?(platformId: string): boolean;
  /** Drawn flows, and what their nodes ask of others than the caller's line; without them no number leads to one. */
  dialogues?: {
    flows: FlowLibrary;
    services: Omit<FlowServices, keyof LineServices>;
    recogniser: DialoguesOptions['recogniser'];
  };
  /** The caller has heard the announcement. */
  onAnnounced?(conversationId: string, announcement: string): void;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

/** A caller whose agent was lost goes before everybody who has not talked to anybody yet. */
const LOST_AGENT_PRIORITY = 100;
/** Who is transferred to a queue has waited before: he goes before new callers. */
const TRANSFERRED_PRIORITY = 50;

/** What a node asks of the line that the caller is on. */
type LineServices = Pick<FlowServices, 'enqueue' | 'ringUser' | 'ringNumber' | 'hangUp'>;

const APOLOGY = 'We are sorry: nobody can take your call at the moment. Please call again later.';

export class InboundFlow {
  readonly #o: InboundOptions;
  readonly #life: Lifecycle;
  readonly #dialogues: Dialogues | undefined;
  /** Calls whose callers are just told that nobody answers. */
  readonly #ending = new Set<string>();

  constructor(options: InboundOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.#dialogues = this.#createDialogues(options);
    if (this.#dialogues) this.#life.add(this.#dialogues);
    this.#life.add(
      options.conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event)),
    );
  }

  /** After a restart, with the platform's switch reconciled: callers whom the last process left between two steps go on. */
  resume(platformId: string): void {
    for (const conversation of this.#o.conversations.all()) {
      for (const call of conversation.calls.values()) {
        const { transfer } = call;
        if (call.platformId !== platformId || call.endedAt !== undefined || isQueued(conversation, call.id))
          continue;
        if (transfer?.queueId)
          this.#wait(
            conversation,
            call.id,
            transfer.queueId,
            transfer.recalled ? LOST_AGENT_PRIORITY : TRANSFERRED_PRIORITY,
          );
        else if (isStranded(conversation, call)) this.#goOn(conversation, call);
      }
    }
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    const platformId = 'callId' in event && conversation.calls.get(event.callId ?? '')?.platformId;
    if (platformId && this.#o.routes?.(platformId) === false) return;
    if (event.type === 'call.arrived') {
      const call = conversation.calls.get(event.callId);
      if (call) this.#enter(conversation, call, 0);
    }
    if (event.type === 'leg.cleared') this.#agentGone(conversation, event.callId, event.legId);
    if (event.type === 'call.created' && event.queueId)
      this.#consulted(conversation, event.callId, event.queueId);
    if (event.type === 'call.transferred' && event.queueId && event.how === 'blind')
      this.#transferred(conversation, event.callId, event.byUserId, event.queueId);
    if (event.type === 'leg.connected') this.#dialledQueue(conversation, event.callId, event.legId);
    if (event.type === 'call.recalled' && event.queueId)
      this.#wait(conversation, event.callId, event.queueId, LOST_AGENT_PRIORITY);
  }

  /** An agent consults a queue: his ear waits there, in the consultation. */
  #consulted(conversation: Conversation, callId: string, queueId: string): void {
    this.#wait(conversation, callId, queueId, 0);
  }

  /** A user has dialled a queue at his telephone, which has been answered now. */
  #dialledQueue(conversation: Conversation, callId: string, legId: string): void {
    const call = conversation.calls.get(callId);
    if (!call?.queueId || call.purpose !== 'call' || !isQueued(conversation, callId)) return;
    if (conversation.legs.get(legId)?.userId !== call.userId) return;
    this.#o.waiting.attend(conversation.id, callId);
  }

  /** A call transferred to a queue that its agent was consulting takes that one's place. */
  #transferred(conversation: Conversation, callId: string, byUserId: string, queueId: string): void {
    const consult = [...conversation.queueStays.values()].find((stay) => {
      const call = conversation.calls.get(stay.callId);
      return call?.parentCall === callId && call.userId === byUserId && stay.leftAt === undefined;
    });
    if (consult)
      this.#run('give a place on', { itemId: consult.itemId }, this.#o.acd.leave(consult.itemId, 'closed'));
    this.#wait(
      conversation,
      callId,
      queueId,
      consult ? consult.priority : TRANSFERRED_PRIORITY,
      consult?.enteredAt,
    );
  }

  #wait(conversation: Conversation, callId: string, queueId: string, priority: number, since?: number): void {
    const ids = { conversationId: conversation.id, callId };
    const place = { itemId: newId('item'), ...ids, queueId, priority };
    this.#run(
      'enqueue',
      ids,
      this.#o.acd.enqueue({ ...place, ...(since === undefined ? {} : { enteredAt: since }) }),
    );
    this.#o.waiting.attend(conversation.id, callId);
  }

  #agentGone(conversation: Conversation, callId: string, legId: string): void {
    const leg = conversation.legs.get(legId);
    const call = conversation.calls.get(callId);
    if (!leg || !call || leg.role === 'customer' || (leg.joined && !leg.lost)) return;
    if (!isStranded(conversation, call)) return;
    this.#goOn(conversation, call, LOST_AGENT_PRIORITY);
  }

  /** Whom nobody has any more: back to the front of his queue, to the node of the flow where he was, or to the number's entry. */
  #goOn(conversation: Conversation, call: Call, priority = 0): void {
    const queueId = lastQueue(conversation, call);
    if (queueId !== undefined) this.#wait(conversation, call.id, queueId, LOST_AGENT_PRIORITY);
    else if (call.dialogue && this.#dialogues) this.#dialogues.resume(conversation, call);
    else this.#enter(conversation, call, priority);
  }

  /** The caller, wherever he waits now, begins this flow. False: there is no such flow, or his call is over. */
  enterFlow(conversationId: string, callId: string, flowId: string): boolean {
    const conversation = this.#o.conversations.get(conversationId);
    const call = conversation?.calls.get(callId);
    if (!conversation || !call || call.endedAt !== undefined) return false;
    return this.#dialogues?.begin(conversation, call, flowId) ?? false;
  }

  #createDialogues({ dialogues, conversations, clock, calls, acd, waiting, onError }: InboundOptions) {
    if (!dialogues) return undefined;
    const line: LineServices = {
      enqueue: async ({ conversationId, callId }, place) => {
        const entered = acd.enqueue({ itemId: newId('item'), conversationId, callId, ...place });
        waiting.attend(conversationId, callId);
        await entered;
      },
      ringUser: ({ conversationId, callId }, userId, ringMs) =>
        calls.ringUser(conversationId, callId, userId, ringMs),
      ringNumber: ({ conversationId, callId }, number, ringMs) =>
        calls.ringNumber(conversationId, callId, number, ringMs),
      hangUp: ({ conversationId, callId }) => calls.hangupCaller(conversationId, callId),
    };
    return new Dialogues({
      conversations,
      clock,
      calls,
      flows: dialogues.flows,
      recogniser: dialogues.recogniser,
      services: { ...dialogues.services, ...line },
      apologise: (conversation, call) => this.#dismiss(conversation, call, APOLOGY),
      onError,
    });
  }

  #enter(conversation: Conversation, call: Call, priority: number): void {
    const ids = { conversationId: conversation.id, callId: call.id };
    const entry = this.#o.entryFor(call.dnis, call.platformId, conversation.startedAt);
    if (!entry)
      return this.#run(
        'refuse a caller',
        ids,
        this.#o.calls.rejectCaller(conversation.id, call.id, 'not-found'),
      );
    if ('closed' in entry)
      return this.#run(
        'tell a caller that it is closed',
        ids,
        this.#dismiss(conversation, call, entry.closed),
      );
    const texts = [entry.notice ?? '', entry.announcement ?? ''].filter((text) => text !== '');
    if (priority > 0 || texts.length === 0) return this.#lead(conversation, call, entry, priority);
    this.#run(
      'announce',
      ids,
      this.#announceAll(conversation.id, call.id, texts).then((heard) =>
        heard ? this.#lead(conversation, call, entry, priority) : undefined,
      ),
    );
  }

  async #announceAll(conversationId: string, callId: string, texts: readonly string[]): Promise<boolean> {
    for (const text of texts) if (!(await this.#announce(conversationId, callId, text))) return false;
    return true;
  }

  #lead(conversation: Conversation, call: Call, entry: Exclude<Entry, ClosedEntry>, priority: number): void {
    const ids = { conversationId: conversation.id, callId: call.id };
    const { calls, waiting } = this.#o;
    if ('queueId' in entry) return this.#queue(ids, entry, priority);
    if ('flowId' in entry) {
      if (!this.#dialogues?.begin(conversation, call, entry.flowId))
        this.#run('apologise', ids, this.#dismiss(conversation, call, APOLOGY));
      return;
    }
    const ring =
      'userId' in entry
        ? () => calls.ringUser(conversation.id, call.id, entry.userId)
        : () => calls.ringNumber(conversation.id, call.id, entry.number);
    const inVain =
      'userId' in entry && entry.voicemail
        ? async () => waiting.voicemail(conversation.id, call.id, { kind: 'user', id: entry.userId })
        : () => this.#dismiss(conversation, call, APOLOGY);
    this.#run('ring', ids, this.#ring(conversation, call, ring, inVain));
  }

  /** Whoever was rung in vain, forwards included, was the last one. */
  async #ring(
    conversation: Conversation,
    call: Call,
    ring: () => Promise<void>,
    inVain: () => Promise<void>,
  ): Promise<void> {
    if (wasRungInVain(conversation, call)) return await inVain();
    try {
      await ring();
    } catch (error) {
      if (isTooLate(error)) return;
      if (!(error instanceof CodedError))
        this.#o.onError('ring', error, { conversationId: conversation.id, callId: call.id });
      await inVain();
    }
  }

  /** He is told, and hung up. */
  async #dismiss(conversation: Conversation, call: Call, text: string): Promise<void> {
    const { calls } = this.#o;
    const leg = customerLeg(conversation, call.id);
    if (!leg || this.#ending.has(call.id)) return;
    this.#ending.add(call.id);
    try {
      if (leg.connectedAt === undefined) await calls.answerCaller(conversation.id, call.id);
      await calls.sayToCaller(conversation.id, call.id, [{ kind: 'text', text }]);
    } finally {
      await calls.hangupCaller(conversation.id, call.id);
      this.#ending.delete(call.id);
    }
  }

  /** False when he has hung up meanwhile. */
  async #announce(conversationId: string, callId: string, text: string): Promise<boolean> {
    const conversation = this.#o.conversations.get(conversationId);
    const leg = conversation && customerLeg(conversation, callId);
    if (!leg) return false;
    if (leg.connectedAt === undefined) await this.#o.calls.answerCaller(conversationId, callId);
    // What cannot be said must not keep him from his agent: who records asks whether it was heard.
    const outcome = await this.#o.calls
      .sayToCaller(conversationId, callId, [{ kind: 'text', text }])
      .catch((error: unknown) => {
        if (isTooLate(error)) return 'stopped' as const;
        this.#o.onError('announce', error, { conversationId, callId });
        return 'failed' as const;
      });
    if (outcome === 'done') this.#o.onAnnounced?.(conversationId, text);
    return outcome !== 'stopped';
  }

  #queue(
    { conversationId, callId }: { conversationId: string; callId: string },
    { queueId, greeting }: QueueEntry,
    priority: number,
  ): void {
    const ids = { conversationId, callId };
    this.#run(
      'enqueue',
      ids,
      this.#o.acd.enqueue({ itemId: newId('item'), conversationId, callId, queueId, priority }),
    );
    this.#o.waiting.attend(conversationId, callId, priority === 0 ? greeting : '');
  }

  #run(what: string, ids: Record<string, string>, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isTooLate(error)) this.#o.onError(what, error, ids);
    });
  }
}
