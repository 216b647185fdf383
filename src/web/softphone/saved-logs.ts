import type { SoftphoneState } from '../../protocol/softphone.ts';

/** Tells which records a saved call log touched, once per log, so that the host refreshes what shows them. */
export class SavedLogs {
  /** Conversation → the records its log is linked to, as last seen on its line. */
  readonly #linked = new Map<string, string[]>();
  readonly #saved = new Set<string>();
  #first = true;

  /** The ids of the records to refresh now. */
  follow(state: SoftphoneState): string[] {
    for (const line of state.lines) {
      const ids = [line.log?.who?.id, line.log?.what?.id].filter((id) => id !== undefined);
      if (line.log) this.#linked.set(line.id, ids);
    }
    const fresh = state.previous.filter(
      (call) => call.save === 'saved' && !this.#saved.has(call.conversationId),
    );
    for (const call of fresh) this.#saved.add(call.conversationId);
    const told = this.#first ? [] : fresh;
    this.#first = false;
    return told.flatMap((call) => [
      ...(call.crmRef ? [call.crmRef.id] : []),
      ...this.#take(call.conversationId),
    ]);
  }

  #take(conversationId: string): string[] {
    const ids = this.#linked.get(conversationId) ?? [];
    this.#linked.delete(conversationId);
    return ids;
  }
}
