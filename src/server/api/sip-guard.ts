import type { Clock } from '../../lib/clock.ts';
import { FailedAttempts } from './failed-attempts.ts';

const MINUTE = 60_000;
const BLOCK_MS = 5 * MINUTE;

export interface SipFailure {
  /** SIP user name that was tried. */
  account: string;
  /** IP address that it was tried from. */
  remoteAddress: string;
  /** Whether it is sure that the attempt came from there. */
  proven: boolean;
}

export interface SipGuardOptions {
  clock: Clock;
  /** Refuses this account to this address for a while. */
  refuse: (account: string, address: string, ms: number) => Promise<void>;
  /** Told which account was blocked for which address. */
  onBlocked: (account: string, address: string) => void;
  /** Told when refusing failed. */
  onError: (error: unknown) => void;
}

/**
 * Counts wrong passwords of plain SIP phones, as Asterisk's security events report them, by account and address: five within
 * ten minutes close the account to that address for five minutes. The owner's phone at another address goes on. What could
 * come from an invented address is not counted: else anybody could block a colleague's.
 */
export class SipGuard {
  readonly #options: SipGuardOptions;
  readonly #pairs: FailedAttempts;

  constructor(options: SipGuardOptions) {
    this.#options = options;
    this.#pairs = new FailedAttempts({ limit: 5, windowMs: 10 * MINUTE, blockMs: BLOCK_MS }, options.clock);
  }

  /** One failed attempt. */
  recordSipFailure({ account, remoteAddress, proven }: SipFailure): void {
    if (!proven || !this.#pairs.failed(keyOf(account, remoteAddress))) return;
    this.#options.onBlocked(account, remoteAddress);
    this.#options.refuse(account, remoteAddress, BLOCK_MS).catch(this.#options.onError);
  }

  /** Milliseconds for which this account is still closed to this address; 0 when it is not. */
  blockedFor(account: string, address: string): number {
    return this.#pairs.blockedFor(keyOf(account, address));
  }
}

/** An address has no space. */
function keyOf(account: string, address: string): string {
  return `${address} ${account}`;
}
