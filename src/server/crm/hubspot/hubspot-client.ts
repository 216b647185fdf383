/**
 * Requests to HubSpot: with the token of a private app, or of an app that the organisation signed in to (OAuth, renewed in time).
 *
 *     request ─┬─ a search: at most five a second ("CRM search: limits")
 *              ├─ answered ─► the answer
 *              ├─ 401, by OAuth ─► renewed once for all who wait ─► asked once more
 *              └─ 429 ─► crm-limit, and nothing is asked until it passes: a second, ten, or a while for the daily limit
 */
import type { Clock } from '../../../lib/clock.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { ApiUsage, CrmAccount, CrmAccounts, CrmCall } from '../connector.ts';
import { type HubSpotError, toCoded } from './hubspot-errors.ts';

export interface HubSpotClientOptions {
  clock: Clock;
  accounts: CrmAccounts;
  apiUrl: string;
  /** Of a private app; without it, by OAuth. */
  token: string | undefined;
  clientId: string | undefined;
  clientSecret: string | undefined;
}

export interface HubSpotRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  path: string;
  body?: object;
  search?: boolean;
}

interface Tokens {
  access_token: string;
  refresh_token: string;
  /** Seconds. */
  expires_in: number;
  hub_id?: number;
}

const REQUEST_MS = 15_000;
const SEARCHES_PER_SECOND = 5;
/** A search that would have to wait longer is refused: nobody waits for a look-up so long. In milliseconds. */
const MAX_WAIT_MS = 3_000;
/** A token is renewed so long before it ends, in milliseconds. */
const EARLY_MS = 60_000;
/** How long nothing is asked after a limit, in milliseconds, when it does not say (API usage guidelines, "policyName"). */
const PAUSES: Record<string, number> = { SECONDLY: 1_000, TEN_SECONDLY_ROLLING: 10_000, DAILY: 900_000 };
const MAX_PAUSE_MS = 3_600_000;

export class HubSpotClient {
  readonly #o: HubSpotClientOptions;
  readonly #searches: number[] = [];
  #renewing: Promise<string> | undefined;
  #usage: ApiUsage | undefined;
  #pausedUntil = 0;

  constructor(options: HubSpotClientOptions) {
    this.#o = options;
  }

  get usage(): ApiUsage | undefined {
    return this.#usage;
  }

  /** @throws CodedError, see `toCoded`, and `crm-sign-in`, `crm-limit`. */
  async request<T>(call: CrmCall, request: HubSpotRequest): Promise<T> {
    this.#refusePaused();
    if (request.search) await this.#searchSlot(call);
    const token = await this.#token();
    const answer = await this.#send(call, request, token);
    if (answer.status !== 401 || this.#o.token !== undefined) return this.#read<T>(answer);
    return this.#read<T>(await this.#send(call, request, await this.#renew(token)));
  }

  /** Trades the code that the browser brought (OAuth guide, "/oauth/v3/token"). */
  async complete(code: string, redirectUri: string, codeVerifier: string): Promise<CrmAccount> {
    const tokens = await this.#askTokens({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
    });
    const hub = String(tokens.hub_id ?? '');
    return { externalId: hub, name: `HubSpot account ${hub}`.trim(), secrets: this.#secretsOf(tokens) };
  }

  // ── Tokens ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #token(): Promise<string> {
    if (this.#o.token !== undefined) return this.#o.token;
    const account = await this.#o.accounts.get('organisation');
    if (!account) throw signIn('nobody has signed in yet: an administrator does, in Setup.');
    const { accessToken = '', expiresAt } = account.secrets;
    if (Number(expiresAt) - EARLY_MS > this.#o.clock.now()) return accessToken;
    return await this.#renew(accessToken);
  }

  /** Once for all who found this token ended. */
  async #renew(ended: string): Promise<string> {
    this.#renewing ??= this.#refresh(ended).finally(() => {
      this.#renewing = undefined;
    });
    return await this.#renewing;
  }

  async #refresh(ended: string): Promise<string> {
    const { accounts } = this.#o;
    const account = await accounts.get('organisation');
    const { accessToken = '', refreshToken } = account?.secrets ?? {};
    if (accessToken !== ended && accessToken !== '') return accessToken;
    if (refreshToken === undefined) throw signIn('its sign-in has ended: sign in again.');
    const tokens = await this.#askTokens({ grant_type: 'refresh_token', refresh_token: refreshToken });
    await accounts.renew(
      'organisation',
      this.#secretsOf({ ...tokens, refresh_token: tokens.refresh_token ?? refreshToken }),
    );
    return tokens.access_token;
  }

  async #askTokens(form: Record<string, string>): Promise<Tokens> {
    const { clientId = '', clientSecret = '' } = this.#o;
    const answer = await this.#fetch('/oauth/v3/token', undefined, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, client_id: clientId, client_secret: clientSecret }).toString(),
    });
    const said = await bodyOf<Tokens & HubSpotError & { error_description?: string }>(answer);
    if (answer.ok) return said;
    if (answer.status >= 500 || answer.status === 429) throw toCoded(answer.status, said);
    throw signIn(`it refuses: ${said.message ?? said.error_description ?? answer.status}.`);
  }

  #secretsOf({ access_token, refresh_token, expires_in }: Tokens): Record<string, string> {
    const expiresAt = String(this.#o.clock.now() + expires_in * 1_000);
    return { accessToken: access_token, refreshToken: refresh_token, expiresAt };
  }

  // ── Requests ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #send({ signal }: CrmCall, { method, path, body }: HubSpotRequest, token: string): Promise<Response> {
    return this.#fetch(path, signal, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  async #fetch(path: string, signal: AbortSignal | undefined, init: RequestInit): Promise<Response> {
    const { clock, apiUrl } = this.#o;
    const abort = new AbortController();
    const cancel = clock.after(REQUEST_MS, () => abort.abort());
    try {
      return await fetch(`${apiUrl.replace(/\/+$/, '')}${path}`, {
        ...init,
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, abort.signal]) : abort.signal,
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
      const detail = abort.signal.aborted ? 'it did not answer in time.' : `${cause ?? 'no connection'}.`;
      throw new CodedError('crm-unavailable', { crm: 'HubSpot', detail });
    } finally {
      cancel();
    }
  }

  async #read<T>(answer: Response): Promise<T> {
    this.#noteUsage(answer.headers);
    const said = await bodyOf<T & HubSpotError>(answer);
    if (answer.ok) return said;
    if (answer.status === 401) throw signIn(said.message ?? 'the token is not valid.');
    if (answer.status === 429) throw this.#pause(answer.headers, said);
    throw toCoded(answer.status, said);
  }

  #noteUsage(headers: Headers): void {
    const limit = Number(headers.get('x-hubspot-ratelimit-daily') ?? Number.NaN);
    const left = Number(headers.get('x-hubspot-ratelimit-daily-remaining') ?? Number.NaN);
    if (limit > 0 && left >= 0) this.#usage = { used: limit - left, limit };
  }

  #refusePaused(): void {
    const left = this.#pausedUntil - this.#o.clock.now();
    if (left > 0) throw limitFor(left);
  }

  #pause(headers: Headers, { policyName, message }: HubSpotError): CodedError {
    const { clock } = this.#o;
    const told = Number(headers.get('retry-after') ?? Number.NaN) * 1_000;
    const policy = policyName ?? message?.match(/your (\w+) limit/)?.[1] ?? '';
    const ms = Math.min(MAX_PAUSE_MS, told > 0 ? told : (PAUSES[policy.toUpperCase()] ?? 10_000));
    this.#pausedUntil = clock.now() + ms;
    return limitFor(ms);
  }

  /** Waits until a search may go out. @throws when nobody waits for it any more. */
  async #searchSlot({ signal }: CrmCall): Promise<void> {
    const now = this.#o.clock.now();
    const before = this.#searches.at(-SEARCHES_PER_SECOND) ?? Number.NEGATIVE_INFINITY;
    const at = Math.max(now, before + 1_000);
    if (at - now > MAX_WAIT_MS) throw limitFor(at - now);
    this.#searches.push(at);
    if (this.#searches.length > SEARCHES_PER_SECOND) this.#searches.shift();
    if (at > now) await new Promise<void>((done) => this.#o.clock.after(at - now, done));
    signal.throwIfAborted();
  }
}

function signIn(detail: string): CodedError {
  return new CodedError('crm-sign-in', { crm: 'HubSpot', detail });
}

function limitFor(ms: number): CodedError {
  const seconds = Math.ceil(ms / 1_000);
  return new CodedError('crm-limit', { crm: 'HubSpot', detail: `again in ${seconds} seconds.`, seconds });
}

async function bodyOf<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  try {
    return (text === '' ? {} : JSON.parse(text)) as T;
  } catch {
    return {} as T;
  }
}
