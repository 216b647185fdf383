import { z } from 'zod';
import { DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import { PLAIN_RULE } from '../../protocol/queue-rules.ts';
import { QueueChange, QueueInput, ShownQueue } from '../../protocol/setup.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Queue } from '../callcenter/model.ts';
import type { Api } from './api-types.ts';

export interface QueuesDeps {
  callCenter: CallCenter;
  /** Of a new queue, where nothing else is said. */
  defaults: { ringMs: number; wrapMs: number };
}

/** Queues, their members and wrap-up codes. */
export function queueRoutes(api: Api, { callCenter, defaults }: QueuesDeps): void {
  const tags = ['queues'];
  const params = z.object({ id: z.string().max(80) });
  const show = (queue: Queue) => ({ ...queue, dispositions: callCenter.dispositions(queue.id) });
  const { shape } = QueueInput;
  const NewQueue = QueueInput.extend({
    ringMs: shape.ringMs.default(defaults.ringMs),
    wrapMs: shape.wrapMs.default(defaults.wrapMs),
    dispositionRequired: shape.dispositionRequired.default(false),
    greeting: shape.greeting.default(''),
    memberIds: shape.memberIds.default([]),
    requirements: shape.requirements.default([]),
    rule: shape.rule.default(PLAIN_RULE),
    dispositions: shape.dispositions.default([]),
    agentRules: shape.agentRules.default(DEFAULT_AGENT_RULES),
  });
  const read = (id: string) => {
    const queue = callCenter.queue(id);
    return queue && show(queue);
  };
  const administrator = { access: ['administrator'] as const, audit: { read } };

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
