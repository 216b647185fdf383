import { z } from 'zod';
import { Profile, ProfileInput } from '../../protocol/profiles.ts';
import type { Profiles } from '../callcenter/profiles.ts';
import type { Api } from './api-types.ts';
import { change } from './trunks.ts';

const tags = ['profiles'];
const params = z.object({ id: z.string().max(80) });

/** What users of one kind have in common. */
export function profileRoutes(api: Api, { profiles }: { profiles: Profiles }): void {
  const config = { access: ['administrator'] as const, audit: { read: (id: string) => profiles.get(id) } };
  api.get(
    '/api/profiles',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ profiles: z.array(Profile) }) } },
    },
    async () => ({ profiles: profiles.all() }),
  );
  api.post(
    '/api/profiles',
    { config, schema: { tags, body: ProfileInput, response: { 201: Profile } } },
    async (request, reply) => reply.code(201).send(await profiles.add(request.body)),
  );
  api.put(
    '/api/profiles/:id',
    { config, schema: { tags, params, body: change(ProfileInput), response: { 200: Profile } } },
    async (request) => profiles.change(request.params.id, request.body),
  );
  api.delete(
    '/api/profiles/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await profiles.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
