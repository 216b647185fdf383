import { z } from 'zod';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Queue } from '../callcenter/model.ts';
import type { Api } from './api-types.ts';

const fields = {
  label: z.string().trim().min(1).max(80),
  ringMs: z.number().int().min(3_000).max(300_000),
  wrapMs: z.number().int().min(0).max(3_600_000),
  dispositionRequired: z.boolean(),
  greeting: z.string().trim().max(500),
  memberIds: z.array(z.string().max(80)).max(1_000),
};
const labels = z.array(z.string().trim().min(1).max(80)).max(100);

const ShownQueue = z.object({
  id: z.string(),
  ...fields,
  dispositions: z.array(z.object({ id: z.string(), label: z.string() })),
});
const QueueChange = z.object({ ...fields, dispositions: labels }).partial();

export interface QueuesDeps {
  callCenter: CallCenter;
  /** Of a new queue, where nothing else is said. */
  defaults: { ringMs: number; wrapMs: number };
}

/** Queues, their members and wrap-up codes. */
export function queueRoutes(api: Api, { callCenter, defaults }: QueuesDeps): void {
  const tags = ['queues'];
  const administrator = { access: ['administrator'] } as const;
  const params = z.object({ id: z.string().max(80) });
  const show = (queue: Queue) => ({ ...queue, dispositions: callCenter.dispositions(queue.id) });
  const NewQueue = z.object({
    label: fields.label,
    ringMs: fields.ringMs.default(defaults.ringMs),
    wrapMs: fields.wrapMs.default(defaults.wrapMs),
    dispositionRequired: fields.dispositionRequired.default(false),
    greeting: fields.greeting.default(''),
    memberIds: fields.memberIds.default([]),
    dispositions: labels.default([]),
  });

  api.get(
    '/api/queues',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ queues: z.array(ShownQueue) }) } },
    },
    async () => ({ queues: callCenter.queues().map(show) }),
  );
  api.post(
    '/api/queues',
    { config: administrator, schema: { tags, body: NewQueue, response: { 201: ShownQueue } } },
    async (request, reply) => reply.code(201).send(show(await callCenter.addQueue(request.body))),
  );
  api.put(
    '/api/queues/:id',
    { config: administrator, schema: { tags, params, body: QueueChange, response: { 200: ShownQueue } } },
    async (request) => show(await callCenter.changeQueue(request.params.id, request.body)),
  );
  api.delete(
    '/api/queues/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await callCenter.removeQueue(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
