import { z } from 'zod';
import { Team, TeamChange, TeamInput } from '../../protocol/teams.ts';
import type { Teams } from '../callcenter/teams.ts';
import type { Api } from './api-types.ts';

/** Teams: who works together, who leads them, for which queues. */
export function teamRoutes(api: Api, { teams }: { teams: Teams }): void {
  const tags = ['teams'];
  const params = z.object({ id: z.string().max(80) });
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => teams.get(id) },
  };

  api.get(
    '/api/teams',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ teams: z.array(Team) }) } },
    },
    async () => ({ teams: teams.all() }),
  );
  api.post(
    '/api/teams',
    { config: administrator, schema: { tags, body: TeamInput, response: { 201: Team } } },
    async (request, reply) => reply.code(201).send(await teams.add(request.body)),
  );
  api.put(
    '/api/teams/:id',
    { config: administrator, schema: { tags, params, body: TeamChange, response: { 200: Team } } },
    async (request) => teams.change(request.params.id, request.body),
  );
  api.delete(
    '/api/teams/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await teams.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
