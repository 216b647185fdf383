import { z } from 'zod';
import { ReasonChange, ReasonFields, ShownReason } from '../../protocol/setup.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Api } from './api-types.ts';

/** Reasons to be not ready or logged out. None is deleted: what happened goes on naming it. */
export function reasonRoutes(api: Api, { callCenter }: { callCenter: CallCenter }): void {
  const tags = ['reasons'];
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => callCenter.reason(id) },
  };

  api.get(
    '/api/reasons',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ reasons: z.array(ShownReason) }) } },
    },
    async () => ({ reasons: callCenter.reasons() }),
  );
  api.post(
    '/api/reasons',
    { config: administrator, schema: { tags, body: ReasonFields, response: { 201: ShownReason } } },
    async (request, reply) => reply.code(201).send(await callCenter.addReason(request.body)),
  );
  const params = z.object({ id: z.string().max(80) });
  api.put(
    '/api/reasons/:id',
    { config: administrator, schema: { tags, params, body: ReasonChange, response: { 200: ShownReason } } },
    async (request) => callCenter.changeReason(request.params.id, request.body),
  );
}
