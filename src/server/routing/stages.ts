/**
 * The indexes of the engine. A stage is all callers to whom the same agents are offered: of one queue, one platform and one phase of
 * the rule, or those who wait for one agent of their own. It knows its first caller and its best free agent:
 *
 *     stage ──► lanes: its callers, one lane for each priority that calls bring, each in the order of entering
 *           └─► seats: the free agents who may take them, the best first
 *
 * Who entered earlier comes to the next stage earlier: a lane's first caller says when time changes something in it.
 */
import type { Phase } from '../../protocol/queue-rules.ts';
import type { Requirement } from '../../protocol/skills.ts';
import { Lane, laneBefore } from './lanes.ts';
import type { AgentProfile, AgentStanding, RoutedQueue, WaitingItem } from './match.ts';
import { FreeSeats, type Seat, type Seats } from './seats.ts';

/** A queue as the engine keeps it. */
export interface StagedQueue extends RoutedQueue {
  /** By platform, one for each phase; made when the first caller of that platform comes. */
  readonly stages: Map<string, Stage[]>;
  /** The same queue for callers of whom more is asked, by what that is; made when the first such caller comes. */
  readonly demanding: Map<string, StagedQueue>;
}

/** A caller. */
export interface Entry extends WaitingItem {
  queue: StagedQueue;
  readonly requirements: readonly Requirement[] | undefined;
  /** Where he waits; undefined: in no stage. */
  lane: Lane | undefined;
  /** He is being offered to somebody: in no stage. */
  held: boolean;
  /** Listed to be staged and proposed. */
  pending: boolean;
}

/** An agent. */
export interface Seated extends AgentProfile, AgentStanding {
  /** One for each stage whose callers he may take. */
  seats: Seats;
  /** His seats are among the free ones, as he stands now. */
  seated: boolean;
  /** Listed to be proposed. */
  pending: boolean;
}

/** Where callers come from. */
export interface Platform {
  readonly id: string;
  /** They may be offered. */
  running: boolean;
}

/** More empty lanes than these are not kept. */
const LANES_KEPT = 8;

export class Stage {
  readonly queue: StagedQueue;
  readonly phase: Phase;
  readonly platform: Platform;
  /** How long callers have waited when they come to another stage, in milliseconds; Infinity: they stay. */
  readonly untilMs: number;
  /** Who waits here waits for this agent alone. */
  readonly only: Seated | undefined;
  #lanes: Lane[] = [];
  readonly #free = new FreeSeats();
  #waiting = 0;

  constructor(queue: StagedQueue, phase: Phase, platform: Platform, untilMs: number, only?: Seated) {
    this.queue = queue;
    this.phase = phase;
    this.platform = platform;
    this.untilMs = untilMs;
    this.only = only;
  }

  get waiting(): number {
    return this.#waiting;
  }

  add(entry: Entry): Lane {
    const lane = this.#laneOf(entry.priority);
    entry.lane = lane;
    lane.put(entry);
    this.#waiting++;
    return lane;
  }

  #laneOf(priority: number): Lane {
    for (const lane of this.#lanes) if (lane.priority === priority) return lane;
    const lane = new Lane(this, priority);
    this.#lanes.push(lane);
    return lane;
  }

  remove(entry: Entry): void {
    const { lane } = entry;
    if (!lane) return;
    lane.remove(entry);
    entry.lane = undefined;
    this.#waiting--;
    if (lane.size === 0 && this.#lanes.length > LANES_KEPT)
      this.#lanes = this.#lanes.filter((one) => one !== lane);
  }

  /** The lane of him whose turn it is now. */
  firstLane(now: number): Lane | undefined {
    let best: Lane | undefined;
    for (const lane of this.#lanes) if (lane.size > 0 && (!best || laneBefore(lane, best, now))) best = lane;
    return best;
  }

  /** The agent is free: his seat is put in order as he stands now. */
  seat(seat: Seat): void {
    seat.preference = seat.preferenceNow();
    seat.idleSince = seat.agent.idleSince;
    this.#free.put(seat);
  }

  /** The seat goes for good. */
  unseat(seat: Seat): void {
    this.#free.remove(seat);
  }

  /** The best free agent. Who is free no longer is taken out only when he comes to the top. */
  firstSeat(): Seat | undefined {
    for (;;) {
      const { first } = this.#free;
      if (!first || first.agent.seated) return first;
      this.#free.remove(first);
    }
  }
}
