/**
 * When a caller must leave his queue: decides, and tells once for each reason. He keeps his place until whoever carries it out
 * takes him out (`Acd.leave`), so a caller whom nobody takes anywhere is still served.
 *
 *     enters ── closed? ──► told        is not offered at once ── full? length? predicted wait? ──► told
 *     waits  ── closed? longest wait? wait? (each at its instant, never while he is offered) ──► told
 */
import type { Clock } from '../../lib/clock.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import {
  type OverflowReason,
  type OverflowTarget,
  PLAIN_RULE,
  type QueueRule,
} from '../../protocol/queue-rules.ts';
import { Deadlines } from './deadlines.ts';
import type { Item } from './items.ts';
import type { Estimate } from './ports.ts';

export interface OverflowOptions {
  clock: Clock;
  /** Its timer ends with it. */
  life: Lifecycle;
  item(itemId: string): Item | undefined;
  rule(queueId: string): QueueRule | undefined;
  /** Whether the hours that name the queue have it open. */
  isOpen(queueId: string, at: number): boolean;
  /** How many wait in the queue, he among them. */
  waiting(queueId: string): number;
  estimate(itemId: string): Estimate | undefined;
  /** Whether the caller has waited in that queue before: he is not sent in a circle. */
  hasBeenIn(item: Item, queueId: string): boolean;
  tell(item: Item, reason: OverflowReason, target: OverflowTarget): void;
}

/** Business hours change on the minute. */
const MINUTE = 60_000;

interface Leaving {
  reason: OverflowReason;
  target: OverflowTarget;
}

export class Overflows {
  readonly #o: OverflowOptions;
  readonly #deadlines: Deadlines;
  /** What each item was told already. */
  readonly #told = new Map<string, Set<OverflowTarget>>();

  constructor(options: OverflowOptions) {
    this.#o = options;
    this.#deadlines = new Deadlines(options.clock, options.life, (itemId) => this.review(itemId));
  }

  /** Before he is offered to anybody. */
  entering(item: Item): void {
    this.#tell(item, this.#closed(item));
  }

  /** Once he might have been offered. */
  entered(item: Item): void {
    if (!item.offeredTo) this.#tell(item, this.#crowded(item));
    this.review(item.itemId);
  }

  /** His offer ended, his rule is another one, or an instant has come. */
  review(itemId: string): void {
    const item = this.#o.item(itemId);
    if (!item || item.offeredTo) return this.#deadlines.set(itemId, undefined);
    const now = this.#o.clock.now();
    const timed = this.#timed(item);
    this.#tell(item, this.#closed(item) ?? timed.find(({ at }) => at <= now));
    if (!this.#o.item(itemId)) return;
    const later = timed.map(({ at }) => at).filter((at) => at > now);
    if (this.#rule(item).closed) later.push(now - (now % MINUTE) + MINUTE);
    this.#deadlines.set(itemId, later.length > 0 ? Math.min(...later) : undefined);
  }

  left(itemId: string): void {
    this.#told.delete(itemId);
    this.#deadlines.set(itemId, undefined);
  }

  #closed(item: Item): Leaving | undefined {
    const { closed } = this.#rule(item);
    if (!closed || this.#o.isOpen(item.queueId, this.#o.clock.now())) return undefined;
    return this.#fresh(item, { reason: 'closed', target: closed.target });
  }

  #crowded(item: Item): Leaving | undefined {
    const { full, overflow } = this.#rule(item);
    const others = this.#o.waiting(item.queueId) - 1;
    if (full && others >= full.waiting) return this.#fresh(item, { reason: 'full', target: full.target });
    for (const one of overflow) {
      const applies =
        (one.when === 'length' && others >= one.waiting) ||
        (one.when === 'predicted-wait' && this.#predicted(item) >= one.waitMs);
      const leaving = applies && this.#fresh(item, { reason: one.when, target: one.target });
      if (leaving) return leaving;
    }
    return undefined;
  }

  /** What comes of waiting alone, each with its instant. */
  #timed(item: Item): (Leaving & { at: number })[] {
    const { maxWait, overflow } = this.#rule(item);
    return [
      ...(maxWait ? [{ reason: 'max-wait' as const, ...maxWait }] : []),
      ...overflow.flatMap((one) => (one.when === 'wait' ? [{ reason: 'wait' as const, ...one }] : [])),
    ].flatMap(({ reason, target, afterMs }) => {
      const leaving = this.#fresh(item, { reason, target });
      return leaving ? [{ ...leaving, at: item.enteredAt + afterMs }] : [];
    });
  }

  /** A prediction that is not honest sends nobody away. */
  #predicted(item: Item): number {
    const estimate = this.#o.estimate(item.itemId);
    return estimate?.honest ? estimate.ms : 0;
  }

  /** Undefined for what he was told already, and for a queue where he was before. */
  #fresh(item: Item, leaving: Leaving): Leaving | undefined {
    const { target } = leaving;
    if (this.#told.get(item.itemId)?.has(target)) return undefined;
    if (
      target.kind === 'queue' &&
      (target.queueId === item.queueId || this.#o.hasBeenIn(item, target.queueId))
    )
      return undefined;
    return leaving;
  }

  #tell(item: Item, leaving: Leaving | undefined): void {
    if (!leaving) return;
    this.#told.set(item.itemId, (this.#told.get(item.itemId) ?? new Set()).add(leaving.target));
    this.#o.tell(item, leaving.reason, leaving.target);
  }

  #rule({ queueId }: Item): QueueRule {
    return this.#o.rule(queueId) ?? PLAIN_RULE;
  }
}
