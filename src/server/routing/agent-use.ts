/** How agents have been used since they logged in: what strategies compare. In memory; after a restart everybody begins anew. */
import type { AgentView } from './ports.ts';

interface Use {
  since: number;
  workMs: number;
  /** Since when he works; undefined while he does not. */
  workSince?: number;
  /** As it was when he became ready. */
  occupancy: number;
  ready: boolean;
}

export class AgentUse {
  readonly #uses = new Map<string, Use>();
  readonly #lastOffered = new Map<string, Map<string, number>>();

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
