import { z } from 'zod';
import type { CallCenter } from '../callcenter/call-center.ts';
import { PRIVATE_PLATFORM } from '../callcenter/model.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { Api } from './api-types.ts';
import { mustPlatform } from './platforms.ts';

const fields = {
  dnis: z.string().trim().min(2).max(40),
  label: z.string().trim().min(1).max(80),
  /** The queue that its calls go to, or null when they go to a user or a flow. */
  queueId: z.string().max(80).nullable(),
  /** The user whom it calls directly (direct inward dialling), or null. */
  userId: z.string().max(80).nullable(),
  /** The flow in which its callers begin, or null. */
  flowId: z.string().max(80).nullable(),
  /** The trunk that brings its calls; null: any. */
  trunkId: z.string().max(80).nullable(),
  /** The telephone system that it belongs to. */
  platformId: z.string().min(1).max(80),
  offeredToVisitors: z.boolean(),
};
const ShownNumber = z.object({ id: z.string(), ...fields });
const NewNumber = z.object({
  ...fields,
  queueId: fields.queueId.default(null),
  userId: fields.userId.default(null),
  flowId: fields.flowId.default(null),
  trunkId: fields.trunkId.default(null),
  platformId: fields.platformId.default(PRIVATE_PLATFORM),
  offeredToVisitors: fields.offeredToVisitors.default(false),
});
const NumberChange = z.object(fields).partial();

/** The numbers we own and where their calls go. */
export function numberRoutes(
  api: Api,
  { callCenter, platforms }: { callCenter: CallCenter; platforms: Platforms },
): void {
  const tags = ['numbers'];
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => callCenter.entry(id) },
  };
  const params = z.object({ id: z.string().max(80) });

  api.get(
    '/api/numbers',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ numbers: z.array(ShownNumber) }) } },
    },
    async () => ({ numbers: callCenter.entries() }),
  );
  api.post(
    '/api/numbers',
    { config: administrator, schema: { tags, body: NewNumber, response: { 201: ShownNumber } } },
    async ({ body }, reply) => {
      mustPlatform(platforms, body.platformId);
      return reply.code(201).send(await callCenter.addEntry(body));
    },
  );
  api.put(
    '/api/numbers/:id',
    { config: administrator, schema: { tags, params, body: NumberChange, response: { 200: ShownNumber } } },
    async ({ params: { id }, body }) => {
      if (body.platformId !== undefined) mustPlatform(platforms, body.platformId);
      return callCenter.changeEntry(id, body);
    },
  );
  api.delete(
    '/api/numbers/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await callCenter.removeEntry(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
