/**
 * The ear of a caller who talks to nobody yet: what he is told, and the keys that he presses meanwhile. A key ends what is being
 * said and is kept for whoever asks for it. One ear a call: a new one closes the one before it; it closes by itself when its
 * caller leaves his queue, talks, or is gone, and nothing is said to a closed one.
 *
 *     open ── say ◄──► key ──► closed (left the queue, accepted, joined, hung up, replaced)
 */
import type { Clock } from '../../../lib/clock.ts';
import type { Emitter } from '../../../lib/emitter.ts';
import { CodedError, isTooLate } from '../../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../../protocol/facts.ts';
import { waitingLeg } from '../../telephony/call-plan.ts';
import type { Conversations } from '../../telephony/conversations.ts';
import type { Call, Conversation, Leg } from '../../telephony/model.ts';
import type { Media } from '../../telephony/ports.ts';

/** What ears ask of call control. */
export interface EarCalls {
  sayToCaller(conversationId: string, callId: string, media: Media[]): Promise<'done' | 'stopped' | 'failed'>;
  /** Ends what is being played to him. */
  hushCaller(conversationId: string, callId: string): Promise<void>;
  readonly keys: Emitter<{ key: [conversation: Conversation, call: Call, leg: Leg, digit: string] }>;
}

export interface EarsOptions {
  conversations: Conversations;
  clock: Clock;
  calls: EarCalls;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

export class Ears {
  readonly #o: EarsOptions;
  readonly #open = new Map<string, CallerEar>();
  readonly #stops: (() => void)[];

  constructor(options: EarsOptions) {
    this.#o = options;
    this.#stops = [
      options.calls.keys.on('key', (conversation, call, leg, digit) => {
        if (waitingLeg(conversation, call.id)?.id === leg.id) this.#open.get(call.id)?.press(digit);
      }),
      options.conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event)),
    ];
  }

  open(conversationId: string, callId: string): CallerEar {
    this.#close(callId);
    const ear = new CallerEar(this.#o, conversationId, callId);
    this.#open.set(callId, ear);
    return ear;
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const callId of this.#open.keys()) this.#close(callId);
  }

  #close(callId: string): void {
    this.#open.get(callId)?.close();
    this.#open.delete(callId);
  }

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    if (event.type === 'queue.left' || event.type === 'legs.joined' || event.type === 'call.ended')
      this.#close(event.callId);
    if (event.type === 'leg.cleared' && !waitingLeg(conversation, event.callId)) this.#close(event.callId);
  }
}

export class CallerEar {
  readonly #o: EarsOptions;
  readonly conversationId: string;
  readonly callId: string;
  readonly #keys: string[] = [];
  #saying = false;
  #closed = false;
  #waiter: (() => void) | undefined;

  constructor(options: EarsOptions, conversationId: string, callId: string) {
    this.#o = options;
    this.conversationId = conversationId;
    this.callId = callId;
  }

  /** Nobody listens any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Says this to its end, or until a key is pressed; nothing while a key waits. @returns whether all of it was heard. */
  async say(media: Media[]): Promise<boolean> {
    if (this.#closed || this.#keys.length > 0 || media.length === 0) return false;
    this.#saying = true;
    try {
      const { conversationId, callId } = this;
      return (await this.#o.calls.sayToCaller(conversationId, callId, media)) === 'done';
    } finally {
      this.#saying = false;
    }
  }

  /** The next key, pressed already or within `ms`; undefined when none was, or the ear is closed. */
  async key(ms: number): Promise<string | undefined> {
    if (this.#keys.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        const cancel = this.#o.clock.after(ms, () => this.#waiter?.());
        this.#waiter = () => {
          this.#waiter = undefined;
          cancel();
          resolve();
        };
      });
    return this.#closed ? undefined : this.#keys.shift();
  }

  /** Says this, and takes a key while it is said or within `ms` after it. */
  async ask(media: Media[], ms: number): Promise<string | undefined> {
    await this.say(media);
    return this.key(ms);
  }

  /** Digits until `#`, until `most` of them, or until none came for `ms`; none when he pressed the star: he gives up. */
  async digits(media: Media[], ms: number, most: number): Promise<string> {
    let typed = '';
    for (let key = await this.ask(media, ms); key !== undefined && key !== '#'; key = await this.key(ms)) {
      if (key === '*') return '';
      typed += key;
      if (typed.length >= most) break;
    }
    return typed;
  }

  press(key: string): void {
    if (this.#closed) return;
    this.#keys.push(key);
    if (this.#saying) this.#hush();
    this.#waiter?.();
  }

  /** What is being said ends at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#saying) this.#hush();
    this.#waiter?.();
  }

  #hush(): void {
    const hushed = async () => this.#o.calls.hushCaller(this.conversationId, this.callId);
    // Who is gone, or joined meanwhile, hears nothing of it anyway.
    hushed().catch(() => undefined);
  }
}

/** Nothing more is to be done with this caller now: he is gone, or his switch is away, and `resume` goes on when it is back. */
export function isOver(error: unknown): boolean {
  return isTooLate(error) || (error instanceof CodedError && error.code === 'switch-down');
}
