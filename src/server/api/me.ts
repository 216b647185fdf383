import { z } from 'zod';
import { Me } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import { NewPassword } from '../../protocol/setup.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { User } from '../callcenter/model.ts';
import { hashPassword } from '../callcenter/password.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import type { Sessions } from './sessions.ts';
import type { SignInCheck } from './sign-in-check.ts';

export function meRoutes(
  api: Api,
  deps: { callCenter: CallCenter; sessions: Sessions; signInCheck: SignInCheck },
): void {
  const { callCenter, sessions, signInCheck } = deps;

  api.get(
    '/api/me',
    { config: { access: EVERY_USER }, schema: { tags: ['sign-in'], response: { 200: Me } } },
    async (request) => toMe(signedIn(request).user),
  );

  api.put(
    '/api/me/password',
    {
      config: {
        access: EVERY_USER,
        audit: {
          object: 'users',
          id: (request) => signedIn(request).user.id,
          read: (id) => ({ name: callCenter.user(id)?.name }),
        },
      },
      schema: {
        tags: ['sign-in'],
        body: z.object({ current: z.string().max(200), next: NewPassword }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { user, sessionId } = signedIn(request);
      if (request.body.next === request.body.current)
        throw new CodedError('bad-input', { detail: 'next: this is the current password' });
      await signInCheck.check(user.username, request.body.current, request.ip);
      await callCenter.setPassword(user.id, await hashPassword(request.body.next));
      await sessions.endAllOf(user.id, sessionId);
      return reply.code(204).send(null);
    },
  );
}

/** What a user may know of himself. */
export function toMe({ id, username, name, roles, locale, zone, country }: User): Me {
  return { id, username, name, roles, locale, zone, country };
}
