/**
 * Requests to Salesforce as the account of whoever acts, over jsforce.
 *
 *     request ─┬─ answered ─► the answer
 *              ├─ session expired ─► refreshed, once for all who wait ─► asked once more, maybe at another instance
 *              │                          └─ refused ─► crm-sign-in, until somebody signs in again
 *              └─ limit reached ─► crm-limit, and nothing is asked for some minutes
 */
import { Connection, OAuth2 } from '@jsforce/jsforce-node';
import type { Clock } from '../../../lib/clock.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { AccountOwner, ApiUsage, CrmAccount, CrmAccounts, CrmCall } from '../connector.ts';
import { isExpired, isLimit, toCoded } from './salesforce-errors.ts';

export interface SessionOptions {
  clock: Clock;
  accounts: CrmAccounts;
  loginUrl: string;
  clientId: string;
  clientSecret: string | undefined;
  apiVersion: string;
  /** Users act with accounts of their own. */
  ownAccounts: boolean;
}

export interface SalesforceRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Behind `/services/data/vNN.N`, or an absolute address. */
  path: string;
  body?: object;
}

interface TokenAnswer {
  access_token: string;
  refresh_token?: string;
  instance_url: string;
  /** Address of the identity, which ends with the ids of organisation and user. */
  id: string;
}

const REQUEST_MS = 25_000;
/** After the limit was reached, nothing is asked for so long, in milliseconds. */
const PAUSE_MS = 300_000;

export class SalesforceSession {
  readonly #o: SessionOptions;
  readonly #open = new Map<string, Promise<Connection>>();
  #usage: ApiUsage | undefined;
  #pausedUntil = 0;

  constructor(options: SessionOptions) {
    this.#o = options;
  }

  get usage(): ApiUsage | undefined {
    return this.#usage;
  }

  /** @throws CodedError: see `toCoded`, and `crm-sign-in`, `crm-limit`. */
  async request<T>(owner: AccountOwner, call: CrmCall, request: SalesforceRequest): Promise<T> {
    this.#refusePaused();
    const connection = await this.#connection(owner);
    try {
      return await this.#send<T>(connection, call, request);
    } catch (error) {
      if (!isExpired(error)) throw this.#noted(error);
    }
    const renewed = await this.#renew(owner, connection);
    try {
      return await this.#send<T>(renewed, call, request);
    } catch (error) {
      throw isExpired(error) ? signIn(owner) : this.#noted(error);
    }
  }

  /** Whose account acts for this user; for what is written rather than read, the organisation's stands in. */
  async owner({ userId }: CrmCall, standIn = false): Promise<AccountOwner> {
    if (userId === undefined || !this.#o.ownAccounts) return 'organisation';
    if (standIn && !(await this.#o.accounts.get({ userId }))) return 'organisation';
    return { userId };
  }

  /** Where the account's pages are. */
  async instanceUrl(owner: AccountOwner): Promise<string> {
    return (await this.#connection(owner)).instanceUrl;
  }

  // ── Signing in ────────────────────────────────────────────────────────────────────────────────────────────────────

  authorizeUrl(request: { redirectUri: string; state: string; codeChallenge: string }): string {
    const { state, codeChallenge, redirectUri } = request;
    return this.#oauth(redirectUri).getAuthorizationUrl({
      scope: 'api refresh_token',
      state,
      code_challenge: codeChallenge,
      code_challenge_method: 'S256',
      prompt: 'login consent',
    } as never);
  }

  async complete(request: { redirectUri: string; code: string; codeVerifier: string }): Promise<CrmAccount> {
    const { code, codeVerifier, redirectUri } = request;
    try {
      const oauth = this.#oauth(redirectUri);
      const tokens = (await oauth.requestToken(code, { code_verifier: codeVerifier })) as TokenAnswer;
      const secrets = secretsOf(tokens, undefined);
      const identity = await this.#connect(secrets).request<{ display_name: string; username: string }>(
        tokens.id,
      );
      return {
        externalId: tokens.id.split('/').at(-1) ?? '',
        name: `${identity.display_name} (${identity.username})`,
        secrets,
      };
    } catch (error) {
      throw new CodedError('crm-refused', {
        crm: 'Salesforce',
        detail: error instanceof Error ? error.message : 'it gave no reason.',
      });
    }
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #oauth(redirectUri?: string): OAuth2 {
    const { loginUrl, clientId, clientSecret } = this.#o;
    return new OAuth2({
      loginUrl,
      clientId,
      ...(clientSecret ? { clientSecret } : {}),
      ...(redirectUri ? { redirectUri } : {}),
    });
  }

  async #send<T>(connection: Connection, { signal }: CrmCall, request: SalesforceRequest): Promise<T> {
    signal.throwIfAborted();
    const { method, path, body } = request;
    const asked = connection.request<T>(
      {
        method,
        url: path,
        ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
      },
      // Whoever calls tries again: reads when they are asked for anew, writes by the outbox.
      { retry: { maxRetries: 0 }, timeout: REQUEST_MS } as never,
    );
    try {
      return await asked;
    } finally {
      const { apiUsage } = connection.limitInfo;
      if (apiUsage) this.#usage = { used: apiUsage.used, limit: apiUsage.limit };
    }
  }

  #connection(owner: AccountOwner): Promise<Connection> {
    const key = keyOf(owner);
    const open = this.#open.get(key) ?? this.#openAccount(owner);
    this.#open.set(key, open);
    open.catch(() => {
      if (this.#open.get(key) === open) this.#open.delete(key);
    });
    return open;
  }

  async #openAccount(owner: AccountOwner): Promise<Connection> {
    const account = await this.#o.accounts.get(owner);
    if (!account) throw signIn(owner);
    return this.#connect(account.secrets);
  }

  #connect(secrets: Record<string, string>): Connection {
    return new Connection({
      instanceUrl: secrets['instanceUrl'] ?? '',
      accessToken: secrets['accessToken'] ?? '',
      version: this.#o.apiVersion,
    });
  }

  /** Once for all who found the session `expired`: whoever comes later gets what it became. */
  async #renew(owner: AccountOwner, expired: Connection): Promise<Connection> {
    const key = keyOf(owner);
    const current = this.#open.get(key);
    if (current && (await current.catch(() => undefined)) !== expired) return await this.#connection(owner);
    if (this.#open.get(key) === current) {
      const renewed = this.#refresh(owner);
      this.#open.set(key, renewed);
      renewed.catch(() => this.#open.delete(key));
    }
    return await this.#connection(owner);
  }

  async #refresh(owner: AccountOwner): Promise<Connection> {
    const { accounts } = this.#o;
    const account = await accounts.get(owner);
    const refreshToken = account?.secrets['refreshToken'];
    if (!account || !refreshToken) throw signIn(owner);
    let tokens: TokenAnswer;
    try {
      tokens = (await this.#oauth().refreshToken(refreshToken)) as TokenAnswer;
    } catch (error) {
      if (error instanceof Error && error.name === 'invalid_grant') throw signIn(owner);
      throw toCoded(error);
    }
    const secrets = secretsOf(tokens, refreshToken);
    await accounts.renew(owner, secrets);
    return this.#connect(secrets);
  }

  #noted(error: unknown): CodedError {
    if (isLimit(error)) this.#pausedUntil = this.#o.clock.now() + PAUSE_MS;
    return toCoded(error);
  }

  #refusePaused(): void {
    const ms = this.#pausedUntil - this.#o.clock.now();
    if (ms <= 0) return;
    const seconds = Math.ceil(ms / 1_000);
    throw new CodedError('crm-limit', {
      crm: 'Salesforce',
      seconds,
      detail: `its limit of requests is reached; it is asked again in ${seconds} seconds.`,
    });
  }
}

/** Salesforce gives a new refresh token where these rotate, else none. */
function secretsOf(tokens: TokenAnswer, refreshToken: string | undefined): Record<string, string> {
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? refreshToken ?? '',
    instanceUrl: tokens.instance_url,
  };
}

function signIn(owner: AccountOwner): CodedError {
  const detail =
    owner === 'organisation'
      ? 'an administrator signs in for the organisation in Setup, CRM.'
      : 'sign in to Salesforce in the menu of your account.';
  return new CodedError('crm-sign-in', { crm: 'Salesforce', detail });
}

function keyOf(owner: AccountOwner): string {
  return owner === 'organisation' ? '' : owner.userId;
}
