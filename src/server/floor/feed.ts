/**
 * The floor on its way to the pages: each gets a snapshot of what it may see, then the rows that changed. A row is put into
 * words once, however many see it.
 */
import type { ActiveAlarm } from '../../protocol/alarms.ts';
import type { FloorAgent, FloorPatch, FloorQueue, FloorSnapshot, QueueMinute } from '../../protocol/floor.ts';
import type { Floor, Frame } from './floor.ts';
import type { AlarmWatch } from './alarm-watch.ts';
import type { FloorSources } from './ports.ts';
import { type Scope, seesAgent, seesQueue } from './scope.ts';

export interface Follower {
  /** What he may see now; undefined: nothing any more, and he is let go. */
  scope(): Scope | undefined;
  send(text: string): void;
  /** He may see nothing any more. */
  end(): void;
}

/** A row with its words. */
interface Worded {
  id: string;
  text: string;
}

export class FloorFeed {
  readonly #floor: Floor;
  readonly #alarms: Pick<AlarmWatch, 'active' | 'events'>;
  readonly #o: Pick<FloorSources, 'clock' | 'teams'>;
  /** Who follows, with what he may see. */
  readonly #scopes = new Map<Follower, Scope>();

  constructor(
    floor: Floor,
    alarms: Pick<AlarmWatch, 'active' | 'events'>,
    options: Pick<FloorSources, 'clock' | 'teams'>,
  ) {
    this.#floor = floor;
    this.#alarms = alarms;
    this.#o = options;
    floor.events.on('frame', (frame) => this.#frame(frame));
    alarms.events.on('changed', () => this.#alarmsChanged());
  }

  /** Sends a snapshot at once. Returns what ends it. */
  follow(follower: Follower): () => void {
    this.#snapshot(follower);
    return () => this.#scopes.delete(follower);
  }

  /** Scopes are others: who sees what is asked anew. */
  review(): void {
    for (const follower of this.#scopes.keys()) this.#snapshot(follower);
  }

  /** All that this scope shows. */
  snapshot(scope: Scope): FloorSnapshot {
    const queues = [...this.#floor.queues()].filter(({ id }) => seesQueue(scope, id));
    const agents = [...this.#floor.agents()].filter(({ id }) => seesAgent(scope, id));
    const teamIds = new Set(agents.flatMap((agent) => agent.teamIds));
    return {
      serverNow: this.#o.clock.now(),
      agents,
      queues: scope.anonymous ? queues.map(anonymous) : queues,
      teams: this.#o.teams
        .all()
        .filter(({ id }) => !scope.anonymous && (scope.agents === undefined || teamIds.has(id)))
        .map(({ id, label }) => ({ id, label })),
      alarms: this.#alarmsOf(scope),
      history: Object.fromEntries(queues.map(({ id }) => [id, [...this.#floor.minutes(id)]])),
    };
  }

  #snapshot(follower: Follower): void {
    const scope = follower.scope();
    if (!scope) {
      this.#scopes.delete(follower);
      return follower.end();
    }
    this.#scopes.set(follower, scope);
    follower.send(JSON.stringify({ type: 'snapshot', floor: this.snapshot(scope) }));
  }

  #frame({ agents, queues, anew }: Frame): void {
    if (anew) return this.review();
    if (this.#scopes.size === 0 || (agents.length === 0 && queues.length === 0)) return;
    const serverNow = this.#o.clock.now();
    const wordedAgents = agents.map(worded<FloorAgent>);
    const wordedQueues = queues.map(worded<FloorQueue>);
    const minutes = queues.flatMap(({ id }) => {
      const minute = this.#floor.minutes(id).at(-1);
      return minute
        ? [{ id, text: `${JSON.stringify(id)}:${JSON.stringify(minute satisfies QueueMinute)}` }]
        : [];
    });
    let hidden: Worded[] | undefined;
    const whole = patchText(serverNow, wordedAgents, wordedQueues, minutes);
    for (const [follower, scope] of this.#scopes) {
      if (!scope.agents && !scope.queues && !scope.anonymous) {
        follower.send(whole);
        continue;
      }
      hidden ??= queues.map((queue) => worded(anonymous(queue)));
      const seen = (all: Worded[]) => all.filter(({ id }) => seesQueue(scope, id));
      const [his, mine] = [
        wordedAgents.filter(({ id }) => seesAgent(scope, id)),
        seen(scope.anonymous ? hidden : wordedQueues),
      ];
      if (his.length > 0 || mine.length > 0) follower.send(patchText(serverNow, his, mine, seen(minutes)));
    }
  }

  #alarmsChanged(): void {
    const serverNow = this.#o.clock.now();
    for (const [follower, scope] of this.#scopes) {
      const patch: FloorPatch = { serverNow, alarms: this.#alarmsOf(scope) };
      follower.send(JSON.stringify({ type: 'patch', patch }));
    }
  }

  #alarmsOf(scope: Scope): ActiveAlarm[] {
    return this.#alarms
      .active()
      .filter(
        ({ queueId, userId }) =>
          (queueId === undefined || seesQueue(scope, queueId)) &&
          (userId === undefined || seesAgent(scope, userId)),
      );
  }
}

function worded<T extends { id: string }>(row: T): Worded {
  return { id: row.id, text: JSON.stringify(row) };
}

function patchText(serverNow: number, agents: Worded[], queues: Worded[], minutes: Worded[]): string {
  const list = (rows: Worded[]) => rows.map(({ text }) => text).join(',');
  const parts = [
    `"serverNow":${serverNow}`,
    ...(agents.length > 0 ? [`"agents":[${list(agents)}]`] : []),
    ...(queues.length > 0 ? [`"queues":[${list(queues)}]`] : []),
    ...(minutes.length > 0 ? [`"minutes":{${list(minutes)}}`] : []),
  ];
  return `{"type":"patch","patch":{${parts.join(',')}}}`;
}

/** Without anybody's number. */
function anonymous(queue: FloorQueue): FloorQueue {
  return { ...queue, next: [] };
}
