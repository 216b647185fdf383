import { z } from 'zod';
import { WebCallEntries, WebCallRequest, WebCallTicket } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Api } from './api-types.ts';
import type { VisitorCalls } from './visitor-calls.ts';

export interface WebCallsDeps {
  visitorCalls: VisitorCalls;
  /** We are shutting down and take no new calls. */
  draining: () => boolean;
}

/** Calls per minute that one address may ask for. */
const RATE = { rateLimit: { max: 30, timeWindow: 60_000 } };

/** A visitor's calls from the browser. The ticket's id is the only key to its call. */
export function webCallRoutes(api: Api, { visitorCalls, draining }: WebCallsDeps): void {
  const tags = ['web calls'];
  const params = z.object({ id: z.string().max(100) });

  api.get(
    '/api/web-calls/entries',
    { config: { access: 'public' }, schema: { tags, response: { 200: WebCallEntries } } },
    async () => ({
      entries: visitorCalls.entries(),
      media: visitorCalls.media,
    }),
  );

  api.post(
    '/api/web-calls',
    {
      config: { access: 'public', ...RATE },
      schema: { tags, body: WebCallRequest, response: { 200: WebCallTicket } },
    },
    async (request) => {
      if (draining()) throw new CodedError('draining');
      return await visitorCalls.open({ ...request.body, address: request.ip });
    },
  );

  const state = z.object({ id: z.string(), state: z.enum(['waiting', 'ringing', 'connected', 'ended']) });
  api.get(
    '/api/web-calls/:id',
    { config: { access: 'public' }, schema: { tags, params, response: { 200: state } } },
    async (request) => ({
      id: request.params.id,
      state: visitorCalls.state(request.params.id),
    }),
  );

  api.post(
    '/api/web-calls/:id/hangup',
    { config: { access: 'public' }, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await visitorCalls.hangup(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
