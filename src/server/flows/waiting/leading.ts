/**
 * Leads a caller on: to a queue, a number, a flow, voicemail, or to the end with a word. Where to is written first, so that he is
 * never between two steps: whatever dies, he is led there again.
 *
 *     in a queue ─► call.led ─► place left ─┬─► queue: at his old place, if he keeps it
 *     in a flow  ───┘                       ├─► number: rung ─► nobody takes it: told so ─► hung up
 *                                           ├─► flow, voicemail: theirs from then on
 *                                           └─► hang-up: told, hung up
 */
import { newId } from '../../../lib/ids.ts';
import type { Address } from '../../../protocol/address.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { ConversationEvent, Led, QueueLeft, Recorded } from '../../../protocol/facts.ts';
import type { VoicemailBox } from '../../../protocol/waiting.ts';
import type { Acd } from '../../routing/ports.ts';
import { isQueued } from '../../telephony/call-plan.ts';
import type { Conversations } from '../../telephony/conversations.ts';
import { type Call, type Conversation, customerLeg, liveLegs } from '../../telephony/model.ts';
import { type Ears, isOver } from './ears.ts';
import { languageOf, phrasesIn, speech } from './phrases.ts';

export interface LeadingCalls {
  answerCaller(conversationId: string, callId: string): Promise<void>;
  hangupCaller(conversationId: string, callId: string): Promise<void>;
  musicToCaller(conversationId: string, callId: string): Promise<void>;
  ringNumber(conversationId: string, callId: string, number: Address): Promise<void>;
}

export interface LeadingOptions {
  conversations: Conversations;
  calls: LeadingCalls;
  acd: Pick<Acd, 'enqueue' | 'leave'>;
  ears: Ears;
  /** He waits in a queue: what he hears there. */
  attend(conversationId: string, callId: string): void;
  /** He leaves a message. Resolves when he has. */
  voicemail(conversationId: string, callId: string, box: VoicemailBox): Promise<void>;
  /** His dialogue goes on in this flow. @throws CodedError for one that cannot be begun. */
  startFlow(conversationId: string, callId: string, flowId: string): Promise<void>;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

export class Leading {
  readonly #o: LeadingOptions;
  readonly #stop: () => void;

  constructor(options: LeadingOptions) {
    this.#o = options;
    this.#stop = options.conversations.events.on('event', (conversation, event) =>
      this.#onEvent(conversation, event),
    );
  }

  /** @param how he leaves the queue that he waits in, if any. */
  lead(
    conversationId: string,
    callId: string,
    to: Led,
    how: Exclude<QueueLeft, 'answered'> = 'overflow',
  ): void {
    const ids = { conversationId, callId };
    const { conversations, acd } = this.#o;
    const conversation = conversations.get(conversationId);
    if (!conversation) return;
    const place = [...conversation.queueStays.values()].find(
      (stay) => stay.callId === callId && stay.leftAt === undefined,
    );
    // Both at once: nobody can get him between these two, and what is written first holds if the second is not.
    const led = conversations.commit(conversationId, [{ type: 'call.led', callId, to }]);
    const left = place ? acd.leave(place.itemId, how) : Promise.resolve();
    this.#run('lead a caller on', ids, async () => {
      await Promise.all([led, left]);
      await this.#carryOut(conversationId, callId, to);
    });
  }

  /** After a restart, with the platform's switch reconciled: who was being led somewhere is led there. */
  resume(platformId: string): void {
    for (const conversation of this.#o.conversations.all())
      for (const call of conversation.calls.values()) {
        if (!call.led || call.platformId !== platformId || call.endedAt !== undefined) continue;
        const { led } = call;
        if (isQueued(conversation, call.id)) this.lead(conversation.id, call.id, led);
        else if (isAlone(conversation, call))
          this.#run('lead a caller on', { conversationId: conversation.id, callId: call.id }, () =>
            this.#carryOut(conversation.id, call.id, led),
          );
      }
  }

  close(): void {
    this.#stop();
  }

  async #carryOut(conversationId: string, callId: string, to: Led): Promise<void> {
    const call = this.#o.conversations.get(conversationId)?.calls.get(callId);
    // Led elsewhere meanwhile, or gone.
    if (!call || call.endedAt !== undefined || call.led !== to) return;
    try {
      await this.#begin(conversationId, call, to);
    } catch (error) {
      if (isOver(error)) return;
      if (!(error instanceof CodedError))
        this.#o.onError('lead a caller on', error, { conversationId, callId });
      await this.#dismiss(conversationId, callId);
    }
  }

  #begin(conversationId: string, call: Call, to: Led): Promise<void> {
    const { calls, acd, voicemail, startFlow } = this.#o;
    const callId = call.id;
    switch (to.kind) {
      case 'queue': {
        const { queueId, priority, since } = to;
        const kept = since === undefined ? {} : { enteredAt: since };
        const entered = acd.enqueue({
          itemId: newId('item'),
          conversationId,
          callId,
          queueId,
          priority,
          ...kept,
        });
        this.#o.attend(conversationId, callId);
        return entered;
      }
      case 'number':
        // Who rang this number in vain before a restart is not rung again: the next word is the apology.
        return calls.ringNumber(conversationId, callId, to.number);
      case 'flow':
        return startFlow(conversationId, callId, to.flowId);
      case 'voicemail':
        return voicemail(conversationId, callId, to.box);
      case 'hangup':
        return this.#dismiss(conversationId, callId, to.text);
    }
  }

  /** Whom the number was rung for, and who did not take it. */
  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    if (event.type !== 'leg.cleared') return;
    const call = conversation.calls.get(event.callId);
    const leg = conversation.legs.get(event.legId);
    if (call?.led?.kind !== 'number' || call.endedAt !== undefined) return;
    if (leg?.role === 'customer' || leg?.connectedAt !== undefined || !isAlone(conversation, call)) return;
    const ids = { conversationId: conversation.id, callId: call.id };
    this.#run('tell a caller that nobody answers', ids, () => this.#dismiss(conversation.id, call.id));
  }

  /** He is told, and hung up. @param text left out: that nobody can take his call. */
  async #dismiss(conversationId: string, callId: string, text?: string): Promise<void> {
    const conversation = this.#o.conversations.get(conversationId);
    const leg = conversation && customerLeg(conversation, callId);
    if (!leg) return;
    const { calls, ears } = this.#o;
    const language = languageOf(conversation);
    const ear = ears.open(conversationId, callId);
    try {
      if (leg.connectedAt === undefined) await calls.answerCaller(conversationId, callId);
      await ear.say(speech([text ?? phrasesIn(language).nobody], language));
    } finally {
      await calls.hangupCaller(conversationId, callId);
    }
  }

  #run(what: string, ids: Record<string, string>, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      if (!isOver(error)) this.#o.onError(what, error, ids);
    });
  }
}

/** Nobody is with him, and nobody is rung for him. */
function isAlone(conversation: Conversation, call: Call): boolean {
  const legs = liveLegs(conversation, call.id);
  return legs.length === 1 && customerLeg(conversation, call.id)?.id === legs[0]?.id;
}
