/** A queue as supervisors see it: who waits, who has left it, what its members do. Kept up event by event. */
import type { FloorQueue, QueueMinute, WaitingCall } from '../../protocol/floor.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { Queue } from '../callcenter/model.ts';
import { type Conversation, customerLeg } from '../telephony/model.ts';
import type { Category } from './agent-rows.ts';
import type { FloorSources } from './ports.ts';
import { type Departure, QueueFigures } from './queue-figures.ts';

/** How many of those who wait are shown one by one. */
const SHOWN = 50;

interface Live {
  waiting: Map<string, WaitingCall>;
  figures: QueueFigures;
  members: Record<'ready' | 'busy' | 'notReady', number>;
}

/** One who has waited, as the database remembers him. */
export interface PastStay {
  queueId: string;
  enteredAt: number;
  leftAt: number;
  how: string;
}

export class QueueRows {
  readonly #o: FloorSources;
  readonly #live = new Map<string, Live>();
  readonly #midnight: () => number;

  /** @param past what happened before this process was. */
  constructor(options: FloorSources, midnight: () => number, past: readonly PastStay[]) {
    this.#o = options;
    this.#midnight = midnight;
    // Before who waits now: time only grows.
    this.#restore(past);
    for (const conversation of options.conversations.all())
      for (const stay of conversation.queueStays.values())
        if (stay.leftAt === undefined)
          this.#enter(conversation, { ...stay, at: stay.enteredAt, type: 'queue.entered' });
  }

  #restore(past: readonly PastStay[]): void {
    const left = past.flatMap(({ queueId, enteredAt, leftAt, how }) =>
      how === 'answered' || how === 'abandoned'
        ? [{ queueId, at: leftAt, waitMs: leftAt - enteredAt, answered: how === 'answered' }]
        : [],
    );
    for (const { queueId, ...departure } of left.sort((a, b) => a.at - b.at)) this.#left(queueId, departure);
  }

  /** Returns the queue that looks otherwise now. */
  onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): string | undefined {
    switch (event.type) {
      case 'queue.entered':
        this.#enter(conversation, event);
        return event.queueId;
      case 'queue.left': {
        const live = this.#of(event.queueId);
        const call = live.waiting.get(event.itemId);
        if (!call) return undefined;
        live.waiting.delete(event.itemId);
        live.figures.waits(event.at, live.waiting.size);
        if (event.how === 'answered' || event.how === 'abandoned')
          this.#left(event.queueId, {
            at: event.at,
            waitMs: event.at - call.since,
            answered: event.how === 'answered',
          });
        return event.queueId;
      }
      case 'offer.made':
        return this.#offered(event.queueId, event.itemId, event.userId);
      case 'offer.ended': {
        const offer = conversation.offers.get(event.offerId);
        return offer && this.#offered(offer.queueId, offer.itemId, undefined);
      }
      default:
        return undefined;
    }
  }

  /** An agent of the queue does something else. */
  memberChanged(queueId: string, from: Category, to: Category): void {
    const { members } = this.#of(queueId);
    if (from) members[from]--;
    if (to) members[to]++;
  }

  /** Nobody is counted any more: everybody is counted anew. */
  forgetMembers(): void {
    for (const live of this.#live.values()) live.members = { ready: 0, busy: 0, notReady: 0 };
  }

  levelChanged(queueId: string): void {
    this.#live.get(queueId)?.figures.setLevel(this.#o.serviceLevels.of(queueId));
  }

  /** A minute has passed. */
  advance(now: number): void {
    for (const { id } of this.#o.callCenter.queues()) this.#of(id).figures.advance(now, this.#midnight());
  }

  waitingCall(queueId: string, itemId: string): WaitingCall | undefined {
    return this.#live.get(queueId)?.waiting.get(itemId);
  }

  minutes(queueId: string): readonly QueueMinute[] {
    return this.#of(queueId).figures.minutes;
  }

  row(queue: Queue): FloorQueue {
    const { waiting, figures, members } = this.#of(queue.id);
    const { seconds, goal } = this.#o.serviceLevels.of(queue.id);
    let oldestAt: number | null = null;
    for (const { since } of waiting.values()) if (oldestAt === null || since < oldestAt) oldestAt = since;
    return {
      id: queue.id,
      label: queue.label,
      waiting: waiting.size,
      oldestAt,
      next: firstOf(waiting.values()),
      serviceLevel: figures.levelOfHour,
      serviceLevelToday: figures.levelToday,
      target: { seconds, goal },
      answeredToday: figures.today.answered,
      abandonedToday: figures.today.abandoned,
      ...members,
    };
  }

  #enter(
    conversation: Conversation,
    event: Extract<ConversationEvent, { type: 'queue.entered' }> & { at: number },
  ): void {
    const live = this.#of(event.queueId);
    const { itemId, callId, priority } = event;
    // Who consults the queue waits for an answer, too.
    const address = customerLeg(conversation, callId)?.address ?? conversation.calls.get(callId)?.ani;
    const since = event.since ?? event.at;
    live.waiting.set(itemId, {
      itemId,
      conversationId: conversation.id,
      since,
      priority,
      peer: address?.value ?? '',
    });
    live.figures.waits(event.at, live.waiting.size);
  }

  #left(queueId: string, departure: Departure): void {
    this.#of(queueId).figures.left(departure);
  }

  #offered(queueId: string, itemId: string, userId: string | undefined): string | undefined {
    const call = this.#of(queueId).waiting.get(itemId);
    if (!call) return undefined;
    if (userId === undefined) delete call.offeredTo;
    else call.offeredTo = userId;
    return queueId;
  }

  #of(queueId: string): Live {
    const known = this.#live.get(queueId);
    if (known) return known;
    const live = {
      waiting: new Map<string, WaitingCall>(),
      figures: new QueueFigures(this.#o.serviceLevels.of(queueId), this.#midnight()),
      members: { ready: 0, busy: 0, notReady: 0 },
    };
    this.#live.set(queueId, live);
    return live;
  }
}

/** The first of those who wait, in the order in which they are served among equals: by priority, then by their wait. */
function firstOf(waiting: Iterable<WaitingCall>): WaitingCall[] {
  const first: WaitingCall[] = [];
  for (const call of waiting) {
    const last = first.at(-1);
    if (first.length === SHOWN && last && !isBefore(call, last)) continue;
    const place = first.findLastIndex((one) => !isBefore(call, one)) + 1;
    first.splice(place, 0, call);
    if (first.length > SHOWN) first.pop();
  }
  return first;
}

function isBefore(a: WaitingCall, b: WaitingCall): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.since < b.since);
}
