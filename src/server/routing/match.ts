/**
 * Who gets which call: the plain oracle, pure on (waiting, agents, now). Of all pairs that the rules of the queues allow it takes
 * the first, again and again:
 *
 *     1. for whose agent the call's queue comes earlier in his order; a queue that he only helps comes last
 *     2. whose caller has the higher priority, as it has grown by now
 *     3. whose caller waits longer
 *     4. whose agent the queue's strategy prefers, then who has been idle longer
 *
 * Ties go by id, so that the answer is one. The engine chooses the same from indexes (engine.ts).
 */
import type { Phase, QueueRule } from '../../protocol/queue-rules.ts';

/** A queue as it is matched. */
export interface RoutedQueue {
  id: string;
  rule: QueueRule;
  /** By phasesOf. */
  phases: readonly Phase[];
}

export interface WaitingItem {
  itemId: string;
  queue: RoutedQueue;
  /** Where the caller's leg is. */
  platformId: string;
  priority: number;
  enteredAt: number;
  /** His own agent. */
  preferredUserId?: string | undefined;
}

/** What does not change from call to call. */
export interface AgentProfile {
  userId: string;
  queueIds: ReadonlySet<string>;
  /** Place of the queue in his order, 0 for the first. */
  rank(queueId: string): number;
  /** How good he is at a skill: 1 to 10, 0 when he does not have it. */
  level(skillId: string): number;
  /** Whether callers of this platform can be connected with his device. */
  reaches(platformId: string): boolean;
}

/** How he stands; all of it holds from when he became ready until he is so no longer. */
export interface AgentStanding {
  /** A call may be offered to him now. */
  ready: boolean;
  idleSince: number;
  /** Share of his time at work, 0 to 1. */
  occupancy: number;
  /** When he last had an offer from the queue, UTC milliseconds; 0: never. */
  lastOffered(queueId: string): number;
}

/** An agent who is logged in and online. */
export interface RoutedAgent extends AgentProfile, AgentStanding {}

export interface Pair {
  itemId: string;
  userId: string;
}

export function match(waiting: readonly WaitingItem[], agents: readonly RoutedAgent[], now: number): Pair[] {
  const here = new Map(agents.map((agent) => [agent.userId, agent]));
  const ready = agents.filter((agent) => agent.ready);
  const pairs = waiting.flatMap((item) => {
    const own = preferredOf(item, here, now);
    const phase = phaseAt(item, now);
    return ready
      .filter((agent) => agent.reaches(item.platformId))
      .filter((agent) => (own ? own === agent : mayTake(agent, item.queue, phase)))
      .map((agent) => ({ item, agent, phase }));
  });
  pairs.sort(
    (a, b) =>
      standing(a.agent, a.item.queue) - standing(b.agent, b.item.queue) ||
      compareWaiting(a.item, b.item, now) ||
      preference(a.agent, a.item.queue, a.phase) - preference(b.agent, b.item.queue, b.phase) ||
      a.agent.idleSince - b.agent.idleSince ||
      compareIds(a.agent.userId, b.agent.userId),
  );
  const taken = new Set<unknown>();
  return pairs.flatMap(({ item, agent }) => {
    if (taken.has(item) || taken.has(agent)) return [];
    taken.add(item).add(agent);
    return [{ itemId: item.itemId, userId: agent.userId }];
  });
}

/** The agent for whom alone the caller waits now; undefined: for any. */
export function preferredOf<Agent extends AgentProfile>(
  { queue, preferredUserId, enteredAt }: WaitingItem,
  here: ReadonlyMap<string, Agent>,
  now: number,
): Agent | undefined {
  const { preferred } = queue.rule;
  if (!preferred || preferredUserId === undefined || now - enteredAt >= preferred.forMs) return undefined;
  const agent = here.get(preferredUserId);
  return agent?.queueIds.has(queue.id) ? agent : undefined;
}

/** A caller who came with a wait from elsewhere is as far as that wait. */
export function phaseAt(item: Pick<WaitingItem, 'queue' | 'enteredAt'>, now: number): Phase {
  return item.queue.phases[phaseIndexAt(item, now)] as Phase;
}

export function phaseIndexAt(
  { queue: { phases }, enteredAt }: Pick<WaitingItem, 'queue' | 'enteredAt'>,
  now: number,
): number {
  let index = phases.length - 1;
  while (index > 0 && (phases[index]?.afterMs ?? 0) > now - enteredAt) index--;
  return index;
}

/** A member who is offered its calls by now, or a helper, with the skills that are required by now. */
export function mayTake(agent: AgentProfile, queue: RoutedQueue, phase: Phase): boolean {
  const member =
    agent.queueIds.has(queue.id) && !phase.notYet.some(({ userIds }) => userIds.includes(agent.userId));
  if (!member && !phase.helperIds.some((id) => agent.queueIds.has(id))) return false;
  return phase.requirements.every(({ skillId, minimum }) => agent.level(skillId) >= minimum);
}

/** Members before helpers. */
const HELPERS_FROM = 1_000_000;

/** How early the queue comes for the agent: lower is earlier. */
export function standing(agent: AgentProfile, { id }: RoutedQueue): number {
  return agent.rank(id) + (agent.queueIds.has(id) ? 0 : HELPERS_FROM);
}

/** What the queue's strategy says of the agent: lower is better; the rest goes by longest idle. */
export function preference(
  agent: AgentProfile & AgentStanding,
  { id, rule }: RoutedQueue,
  { requirements }: Phase,
): number {
  switch (rule.strategy) {
    case 'longest-idle':
      return 0;
    case 'least-occupied':
      return agent.occupancy;
    case 'round-robin':
      return agent.lastOffered(id);
    case 'most-skilled':
      return -requirements.reduce((sum, { skillId }) => sum + agent.level(skillId), 0);
  }
}

/** What of a queue's rule says whose turn it is. */
export type TurnRule = Pick<QueueRule, 'priority' | 'ageing'>;
type InOrder = Pick<WaitingItem, 'itemId' | 'priority' | 'enteredAt'> & { queue: { rule: TurnRule } };

/** Whose turn it is: the higher priority as it is now, then the longer wait; ids make the order one. */
export function compareWaiting(a: InOrder, b: InOrder, now: number): number {
  return (
    priorityAt(b, now) - priorityAt(a, now) || a.enteredAt - b.enteredAt || compareIds(a.itemId, b.itemId)
  );
}

function priorityAt({ priority, enteredAt, queue: { rule } }: InOrder, now: number): number {
  return grownPriority(priority, rule, now - enteredAt);
}

/** The call's own priority, its queue's, and what it has gained by waiting so many milliseconds. */
export function grownPriority(priority: number, rule: TurnRule, waitedMs: number): number {
  const { ageing } = rule;
  const gained = ageing ? ageing.points * Math.max(0, Math.floor(waitedMs / ageing.everyMs)) : 0;
  return priority + rule.priority + gained;
}

export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
