/**
 * Who gets which call, from indexes that are kept as things happen: chooses what `match()` chooses, and looks only at what is
 * different since the last decision. A pair that becomes possible has somebody who is new in it: a caller who came, came back or
 * whose rule widened, or an agent who became free. Each of these proposes his best pair; of the proposals the first is taken,
 * whose partners were taken propose anew, until nobody has anything to propose.
 *
 *     callers, agents, queues change ──► pending ──► decide(now) ──► pairs, each caller then held and each agent not ready
 *                                                        ▲
 *                            nextChange: when a caller comes to the next phase of his queue's rule
 */
import { IndexedHeap } from '../../lib/indexed-heap.ts';
import { type Phase, phasesFor } from '../../protocol/queue-rules.ts';
import type { Requirement } from '../../protocol/skills.ts';
import { type Lane, laneBefore } from './lanes.ts';
import {
  type AgentProfile,
  type AgentStanding,
  compareIds,
  compareWaiting,
  mayTake,
  type Pair,
  phaseIndexAt,
  preferredOf,
  type RoutedQueue,
  type WaitingItem,
} from './match.ts';
import { Seat, Seats } from './seats.ts';
import { type Entry, type Platform, type Seated, Stage, type StagedQueue } from './stages.ts';

/** Lanes by when their first callers come to another stage. */
class Changes extends IndexedHeap<Lane> {
  protected keyOf(lane: Lane): number {
    return lane.changesAt;
  }
  protected before(): boolean {
    return false;
  }
  protected placeOf(lane: Lane): number {
    return lane.changePlace;
  }
  protected setPlace(lane: Lane, place: number): void {
    lane.changePlace = place;
  }
}

interface Proposal {
  /** Who is new, and proposes. */
  by: Entry | Seated;
  entry: Entry;
  seat: Seat;
  preference: number;
  place: number;
}

class Proposals extends IndexedHeap<Proposal> {
  now = 0;
  protected keyOf({ seat }: Proposal): number {
    return seat.standing;
  }
  protected before(a: Proposal, b: Proposal): boolean {
    const order =
      compareWaiting(a.entry, b.entry, this.now) ||
      a.preference - b.preference ||
      a.seat.agent.idleSince - b.seat.agent.idleSince ||
      compareIds(a.seat.agent.userId, b.seat.agent.userId);
    return order < 0;
  }
  protected placeOf(proposal: Proposal): number {
    return proposal.place;
  }
  protected setPlace(proposal: Proposal, place: number): void {
    proposal.place = place;
  }
}

/** Who comes to wait. */
export interface ArrivingItem extends Omit<WaitingItem, 'queue'> {
  queueId: string;
  /** What is asked for him beside what his queue asks (phasesFor); none without. */
  requirements?: readonly Requirement[] | undefined;
}

export class Engine {
  readonly #entries = new Map<string, Entry>();
  readonly #agents = new Map<string, Seated>();
  #queues = new Map<string, StagedQueue>();
  /** The queues that are helped, by who helps. */
  #helped = new Map<string, StagedQueue[]>();
  readonly #preferring = new Map<string, Set<Entry>>();
  readonly #platforms = new Map<string, Platform>();
  readonly #changes = new Changes();
  readonly #proposals = new Proposals();
  #newEntries: Entry[] = [];
  #newAgents: Seated[] = [];
  /** Those of the decision before, emptied: a decision makes no lists. */
  #oldEntries: Entry[] = [];
  #oldAgents: Seated[] = [];

  /** When `decide` has something to do by time alone, UTC milliseconds. */
  get nextChange(): number | undefined {
    return this.#nextLane()?.changesAt;
  }

  /** Whether callers of the platform may be offered; until it runs none are. */
  run(platformId: string, on: boolean): void {
    const platform = this.#platform(platformId);
    if (platform.running === on) return;
    platform.running = on;
    if (on) for (const agent of this.#agents.values()) this.#pendAgent(agent);
  }

  #platform(id: string): Platform {
    const known = this.#platforms.get(id);
    if (known) return known;
    const platform = { id, running: false };
    this.#platforms.set(id, platform);
    return platform;
  }

  /** All queues: in place of those that there were. Who waits in one that is gone waits on for nobody. */
  setQueues(queues: Iterable<RoutedQueue>): void {
    for (const queue of this.#queues.values()) for (const each of variantsOf(queue)) each.stages.clear();
    this.#queues = new Map([...queues].map((queue) => [queue.id, staged(queue)]));
    this.#helped = new Map();
    for (const queue of this.#queues.values())
      for (const { queueId } of queue.rule.helpers)
        this.#helped.set(queueId, [...(this.#helped.get(queueId) ?? []), queue]);
    for (const entry of this.#entries.values()) {
      entry.lane?.stage.remove(entry);
      entry.queue = this.#queueFor(entry.queue.id, entry.requirements) ?? entry.queue;
      this.#pendEntry(entry);
    }
    for (const agent of this.#agents.values()) {
      agent.seats = new Seats();
      this.#pendAgent(agent);
    }
  }

  // ── Callers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  enter(item: ArrivingItem): void {
    const queue = this.#queueFor(item.queueId, item.requirements);
    if (!queue) return;
    const entry: Entry = {
      itemId: item.itemId,
      queue,
      platformId: item.platformId,
      priority: item.priority,
      enteredAt: item.enteredAt,
      preferredUserId: item.preferredUserId,
      requirements: item.requirements,
      lane: undefined,
      held: false,
      pending: false,
    };
    this.#entries.set(entry.itemId, entry);
    if (entry.preferredUserId !== undefined) {
      const others = this.#preferring.get(entry.preferredUserId) ?? new Set();
      this.#preferring.set(entry.preferredUserId, others.add(entry));
    }
    this.#pendEntry(entry);
  }

  #queueFor(queueId: string, own: readonly Requirement[] | undefined): StagedQueue | undefined {
    const queue = this.#queues.get(queueId);
    if (!queue || !own || own.length === 0) return queue;
    const key = JSON.stringify(own);
    const known = queue.demanding.get(key);
    if (known) return known;
    const made = staged({ ...queue, phases: phasesFor(own, queue.phases, queue.rule) });
    queue.demanding.set(key, made);
    return made;
  }

  /** Nothing happens when he has left. */
  leave(itemId: string): void {
    const entry = this.#entries.get(itemId);
    if (!entry) return;
    this.#entries.delete(itemId);
    this.#unstage(entry);
    entry.held = true; // should he be pending, nobody gets him
    if (entry.preferredUserId === undefined) return;
    const others = this.#preferring.get(entry.preferredUserId);
    others?.delete(entry);
    if (others?.size === 0) this.#preferring.delete(entry.preferredUserId);
  }

  /** His offer came to nothing: he waits again, in his old place. */
  free(itemId: string): void {
    const entry = this.#entries.get(itemId);
    if (!entry?.held) return;
    entry.held = false;
    this.#pendEntry(entry);
  }

  // ── Agents ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** He is logged in and online, or his profile is another one. */
  arrive(profile: AgentProfile, standing: AgentStanding): void {
    this.#removeSeats(profile.userId);
    const agent: Seated = { ...profile, ...standing, seats: new Seats(), seated: false, pending: false };
    this.#agents.set(agent.userId, agent);
    this.#giveSeats(agent);
    this.#pendPreferring(agent.userId);
    if (agent.ready) this.#pendAgent(agent);
  }

  /** He is logged in and online no longer. */
  depart(userId: string): void {
    if (!this.#agents.has(userId)) return;
    this.#removeSeats(userId);
    this.#agents.delete(userId);
    this.#pendPreferring(userId);
  }

  /** How he stands now. */
  stand(userId: string, { ready, idleSince, occupancy }: Omit<AgentStanding, 'lastOffered'>): void {
    const agent = this.#agents.get(userId);
    if (!agent) return;
    const same =
      agent.ready === ready && (!ready || (agent.idleSince === idleSince && agent.occupancy === occupancy));
    if (same) return;
    agent.ready = ready;
    agent.idleSince = idleSince;
    agent.occupancy = occupancy;
    agent.seated = false;
    if (ready) this.#pendAgent(agent);
  }

  #removeSeats(userId: string): void {
    const agent = this.#agents.get(userId);
    if (!agent) return;
    agent.ready = false; // should he be pending, he gets nobody
    agent.seated = false;
    for (const seat of agent.seats.seats) seat.stage.unseat(seat);
  }

  #giveSeats(agent: Seated): void {
    for (const queue of this.#queuesOf(agent))
      for (const each of variantsOf(queue)) for (const stages of each.stages.values()) seatIn(agent, stages);
  }

  /** Those that he is in, and those that he may help. */
  #queuesOf(agent: AgentProfile): Set<StagedQueue> {
    const queues = new Set<StagedQueue>();
    for (const queueId of agent.queueIds) {
      const queue = this.#queues.get(queueId);
      if (queue) queues.add(queue);
      for (const helped of this.#helped.get(queueId) ?? []) queues.add(helped);
    }
    return queues;
  }

  // ── Deciding ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The pairs that are possible now: what match() chooses. They are taken. */
  decide(now: number): Pair[] {
    this.#widen(now);
    if (this.#newEntries.length === 0 && this.#newAgents.length === 0) return [];
    const entries = this.#newEntries;
    const agents = this.#newAgents;
    this.#newEntries = this.#oldEntries;
    this.#newAgents = this.#oldAgents;
    for (const entry of entries) {
      entry.pending = false;
      if (!entry.held) this.#stage(entry, now);
    }
    this.#proposals.now = now;
    for (const entry of entries) this.#proposeFor(entry);
    for (const agent of agents) {
      agent.pending = false;
      this.#proposeOf(agent, now);
    }
    const pairs = this.#take(now);
    for (const agent of agents) if (agent.ready) this.#seat(agent);
    entries.length = 0;
    agents.length = 0;
    this.#oldEntries = entries;
    this.#oldAgents = agents;
    return pairs;
  }

  /** Callers whom waiting brings to another stage. */
  #widen(now: number): void {
    for (let lane = this.#nextLane(); lane && lane.changesAt <= now; lane = this.#nextLane()) {
      const entry = lane.first as Entry;
      this.#unstage(entry);
      this.#pendEntry(entry);
    }
  }

  /** The lane that time changes first. One whose first caller has left is put where it belongs when it comes to the top. */
  #nextLane(): Lane | undefined {
    for (let lane = this.#changes.first; lane; lane = this.#changes.first) {
      const { dueAt } = lane;
      if (lane.changesAt === dueAt) return lane;
      this.#setDue(lane, dueAt);
    }
    return undefined;
  }

  #setDue(lane: Lane, dueAt: number): void {
    lane.changesAt = dueAt;
    if (dueAt === Infinity) this.#changes.remove(lane);
    else this.#changes.put(lane);
  }

  #take(now: number): Pair[] {
    const pairs: Pair[] = [];
    for (let best = this.#proposals.first; best; best = this.#proposals.first) {
      this.#proposals.remove(best);
      const { by, entry, seat } = best;
      const { agent } = seat;
      if (!entry.held && agent.ready) {
        this.#unstage(entry);
        entry.held = true;
        agent.ready = false;
        agent.seated = false;
        pairs.push({ itemId: entry.itemId, userId: agent.userId });
      } else if ('seats' in by) this.#proposeOf(by, now);
      else this.#proposeFor(by);
    }
    return pairs;
  }

  #proposeFor(entry: Entry): void {
    const stage = entry.lane?.stage;
    if (!stage?.platform.running) return;
    const seat = stage.firstSeat();
    if (seat) this.#proposals.put({ by: entry, entry, seat, preference: seat.preference, place: -1 });
  }

  #proposeOf(agent: Seated, now: number): void {
    if (!agent.ready) return;
    const { seats, stages, standings } = agent.seats;
    let best: Lane | undefined;
    let at = -1;
    for (let n = 0; n < stages.length; n++) {
      if (best && (standings[n] as number) > (standings[at] as number)) break;
      const stage = stages[n] as Stage;
      if (stage.waiting === 0 || !stage.platform.running) continue;
      const lane = stage.firstLane(now) as Lane;
      if (best && !laneBefore(lane, best, now)) continue;
      best = lane;
      at = n;
    }
    const entry = best?.first;
    const seat = seats[at];
    if (!entry || !seat) return;
    this.#proposals.put({ by: agent, entry, seat, preference: seat.preferenceNow(), place: -1 });
  }

  #seat(agent: Seated): void {
    agent.seated = true;
    for (const seat of agent.seats.seats) seat.stage.seat(seat);
  }

  // ── Stages ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #stage(entry: Entry, now: number): void {
    const own = preferredOf(entry, this.#agents, now);
    const index = phaseIndexAt(entry, now);
    const stage = own ? this.#stageOf(entry, index, own) : (this.#stagesOf(entry)[index] as Stage);
    if (entry.lane?.stage === stage) return;
    this.#unstage(entry);
    const lane = stage.add(entry);
    // Who comes behind others changes nothing; an earlier time waits until it comes to the top.
    if (lane.dueAt < lane.changesAt) this.#setDue(lane, lane.dueAt);
  }

  #unstage(entry: Entry): void {
    const stage = entry.lane?.stage;
    stage?.remove(entry);
    if (stage?.waiting === 0) stage.only?.seats.remove(stage);
  }

  /** The stages of the entry's queue and platform, one for each phase. */
  #stagesOf({ queue, platformId }: Entry): Stage[] {
    const known = queue.stages.get(platformId);
    if (known) return known;
    const platform = this.#platform(platformId);
    const { phases } = queue;
    const stages = phases.map(
      (phase, n) => new Stage(queue, phase, platform, phases[n + 1]?.afterMs ?? Infinity),
    );
    queue.stages.set(platformId, stages);
    for (const agent of this.#agents.values()) seatIn(agent, stages);
    return stages;
  }

  /** The stage of those who wait for this agent alone. */
  #stageOf({ queue, platformId }: Entry, phase: number, only: Seated): Stage {
    for (const stage of only.seats.stages)
      if (stage.only && stage.queue === queue && stage.platform.id === platformId) return stage;
    const stage = new Stage(
      queue,
      queue.phases[phase] as Phase,
      this.#platform(platformId),
      queue.rule.preferred?.forMs ?? Infinity,
      only,
    );
    if (only.reaches(platformId)) addSeat(only, stage);
    return stage;
  }

  // ── Pending ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #pendEntry(entry: Entry): void {
    if (entry.pending) return;
    entry.pending = true;
    this.#newEntries.push(entry);
  }

  #pendAgent(agent: Seated): void {
    agent.seated = false;
    if (agent.pending) return;
    agent.pending = true;
    this.#newAgents.push(agent);
  }

  #pendPreferring(userId: string): void {
    for (const entry of this.#preferring.get(userId) ?? []) if (!entry.held) this.#pendEntry(entry);
  }
}

function staged(queue: RoutedQueue): StagedQueue {
  return { ...queue, stages: new Map(), demanding: new Map() };
}

/** The queue as it is for its callers: plainly, and for those of whom more is asked. */
function variantsOf(queue: StagedQueue): StagedQueue[] {
  return [queue, ...queue.demanding.values()];
}

/** Gives the agent a seat wherever he may take the callers. */
function seatIn(agent: Seated, stages: readonly Stage[]): void {
  for (const stage of stages)
    if (agent.reaches(stage.platform.id) && mayTake(agent, stage.queue, stage.phase)) addSeat(agent, stage);
}

function addSeat(agent: Seated, stage: Stage): void {
  const seat = new Seat(agent, stage);
  agent.seats.add(seat);
  if (agent.seated) stage.seat(seat);
}
