import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import {
  EmergencyMessage,
  EmergencyMessageInput,
  EmergencySwitch,
} from '../../protocol/emergency-messages.ts';
import type { EmergencyMessages } from '../callcenter/emergency-messages.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';
import { change } from './trunks.ts';

const tags = ['emergency messages'];
const params = z.object({ id: z.string().max(80) });
const leaders = ['supervisor', 'administrator'] as const;

/** What callers hear first while it is on: written by administrators, switched by supervisors. */
export function emergencyMessageRoutes(
  api: Api,
  { messages, clock }: { messages: EmergencyMessages; clock: Pick<Clock, 'now'> },
): void {
  const audit = { read: (id: string) => messages.get(id) };
  const config = { access: ['administrator'] as const, audit };
  const Answer = { 200: EmergencyMessage };
  api.get(
    '/api/emergency-messages',
    {
      config: { access: leaders },
      schema: { tags, response: { 200: z.object({ messages: z.array(EmergencyMessage) }) } },
    },
    () => Promise.resolve({ messages: messages.all() }),
  );
  api.post(
    '/api/emergency-messages',
    { config, schema: { tags, body: EmergencyMessageInput, response: { 201: EmergencyMessage } } },
    async (request, reply) => reply.code(201).send(await messages.add(request.body)),
  );
  api.put(
    '/api/emergency-messages/:id',
    { config, schema: { tags, params, body: change(EmergencyMessageInput), response: Answer } },
    (request) => messages.change(request.params.id, request.body),
  );
  api.post(
    '/api/emergency-messages/:id/switch',
    {
      config: { access: leaders, audit: { ...audit, action: 'change' } },
      schema: {
        tags,
        summary: 'On: callers hear it from the next call on',
        params,
        body: EmergencySwitch,
        response: Answer,
      },
    },
    (request) => messages.switch(request.params.id, request.body.on, signedIn(request).user.id, clock.now()),
  );
  api.delete(
    '/api/emergency-messages/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await messages.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
