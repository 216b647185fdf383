/** The places of the callers who wait: who entered, who left and how. What is written is durable when the promise resolves. */
import { CodedError } from '../../protocol/errors.ts';
import type { QueueLeft } from '../../protocol/facts.ts';
import { PLAIN_RULE } from '../../protocol/queue-rules.ts';
import type { Sql } from '../store/database.ts';
import { Places } from './places.ts';
import type { EnqueueRequest } from './ports.ts';
import type { RoutingOptions } from './routing-options.ts';
import { endItem, insertItem, loadItems, type StoredItem } from './store.ts';

export interface Item extends StoredItem {
  /** The agent who is being rung for it. */
  offeredTo?: string;
}

/** How somebody leaves without an agent. */
export type LeftHow = Exclude<QueueLeft, 'answered'>;

export class Items {
  readonly #o: Pick<RoutingOptions, 'conversations' | 'clock' | 'queue'>;
  readonly #items = new Map<string, Item>();
  readonly #byCall = new Map<string, Item>();
  readonly #byQueue = new Map<string, Places>();

  constructor(options: Pick<RoutingOptions, 'conversations' | 'clock' | 'queue'>) {
    this.#o = options;
  }

  /** Finds again who waits; whose conversation is over has left. */
  async restore(sql: Sql): Promise<void> {
    const now = this.#o.clock.now();
    for (const item of await loadItems(sql)) {
      if (this.#o.conversations.get(item.conversationId)) this.#add(item);
      else await endItem(sql, item.itemId, 'abandoned', now);
    }
  }

  get(itemId: string): Item | undefined {
    return this.#items.get(itemId);
  }

  all(): Item[] {
    return [...this.#items.values()];
  }

  ofCall(callId: string): Item | undefined {
    return this.#byCall.get(callId);
  }

  /** How many wait in the queue, offered ones included. */
  waiting(queueId: string): number {
    return this.#byQueue.get(queueId)?.size ?? 0;
  }

  /** His place in the queue as its order is now, 1 for the next; undefined when he has left. */
  position(itemId: string, now: number): number | undefined {
    const item = this.#items.get(itemId);
    const others = item && this.#byQueue.get(item.queueId);
    if (!others) return undefined;
    return others.before(item, this.#o.queue(item.queueId)?.rule ?? PLAIN_RULE, now) + 1;
  }

  /** He has his place at once; rejects when it cannot be written: then it is to be taken back. @throws CodedError `not-found`. */
  enter(request: EnqueueRequest): Promise<void> {
    if (!this.#o.queue(request.queueId)) throw new CodedError('not-found', { what: 'queue' });
    const item: Item = { ...request, enteredAt: request.enteredAt ?? this.#o.clock.now() };
    this.#add(item);
    const { itemId, callId, queueId, priority, enteredAt: since } = request;
    const kept = since === undefined ? {} : { since };
    return this.#o.conversations.commit(
      request.conversationId,
      [{ type: 'queue.entered', callId, itemId, queueId, priority, ...kept }],
      { also: (sql) => insertItem(sql, item) },
    );
  }

  /** Takes the item out; undefined when it has left already. */
  take(itemId: string): Item | undefined {
    const item = this.#items.get(itemId);
    if (!item) return undefined;
    this.#items.delete(itemId);
    if (this.#byCall.get(item.callId) === item) this.#byCall.delete(item.callId);
    const others = this.#byQueue.get(item.queueId);
    others?.remove(item);
    if (others?.size === 0) this.#byQueue.delete(item.queueId);
    return item;
  }

  #add(item: Item): void {
    this.#items.set(item.itemId, item);
    this.#byCall.set(item.callId, item);
    const places = this.#byQueue.get(item.queueId) ?? new Places();
    this.#byQueue.set(item.queueId, places);
    places.add(item);
  }

  /** Writes that an item which was taken out left without an agent. */
  async left(item: Item, how: LeftHow): Promise<void> {
    const at = this.#o.clock.now();
    if (!this.#o.conversations.get(item.conversationId)) return;
    await this.#o.conversations.commit(
      item.conversationId,
      [{ type: 'queue.left', callId: item.callId, itemId: item.itemId, queueId: item.queueId, how }],
      { also: (sql) => endItem(sql, item.itemId, how, at) },
    );
  }
}
