import { z } from 'zod';
import { Alarm, AlarmChange, AlarmInput } from '../../protocol/alarms.ts';
import type { Alarms } from '../callcenter/alarms.ts';
import type { Api } from './api-types.ts';

/** Alarms: what is watched on the floor. A webhook's key is set and never read. */
export function alarmRoutes(api: Api, { alarms }: { alarms: Alarms }): void {
  const tags = ['alarms'];
  const params = z.object({ id: z.string().max(80) });
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => alarms.get(id) },
  };

  api.get(
    '/api/alarms',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ alarms: z.array(Alarm) }) } },
    },
    async () => ({ alarms: alarms.all() }),
  );
  api.post(
    '/api/alarms',
    { config: administrator, schema: { tags, body: AlarmInput, response: { 201: Alarm } } },
    async (request, reply) => reply.code(201).send(await alarms.add(request.body)),
  );
  api.put(
    '/api/alarms/:id',
    { config: administrator, schema: { tags, params, body: AlarmChange, response: { 200: Alarm } } },
    async (request) => alarms.change(request.params.id, request.body),
  );
  api.delete(
    '/api/alarms/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await alarms.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
