import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { SESSION_MS, Sessions } from './sessions.ts';

let test: TestApi;
beforeAll(async () => {
  test = await TestApi.create();
});
afterAll(() => test.close());

let address = 1;
/** Each test comes from an address of its own: failures of one do not count for another. */
const from = () => `198.51.100.${address++}`;

const signIn = (
  body: object,
  options: { remoteAddress?: string; headers?: Record<string, string>; url?: string } = {},
) =>
  test.api.inject({
    method: 'POST',
    url: options.url ?? '/api/sign-in',
    payload: body,
    remoteAddress: options.remoteAddress ?? from(),
    headers: options.headers ?? {},
  });

const get = (cookie: string, headers: Record<string, string> = {}) =>
  test.api.inject({ method: 'GET', url: '/api/me', headers: { cookie, ...headers } });
const out = (cookie: string, headers: Record<string, string> = {}) =>
  test.api.inject({ method: 'POST', url: '/api/sign-out', headers: { cookie, ...headers } });

const AGENT = { username: 'Agent', password: 'crosspoint' };
const OWN = { host: 'phone.example:8080', origin: 'http://phone.example:8080' };

describe('signing in', () => {
  it('gives a cookie that scripts cannot read and that other sites do not send', async () => {
    const response = await signIn(AGENT);
    expect(response.json()).toMatchObject({ username: 'agent', roles: ['agent'], country: 'GB' });
    const header = String(response.headers['set-cookie']);
    expect(header).toMatch(/^crosspoint=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await get(header.split(';')[0] ?? '')).json()).toMatchObject({ username: 'agent' });
  });

  it('gives a program a token for Authorization: Bearer, and no cookie', async () => {
    const response = await signIn(AGENT, { url: '/api/tokens' });
    expect(response.headers['set-cookie']).toBeUndefined();
    const { token } = response.json<{ token: string }>();
    expect((await test.call('GET', '/api/me', token)).statusCode).toBe(200);
  });

  it('stores no token: the database holds only hashes', async () => {
    const { token } = (await signIn(AGENT, { url: '/api/tokens' })).json<{ token: string }>();
    const rows = await test.database.db.query('SELECT * FROM session');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('says the same for a wrong password and for a user who does not exist', async () => {
    const [wrong, nobody] = [
      await signIn({ ...AGENT, password: 'no' }),
      await signIn({ username: 'nobody', password: 'no' }),
    ];
    expect(wrong.statusCode).toBe(401);
    expect(wrong.json()).toEqual(nobody.json());
  });

  it.each([
    [{ username: 'agent' }, 'password'],
    [{ username: '', password: 'x' }, 'username'],
    [[], 'body'],
    [{ username: 1, password: 'x' }, 'username'],
  ])('refuses %j and names the field', async (body, field) => {
    const response = await signIn(body);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'bad-input', data: { field } });
  });

  it('refuses a body that is no JSON or too large', async () => {
    const post = (payload: string) =>
      test.api.inject({
        method: 'POST',
        url: '/api/sign-in',
        payload,
        headers: { 'content-type': 'application/json' },
      });
    expect((await post('{"user')).json()).toMatchObject({ code: 'bad-input' });
    expect((await post(`"${'x'.repeat(1_100_000)}"`)).json()).toMatchObject({ code: 'too-large' });
  });

  it("is refused from somebody else's page", async () => {
    const response = await signIn(AGENT, {
      headers: { host: 'phone.example', origin: 'https://evil.example' },
    });
    expect(response.json()).toMatchObject({ code: 'not-allowed' });
  });

  it('is refused to a user who was disabled, and ends what he had', async () => {
    const cookie = await test.cookieOf('agent2');
    const admin = await test.tokenOf('administrator');
    await test.call('PUT', '/api/users/user_agent2', admin, { disabled: true });
    expect((await get(cookie)).statusCode).toBe(401);
    expect((await signIn({ username: 'agent2', password: 'crosspoint' })).statusCode).toBe(401);
    await test.call('PUT', '/api/users/user_agent2', admin, { disabled: false });
    expect((await get(cookie)).statusCode).toBe(401);
  });
});

describe('guessing', () => {
  it('is stopped after five wrong passwords for a user from an address, the right one included, and ends by itself', async () => {
    const remoteAddress = from();
    for (let i = 0; i < 5; i++)
      expect((await signIn({ ...AGENT, password: `${i}` }, { remoteAddress })).statusCode).toBe(401);
    const refused = await signIn(AGENT, { remoteAddress });
    expect(refused.json()).toMatchObject({ code: 'too-many-attempts', data: { seconds: 300 } });
    expect(refused.headers['retry-after']).toBe('300');
    expect((await signIn(AGENT)).statusCode).toBe(200); // from elsewhere
    await test.clock.advance(300_000);
    expect((await signIn(AGENT, { remoteAddress })).statusCode).toBe(200);
  });

  it('is counted also when the guesses are sent at once', async () => {
    const remoteAddress = from();
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, i) => signIn({ ...AGENT, password: `${i}` }, { remoteAddress })),
    );
    expect(guesses.filter((g) => g.statusCode === 401)).toHaveLength(5);
    expect(guesses.filter((g) => g.statusCode === 429)).toHaveLength(7);
  });

  it('many users from one address is stopped as well', async () => {
    const remoteAddress = from();
    const codes: number[] = [];
    for (let i = 0; i < 52; i++)
      codes.push((await signIn({ username: `user${i}`, password: 'x' }, { remoteAddress })).statusCode);
    expect(codes.filter((code) => code === 401)).toHaveLength(50);
  });
});

describe('a session', () => {
  it('by cookie cannot be used for changes by another page, or by none', async () => {
    const cookie = await test.cookieOf('agent');
    expect((await out(cookie, { ...OWN, origin: 'https://evil.example' })).statusCode).toBe(403);
    expect((await out(cookie, { ...OWN, origin: 'null' })).statusCode).toBe(403);
    expect((await out(cookie, { host: OWN.host })).statusCode).toBe(403);
    expect((await get(cookie)).statusCode).toBe(200);
    expect((await out(cookie, OWN)).statusCode).toBe(204);
    expect((await get(cookie)).statusCode).toBe(401);
  });

  it('survives a restart and ends when it was not used for its time', async () => {
    const opened = await test.sessions.open('user_agent');
    const again = await Sessions.load({ db: test.database.db, clock: test.clock, onError: () => undefined });
    expect(again.find(opened.token)?.userId).toBe('user_agent');
    await test.clock.advance(SESSION_MS * 0.6);
    expect(again.find(opened.token)).toBeDefined(); // used in its second half: holds anew
    await test.clock.advance(SESSION_MS * 0.6);
    expect(again.find(opened.token)).toBeDefined();
    await test.clock.advance(SESSION_MS);
    expect(again.find(opened.token)).toBeUndefined();
    await again.close();
  });

  it('other than the own one ends when the password is changed', async () => {
    const [mine, other] = [await test.cookieOf('supervisor'), await test.cookieOf('supervisor')];
    const change = (current: string, next: string) =>
      test.api.inject({
        method: 'PUT',
        url: '/api/me/password',
        headers: { cookie: mine, ...OWN },
        payload: { current, next },
        remoteAddress: from(),
      });
    expect((await change('wrong', 'a new password')).json()).toMatchObject({ code: 'wrong-password' });
    expect((await change('crosspoint', 'short')).json()).toMatchObject({
      code: 'bad-input',
      data: { field: 'next' },
    });
    expect((await change('crosspoint', 'a new password')).statusCode).toBe(204);
    expect([(await get(mine)).statusCode, (await get(other)).statusCode]).toEqual([200, 401]);
    expect((await signIn({ username: 'supervisor', password: 'a new password' })).statusCode).toBe(200);
  });

  it('is not opened by a wrong, an empty or a strange token', async () => {
    for (const cookie of ['crosspoint=', 'crosspoint=abc', `crosspoint=${'x'.repeat(5_000)}`])
      expect((await get(cookie)).statusCode).toBe(401);
  });
});

it('logs neither passwords, tokens, tickets nor addresses with parameters', async () => {
  const cookie = await test.cookieOf('agent');
  await signIn({ username: 'agent', password: 'hunter2-secret' });
  await test.api.inject({ method: 'GET', url: '/api/me?secret=hunter3', headers: { cookie } });
  const log = JSON.stringify(test.log);
  expect(log).toContain('/api/me');
  expect(log).not.toMatch(/hunter2|hunter3/);
  expect(log).not.toContain(cookie.slice('crosspoint='.length));
});
