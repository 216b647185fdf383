/**
 * The conversations that are going on: each is one journal stream with this process as its writer. `record` writes
 * observations, `commit` intents; both apply the events to the model at once and then tell the listeners, in journal order:
 * what a listener records is told after what it was told of. Effects of an intent wait for the returned promise; what is
 * merely shown need not. What comes for a conversation that is over is too late: `record` leaves it out, `commit` refuses it.
 */
import { type Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { Database } from '../store/database.ts';
import type { AlsoInTransaction, JournalEntry, JournalEvent, StreamWriter } from '../store/journal.ts';
import type { AgentDevice } from './ports.ts';
import {
  apply,
  type Call,
  type Conversation,
  carrierOf,
  emptyConversation,
  isLive,
  isOver,
  type Leg,
} from './model.ts';

export type ConversationEvents = {
  event: [conversation: Conversation, event: Recorded<ConversationEvent>];
};

export interface ConversationsOptions {
  journal: StreamWriter;
  clock: Clock;
  onListenerError: (error: unknown, event: string) => void;
}

export interface RecordOptions {
  /** The switch's clock, UTC milliseconds. */
  switchAt?: number;
  /** Further statements of the same transaction (intents only). */
  also?: AlsoInTransaction;
}

export class Conversations {
  readonly events: Emitter<ConversationEvents>;
  readonly #options: ConversationsOptions;
  readonly #open = new Map<string, Conversation>();
  readonly #byLeg = new Map<string, Conversation>();
  /** Legs that another one's switch leg carries, by that one. */
  readonly #carried = new Map<string, Set<string>>();
  /** Applied, and not told to the listeners yet. */
  #untold: { conversation: Conversation; event: Recorded<ConversationEvent> }[] = [];
  #telling = false;

  constructor(options: ConversationsOptions) {
    this.#options = options;
    this.events = new Emitter(options.onListenerError);
  }

  /** Loads what was going on when the last process ended. Call once, before anything is recorded; emits nothing. */
  async restore(db: Database): Promise<void> {
    const rows = await db.query<{ stream: string }>(
      'SELECT stream FROM open_stream WHERE stream LIKE $1 ORDER BY stream',
      [`${STREAM_PREFIX}%`],
    );
    for (const { stream } of rows) {
      const entries = await this.#options.journal.read(stream);
      await this.#options.journal.open(stream);
      const id = stream.slice(STREAM_PREFIX.length);
      const conversation = replay(id, entries);
      if (!conversation) continue;
      this.#open.set(id, conversation);
      for (const leg of conversation.legs.values()) {
        this.#byLeg.set(leg.id, conversation);
        if (leg.via) this.#carry(leg.via, leg.id);
      }
    }
  }

  all(): Conversation[] {
    return [...this.#open.values()];
  }

  get(id: string): Conversation | undefined {
    return this.#open.get(id);
  }

  /** The conversation, call and leg of a leg id; undefined when it is none of ours or over. */
  find(legId: string): { conversation: Conversation; call: Call; leg: Leg } | undefined {
    const conversation = this.#byLeg.get(legId);
    const leg = conversation?.legs.get(legId);
    const call = leg && conversation?.calls.get(leg.callId);
    return conversation && call && leg ? { conversation, call, leg } : undefined;
  }

  /** The live legs that this switch leg carries, itself included: in several calls, and conversations, of one user. */
  carriedBy(switchLegId: string): { conversation: Conversation; call: Call; leg: Leg }[] {
    return [switchLegId, ...(this.#carried.get(switchLegId) ?? [])]
      .flatMap((legId) => this.find(legId) ?? [])
      .filter(({ leg }) => isLive(leg) && carrierOf(leg) === switchLegId);
  }

  /** Another live leg of the same user has the switch leg: this one rings and is answered here alone. */
  isCarried(leg: Pick<Leg, 'via'>): boolean {
    const carrier = leg.via === undefined ? undefined : this.find(leg.via)?.leg;
    return carrier !== undefined && isLive(carrier);
  }

  /** Observations: applied and told now, durable within some 10 ms. */
  record(id: string, events: readonly ConversationEvent[], options: Omit<RecordOptions, 'also'> = {}): void {
    if (!this.#takes(id, events)) return;
    const journalled = this.#toJournal(id, events, options);
    this.#applyAll(id, events, journalled, this.#options.journal.append(journalled), options);
  }

  /**
   * Intents: applied and told now; the promise resolves when they are durable, rejects when `also` refused them, with
   * CodedError `no-such-line` when the conversation is over.
   */
  commit(id: string, events: readonly ConversationEvent[], options: RecordOptions = {}): Promise<void> {
    if (!this.#takes(id, events)) return Promise.reject(new CodedError('no-such-line'));
    const journalled = this.#toJournal(id, events, options);
    const { numbers, durable } = this.#options.journal.commit(journalled, options.also);
    this.#applyAll(id, events, journalled, numbers, options);
    return durable;
  }

  /** A stream that has ended is never written again: its numbers would begin anew. */
  #takes(id: string, [first]: readonly ConversationEvent[]): boolean {
    return this.#open.has(id) || first?.type === 'call.arrived' || first?.type === 'call.created';
  }

  #toJournal(id: string, events: readonly ConversationEvent[], options: RecordOptions): JournalEvent[] {
    const at = this.#options.clock.now();
    return events.map(({ type, ...body }) => ({
      stream: STREAM_PREFIX + id,
      type,
      body,
      at,
      conversationId: id,
      ...(options.switchAt === undefined ? {} : { switchAt: options.switchAt }),
    }));
  }

  #applyAll(
    id: string,
    events: readonly ConversationEvent[],
    journalled: JournalEvent[],
    numbers: { id: string; seq: number }[],
    options: RecordOptions,
  ): void {
    events.forEach((event, index) => {
      const number = numbers[index];
      const at = journalled[index]?.at ?? this.#options.clock.now();
      if (!number) return;
      const recorded: Recorded<ConversationEvent> = {
        ...event,
        ...number,
        at,
        ...(options.switchAt === undefined ? {} : { switchAt: options.switchAt }),
      };
      this.#applyOne(id, recorded);
    });
    this.#tell();
  }

  #applyOne(id: string, event: Recorded<ConversationEvent>): void {
    const conversation = this.#open.get(id) ?? emptyConversation(id, event.at);
    this.#open.set(id, conversation);
    apply(conversation, event);
    if ('legId' in event && event.legId) this.#byLeg.set(event.legId, conversation);
    if ((event.type === 'leg.created' || event.type === 'leg.carried') && event.via)
      this.#carry(event.via, event.legId);
    this.#untold.push({ conversation, event });
  }

  /** Tells what was applied; a conversation ends when everybody has been told and nobody began anything more in it. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    const touched = new Set<Conversation>();
    for (let next = this.#untold.shift(); next; next = this.#untold.shift()) {
      touched.add(next.conversation);
      this.events.emit('event', next.conversation, next.event);
    }
    this.#telling = false;
    for (const conversation of touched) this.#endIfOver(conversation);
  }

  #carry(via: string, legId: string): void {
    this.#carried.set(via, (this.#carried.get(via) ?? new Set()).add(legId));
  }

  #forget(leg: Leg): void {
    this.#byLeg.delete(leg.id);
    const carried = this.#carried.get(leg.via ?? '');
    carried?.delete(leg.id);
    if (carried?.size === 0) this.#carried.delete(leg.via ?? '');
  }

  #endIfOver(conversation: Conversation): void {
    const { id } = conversation;
    if (conversation.endedAt !== undefined || !isOver(conversation)) return;
    this.record(id, [{ type: 'conversation.ended', calls: conversation.calls.size }]);
    for (const leg of conversation.legs.values()) this.#forget(leg);
    this.#open.delete(id);
    this.#options.journal.release(STREAM_PREFIX + id);
  }
}

/** The event that makes a user's leg in a call; `via` is the leg that carries it, when it needs none of its own. */
export function agentLegCreated(
  callId: string,
  legId: string,
  userId: string,
  device: Pick<AgentDevice, 'deviceId' | 'address'>,
  via?: string,
): Extract<ConversationEvent, { type: 'leg.created' }> {
  const { deviceId, address } = device;
  return {
    type: 'leg.created',
    callId,
    legId,
    role: 'agent',
    userId,
    deviceId,
    address,
    ...(via ? { via } : {}),
  };
}

/** The model of one conversation from its journal entries; undefined for an empty stream. */
export function replay(id: string, entries: readonly JournalEntry[]): Conversation | undefined {
  const [first] = entries;
  if (!first) return undefined;
  const conversation = emptyConversation(id, first.at);
  for (const entry of entries) {
    if (entry.type === 'intent.refused') continue;
    apply(conversation, {
      type: entry.type,
      ...entry.body,
      id: entry.id,
      seq: entry.seq,
      at: entry.at,
    } as Recorded<ConversationEvent>);
  }
  return conversation;
}

const STREAM_PREFIX = 'conversation:';
