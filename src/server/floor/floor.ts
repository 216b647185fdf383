/**
 * The live floor: agents and queues as supervisors see them, kept up from events. Nothing is polled and nothing is made anew
 * as a whole: an event marks the rows that it touches, and a frame makes those anew, at most every 100 ms.
 *
 *     event ─► rows are due ── at once, or 100 ms after the last frame ──► frame: changed rows ─► whoever follows it
 */
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import {
  FLOOR_FRAME_MS,
  type FloorAgent,
  type FloorQueue,
  type QueueMinute,
  type WaitingCall,
} from '../../protocol/floor.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import { startOfDay } from '../../protocol/hours.ts';
import type { Conversation } from '../telephony/model.ts';
import { AgentRows, categoryOf } from './agent-rows.ts';
import type { FloorSources } from './ports.ts';
import { type PastStay, QueueRows } from './queue-rows.ts';

/** What is different since the last frame. */
export interface Frame {
  agents: FloorAgent[];
  queues: FloorQueue[];
  /** Teams, users or queues were changed: what anybody sees may be something else altogether. */
  anew: boolean;
}

const MINUTE_MS = 60_000;
/** How long the first event after a quiet time waits for what belongs to it, in milliseconds. */
const GATHER_MS = 5;

export class Floor {
  readonly events: Emitter<{ frame: [frame: Frame] }>;
  readonly #o: FloorSources;
  readonly #life: Lifecycle;
  readonly #agentRows: AgentRows;
  readonly #queueRows: QueueRows;
  readonly #agents = new Map<string, FloorAgent>();
  readonly #queues = new Map<string, FloorQueue>();
  readonly #dueAgents = new Set<string>();
  readonly #dueQueues = new Set<string>();
  #anew = false;
  #cancelFrame: (() => void) | undefined;
  #framedAt = 0;
  #midnight: number;

  /** @param past who waited today and in the last hour before this process was. */
  constructor(options: FloorSources, past: readonly PastStay[]) {
    this.#o = options;
    const { clock, acd, conversations, callCenter, teams, serviceLevels } = options;
    this.events = new Emitter((error, event) => options.onError(`listener of ${event}`, error));
    this.#life = new Lifecycle(clock);
    this.#midnight = startOfDay(options.zone, clock.now());
    this.#agentRows = new AgentRows(options);
    this.#queueRows = new QueueRows(options, () => this.#midnight, past);
    this.#readAll();
    this.#life.add(acd.events.on('agent', ({ userId }) => this.#agentDue(userId)));
    this.#life.add(acd.events.on('queue', (queueId) => this.#queueDue(queueId)));
    this.#life.add(
      conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event)),
    );
    this.#life.add(callCenter.events.on('changed', () => this.#settingsChanged()));
    this.#life.add(teams.events.on('changed', () => this.#settingsChanged()));
    this.#life.add(
      serviceLevels.events.on('changed', (queueId) => {
        this.#queueRows.levelChanged(queueId);
        this.#queueDue(queueId);
      }),
    );
    this.#life.every(MINUTE_MS, () => this.#minute());
  }

  agents(): Iterable<FloorAgent> {
    return this.#agents.values();
  }

  agent(userId: string): FloorAgent | undefined {
    return this.#agents.get(userId);
  }

  queues(): Iterable<FloorQueue> {
    return this.#queues.values();
  }

  queue(queueId: string): FloorQueue | undefined {
    return this.#queues.get(queueId);
  }

  /** Undefined when he waits in this queue no more. */
  waitingCall(queueId: string, itemId: string): WaitingCall | undefined {
    return this.#queueRows.waitingCall(queueId, itemId);
  }

  /** The last hour, the oldest minute first. */
  minutes(queueId: string): readonly QueueMinute[] {
    return this.#queueRows.minutes(queueId);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    const queueId = this.#queueRows.onEvent(conversation, event);
    if (queueId !== undefined) this.#queueDue(queueId);
    if (event.type === 'leg.created' && event.userId) this.#agentRows.note(conversation.id, event.userId);
    if (event.type === 'conversation.ended') this.#agentRows.forget(conversation);
    if (!CHANGES_CALLS.has(event.type)) return;
    for (const leg of conversation.legs.values()) if (leg.userId) this.#agentDue(leg.userId);
  }

  #agentDue(userId: string): void {
    this.#dueAgents.add(userId);
    this.#frameSoon();
  }

  #queueDue(queueId: string): void {
    this.#dueQueues.add(queueId);
    this.#frameSoon();
  }

  #settingsChanged(): void {
    this.#anew = true;
    this.#frameSoon();
  }

  #frameSoon(): void {
    if (this.#cancelFrame) return;
    const wait = Math.max(GATHER_MS, this.#framedAt + FLOOR_FRAME_MS - this.#o.clock.now());
    this.#cancelFrame = this.#life.after(wait, () => this.#frame());
  }

  #frame(): void {
    this.#cancelFrame = undefined;
    this.#framedAt = this.#o.clock.now();
    const anew = this.#anew;
    this.#anew = false;
    if (anew) this.#readAll();
    const agents = [...this.#dueAgents].flatMap((userId) => this.#agentAnew(userId) ?? []);
    const queues = [...this.#dueQueues].flatMap((queueId) => this.#queueAnew(queueId) ?? []);
    this.#dueAgents.clear();
    this.#dueQueues.clear();
    this.events.emit('frame', { agents, queues, anew });
  }

  #readAll(): void {
    this.#agentRows.readSettings();
    this.#queueRows.forgetMembers();
    this.#agents.clear();
    this.#queues.clear();
    for (const userId of this.#agentRows.ids()) this.#agentAnew(userId);
    for (const { id } of this.#o.callCenter.queues()) this.#queueAnew(id);
    this.#dueAgents.clear();
    this.#dueQueues.clear();
  }

  #agentAnew(userId: string): FloorAgent | undefined {
    const row = this.#agentRows.row(userId);
    if (!row) return undefined;
    const before = this.#agents.get(userId);
    const [from, to] = [before && categoryOf(before), categoryOf(row)];
    this.#agents.set(userId, row);
    if (from !== to)
      for (const queueId of row.queueIds) {
        this.#queueRows.memberChanged(queueId, from, to);
        this.#dueQueues.add(queueId);
      }
    return row;
  }

  #queueAnew(queueId: string): FloorQueue | undefined {
    const queue = this.#o.callCenter.queue(queueId);
    if (!queue) return undefined;
    const row = this.#queueRows.row(queue);
    this.#queues.set(queueId, row);
    return row;
  }

  /** The last hour moves on, and at midnight the day's figures begin anew. */
  #minute(): void {
    const now = this.#o.clock.now();
    this.#midnight = startOfDay(this.#o.zone, now);
    this.#queueRows.advance(now);
    for (const { id } of this.#o.callCenter.queues()) this.#queueDue(id);
  }
}

/** What is seen of an agent's call. */
const CHANGES_CALLS: ReadonlySet<ConversationEvent['type']> = new Set([
  'leg.created',
  'leg.connected',
  'leg.held',
  'leg.retrieved',
  'leg.moved',
  'leg.cleared',
  'legs.joined',
  'call.transferred',
  'supervision.set',
  'supervision.joined',
  'offer.accepted',
]);
