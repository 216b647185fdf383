import { afterEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../protocol/errors.ts';
import { api, onSignedOut, toCodedError } from './api.ts';

function answer(status: number, body?: unknown) {
  const json = body === undefined ? null : JSON.stringify(body);
  const fetched = vi.fn(async (_path: string, _init: RequestInit) => new Response(json, { status }));
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

afterEach(() => vi.unstubAllGlobals());

describe('api', () => {
  it('reads with GET and writes with POST, as JSON', async () => {
    const fetched = answer(200, { a: 1 });
    expect(await api('/api/x')).toEqual({ a: 1 });
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ method: 'GET', body: undefined });
    await api('/api/x', { body: { b: 2 } });
    expect(fetched.mock.calls[1]?.[1]).toMatchObject({
      method: 'POST',
      body: '{"b":2}',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('throws the error that the server gave, with its data', async () => {
    answer(404, { code: 'not-found', message: 'x', data: { what: 'Contact' } });
    const error = await api('/api/x').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).message).toBe('There is no Contact with this id.');
  });

  it('tells that the session is over, but not that a password is wrong', async () => {
    const signedOut = vi.fn();
    const stop = onSignedOut(signedOut);
    answer(401, { code: 'wrong-password', message: '' });
    await expect(api('/api/sign-in', { body: {} })).rejects.toMatchObject({ code: 'wrong-password' });
    expect(signedOut).not.toHaveBeenCalled();
    answer(401, { code: 'not-signed-in', message: '' });
    await expect(api('/api/me')).rejects.toMatchObject({ code: 'not-signed-in' });
    expect(signedOut).toHaveBeenCalledTimes(1);
    stop();
  });

  it('says that the server cannot be reached when there is no answer', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(api('/api/x')).rejects.toMatchObject({ code: 'server-unreachable' });
  });

  it('has a code for an answer that is not ours', () => {
    expect(toCodedError(502, undefined).code).toBe('server-unreachable');
    expect(toCodedError(401, '<html>').code).toBe('not-signed-in');
    expect(toCodedError(500, { code: 'made-up' }).code).toBe('internal');
  });
});
