/**
 * The people who call: each comes at his time, gives up when his patience ends, talks as long as he needs and hangs up.
 *
 *     calls ──► waits ── patience ends ──► hangs up
 *                 └ joined with an agent ──► talks ──► hangs up
 */
import type { Clock } from '../../lib/clock.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { Conversation } from '../telephony/model.ts';
import type { Caller } from './demand.ts';
import type { SimulatedCallCenter } from './simulated-call-center.ts';

interface LiveCaller {
  caller: Caller;
  hangup(): void;
  /** What he does next, unless something happens before. */
  cancel(): void;
  talking: boolean;
}

export class Callers {
  readonly #center: SimulatedCallCenter;
  readonly #clock: Clock;
  readonly #callers: readonly Caller[];
  readonly #midnight: number;
  readonly #byLeg = new Map<string, LiveCaller>();
  readonly #byConversation = new Map<string, LiveCaller>();
  #next = 0;

  /** @param midnight UTC milliseconds of the day's beginning. */
  constructor(center: SimulatedCallCenter, clock: Clock, callers: readonly Caller[], midnight: number) {
    this.#center = center;
    this.#clock = clock;
    this.#callers = callers;
    this.#midnight = midnight;
    center.conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event));
    this.#scheduleNext();
  }

  /** Nobody calls any more, and nobody is in a call. */
  get done(): boolean {
    return this.#next >= this.#callers.length && this.#byConversation.size === 0 && this.#byLeg.size === 0;
  }

  of(conversationId: string): Caller | undefined {
    return this.#byConversation.get(conversationId)?.caller;
  }

  #scheduleNext(): void {
    const caller = this.#callers[this.#next];
    if (!caller) return;
    this.#clock.after(this.#midnight + caller.at - this.#clock.now(), () => {
      this.#next++;
      const party = this.#center.arrive(caller.queueId);
      this.#byLeg.set(party.legId, {
        caller,
        hangup: () => party.hangup(),
        cancel: () => undefined,
        talking: false,
      });
      this.#scheduleNext();
    });
  }

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    if (event.type === 'call.arrived') return this.#arrived(conversation.id, event.legId);
    const live = this.#byConversation.get(conversation.id);
    if (!live) return;
    if (event.type === 'legs.joined' && event.legIds.length > 1) this.#talk(live);
    if (event.type === 'conversation.ended') {
      live.cancel();
      this.#byConversation.delete(conversation.id);
    }
  }

  #arrived(conversationId: string, legId: string): void {
    const live = this.#byLeg.get(legId);
    if (!live) return;
    this.#byLeg.delete(legId);
    this.#byConversation.set(conversationId, live);
    const { patienceMs } = live.caller;
    if (patienceMs !== Infinity) live.cancel = this.#clock.after(patienceMs, () => live.hangup());
  }

  #talk(live: LiveCaller): void {
    if (live.talking) return;
    live.talking = true;
    live.cancel();
    live.cancel = this.#clock.after(live.caller.talkMs, () => live.hangup());
  }
}
