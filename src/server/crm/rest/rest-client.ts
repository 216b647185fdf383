/**
 * Requests to the configured host and nowhere else: below its address, no redirect is followed, each has a deadline and an answer of limited
 * size, and what an answer means is said in errors of ours.
 */
import type { Clock } from '../../../lib/clock.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { CrmCall } from '../connector.ts';
import { textAt } from './json-path.ts';
import type { RestRequest } from './rest-settings.ts';
import { fillJson, fillPath, fillText, fillTexts, type Json, type Values } from './template.ts';

export interface RestClientOptions {
  address: string;
  headers: Readonly<Record<string, string>>;
  userName: string | undefined;
  secret: string | undefined;
  timeoutMs: number;
  errors: { message?: string | undefined; field?: string | undefined };
  clock: Clock;
  /** The name that a user signs in here with. */
  nameOf(userId: string): string | undefined;
}

/** One request and its answer, as people may see it: secrets are masked. */
export interface Exchange {
  request: string;
  answer: string;
}

type Built = { method: string; url: URL; headers: Record<string, string>; body: string | undefined };

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_SHOWN = 1_500;
/** When it says "too many" and not until when, in milliseconds. */
const PAUSE_MS = 10_000;
const MASK = '•••';

export class RestClient {
  readonly #o: RestClientOptions;
  readonly #basic: string;
  readonly #root: URL;
  #pausedUntil = 0;

  constructor(options: RestClientOptions) {
    this.#o = options;
    this.#root = new URL(`${options.address.replace(/\/+$/, '')}/`);
    this.#basic = Buffer.from(`${options.userName ?? ''}:${options.secret ?? ''}`).toString('base64');
  }

  /**
   * The JSON of the answer; null for an empty one.
   * @param note is told of the request and what came back.
   * @throws CodedError: `not-found`, `conflict`, and those of an outside CRM.
   */
  async send(
    call: CrmCall,
    request: RestRequest,
    values: Values,
    note?: (exchange: Exchange) => void,
  ): Promise<Json> {
    this.#refusePaused();
    const built = this.#build(call, request, values);
    const { status, headers, text } = await this.#exchange(call, built, note);
    if (status >= 200 && status < 300) return parse(text);
    throw this.#refusal(status, headers, text);
  }

  // ── The request ───────────────────────────────────────────────────────────────────────────────────────────────────

  #build({ userId }: CrmCall, request: RestRequest, given: Values): Built {
    const user = userId === undefined ? undefined : this.#o.nameOf(userId);
    const values: Values = { ...given, userId, user };
    const path = fillPath(request.path, values);
    if (path === undefined) throw new CodedError('not-found', { what: 'record in the CRM' });
    const url = new URL(path.replace(/^\/+/, ''), this.#root);
    if (url.origin !== this.#root.origin || !`${url.pathname}/`.startsWith(this.#root.pathname))
      throw refused(`${request.path} leads away from ${this.#root.href}.`);
    for (const [name, template] of Object.entries(request.query))
      for (const text of fillTexts(template, values)) url.searchParams.append(name, text);
    const secrets = { ...values, secret: this.#o.secret, basic: this.#basic };
    const headers: Record<string, string> = { accept: 'application/json' };
    for (const [name, template] of Object.entries({ ...this.#o.headers, ...request.headers }))
      for (const text of fillTexts(template, secrets)) headers[name.toLowerCase()] = headerText(text);
    return { method: request.method, url, headers, body: this.#body(request, values, headers) };
  }

  #body(request: RestRequest, values: Values, headers: Record<string, string>): string | undefined {
    if (request.body === undefined) return undefined;
    const filled = fillJson(request.body as Json, values);
    if (!request.form) {
      headers['content-type'] ??= 'application/json';
      return JSON.stringify(filled);
    }
    headers['content-type'] ??= 'application/x-www-form-urlencoded';
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(filled ?? {}))
      if (value !== null) form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
    return form.toString();
  }

  async #exchange(call: CrmCall, built: Built, note?: (exchange: Exchange) => void) {
    const { clock, timeoutMs } = this.#o;
    const abort = new AbortController();
    const cancel = clock.after(timeoutMs, () => abort.abort());
    const request = this.#shown(
      `${built.method} ${built.url.href}\n${linesOf(built.headers)}${built.body ? `\n\n${built.body}` : ''}`,
    );
    try {
      const { method, headers, body, url } = built;
      const answer = await fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        signal: AbortSignal.any([call.signal, abort.signal]),
      });
      const text = await readAll(answer);
      note?.({ request, answer: this.#shown(`${answer.status} ${answer.statusText}\n${text}`) });
      return { status: answer.status, headers: answer.headers, text };
    } catch (error) {
      const detail = abort.signal.aborted
        ? `it did not answer within ${timeoutMs / 1_000} seconds.`
        : this.#shown(reasonOf(error));
      note?.({ request, answer: detail });
      throw error instanceof CodedError ? error : unavailable(detail);
    } finally {
      cancel();
    }
  }

  /** Without secrets, and no longer than people read. */
  #shown(text: string): string {
    const { secret } = this.#o;
    const hidden = [secret, secret === undefined ? undefined : this.#basic]
      .filter((one) => one !== undefined && one !== '')
      .flatMap((one) => [one as string, encodeURIComponent(one as string)])
      .reduce((shown, one) => shown.replaceAll(one, MASK), text);
    return hidden.length > MAX_SHOWN ? `${hidden.slice(0, MAX_SHOWN)} …` : hidden;
  }

  // ── The answer ────────────────────────────────────────────────────────────────────────────────────────────────────

  #refusePaused(): void {
    const left = this.#pausedUntil - this.#o.clock.now();
    if (left > 0) throw limit(Math.ceil(left / 1_000));
  }

  #refusal(status: number, headers: Headers, text: string): CodedError {
    const said = this.#said(status, text);
    if (status >= 300 && status < 400)
      return refused(
        `it sends elsewhere (${status} ${headers.get('location') ?? ''}), which is not followed.`,
      );
    if (status === 401 || status === 407)
      return new CodedError('crm-sign-in', { crm: '', detail: said.detail });
    if (status === 404 || status === 410) return new CodedError('not-found', { what: 'record in the CRM' });
    if (status === 409 || status === 412)
      return new CodedError('conflict', { what: 'record', detail: said.detail });
    if (status === 429 || (status === 503 && headers.has('retry-after'))) return this.#pause(headers);
    if (status >= 500 || status === 408 || status === 425) return unavailable(said.detail);
    return new CodedError('crm-refused', { crm: '', ...said });
  }

  #pause(headers: Headers): CodedError {
    const { clock } = this.#o;
    const ms = retryAfterMs(headers.get('retry-after'), clock.now()) ?? PAUSE_MS;
    this.#pausedUntil = clock.now() + ms;
    return limit(Math.ceil(ms / 1_000));
  }

  #said(status: number, text: string): { detail: string; field?: string } {
    const { message, field } = this.#o.errors;
    let answer: Json = null;
    try {
      answer = parse(text);
    } catch {
      // An error page is no JSON: its number says enough.
    }
    const why = textAt(message, answer) ?? 'it gives no reason';
    const named = textAt(field, answer);
    const detail = this.#shown(`${why.slice(0, 300).replace(/\.?$/, '')} (${status}).`);
    return { detail, ...(named === undefined ? {} : { field: named }) };
  }
}

export function refused(detail: string): CodedError {
  return new CodedError('crm-refused', { crm: '', detail });
}

function unavailable(detail: string): CodedError {
  return new CodedError('crm-unavailable', { crm: '', detail });
}

function limit(seconds: number): CodedError {
  return new CodedError('crm-limit', { crm: '', detail: `again in ${seconds} seconds.`, seconds });
}

/** Seconds or a date (RFC 9110, section 10.2.3); at most an hour. */
function retryAfterMs(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(3_600_000, Math.max(1_000, ms));
}

function parse(text: string): Json {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw unavailable('its answer is no JSON.');
  }
}

async function readAll(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += (part as Uint8Array).length;
    if (bytes > MAX_ANSWER_BYTES) throw refused('its answer is longer than 4 MB.');
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** What a header may hold (RFC 9110, section 5.5). */
function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}

function linesOf(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const reason = cause instanceof Error ? cause.message || (cause as { code?: string }).code : undefined;
  return `${reason ?? (error instanceof Error ? error.message : 'no reason')}.`.replace('..', '.');
}

/** The page of a record by its template; undefined without one. */
export function pageUrl(template: string | undefined, values: Values): string | undefined {
  if (template === undefined) return undefined;
  const filled = fillText(
    template,
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, encodeURIComponent(String(value ?? ''))]),
    ),
  );
  return URL.canParse(filled) ? filled : undefined;
}
