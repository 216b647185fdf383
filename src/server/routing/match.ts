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
  /** Platforms whose callers can be connected with his device. */
  platformIds: ReadonlySet<string>;
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
    const agent = [...free].find(
      (candidate) => candidate.queueIds.has(item.queueId) && candidate.platformIds.has(item.platformId),
    );
    if (!agent) continue;
    free.delete(agent);
    pairs.push({ itemId: item.itemId, userId: agent.userId });
  }
  return pairs;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
