/**
 * Wrap-up: the agent's time after a call, ended by him, by its limit or by his logging out.
 *
 *     call over ──► running ── extend ──► running ── finish, limit, logged out, another call's wrap-up ──► ended
 */
import type { Clock } from '../../lib/clock.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Conversations } from '../telephony/conversations.ts';
import type { WrapUp } from '../telephony/model.ts';
import type { Agents } from './agents.ts';

export interface WrapUpsOptions {
  agents: Agents;
  conversations: Conversations;
  clock: Clock;
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
    const endsAt = this.#o.clock.now() + ms;
    const durable = this.#o.conversations.commit(conversationId, [
      { type: 'wrap.started', userId, callId, endsAt, ...(queueId ? { queueId } : {}) },
    ]);
    this.#o.agents.change(userId, (agent) => {
      agent.talking.delete(conversationId);
      agent.wrap = { conversationId, callId, cancelTimer: () => undefined };
    });
    this.#arm(userId, endsAt);
    this.#o.run('start wrap-up', { userId }, durable);
  }

  /** Takes up one that was running when the last process ended. */
  restore(conversationId: string, wrap: WrapUp): void {
    this.#o.agents.change(wrap.userId, (agent) => {
      agent.wrap = { conversationId, callId: wrap.callId, cancelTimer: () => undefined };
    });
    this.#arm(wrap.userId, wrap.endsAt ?? this.#o.clock.now());
  }

  /** @throws CodedError `no-such-line` when it is over. */
  finish(userId: string, conversationId: string): void {
    if (this.#o.agents.get(userId).wrap?.conversationId !== conversationId)
      throw new CodedError('no-such-line');
    this.end(userId, 'finished');
  }

  /** Rejects with `no-such-line` when it is over. */
  async extend(userId: string, conversationId: string): Promise<void> {
    const { wrap } = this.#o.agents.get(userId);
    if (wrap?.conversationId !== conversationId || wrap.endsAt === undefined)
      throw new CodedError('no-such-line');
    const endsAt = wrap.endsAt + EXTENSION_MS;
    this.#arm(userId, endsAt);
    await this.#o.conversations.commit(conversationId, [
      { type: 'wrap.extended', userId, callId: wrap.callId, endsAt },
    ]);
  }

  /** Nothing happens when the agent has none. */
  end(userId: string, how: 'finished' | 'timeout' | 'logged-out'): void {
    const { wrap } = this.#o.agents.get(userId);
    if (!wrap) return;
    wrap.cancelTimer();
    this.#o.agents.change(userId, (agent) => delete agent.wrap);
    const durable = this.#o.conversations.commit(wrap.conversationId, [
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
      const left = endsAt - this.#o.clock.now();
      agent.wrap.cancelTimer = this.#o.life.after(left, () => this.end(userId, 'timeout'));
    });
  }
}
