/**
 * The indexes of the engine. A stage is all callers to whom the same agents are offered: of one queue, one platform and one phase of
 * the rule, or those who wait for one agent of their own. It knows its first caller and its best free agent:
 *
 *     stage ──► lanes: its callers, one lane for each priority that calls bring, each in the order of entering
 *           └─► seats: the free agents who may take them, the best first
 */
import { IndexedHeap } from '../../lib/indexed-heap.ts';
import type { Phase } from '../../protocol/queue-rules.ts';
import {
  type AgentProfile,
  type AgentStanding,
  compareIds,
  compareWaiting,
  preference,
  type RoutedQueue,
  standing,
  type WaitingItem,
} from './match.ts';

/** A caller. */
export interface Entry extends WaitingItem {
  stage: Stage | undefined;
  lane: Lane | undefined;
  lanePlace: number;
  /** When he comes to another stage by waiting alone. */
  changesAt: number;
  changePlace: number;
  /** He is being offered to somebody: in no stage. */
  held: boolean;
  /** Listed to be staged and proposed. */
  pending: boolean;
}

/** An agent. */
export interface Seated extends AgentProfile, AgentStanding {
  /** One for each stage whose callers he may take. */
  seats: Seat[];
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

/** An agent in a stage, with what orders him there as it was when he was seated. */
export class Seat {
  readonly agent: Seated;
  readonly stage: Stage;
  readonly standing: number;
  preference = 0;
  idleSince = 0;
  place = -1;

  constructor(agent: Seated, stage: Stage) {
    this.agent = agent;
    this.stage = stage;
    this.standing = standing(agent, stage.queue);
  }

  preferenceNow(): number {
    return preference(this.agent, this.stage.queue, this.stage.phase);
  }
}

class FreeSeats extends IndexedHeap<Seat> {
  protected keyOf(seat: Seat): number {
    return seat.standing;
  }
  protected before(a: Seat, b: Seat): boolean {
    if (a.preference !== b.preference) return a.preference < b.preference;
    if (a.idleSince !== b.idleSince) return a.idleSince < b.idleSince;
    return compareIds(a.agent.userId, b.agent.userId) < 0;
  }
  protected placeOf(seat: Seat): number {
    return seat.place;
  }
  protected setPlace(seat: Seat, place: number): void {
    seat.place = place;
  }
}

/** Callers of one stage and one priority: who entered earlier stays ahead, however the priority grows. */
class Lane extends IndexedHeap<Entry> {
  readonly priority: number;

  constructor(priority: number) {
    super();
    this.priority = priority;
  }

  protected keyOf(entry: Entry): number {
    return entry.enteredAt;
  }
  protected before(a: Entry, b: Entry): boolean {
    return compareIds(a.itemId, b.itemId) < 0;
  }
  protected placeOf(entry: Entry): number {
    return entry.lanePlace;
  }
  protected setPlace(entry: Entry, place: number): void {
    entry.lanePlace = place;
  }
}

/** More empty lanes than these are not kept. */
const LANES_KEPT = 8;

export class Stage {
  readonly queue: RoutedQueue;
  readonly phase: Phase;
  readonly platform: Platform;
  /** Who waits here waits for this agent alone. */
  readonly only: Seated | undefined;
  #lanes: Lane[] = [];
  readonly #free = new FreeSeats();
  #waiting = 0;

  constructor(queue: RoutedQueue, phase: Phase, platform: Platform, only?: Seated) {
    this.queue = queue;
    this.phase = phase;
    this.platform = platform;
    this.only = only;
  }

  get waiting(): number {
    return this.#waiting;
  }

  add(entry: Entry): void {
    let lane = this.#lanes.find(({ priority }) => priority === entry.priority);
    if (!lane) {
      lane = new Lane(entry.priority);
      this.#lanes.push(lane);
    }
    entry.stage = this;
    entry.lane = lane;
    lane.put(entry);
    this.#waiting++;
  }

  remove(entry: Entry): void {
    const { lane } = entry;
    if (!lane) return;
    lane.remove(entry);
    entry.stage = undefined;
    entry.lane = undefined;
    this.#waiting--;
    if (lane.size === 0 && this.#lanes.length > LANES_KEPT)
      this.#lanes = this.#lanes.filter((one) => one !== lane);
  }

  /** Whose turn it is now. */
  firstEntry(now: number): Entry | undefined {
    let best: Entry | undefined;
    for (const { first } of this.#lanes)
      if (first && (!best || compareWaiting(first, best, now) < 0)) best = first;
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
