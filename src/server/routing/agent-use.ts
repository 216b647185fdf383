/** How agents have been used since they logged in: what strategies compare. In memory; after a restart it is restored. */
import type { AgentView, RoutingPast } from './ports.ts';

interface Use {
  since: number;
  workMs: number;
  /** Since when he works; undefined while he does not. */
  workSince?: number;
  /** As it was when he became ready. */
  occupancy: number;
  ready: boolean;
}

interface LastOffer {
  userId: string;
  queueId: string;
  at: number;
}

export class AgentUse {
  readonly #uses = new Map<string, Use>();
  readonly #lastOffered = new Map<string, Map<string, number>>();

  /** Before anything is noted: what was so when the process began. */
  restore({ work, lastOffers }: Pick<RoutingPast, 'work'> & { lastOffers: LastOffer[] }): void {
    for (const { userId, since, workMs } of work)
      this.#uses.set(userId, { since, workMs, occupancy: 0, ready: false });
    for (const { userId, queueId, at } of lastOffers) this.offered(userId, queueId, at);
  }

  note({ userId, requested, work, shown }: AgentView, now: number): void {
    if (requested.state === 'logged-out' && work === 'idle') {
      this.#uses.delete(userId);
      return;
    }
    const use = this.#uses.get(userId) ?? { since: now, workMs: 0, occupancy: 0, ready: false };
    this.#uses.set(userId, use);
    if (work !== 'idle') use.workSince ??= now;
    else if (use.workSince !== undefined) {
      use.workMs += now - use.workSince;
      delete use.workSince;
    }
    if (shown === 'ready' && !use.ready) use.occupancy = now > use.since ? use.workMs / (now - use.since) : 0;
    use.ready = shown === 'ready';
  }

  /** Share of his time since login at work, as it was when he became ready. */
  occupancy(userId: string): number {
    return this.#uses.get(userId)?.occupancy ?? 0;
  }

  offered(userId: string, queueId: string, now: number): void {
    const ofUser = this.#lastOffered.get(userId) ?? new Map<string, number>();
    this.#lastOffered.set(userId, ofUser.set(queueId, now));
  }

  /** UTC milliseconds; 0: never. */
  lastOffered(userId: string, queueId: string): number {
    return this.#lastOffered.get(userId)?.get(queueId) ?? 0;
  }
}
