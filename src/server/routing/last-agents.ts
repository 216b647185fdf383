/**
 * Who answered a number last in a queue: for callers whose queue lets them wait for that agent. In memory, the newest 100,000;
 * after a restart they are told again (RoutingPast).
 */
import type { Conversation } from '../telephony/model.ts';

export const KEPT = 100_000;

export class LastAgents {
  /** The newest last. */
  readonly #answers = new Map<string, { userId: string; at: number }>();

  answered(caller: string | undefined, queueId: string, userId: string, at: number): void {
    if (caller === undefined) return;
    const key = `${queueId} ${caller}`;
    this.#answers.delete(key);
    this.#answers.set(key, { userId, at });
    const [oldest] = this.#answers.size > KEPT ? this.#answers.keys() : [];
    if (oldest !== undefined) this.#answers.delete(oldest);
  }

  /** @param since UTC milliseconds: answers before it do not count. */
  of(caller: string | undefined, queueId: string, since: number): string | undefined {
    const answer = this.#answers.get(`${queueId} ${caller ?? ''}`);
    return answer && answer.at >= since ? answer.userId : undefined;
  }
}

/** The number by which the caller is known again; undefined: it is withheld. */
export function callerOf(conversation: Conversation | undefined, callId: string): string | undefined {
  const ani = conversation?.calls.get(callId)?.ani;
  return ani?.kind === 'e164' || ani?.kind === 'extension' ? ani.value : undefined;
}
