import type { Conversation } from '../telephony/model.ts';

/** Which conversations each user has something to do with: so that an event touches the states of its own agents only. */
export class Participants {
  readonly #byUser = new Map<string, Set<string>>();

  /** Notes the users of a conversation and returns them. */
  note(conversation: Conversation): string[] {
    const users = usersOf(conversation);
    for (const userId of users) {
      const ids = this.#byUser.get(userId) ?? new Set();
      this.#byUser.set(userId, ids.add(conversation.id));
    }
    return users;
  }

  forget(conversation: Conversation): void {
    for (const userId of usersOf(conversation)) this.#byUser.get(userId)?.delete(conversation.id);
  }

  conversationIds(userId: string): string[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }
}

function usersOf(conversation: Conversation): string[] {
  const users = new Set<string>([...conversation.logs.keys(), ...conversation.wraps.keys()]);
  for (const leg of conversation.legs.values()) if (leg.userId) users.add(leg.userId);
  for (const offer of conversation.offers.values()) users.add(offer.userId);
  for (const call of conversation.calls.values()) if (call.userId) users.add(call.userId);
  return [...users];
}
