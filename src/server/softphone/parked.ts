/** Who is parked where, over all conversations. */
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { Action, ParkedCall } from '../../protocol/softphone.ts';
import type { Conversation } from '../telephony/model.ts';
import { peerName } from './assemble-line.ts';
import type { SoftphoneSettings } from './ports.ts';
import { peerOf } from './user-calls.ts';

export class Parked {
  readonly #settings: SoftphoneSettings;
  readonly #holding = new Map<string, Conversation>();

  constructor(settings: SoftphoneSettings) {
    this.#settings = settings;
  }

  /** After a restart. */
  restore(conversations: readonly Conversation[]): void {
    for (const conversation of conversations) this.#note(conversation);
  }

  /** Listener of the conversations. True when somebody was parked, or is parked no more. */
  onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): boolean {
    const before = this.#holding.has(conversation.id);
    if (!before && event.type !== 'call.parked') return false;
    this.#note(conversation);
    return before !== this.#holding.has(conversation.id) || event.type === 'call.parked';
  }

  /** What is parked on these platforms, the longest waiting first, with the same button for all. */
  list(platformIds: ReadonlySet<string>, pickUp: Action): ParkedCall[] {
    return [...this.#holding.values()]
      .flatMap((conversation) =>
        [...conversation.calls.values()].flatMap((call) => {
          if (!call.parked || call.endedAt !== undefined || !platformIds.has(call.platformId)) return [];
          const { slot, userId, at: since } = call.parked;
          const name = peerName(conversation, call, '', this.#settings, conversation.match);
          const by = { userId, name: this.#settings.user(userId)?.name ?? '' };
          const shown = { slot, conversationId: conversation.id, peer: peerOf(call, ''), since, by, pickUp };
          return [name ? { ...shown, peerName: name } : shown];
        }),
      )
      .sort((a, b) => a.since - b.since);
  }

  #note(conversation: Conversation): void {
    const parked = [...conversation.calls.values()].some(
      (call) => call.parked !== undefined && call.endedAt === undefined,
    );
    if (parked) this.#holding.set(conversation.id, conversation);
    else this.#holding.delete(conversation.id);
  }
}
