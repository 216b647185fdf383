import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { NewUser, ShownUser, UserChange } from '../../protocol/setup.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import { hashPassword } from '../callcenter/password.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import { mustPlatform } from './platforms.ts';
import type { Sessions } from './sessions.ts';

/** Users, for administrators; their names, for everybody who is signed in. */
export function userRoutes(
  api: Api,
  { callCenter, platforms, sessions }: { callCenter: CallCenter; platforms: Platforms; sessions: Sessions },
): void {
  const tags = ['users'];
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => callCenter.user(id) },
  };
  const params = z.object({ id: z.string().max(80) });

  api.get(
    '/api/users',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ users: z.array(ShownUser) }) } },
    },
    async () => ({ users: callCenter.users() }),
  );

  const names = z.object({
    users: z.array(z.object({ id: z.string(), name: z.string(), extension: z.string().nullable() })),
  });
  api.get(
    '/api/users/names',
    { config: { access: EVERY_USER }, schema: { tags, response: { 200: names } } },
    async () => {
      const active = callCenter.users().filter((user) => !user.disabled);
      return { users: active.map(({ id, name, extension }) => ({ id, name, extension })) };
    },
  );

  api.post(
    '/api/users',
    { config: administrator, schema: { tags, body: NewUser, response: { 201: ShownUser } } },
    async (request, reply) => {
      const { password, ...input } = request.body;
      if (input.platformId !== undefined) mustPlatform(platforms, input.platformId);
      const user = await callCenter.addUser(input, await hashPassword(password));
      return reply.code(201).send(user);
    },
  );

  api.put(
    '/api/users/:id',
    { config: administrator, schema: { tags, params, body: UserChange, response: { 200: ShownUser } } },
    async (request) => {
      const { password, ...patch } = request.body;
      const { id } = request.params;
      if (patch.platformId !== undefined) mustPlatform(platforms, patch.platformId);
      const { user: me, sessionId } = signedIn(request);
      if (id === me.id && (patch.disabled || (patch.roles && !patch.roles.includes('administrator')))) {
        throw new CodedError('bad-input', { detail: 'you cannot take your own access away' });
      }
      const user = await callCenter.changeUser(id, patch);
      if (password !== undefined) await callCenter.setPassword(id, await hashPassword(password));
      if (password !== undefined || patch.disabled)
        await sessions.endAllOf(id, id === me.id ? sessionId : undefined);
      return user;
    },
  );
}
