/**
 * The callers of one queue in the order in which they come to their turn, as compareWaiting() has it, so that anybody's place is
 * found without a look at each of the others. Those of one priority stay in the order of entering, however it grows: in each
 * priority, who is before somebody is a beginning of the list, whose end is looked for by halves.
 */
import { compareWaiting, type TurnRule, type WaitingItem } from './match.ts';

type Placed = Pick<WaitingItem, 'itemId' | 'priority' | 'enteredAt'>;

const NO_AGEING: TurnRule = { priority: 0, ageing: null };

export class Places {
  readonly #byPriority = new Map<number, Placed[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: Placed): void {
    const list = this.#byPriority.get(item.priority) ?? [];
    this.#byPriority.set(item.priority, list);
    list.splice(countBefore(list, item, NO_AGEING, 0), 0, item);
    this.#size++;
  }

  /** @param item is in it. */
  remove(item: Placed): void {
    const list = this.#byPriority.get(item.priority) ?? [];
    list.splice(countBefore(list, item, NO_AGEING, 0), 1);
    if (list.length === 0) this.#byPriority.delete(item.priority);
    this.#size--;
  }

  /** How many come to their turn before him, as the order is now. */
  before(item: Placed, rule: TurnRule, now: number): number {
    let count = 0;
    for (const list of this.#byPriority.values()) count += countBefore(list, item, rule, now);
    return count;
  }
}

/** @param list of one priority, in the order of entering. */
function countBefore(list: readonly Placed[], item: Placed, rule: TurnRule, now: number): number {
  const queue = { rule };
  const his = { ...item, queue };
  const isBefore = (other: Placed | undefined) =>
    other !== undefined && compareWaiting({ ...other, queue }, his, now) < 0;
  // Who comes enters behind all others, nearly always.
  if (isBefore(list.at(-1))) return list.length;
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(list[middle])) from = middle + 1;
    else to = middle;
  }
  return from;
}
