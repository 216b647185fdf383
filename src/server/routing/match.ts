/**
 * Who gets which call: the plain oracle, pure on (waiting, agents). Callers by priority, then by how long they wait; each
 * gets, of the ready agents of his queue, the one who has been idle longest. Ties go by id, so that the answer is one.
 */
export interface WaitingItem {
  itemId: string;
  queueId: string;
  /** Where the caller's leg is. */
  platformId: string;
  priority: number;
  enteredAt: number;
}

export interface ReadyAgent {
  userId: string;
  queueIds: ReadonlySet<string>;
  /** Whether callers of this platform can be connected with his device: asked when it is his turn. */
  reaches(platformId: string): boolean;
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
    const agent = firstOf(
      free,
      (candidate) => candidate.queueIds.has(item.queueId) && candidate.reaches(item.platformId),
    );
    if (!agent) continue;
    free.delete(agent);
    pairs.push({ itemId: item.itemId, userId: agent.userId });
  }
  return pairs;
}

function firstOf<T>(candidates: Iterable<T>, fits: (candidate: T) => boolean): T | undefined {
  for (const candidate of candidates) if (fits(candidate)) return candidate;
  return undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
