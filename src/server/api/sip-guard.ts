import type { Clock } from '../../lib/clock.ts';
import { FailedAttempts } from './failed-attempts.ts';

const MINUTE = 60_000;
const BLOCK_MS = 5 * MINUTE;

export interface SipGuardOptions {
  clock: Clock;
  /** Takes this account off the switch for a while. */
  suspendDevice: (name: string, ms: number) => Promise<void>;
  /** Told which account was blocked and when suspending it failed. */
  onBlocked: (account: string) => void;
  onError: (error: unknown) => void;
}

/**
 * Counts wrong passwords of plain SIP phones, as Asterisk's security events report them (`InvalidPassword`,
 * `ChallengeResponseFailed`), and takes an account off the switch for five minutes after five within ten.
 */
export class SipGuard {
  readonly #options: SipGuardOptions;
  readonly #accounts: FailedAttempts;

  constructor(options: SipGuardOptions) {
    this.#options = options;
    this.#accounts = new FailedAttempts(
      { limit: 5, windowMs: 10 * MINUTE, blockMs: BLOCK_MS },
      options.clock,
    );
  }

  /** One wrong password for this account (a SIP user name). */
  recordSipFailure({ account }: { account: string }): void {
    if (!this.#accounts.failed(account)) return;
    this.#options.onBlocked(account);
    this.#options.suspendDevice(account, BLOCK_MS).catch(this.#options.onError);
  }

  /** Milliseconds for which this account is still blocked; 0 when it is not. */
  blockedFor(account: string): number {
    return this.#accounts.blockedFor(account);
  }
}
