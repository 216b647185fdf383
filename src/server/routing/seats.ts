/** Agents in the stages whose callers they may take. */
import { IndexedHeap } from '../../lib/indexed-heap.ts';
import { compareIds, preference, standing } from './match.ts';
import type { Seated, Stage } from './stages.ts';

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

/** The free agents of a stage, the best first. */
export class FreeSeats extends IndexedHeap<Seat> {
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

/**
 * All seats of an agent, in the order of his queues. Stages and standings lie beside them: who is ready looks through all of them
 * for a caller, and touches no seat but the one that he takes.
 */
export class Seats {
  readonly seats: Seat[] = [];
  readonly stages: Stage[] = [];
  readonly standings: number[] = [];

  add(seat: Seat): void {
    let at = this.seats.length;
    while (at > 0 && (this.standings[at - 1] as number) > seat.standing) at--;
    this.seats.splice(at, 0, seat);
    this.stages.splice(at, 0, seat.stage);
    this.standings.splice(at, 0, seat.standing);
  }

  /** His seat in the stage goes for good; nothing happens when he has none. */
  remove(stage: Stage): void {
    const at = this.stages.indexOf(stage);
    const seat = this.seats[at];
    if (!seat) return;
    stage.unseat(seat);
    this.seats.splice(at, 1);
    this.stages.splice(at, 1);
    this.standings.splice(at, 1);
  }
}
