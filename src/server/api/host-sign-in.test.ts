import { generateKeyPairSync } from 'node:crypto';
import { importPKCS8, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { CrmHost, CrmHostInput } from '../../protocol/crm-hosts.ts';

const SALESFORCE = 'https://acme.lightning.force.com';
const SECRET = 'a secret of more than thirty-two characters';
const OWN = { host: 'phone.example', origin: 'https://phone.example' };

let test: TestApi;
let host: CrmHost;
let address = 1;

beforeAll(async () => {
  test = await TestApi.create();
  host = await test.crmHosts.add({ ...aHost(), users: [{ externalId: '005AGENT', userId: idOf('agent') }] });
});
afterAll(() => test.close());

function aHost(more: Partial<CrmHostInput> = {}): CrmHostInput {
  return {
    label: 'Salesforce',
    kind: 'salesforce',
    origins: [SALESFORCE],
    connected: false,
    signInKey: 'secret',
    users: [],
    key: SECRET,
    ...more,
  };
}

function idOf(username: string): string {
  return test.callCenter.userByName(username)?.id ?? '';
}

/** Seconds of the test's clock. */
const now = () => Math.floor(test.clock.now() / 1_000);
let count = 0;

function sign(claims: JWTPayload = {}, secret = SECRET): Promise<string> {
  const payload = {
    aud: host.id,
    sub: '005AGENT',
    jti: `context-${++count}`,
    iat: now(),
    exp: now() + 60,
    ...claims,
  };
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
}

async function bring(context: string, more: { origin?: string; from?: string; page?: string } = {}) {
  const response = await test.api.inject({
    method: 'POST',
    url: '/api/sign-in/context',
    payload: { context, origin: more.origin ?? SALESFORCE },
    headers: { ...OWN, origin: more.page ?? OWN.origin },
    remoteAddress: more.from ?? `198.51.100.${address++ % 250}`,
  });
  const body = response.json<{ token?: string; code?: string; message?: string }>();
  return { status: response.statusCode, ...body };
}

const who = async (token = '') =>
  (await test.call('GET', '/api/me', token)).json<{ username: string }>().username;

describe('a signed context', () => {
  it('signs in the user whom the registration lists under that name', async () => {
    const { status, token } = await bring(await sign());
    expect(status).toBe(200);
    expect(await who(token)).toBe('agent');
  });

  it('signs in the user whose user name it is, as the subject or the e-mail address', async () => {
    expect(await who((await bring(await sign({ sub: 'Supervisor' }))).token)).toBe('supervisor');
    expect(await who((await bring(await sign({ sub: '005X', email: 'supervisor' }))).token)).toBe(
      'supervisor',
    );
  });

  it('is good once, whichever of two comes first', async () => {
    const context = await sign();
    const both = await Promise.all([bring(context), bring(context)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect((await bring(context)).message).toContain('used before');
  });

  it.each<[what: string, claims: JWTPayload, says: string]>([
    ['has expired', { iat: -1_000, exp: -900 }, 'expired'],
    ['lives too long', { exp: 3_600 }, 'lives for more'],
    ['was made long ago', { iat: -4_000, exp: 60 }, 'expired'],
    ['is for somebody else', { aud: 'crmhost_other' }, 'audience'],
    ['has no id', { jti: undefined }, 'jti'],
    ['names nobody', { sub: undefined }, 'sub'],
  ])('is refused when it %s', async (_, claims, says) => {
    const times = Object.fromEntries(
      Object.entries(claims).map(([name, value]) => [
        name,
        typeof value === 'number' ? now() + value : value,
      ]),
    );
    const refused = await bring(await sign(times));
    expect(refused).toMatchObject({ status: 403, code: 'context-refused' });
    expect(refused.message).toContain(says);
  });

  it('is refused with a wrong signature, another algorithm, or none', async () => {
    expect((await bring(await sign({}, 'another secret of more than 32 characters'))).message).toContain(
      'signature',
    );
    const [head, body] = (await sign()).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect(await bring(`${none}.${body}.`)).toMatchObject({ status: 403, code: 'context-refused' });
    expect(await bring(`${head}.${body}.`)).toMatchObject({ status: 403, code: 'context-refused' });
    expect(await bring('no token')).toMatchObject({ status: 403, code: 'context-refused' });
  });

  it('is refused from a page of an origin that is not of that CRM, and when our route is called by another page', async () => {
    expect((await bring(await sign(), { origin: 'https://evil.example' })).code).toBe('context-refused');
    expect((await bring(await sign(), { page: SALESFORCE })).code).toBe('not-allowed');
  });

  it('of a user whom nobody knows here, or who is disabled, says so', async () => {
    expect(await bring(await sign({ sub: 'nobody' }))).toMatchObject({
      status: 403,
      code: 'context-user-unknown',
    });
  });

  it('is refused for a while to an address that brings twenty wrong ones', async () => {
    for (let i = 0; i < 20; i++) await bring('wrong', { from: '203.0.113.9' });
    expect((await bring(await sign(), { from: '203.0.113.9' })).code).toBe('too-many-attempts');
    expect((await bring(await sign(), { from: '203.0.113.10' })).status).toBe(200);
  });

  it('may be signed with a key pair, and then not with the public key as if it were a secret', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString().trim();
    const other = await test.crmHosts.add(
      aHost({
        label: 'Dynamics',
        kind: 'dynamics',
        origins: ['https://acme.crm.dynamics.com'],
        signInKey: 'public-key',
        key,
      }),
    );
    const at = { origin: 'https://acme.crm.dynamics.com' };
    const claims = { aud: other.id, sub: 'agent', jti: 'pair-1', iat: now(), exp: now() + 60 };
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const right = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256' })
      .sign(await importPKCS8(pem, 'ES256'));
    expect(await who((await bring(right, at)).token)).toBe('agent');
    const confused = await sign({ ...claims, jti: 'pair-2' }, key);
    expect(await bring(confused, at)).toMatchObject({ status: 403, code: 'context-refused' });
  });
});

describe('a form posted by the CRM', () => {
  const post = (origin: string | undefined, body = 'context=a.b.c') =>
    test.api.inject({
      method: 'POST',
      url: '/softphone/sign-in',
      payload: body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(origin ? { origin } : {}),
      },
    });

  it('leads to the softphone, which brings the context, and nowhere else', async () => {
    const response = await post(SALESFORCE, 'context=a.b%2Fc&next=https://evil.example');
    expect(response.statusCode).toBe(303);
    expect(response.headers.location).toBe('/softphone?host=salesforce#context=a.b%2Fc');
  });

  it('is refused from other pages', async () => {
    for (const origin of ['https://evil.example', 'null', undefined]) {
      expect((await post(origin)).statusCode).toBe(403);
    }
    expect((await post(SALESFORCE, 'x=1')).statusCode).toBe(400);
  });
});

describe('a token handed over', () => {
  it('is a sign-in of its own of the same user, for our own pages only', async () => {
    const cookie = await test.cookieOf('agent');
    const ask = (origin: string) =>
      test.api.inject({
        method: 'POST',
        url: '/api/sign-in/hand-over',
        headers: { cookie, host: OWN.host, origin },
      });
    expect((await ask(SALESFORCE)).statusCode).toBe(403);
    const { token } = (await ask(OWN.origin)).json<{ token: string }>();
    expect(await who(token)).toBe('agent');
    expect(cookie).not.toContain(token);
  });
});
