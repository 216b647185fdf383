/** Signing in and out. */
import { z } from 'zod';
import { Me, SignIn } from '../../protocol/api.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, refuseForeignPage, signedIn } from './auth.ts';
import { toMe } from './me.ts';
import type { Sessions } from './sessions.ts';
import type { SignInCheck } from './sign-in-check.ts';

const MINUTE = 60_000;

export interface SignInDeps {
  sessions: Sessions;
  signInCheck: SignInCheck;
  /** Name of the session's cookie, and whether it may go over HTTPS only. */
  cookie: string;
  secure: boolean;
}

/** As many as a large office signs in through one address; wrong ones are counted apart. */
const RATE = { rateLimit: { max: 300, timeWindow: MINUTE } };

export function signInRoutes(api: Api, deps: SignInDeps): void {
  const { sessions, signInCheck, cookie, secure } = deps;
  const options = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const;

  api.post(
    '/api/sign-in',
    {
      config: { access: 'public', ...RATE },
      schema: { tags: ['sign-in'], body: SignIn, response: { 200: Me } },
    },
    async (request, reply) => {
      refuseForeignPage(request);
      const user = await signInCheck.check(request.body.username, request.body.password, request.ip);
      const { token } = await sessions.open(user.id);
      reply.setCookie(cookie, token, options);
      return toMe(user);
    },
  );
  api.post(
    '/api/tokens',
    {
      config: { access: 'public', ...RATE },
      schema: {
        tags: ['sign-in'],
        body: SignIn,
        response: { 200: z.object({ token: z.string(), expiresAt: z.number() }) },
      },
    },
    async (request) => {
      refuseForeignPage(request);
      const user = await signInCheck.check(request.body.username, request.body.password, request.ip);
      const { token, session } = await sessions.open(user.id);
      return { token, expiresAt: session.expiresAt };
    },
  );
  api.post(
    '/api/sign-out',
    { config: { access: EVERY_USER }, schema: { tags: ['sign-in'], response: { 204: z.null() } } },
    async (request, reply) => {
      await sessions.end(signedIn(request).sessionId);
      reply.clearCookie(cookie, options);
      return reply.code(204).send(null);
    },
  );
}
