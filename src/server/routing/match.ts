import type { QueueRule } from '../../protocol/queue-rules.ts';
import type { Requirement } from '../../protocol/skills.ts';

/**
 * Who gets which call: the plain oracle, pure on (waiting, agents). Callers by priority, then by how long they wait; each
 * gets, of the ready agents of his queue who have the skills that it requires, the one who has been idle longest. Ties go by id, so that the answer is one.
 */
export interface WaitingItem {
  itemId: string;
  queueId: string;
  /** Where the caller's leg is. */
  platformId: string;
  /** What an agent must reach to be offered it: all of them. */
  requirements: readonly Requirement[];
  priority: number;
  enteredAt: number;
}

export interface ReadyAgent {
  userId: string;
  queueIds: ReadonlySet<string>;
  /** Whether callers of this platform can be connected with his device: asked when it is his turn. */
  reaches(platformId: string): boolean;
  /** How good he is at a skill: 1 to 10, 0 when he does not have it. */
  level(skillId: string): number;
  idleSince: number;
}

export interface Pair {
  itemId: string;
  userId: string;
}

export function match(waiting: readonly WaitingItem[], agents: readonly ReadyAgent[]): Pair[] {
  const free = new Set([...agents].sort((a, b) => a.idleSince - b.idleSince || compare(a.userId, b.userId)));
  const inOrder = [...waiting].sort(
    (a, b) => b.priority - a.priority || a.enteredAt - b.enteredAt || compare(a.itemId, b.itemId),
  );
  const pairs: Pair[] = [];
  for (const item of inOrder) {
    const agent = firstOf(free, (candidate) => isEligible(candidate, item));
    if (!agent) continue;
    free.delete(agent);
    pairs.push({ itemId: item.itemId, userId: agent.userId });
  }
  return pairs;
}

/** A member of the caller's queue who has its skills, with a device that the caller can be connected with. */
export function isEligible(agent: ReadyAgent, { queueId, requirements, platformId }: WaitingItem): boolean {
  return (
    agent.queueIds.has(queueId) &&
    requirements.every(({ skillId, minimum }) => agent.level(skillId) >= minimum) &&
    agent.reaches(platformId)
  );
}

/** Whose turn it is: the higher priority as it is now, then the longer wait; ids make the order one. */
export function compareWaiting(a: InOrder, b: InOrder, now: number): number {
  return priorityAt(b, now) - priorityAt(a, now) || a.enteredAt - b.enteredAt || compare(a.itemId, b.itemId);
}

type InOrder = Pick<WaitingItem, 'itemId' | 'priority' | 'enteredAt'> & { rule?: QueueRule | undefined };

/** The call's own priority, its queue's, and what it has gained by waiting. */
function priorityAt({ priority, enteredAt, rule }: InOrder, now: number): number {
  if (!rule) return priority;
  const { ageing } = rule;
  const gained = ageing ? ageing.points * Math.max(0, Math.floor((now - enteredAt) / ageing.everyMs)) : 0;
  return priority + rule.priority + gained;
}

function firstOf<T>(candidates: Iterable<T>, fits: (candidate: T) => boolean): T | undefined {
  for (const candidate of candidates) if (fits(candidate)) return candidate;
  return undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
