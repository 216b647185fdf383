/** What happened in one simulated day, by the facts that routing and call control tell: callers' stays in queues, agents' times. */
import type { Clock } from '../../lib/clock.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { AgentShown } from '../../protocol/softphone.ts';
import type { AgentView } from '../routing/ports.ts';
import type { Conversation } from '../telephony/model.ts';
import type { SimulatedCallCenter } from './simulated-call-center.ts';

/** One caller in one queue. Milliseconds since the day's beginning. */
export interface Stay {
  conversationId: string;
  queueId: string;
  enteredAt: number;
  leftAt?: number;
  how?: string;
}

/** An agent's milliseconds in each interval of the day. */
export interface AgentTime {
  busy: number[];
  ready: number[];
}

/** Where the intervals of the day are. */
export interface DayFrame {
  /** UTC milliseconds. */
  midnight: number;
  /** Milliseconds since midnight. */
  from: number;
  intervalMs: number;
  intervals: number;
}

const BUSY: ReadonlySet<AgentShown> = new Set<AgentShown>(['offered', 'talking', 'wrap-up']);

export class DayLog {
  readonly stays: Stay[] = [];
  readonly times = new Map<string, AgentTime>();
  /** Offers that rang out, by the instant (since midnight) and queue. */
  readonly missed: { at: number; queueId: string }[] = [];
  readonly #frame: DayFrame;
  readonly #clock: Clock;
  readonly #open = new Map<string, Stay>();
  readonly #shown = new Map<string, { shown: AgentShown; since: number }>();

  constructor(center: SimulatedCallCenter, clock: Clock, frame: DayFrame) {
    this.#frame = frame;
    this.#clock = clock;
    center.conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event));
    center.routing.events.on('agent', (view) => this.#onAgent(view));
  }

  /** The day is over: counts what agents did until now. */
  close(): void {
    for (const [userId, { shown, since }] of this.#shown) this.#count(userId, shown, since, this.#now());
  }

  #now(): number {
    return this.#clock.now() - this.#frame.midnight;
  }

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    if (event.type === 'queue.entered') {
      const stay = { conversationId: conversation.id, queueId: event.queueId, enteredAt: this.#now() };
      this.stays.push(stay);
      this.#open.set(event.itemId, stay);
    }
    if (event.type === 'queue.left') {
      const stay = this.#open.get(event.itemId);
      if (stay) Object.assign(stay, { leftAt: this.#now(), how: event.how });
      this.#open.delete(event.itemId);
    }
    if (event.type === 'offer.ended' && event.how === 'rang-out') {
      const queueId = conversation.offers.get(event.offerId)?.queueId;
      if (queueId !== undefined) this.missed.push({ at: this.#now(), queueId });
    }
  }

  #onAgent({ userId, shown }: AgentView): void {
    const now = this.#now();
    const before = this.#shown.get(userId);
    if (before?.shown === shown) return;
    if (before) this.#count(userId, before.shown, before.since, now);
    this.#shown.set(userId, { shown, since: now });
  }

  #count(userId: string, shown: AgentShown, since: number, until: number): void {
    const kind = BUSY.has(shown) ? 'busy' : shown === 'ready' ? 'ready' : undefined;
    if (!kind) return;
    const { from, intervalMs, intervals } = this.#frame;
    const time = this.times.get(userId) ?? { busy: zeros(intervals), ready: zeros(intervals) };
    this.times.set(userId, time);
    const begin = Math.max(since, from);
    const end = Math.min(until, from + intervals * intervalMs);
    for (let at = begin; at < end; ) {
      const index = Math.floor((at - from) / intervalMs);
      const next = Math.min(end, from + (index + 1) * intervalMs);
      time[kind][index] = (time[kind][index] ?? 0) + next - at;
      at = next;
    }
  }
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
