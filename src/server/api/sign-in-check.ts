/**
 * Checks a name and a password. Wrong ones are counted per user and address, and per address; those of one address are checked
 * one after the other, so that guesses sent at once do not get past the count.
 */
import type { Clock } from '../../lib/clock.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { User } from '../callcenter/model.ts';
import { verifyPassword } from '../callcenter/password.ts';
import { FailedAttempts } from './failed-attempts.ts';

const MINUTE = 60_000;

export class SignInCheck {
  readonly #callCenter: CallCenter;
  readonly #pairs: FailedAttempts;
  readonly #addresses: FailedAttempts;
  readonly #turns = new Serial();

  constructor(callCenter: CallCenter, clock: Clock) {
    this.#callCenter = callCenter;
    this.#pairs = new FailedAttempts({ limit: 5, windowMs: 10 * MINUTE, blockMs: 5 * MINUTE }, clock);
    this.#addresses = new FailedAttempts({ limit: 50, windowMs: 10 * MINUTE, blockMs: 5 * MINUTE }, clock);
  }

  /** @throws `wrong-password`, or `too-many-attempts` with the seconds to wait. */
  check(username: string, password: string, address: string): Promise<User> {
    return this.#turns.run(address, () => this.#check(username, password, address));
  }

  async #check(username: string, password: string, address: string): Promise<User> {
    const pair = `${username.trim().toLowerCase()}\n${address}`;
    refuseBlocked(Math.max(this.#pairs.blockedFor(pair), this.#addresses.blockedFor(address)));
    const user = this.#callCenter.userByName(username);
    // The same work whether the user exists or not: the time taken says nothing.
    const hash = await this.#callCenter.passwordHash(user?.id ?? '');
    const right = await verifyPassword(user?.disabled ? undefined : hash, password);
    if (user && right) {
      this.#pairs.clear(pair);
      return user;
    }
    this.#pairs.failed(pair);
    this.#addresses.failed(address);
    throw new CodedError('wrong-password');
  }
}

/** @throws `too-many-attempts` unless the milliseconds are 0. */
export function refuseBlocked(ms: number): void {
  if (ms > 0) throw new CodedError('too-many-attempts', { seconds: Math.ceil(ms / 1_000) });
}
