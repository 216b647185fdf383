import type { ZodType } from 'zod';
import { CodedError, ERROR_CODES, type ErrorBody, type ErrorCode } from '../../protocol/errors.ts';

/** A request to our server that takes longer is given up, in milliseconds. */
const TIMEOUT_MS = 15_000;

export interface ApiOptions {
  /** Default: GET, or POST when there is a body. */
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  /** Checks the answer's shape. */
  schema?: ZodType;
}

let token: () => string | undefined = () => undefined;

/** Has every request show this token where there is one: in a frame of another site no cookie comes through. */
export function authorizeBy(source: () => string | undefined): void {
  token = source;
}

const signedOutListeners = new Set<() => void>();

/** Calls `listener` when the server says that this session is over. Returns the function that stops it. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/**
 * Asks our server. Resolves to the answer's JSON (undefined for 204).
 * @throws CodedError with the server's code; `server-unreachable` or `timeout` when there was no answer.
 */
export async function api<T>(path: string, { method, body, signal, schema }: ApiOptions = {}): Promise<T> {
  const response = await send(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: headersFor(body),
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
    signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]),
  });
  if (!response.ok) throw await readError(response);
  if (response.status === 204) return undefined as T;
  const json: unknown = await response.json();
  return (schema ? schema.parse(json) : json) as T;
}

function headersFor(body: unknown): Record<string, string> {
  const bearer = token();
  return {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError')
      throw new CodedError('timeout', { what: 'The server' });
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new CodedError('server-unreachable');
  }
}

async function readError(response: Response): Promise<CodedError> {
  const error = toCodedError(response.status, await response.json().catch(() => undefined));
  if (error.code === 'not-signed-in') for (const listener of signedOutListeners) listener();
  return error;
}

/** The coded error in an answer's body, or what comes closest when something between us and the server answered. */
export function toCodedError(status: number, body: unknown): CodedError {
  if (isErrorBody(body)) return new CodedError(body.code, body.data);
  if (status === 401) return new CodedError('not-signed-in');
  if (status >= 502 && status <= 504) return new CodedError('server-unreachable');
  return new CodedError('internal', { id: `HTTP status ${status}` });
}

function isErrorBody(body: unknown): body is ErrorBody {
  const code = (body as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && ERROR_CODES.includes(code as ErrorCode);
}
