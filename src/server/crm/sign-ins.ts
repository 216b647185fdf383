/**
 * Signing in to a CRM: OAuth's web-server flow with PKCE, for the organisation or for a user.
 *
 *     begun: state and verifier are kept ── the browser comes back with code and state ──► the code is traded, the account kept
 *        └── 10 minutes, or another try of the same person ──► forgotten
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { keyOf } from './connections-store.ts';
import type { AccountOwner, CrmAccount, CrmSignIn } from './connector.ts';

interface Begun {
  crmId: string;
  owner: AccountOwner;
  /** Who began it: nobody else may end it, or he would get the other's account. */
  byUserId: string;
  redirectUri: string;
  codeVerifier: string;
  at: number;
}

const HOLDS_MS = 10 * 60_000;
const MAX_BEGUN = 1_000;

export class SignIns {
  readonly #clock: Clock;
  readonly #begun = new Map<string, Begun>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Where to send the browser. */
  async begin(
    signIn: CrmSignIn,
    request: Pick<Begun, 'crmId' | 'owner' | 'byUserId' | 'redirectUri'>,
  ): Promise<string> {
    const state = randomBytes(24).toString('base64url');
    const codeVerifier = randomBytes(48).toString('base64url');
    const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
    const url = await signIn.authorizeUrl({ redirectUri: request.redirectUri, state, codeChallenge });
    this.#forgetOld(request);
    this.#begun.set(state, { ...request, codeVerifier, at: this.#clock.now() });
    return url;
  }

  /** Whose sign-in this is. It can be asked once. @throws `bad-input` for a state that is old, unknown or another user's. */
  take(state: string, byUserId: string): Begun {
    const begun = this.#begun.get(state);
    this.#begun.delete(state);
    if (!begun || begun.byUserId !== byUserId || this.#clock.now() - begun.at > HOLDS_MS)
      throw new CodedError('bad-input', {
        field: 'state',
        detail: 'this sign-in was not begun here, or too long ago. Begin it anew.',
      });
    return begun;
  }

  complete(signIn: CrmSignIn, { redirectUri, codeVerifier }: Begun, code: string): Promise<CrmAccount> {
    return signIn.complete({ redirectUri, code, codeVerifier });
  }

  #forgetOld({ crmId, owner, byUserId }: Pick<Begun, 'crmId' | 'owner' | 'byUserId'>): void {
    const now = this.#clock.now();
    for (const [state, one] of this.#begun) {
      const again = one.crmId === crmId && one.byUserId === byUserId && keyOf(one.owner) === keyOf(owner);
      if (again || now - one.at > HOLDS_MS || this.#begun.size > MAX_BEGUN) this.#begun.delete(state);
    }
  }
}
