/** In which browser an adapter runs, as a stream of events of a listening server. */
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { LEADER_GRACE_MS } from './adapter-leaders.ts';

let test: TestApi;
let url: string;
const aborts: AbortController[] = [];

beforeAll(async () => {
  test = await TestApi.create();
  await test.api.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(test.api.server.address() as AddressInfo).port}/api/opencti/leader`;
  await test.clock.advance(LEADER_GRACE_MS);
});
afterAll(async () => {
  for (const abort of aborts) abort.abort();
  await test.close();
});

/** What a browser has been told so far, as long as its stream is open. */
async function open(token: string, browser: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  aborts.push(abort);
  const response = await fetch(`${url}?browser=${browser}`, {
    signal: abort.signal,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const heard = { status: response.status, text: '', ended: false, close: () => abort.abort() };
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const read = async (): Promise<void> => {
    const { done, value } = (await reader?.read()) ?? { done: true, value: '' };
    heard.text += value ?? '';
    if (done) heard.ended = true;
    else await read();
  };
  void read().catch(() => (heard.ended = true));
  return heard;
}

it('tells each browser of a user, moves with a request, and ends with the session', async () => {
  const token = await test.tokenOf('agent');
  const work = await open(token, 'browser-work');
  await expect.poll(() => work.text).toContain('id: leads\ndata: {"leading":true}');
  const home = await open(token, 'browser-home');
  await expect.poll(() => home.text).toContain('id: waits\ndata: {"leading":false}');
  const taken = await test.call('POST', '/api/opencti/leader', token, { browser: 'browser-home' });
  expect(JSON.parse(taken.body)).toEqual({ leading: true });
  await expect.poll(() => home.text).toContain('"leading":true');
  await expect.poll(() => work.text).toContain('"leading":false');
  const unknown = await test.call('POST', '/api/opencti/leader', token, { browser: 'browser-else' });
  expect(JSON.parse(unknown.body)).toEqual({ leading: false });
  home.close();
  await expect.poll(() => home.ended).toBe(true);
  const back = await open(token, 'browser-home', { 'last-event-id': 'leads' });
  await expect.poll(() => back.text).toContain('"leading":true');
  await test.call('POST', '/api/sign-out', token);
  await expect.poll(() => back.ended && work.ended).toBe(true);
});

it('is refused to strangers and to a browser without a name', async () => {
  expect((await fetch(`${url}?browser=browser-work`)).status).toBe(401);
  expect((await test.call('GET', '/api/opencti/leader', await test.tokenOf('agent'))).statusCode).toBe(400);
});
