import { z } from 'zod';
import { BusinessHours, BusinessHoursInput, DayPreview, previewDays } from '../../protocol/hours.ts';
import type { BusinessHoursBook } from '../callcenter/business-hours.ts';
import type { Api } from './api-types.ts';
import { change } from './trunks.ts';

const tags = ['business hours'];
const params = z.object({ id: z.string().max(80) });
const leaders = { access: ['supervisor', 'administrator'] } as const;

/** When numbers are open, and what becomes of calls else. */
export function businessHoursRoutes(api: Api, { hours }: { hours: BusinessHoursBook }): void {
  const config = { access: ['administrator'] as const, audit: { read: (id: string) => hours.get(id) } };
  const Answer = { 200: BusinessHours };
  api.get(
    '/api/business-hours',
    { config: leaders, schema: { tags, response: { 200: z.object({ hours: z.array(BusinessHours) }) } } },
    async () => ({ hours: hours.all() }),
  );
  api.post(
    '/api/business-hours',
    { config, schema: { tags, body: BusinessHoursInput, response: { 201: BusinessHours } } },
    async (request, reply) => reply.code(201).send(await hours.add(request.body)),
  );
  api.put(
    '/api/business-hours/:id',
    { config, schema: { tags, params, body: change(BusinessHoursInput), response: Answer } },
    async (request) => hours.change(request.params.id, request.body),
  );
  api.delete(
    '/api/business-hours/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await hours.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/business-hours/preview',
    {
      config: { ...leaders, audit: false },
      schema: {
        tags,
        summary: 'What the seven days from an instant (UTC milliseconds) look like',
        body: z.object({ hours: BusinessHoursInput, from: z.number().int() }),
        response: { 200: z.object({ days: z.array(DayPreview) }) },
      },
    },
    async (request) => ({ days: previewDays(request.body.hours, request.body.from) }),
  );
}
