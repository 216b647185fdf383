import { rootCertificates } from 'node:tls';
import type { WebSocket } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { askHttp, downloadHttp, type HttpDownload } from './ari-http.ts';
import type { AriRequest } from './ari-operations.ts';

/** Where ARI is and who we are there. */
export interface AriAddress {
  /** Such as `http://127.0.0.1:8088/ari`. */
  url: string;
  user: string;
  password: string;
  /** PEM of the company's own certificate authority, for https. */
  ca?: string;
}

/** ARI's answer to a request that it did not carry out. */
export class AriError extends Error {
  constructor(
    readonly status: number,
    readonly request: Pick<AriRequest, 'method' | 'uri'>,
    readonly detail: string,
  ) {
    super(`${request.method} ${request.uri}: ${status} ${detail}`);
    this.name = 'AriError';
  }
}

/** The connection that a request was sent on is gone; whether it was carried out is not known. */
export class AriGoneError extends Error {
  constructor() {
    super('the connection to Asterisk is gone');
    this.name = 'AriGoneError';
  }
}

/** Carries requests out; resolves with the parsed answer (undefined when it has no body). */
export interface AriRest {
  send(request: AriRequest, deadlineMs: number): Promise<unknown>;
}

/** TLS options that trust the company's certificate authority beside the usual ones. */
export function trusting(ca: string | undefined): { ca?: string[] } {
  return ca ? { ca: [...rootCertificates, ca] } : {};
}

/** The Authorization header: never in a URL, which ends up in logs. */
export function authorization({ user, password }: AriAddress): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** REST by HTTP: what every Asterisk with ARI understands. */
export class HttpRest implements AriRest {
  readonly #address: AriAddress;
  readonly #clock: Clock;

  constructor(address: AriAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  async send(request: AriRequest, deadlineMs: number): Promise<unknown> {
    const abort = new AbortController();
    const work = this.#fetch(request, abort.signal);
    return withDeadline(this.#clock, deadlineMs, request.uri, work).finally(() => abort.abort());
  }

  /** A GET whose body the caller reads. Rejects with AriError, AriGoneError or DeadlineError. */
  async open(uri: string, deadlineMs: number): Promise<HttpDownload> {
    const abort = new AbortController();
    const work = downloadHttp({
      method: 'GET',
      url: `${this.#address.url}/${uri}`,
      headers: { authorization: authorization(this.#address) },
      signal: abort.signal,
      ...trusting(this.#address.ca),
    });
    const answer = await withDeadline(this.#clock, deadlineMs, uri, work).catch((error: unknown) => {
      abort.abort();
      throw error instanceof DeadlineError ? error : new AriGoneError();
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new AriError(answer.status, { method: 'GET', uri }, detailOf(await answer.text()));
  }

  async #fetch(request: AriRequest, signal: AbortSignal): Promise<unknown> {
    const { method, uri, body } = request;
    const headers: Record<string, string> = { authorization: authorization(this.#address) };
    if (body) headers['content-type'] = 'application/json';
    const { status, text } = await askHttp({
      method,
      url: `${this.#address.url}/${uri}`,
      headers,
      signal,
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...trusting(this.#address.ca),
    });
    return parseAnswer(request, status, text);
  }
}

/** The answer to a request that came over the event WebSocket. */
export interface RestResponse {
  type: 'RESTResponse';
  request_id: string;
  status_code: number;
  message_body?: string;
}

/** REST over the event WebSocket (Asterisk 22.5 and later): a third of HTTP's work, and in order with the events. */
export class SocketRest implements AriRest {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #waiting = new Map<
    string,
    { resolve: (response: RestResponse) => void; reject: (error: Error) => void }
  >();
  #serial = 0;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  async send(request: AriRequest, deadlineMs: number): Promise<unknown> {
    const id = String(++this.#serial);
    const answered = new Promise<RestResponse>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    this.#socket.send(JSON.stringify(envelope(id, request)), (error) => {
      if (error) this.#waiting.get(id)?.reject(new AriGoneError());
    });
    try {
      const response = await withDeadline(this.#clock, deadlineMs, request.uri, answered);
      return parseAnswer(request, response.status_code, response.message_body ?? '');
    } finally {
      this.#waiting.delete(id);
    }
  }

  answered(response: RestResponse): void {
    this.#waiting.get(response.request_id)?.resolve(response);
  }

  /** Ends what is waiting, because the socket is gone. */
  abandon(): void {
    for (const { reject } of this.#waiting.values()) reject(new AriGoneError());
    this.#waiting.clear();
  }
}

function envelope(id: string, { method, uri, body }: AriRequest): Record<string, unknown> {
  const base = { type: 'RESTRequest', transaction_id: id, request_id: id, method, uri };
  return body ? { ...base, content_type: 'application/json', message_body: JSON.stringify(body) } : base;
}

function parseAnswer(request: AriRequest, status: number, text: string): unknown {
  if (status >= 200 && status < 300) return text ? JSON.parse(text) : undefined;
  throw new AriError(status, request, detailOf(text));
}

/** ARI says what is wrong in `message` or `error`; anything else is cut. */
function detailOf(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: string; error?: string };
    return message ?? error ?? '';
  } catch {
    return text.slice(0, 100);
  }
}
