/** Everything about callers who wait, and who wait no longer, joined: what flows and routing's rules ask for. */
import type { Clock } from '../../../lib/clock.ts';
import { newId } from '../../../lib/ids.ts';
import type { Emitter } from '../../../lib/emitter.ts';
import { type Address, parseAddress } from '../../../protocol/address.ts';
import type { Led } from '../../../protocol/facts.ts';
import type { QueueWaiting, VoicemailBox, VoicemailSettings } from '../../../protocol/waiting.ts';
import type { Acd, AcdEvents, Overflowed } from '../../routing/ports.ts';
import type { Conversations } from '../../telephony/conversations.ts';
import type { Conversation, QueueStay } from '../../telephony/model.ts';
import { askForNumber } from './callback-dialogue.ts';
import { Callbacks } from './callbacks.ts';
import { type EarCalls, Ears } from './ears.ts';
import { Leading, type LeadingCalls } from './leading.ts';
import { languageOf, phrasesIn, speech } from './phrases.ts';
import { type MessageRecorder, VoicemailDialogue, type VoicemailOptions } from './voicemail.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface WaitingOptions {
  conversations: Conversations;
  clock: Clock;
  calls: EarCalls & LeadingCalls & VoicemailOptions['calls'];
  acd: Pick<Acd, 'enqueue' | 'leave' | 'position' | 'estimate'> & {
    readonly events: Pick<Emitter<AcdEvents>, 'on'>;
  };
  recorder: MessageRecorder;
  settings(queueId: string): QueueWaiting;
  boxSettings(box: VoicemailBox): VoicemailSettings;
  knowsQueue(queueId: string): boolean;
  /** Whether the queue takes calls at this instant (UTC milliseconds). */
  isOpen(queueId: string, at: number): boolean;
  /** The number as it is called back. @throws CodedError for one that may not be called. */
  callable(number: string, platformId: string): Address;
  /** The country in which a number is read that a rule sends callers to. */
  countryOf(platformId: string): string;
  startFlow(conversationId: string, callId: string, flowId: string): Promise<void>;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

export class Waiting {
  readonly #o: WaitingOptions;
  readonly #ears: Ears;
  readonly #room: WaitingRoom;
  readonly #leading: Leading;
  readonly #voicemail: VoicemailDialogue;
  readonly #unfollow: () => void;
  readonly callbacks: Callbacks;

  constructor(options: WaitingOptions) {
    const { conversations, clock, calls, acd, settings, recorder, boxSettings, onError } = options;
    this.#o = options;
    this.#ears = new Ears({ conversations, clock, calls, onError });
    const ears = this.#ears;
    this.#voicemail = new VoicemailDialogue({
      conversations,
      clock,
      ears,
      calls,
      recorder,
      settings: boxSettings,
      onError,
    });
    this.#leading = new Leading({
      conversations,
      calls,
      acd,
      ears,
      attend: (conversationId, callId) => this.attend(conversationId, callId),
      voicemail: (conversationId, callId, box) => this.#voicemail.take(conversationId, callId, box),
      startFlow: (conversationId, callId, flowId) => options.startFlow(conversationId, callId, flowId),
      onError,
    });
    this.callbacks = new Callbacks({
      conversations,
      clock,
      acd,
      rules: (queueId) => settings(queueId).callback,
      knowsQueue: (queueId) => options.knowsQueue(queueId),
      isOpen: (queueId, at) => options.isOpen(queueId, at),
      callable: (number, platformId) => options.callable(number, platformId),
      onError,
    });
    this.#room = new WaitingRoom({
      conversations,
      clock,
      calls,
      ears,
      forecast: acd,
      settings,
      callable: (number, platformId) => options.callable(number, platformId),
      callBack: (conversation, stay, number) => this.#callBack(conversation, stay.callId, stay, number),
      toVoicemail: (conversation, { callId, queueId }) =>
        this.lead(conversation.id, callId, voicemailOf({ kind: 'queue', id: queueId }), 'voicemail'),
      onError,
    });
    this.#unfollow = acd.events.on('overflow', (leaving) => this.#overflow(leaving));
  }

  /** After a restart or a lost connection, with the platform's switch reconciled. */
  resume(platformId: string): void {
    this.#room.resume(platformId);
    this.#leading.resume(platformId);
    this.callbacks.resume();
  }

  async close(): Promise<void> {
    this.#unfollow();
    this.#leading.close();
    this.#ears.close();
    await this.#room.close();
    await this.callbacks.close();
  }

  // ── What flows ask ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Who has just entered a queue hears what is set for it. @param greeting said first; empty for none. */
  attend(conversationId: string, callId: string, greeting = ''): void {
    this.#room.attend(conversationId, callId, greeting);
  }

  /** Enters the caller into the queue, where he hears what is set for it. @throws CodedError `not-found`. */
  async queue(place: {
    conversationId: string;
    callId: string;
    queueId: string;
    priority?: number;
    greeting?: string;
  }): Promise<void> {
    const { conversationId, callId, queueId, priority = 0, greeting } = place;
    const entered = this.#o.acd.enqueue({ itemId: newId('item'), conversationId, callId, queueId, priority });
    this.attend(conversationId, callId, greeting);
    await entered;
  }

  /** Leads the caller on, out of the queue that he waits in, if any: see Leading. */
  lead(conversationId: string, callId: string, to: Led, how?: 'overflow' | 'callback' | 'voicemail'): void {
    this.#leading.lead(conversationId, callId, to, how);
  }

  /** The caller leaves a message, and is hung up. */
  voicemail(conversationId: string, callId: string, box: VoicemailBox): void {
    this.lead(conversationId, callId, voicemailOf(box), 'voicemail');
  }

  /**
   * Asks a caller for a number and has him confirm it; who does is told so and hung up, and is called by this queue's agents.
   * @returns false when he did not: he is still there.
   */
  async callback(conversationId: string, callId: string, queueId: string, priority = 0): Promise<boolean> {
    const conversation = this.#o.conversations.get(conversationId);
    const call = conversation?.calls.get(callId);
    if (!conversation || !call) return false;
    const ear = this.#ears.open(conversationId, callId);
    const number = await askForNumber(ear, {
      from: call.direction === 'inbound' ? call.ani : call.dnis,
      otherNumber: this.#o.settings(queueId).callback.otherNumber,
      language: languageOf(conversation),
      callable: (typed) => this.#o.callable(typed, call.platformId),
    });
    if (!number || ear.closed) return false;
    this.#callBack(conversation, callId, { queueId, priority, since: conversation.startedAt }, number);
    return true;
  }

  /** Says to a caller who waits what place he has and how long it takes, as far as that is honest. */
  async playPosition(conversationId: string, callId: string): Promise<void> {
    const conversation = this.#o.conversations.get(conversationId);
    const stay = [...(conversation?.queueStays.values() ?? [])].find(
      (one) => one.callId === callId && one.leftAt === undefined,
    );
    if (!conversation || !stay) return;
    const language = languageOf(conversation);
    const texts = this.#room.place(stay, language, true);
    if (texts.length > 0) await this.#ears.open(conversationId, callId).say(speech(texts, language));
  }

  // ── ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #callBack(
    conversation: Conversation,
    callId: string,
    { queueId, priority, since }: Pick<QueueStay, 'queueId' | 'priority' | 'since'>,
    number: Address,
  ): void {
    const phrases = phrasesIn(languageOf(conversation));
    const noted = this.callbacks.request(conversation, callId, { queueId, priority, since }, number);
    const text = noted ? phrases.callbackNoted : phrases.callbackKnown;
    this.lead(conversation.id, callId, { kind: 'hangup', text }, 'callback');
  }

  /** A rule of the queue sends him elsewhere. */
  #overflow({ itemId, conversationId, callId, queueId, target }: Overflowed): void {
    const conversation = this.#o.conversations.get(conversationId);
    const call = conversation?.calls.get(callId);
    const stay = conversation?.queueStays.get(itemId);
    if (!call || !stay || stay.leftAt !== undefined) return;
    // Who is called back is not on the line: he hears nothing, and no rule sends him away.
    if (call.callback) return;
    const { priority, since } = stay;
    switch (target.kind) {
      case 'queue':
        return this.lead(conversationId, callId, { kind: 'queue', queueId: target.queueId, priority, since });
      case 'number': {
        const number = parseAddress(target.number, this.#o.countryOf(call.platformId));
        return this.lead(conversationId, callId, { kind: 'number', number });
      }
      case 'voicemail':
        return this.lead(conversationId, callId, voicemailOf({ kind: 'queue', id: queueId }));
      default:
        return this.lead(conversationId, callId, target);
    }
  }
}

function voicemailOf(box: VoicemailBox): Led {
  return { kind: 'voicemail', box };
}
