/** What adapters and our desktop said to each other last: in memory only, for it is full of personal data. */
import type { ShownTraffic, Traffic } from '../../protocol/opencti.ts';

const KEPT = 2_000;

export class AdapterTraffic {
  readonly #kept: Omit<ShownTraffic, 'userName'>[] = [];
  #seq = 0;

  add(userId: string, traffic: readonly Traffic[]): void {
    for (const one of traffic) this.#kept.push({ ...one, userId, seq: ++this.#seq });
    this.#kept.splice(0, this.#kept.length - KEPT);
  }

  /** What came after this one, oldest first. */
  since(seq: number, userId?: string): Omit<ShownTraffic, 'userName'>[] {
    return this.#kept.filter((one) => one.seq > seq && (userId === undefined || one.userId === userId));
  }
}
