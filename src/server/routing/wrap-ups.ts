/**
 * Wrap-up: the agent's time after a call, ended by him, by a supervisor, by its limit, or by a state that he chooses where his
 * queue says that it takes the wrap-up's place.
 *
 *     call over ──► running ── extend ──► running ── finish, limit, state chosen, another call's wrap-up ──► ended
 */
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { type AgentRules, DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RequestedState } from '../../protocol/softphone.ts';
import type { WrapUp } from '../telephony/model.ts';
import type { Agents } from './agents.ts';
import type { RoutingOptions } from './routing-options.ts';

export interface WrapUpsOptions {
  agents: Agents;
  routing: Pick<RoutingOptions, 'conversations' | 'clock' | 'queue'>;
  /** Its timers end with it. */
  life: Lifecycle;
  /** The agent may get the next call now. */
  onEnded(): void;
  /** What is written meanwhile; errors are the caller's to report. */
  run(what: string, ids: Record<string, string>, work: Promise<unknown>): void;
}

/** By how much one press of "more time" extends a wrap-up, in milliseconds. */
const EXTENSION_MS = 30_000;

export class WrapUps {
  readonly #o: WrapUpsOptions;

  constructor(options: WrapUpsOptions) {
    this.#o = options;
  }

  /** @param ms how long it may take. */
  start(
    wrap: { conversationId: string; callId: string; userId: string; queueId?: string },
    ms: number,
  ): void {
    const { conversationId, callId, userId, queueId } = wrap;
    this.end(userId, 'finished'); // one before the call that he made in it
    const endsAt = this.#o.routing.clock.now() + ms;
    const durable = this.#o.routing.conversations.commit(conversationId, [
      { type: 'wrap.started', userId, callId, endsAt, ...(queueId ? { queueId } : {}) },
    ]);
    this.#o.agents.change(userId, (agent) => {
      agent.talking.delete(conversationId);
      agent.wrap = {
        conversationId,
        callId,
        ...(queueId ? { queueId } : {}),
        cancelTimer: () => undefined,
      };
    });
    this.#arm(userId, endsAt);
    this.#o.run('start wrap-up', { userId }, durable);
  }

  /** Takes up one that was running when the last process ended. */
  restore(conversationId: string, wrap: WrapUp): void {
    this.#o.agents.change(wrap.userId, (agent) => {
      const { callId, queueId } = wrap;
      agent.wrap = {
        conversationId,
        callId,
        ...(queueId ? { queueId } : {}),
        cancelTimer: () => undefined,
      };
    });
    this.#arm(wrap.userId, wrap.endsAt ?? this.#o.routing.clock.now());
  }

  /** @throws CodedError `no-such-line` when it is over. */
  finish(userId: string, conversationId: string, by: string): void {
    if (this.#o.agents.get(userId).wrap?.conversationId !== conversationId)
      throw new CodedError('no-such-line');
    this.end(userId, by === userId ? 'finished' : 'supervisor');
  }

  /** Rejects with `no-such-line` when it is over, with `too-many` when the queue gives no more time. */
  async extend(userId: string, conversationId: string): Promise<void> {
    const { wrap } = this.#o.agents.get(userId);
    if (wrap?.conversationId !== conversationId || wrap.endsAt === undefined)
      throw new CodedError('no-such-line');
    const { wrapExtensions } = this.#rulesOf(wrap.queueId);
    const taken = this.#o.routing.conversations.get(conversationId)?.wraps.get(userId)?.extensions ?? 0;
    if (taken >= wrapExtensions)
      throw new CodedError('too-many', { limit: `${wrapExtensions} extensions of this wrap-up` });
    const endsAt = wrap.endsAt + EXTENSION_MS;
    this.#arm(userId, endsAt);
    await this.#o.routing.conversations.commit(conversationId, [
      { type: 'wrap.extended', userId, callId: wrap.callId, endsAt },
    ]);
  }

  /** Whether a state that was chosen takes the place of a wrap-up for this queue. */
  givesWay(queueId: string | undefined): boolean {
    const codeNeeded = queueId !== undefined && this.#o.routing.queue(queueId)?.dispositionRequired;
    return !codeNeeded && this.#rulesOf(queueId).pendingState === 'instead-of-wrap-up';
  }

  /** The agent has chosen a state: ends a wrap-up that gives way to it. */
  stateChosen(userId: string, state: RequestedState): void {
    const { wrap } = this.#o.agents.get(userId);
    if (wrap && this.givesWay(wrap.queueId))
      this.end(userId, state === 'logged-out' ? 'logged-out' : 'finished');
  }

  /** Nothing happens when the agent has none. */
  end(userId: string, how: 'finished' | 'timeout' | 'logged-out' | 'supervisor'): void {
    const { wrap } = this.#o.agents.get(userId);
    if (!wrap) return;
    wrap.cancelTimer();
    this.#o.agents.change(userId, (agent) => delete agent.wrap);
    const durable = this.#o.routing.conversations.commit(wrap.conversationId, [
      { type: 'wrap.ended', userId, callId: wrap.callId, how },
    ]);
    this.#o.run('end wrap-up', { userId }, durable);
    this.#o.onEnded();
  }

  #arm(userId: string, endsAt: number): void {
    this.#o.agents.change(userId, (agent) => {
      if (!agent.wrap) return;
      agent.wrap.cancelTimer();
      agent.wrap.endsAt = endsAt;
      const left = endsAt - this.#o.routing.clock.now();
      agent.wrap.cancelTimer = this.#o.life.after(left, () => this.end(userId, 'timeout'));
    });
  }

  #rulesOf(queueId: string | undefined): AgentRules {
    return (
      (queueId === undefined ? undefined : this.#o.routing.queue(queueId)?.agentRules) ?? DEFAULT_AGENT_RULES
    );
  }
}
