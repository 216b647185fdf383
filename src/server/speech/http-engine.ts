/** What recogniser and synthesiser share that are reached by HTTP in OpenAI's way: local servers and clouds alike. */
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { timeLimit } from './time-limit.ts';

export interface HttpEngineOptions {
  /** Up to and without `/audio`, such as `https://api.openai.com/v1` or `http://127.0.0.1:8000/v1`. */
  url: string;
  /** Sent as bearer token; undefined: none is needed there. */
  key?: string;
  model: string;
  timeoutMs: number;
  clock: Clock;
}

/** Of an answer that says what is wrong, this much is read. */
const ERROR_BYTES = 4_000;

/**
 * Posts and reads the answer, `maxBytes` at most.
 * @param what it is, in sentences: `The speech recogniser`.
 * @throws `timeout`; `speech-unavailable` when the engine cannot be reached, refuses, or answers too much. Never with the key.
 */
export async function post(
  { url, key, timeoutMs, clock }: HttpEngineOptions,
  request: {
    path: string;
    body: FormData | string;
    what: string;
    maxBytes: number;
    deadlineMs?: number;
    signal?: AbortSignal;
  },
): Promise<Uint8Array> {
  const { path, body, what, maxBytes, signal } = request;
  const limit = timeLimit(clock, Math.min(timeoutMs, request.deadlineMs ?? timeoutMs), [signal]);
  try {
    const answer = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method: 'POST',
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
      },
      body,
      redirect: 'error',
      signal: limit.signal,
    });
    if (!answer.ok) throw unavailable(what, `answers ${answer.status}${await reasonIn(answer)}`);
    return await read(answer, maxBytes, what);
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.signal.aborted) throw new CodedError('timeout', { what });
    if (error instanceof CodedError) throw error;
    throw unavailable(what, `cannot be reached (${causeOf(error)})`);
  } finally {
    limit.lift();
  }
}

function unavailable(what: string, why: string): CodedError {
  return new CodedError('speech-unavailable', { reason: `${what.replace(/^T/, 't')} ${why}` });
}

async function read(answer: Response, maxBytes: number, what: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    pieces.push(piece as Uint8Array);
    bytes += (piece as Uint8Array).length;
    if (bytes > maxBytes) throw unavailable(what, `answers more than ${maxBytes} bytes`);
  }
  return Buffer.concat(pieces);
}

/** `{"error": {"message": …}}`, as that API says what is wrong. */
async function reasonIn(answer: Response): Promise<string> {
  try {
    const text = Buffer.from(await read(answer, ERROR_BYTES, '')).toString();
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    return typeof error?.message === 'string' ? `: ${error.message.slice(0, 200)}` : '';
  } catch {
    return '';
  }
}

function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}
