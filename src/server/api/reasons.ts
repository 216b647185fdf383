import { z } from 'zod';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Api } from './api-types.ts';

const ShownReason = z.object({ id: z.string(), label: z.string(), system: z.boolean() });

/** Reasons to be not ready. */
export function reasonRoutes(api: Api, { callCenter }: { callCenter: CallCenter }): void {
  const tags = ['reasons'];
  const administrator = { access: ['administrator'] } as const;

  api.get(
    '/api/reasons',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ reasons: z.array(ShownReason) }) } },
    },
    async () => ({ reasons: callCenter.reasons() }),
  );
  const body = z.object({ label: z.string().trim().min(1).max(80) });
  api.post(
    '/api/reasons',
    { config: administrator, schema: { tags, body, response: { 201: ShownReason } } },
    async (request, reply) => reply.code(201).send(await callCenter.addReason(request.body.label)),
  );
  const params = z.object({ id: z.string().max(80) });
  api.delete(
    '/api/reasons/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await callCenter.removeReason(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
