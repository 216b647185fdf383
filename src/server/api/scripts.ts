import { z } from 'zod';
import { Script, ScriptInput } from '../../protocol/scripts.ts';
import type { Scripts } from '../scripts/scripts.ts';
import type { Api } from './api-types.ts';

const tags = ['scripts'];
const params = z.object({ id: z.string().max(80) });

/** Agent scripts, as an administrator designs them. */
export function scriptRoutes(api: Api, { scripts }: { scripts: Scripts }): void {
  const config = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => scripts.get(id) },
  };
  api.get(
    '/api/scripts',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: {
        tags,
        summary: 'All scripts, with what keeps each from being active',
        response: { 200: z.object({ scripts: z.array(Script) }) },
      },
    },
    async () => ({ scripts: await scripts.all() }),
  );
  api.post(
    '/api/scripts',
    { config, schema: { tags, body: ScriptInput, response: { 201: Script } } },
    async (request, reply) => reply.code(201).send(await scripts.add(request.body)),
  );
  api.put(
    '/api/scripts/:id',
    { config, schema: { tags, params, body: ScriptInput, response: { 200: Script } } },
    async (request) => scripts.change(request.params.id, request.body),
  );
  api.delete(
    '/api/scripts/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await scripts.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
