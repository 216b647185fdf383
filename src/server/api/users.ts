import { z } from 'zod';
import { Role } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { User } from '../callcenter/model.ts';
import { hashPassword } from '../callcenter/password.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import { NewPassword } from './me.ts';
import type { Sessions } from './sessions.ts';

const fields = {
  username: z
    .string()
    .trim()
    .regex(/^[\p{L}\p{N}._@-]{1,80}$/u, 'letters, digits and . _ @ - only'),
  name: z.string().trim().min(1).max(120),
  roles: z.array(Role).min(1),
  locale: z.string().min(2).max(35),
  zone: z.string().min(1).max(60).refine(isZone, 'an IANA time zone such as Europe/London'),
  country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166 code such as GB'),
  extension: z
    .string()
    .regex(/^\d{2,6}$/, 'two to six digits')
    .nullable(),
};

const ShownUser = z.object({ id: z.string(), ...fields, disabled: z.boolean() });
const NewUser = z.object({ ...fields, extension: fields.extension.default(null), password: NewPassword });
const UserChange = z.object({ ...fields, disabled: z.boolean(), password: NewPassword }).partial();

/** Users, for administrators; their names, for everybody who is signed in. */
export function userRoutes(
  api: Api,
  { callCenter, sessions }: { callCenter: CallCenter; sessions: Sessions },
): void {
  const tags = ['users'];
  const administrator = { access: ['administrator'] } as const;
  const params = z.object({ id: z.string().max(80) });

  api.get(
    '/api/users',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ users: z.array(ShownUser) }) } },
    },
    async () => ({ users: callCenter.users().map(show) }),
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
      const user = await callCenter.addUser(input, await hashPassword(password));
      return reply.code(201).send(show(user));
    },
  );

  api.put(
    '/api/users/:id',
    { config: administrator, schema: { tags, params, body: UserChange, response: { 200: ShownUser } } },
    async (request) => {
      const { password, ...patch } = request.body;
      const { id } = request.params;
      const { user: me, sessionId } = signedIn(request);
      if (id === me.id && (patch.disabled || (patch.roles && !patch.roles.includes('administrator')))) {
        throw new CodedError('bad-input', { detail: 'you cannot take your own access away' });
      }
      const user = await callCenter.changeUser(id, patch);
      if (password !== undefined) await callCenter.setPassword(id, await hashPassword(password));
      if (password !== undefined || patch.disabled)
        await sessions.endAllOf(id, id === me.id ? sessionId : undefined);
      return show(user);
    },
  );
}

function show({
  id,
  username,
  name,
  roles,
  locale,
  zone,
  country,
  extension,
  disabled,
}: User): z.output<typeof ShownUser> {
  return { id, username, name, roles, locale, zone, country, extension, disabled };
}

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
