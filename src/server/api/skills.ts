import { z } from 'zod';
import { Skill, SkillChange, SkillInput } from '../../protocol/skills.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Api } from './api-types.ts';

/** Skills. Who has them is said at the user (`skills`), which are asked for at the queue (`requirements`). */
export function skillRoutes(api: Api, { callCenter }: { callCenter: CallCenter }): void {
  const tags = ['skills'];
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => callCenter.skill(id) },
  };
  const params = z.object({ id: z.string().max(80) });

  api.get(
    '/api/skills',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ skills: z.array(Skill) }) } },
    },
    async () => ({ skills: callCenter.skills() }),
  );
  api.post(
    '/api/skills',
    { config: administrator, schema: { tags, body: SkillInput, response: { 201: Skill } } },
    async (request, reply) => reply.code(201).send(await callCenter.addSkill(request.body)),
  );
  api.put(
    '/api/skills/:id',
    { config: administrator, schema: { tags, params, body: SkillChange, response: { 200: Skill } } },
    async (request) => callCenter.changeSkill(request.params.id, request.body),
  );
  api.delete(
    '/api/skills/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await callCenter.removeSkill(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
