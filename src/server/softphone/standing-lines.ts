/**
 * Keeps the phones of users who chose so connected between calls: call control makes the leg, here is decided when there shall
 * be one.
 *
 *     none ── chosen, logged in, phone there ──► made ── chosen no more, logged out, another phone, its page reloaded ──► released
 *       ▲                                                                                                                   │
 *       └───────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * Who hangs it up has it again with his next change of state, not at once: his phone would ring for ever.
 */
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { AgentStates } from '../routing/ports.ts';
import type { UserCalls } from '../telephony/call-controls.ts';
import { type Conversation, isLive, type Leg } from '../telephony/model.ts';
import type { AgentDevice } from '../telephony/ports.ts';

export interface StandingLinesOptions {
  acd: Pick<AgentStates, 'agent'>;
  engine: Pick<UserCalls, 'nailUp' | 'releaseStanding'>;
  conversationsOf(userId: string): Conversation[];
  device(userId: string): AgentDevice | undefined;
  /** The user has chosen it. */
  wanted(userId: string): boolean;
  onError: (what: string, error: unknown, ids: { userId?: string }) => void;
}

export class StandingLines {
  readonly #o: StandingLinesOptions;
  readonly #serial = new Serial();

  constructor(options: StandingLinesOptions) {
    this.#o = options;
  }

  /** Something that decides it has changed. */
  review(userId: string): void {
    if (!this.#o.wanted(userId) && !this.#leg(userId)) return;
    this.#serial
      .run(userId, () => this.#step(userId))
      .catch((error: unknown) => {
        if (!(error instanceof CodedError) || !HARMLESS.has(error.code))
          this.#o.onError('keep a phone connected', error, { userId });
      });
  }

  async #step(userId: string): Promise<void> {
    const { acd, engine, wanted } = this.#o;
    const loggedIn = acd.agent(userId).requested.state !== 'logged-out';
    const device = wanted(userId) && loggedIn ? this.#o.device(userId) : undefined;
    const leg = this.#leg(userId);
    if (leg && device?.deviceId === leg.deviceId && !leg.lost) return;
    if (leg) await engine.releaseStanding(userId);
    if (device && !this.#leg(userId)) await engine.nailUp(userId, device);
  }

  #leg(userId: string): Leg | undefined {
    return this.#o
      .conversationsOf(userId)
      .flatMap((conversation) => [...conversation.legs.values()].map((leg) => ({ conversation, leg })))
      .find(
        ({ conversation, leg }) =>
          leg.userId === userId && isLive(leg) && conversation.calls.get(leg.callId)?.purpose === 'standing',
      )?.leg;
  }
}

/** It is tried again when the telephone system is back, or the leg that is still there has gone; or it never can be. */
const HARMLESS = new Set(['switch-down', 'already-exists', 'no-such-line', 'not-capable']);
