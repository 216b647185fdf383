import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ScriptRun, ScriptRunStart, ScriptRunStep } from '../../protocol/scripts.ts';
import type { Actor } from '../crm/ports.ts';
import type { ScriptRuns } from '../scripts/script-runs.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';

const tags = ['scripts'];
const params = z.object({ id: z.string().max(80) });
const one = { response: { 200: ScriptRun } };
const Runs = z.object({ runs: z.array(ScriptRun) });

/** Agent scripts as they are run: each user has his own. */
export function scriptRunRoutes(api: Api, { runs }: { runs: ScriptRuns }): void {
  const config = { access: EVERY_USER };

  api.get(
    '/api/script-runs',
    {
      config,
      schema: {
        tags,
        summary:
          'What the user has not ended yet; of a call, what he has answered in it, or for its leaders anybody',
        querystring: z.object({ conversationId: z.string().max(80).optional() }),
        response: { 200: Runs },
      },
    },
    async (request) => {
      const { conversationId } = request.query;
      const { user } = signedIn(request);
      if (conversationId === undefined) return { runs: await runs.running(user.id) };
      const leads = user.roles.some((role) => role !== 'agent');
      return { runs: await runs.ofConversation(conversationId, leads ? undefined : user.id) };
    },
  );
  api.post(
    '/api/script-runs',
    {
      config,
      schema: {
        tags,
        summary: 'Begins a script, or goes on with it for this call',
        body: ScriptRunStart,
        ...one,
      },
    },
    async (request) => runs.begin(actorOf(request), request.body),
  );
  api.post(
    '/api/scripts/:id/try',
    {
      config: { access: ['administrator'], audit: false },
      schema: { tags, summary: 'Begins a script without a call, active or not', params, ...one },
    },
    async (request) =>
      runs.begin(actorOf(request), { scriptId: request.params.id, answers: {} }, { trial: true }),
  );
  api.get('/api/script-runs/:id', { config, schema: { tags, params, ...one } }, async (request) =>
    runs.get(actorOf(request), request.params.id),
  );
  api.post(
    '/api/script-runs/:id/step',
    {
      config,
      schema: { tags, summary: 'Next, back or stop', params, body: ScriptRunStep, ...one },
    },
    async (request) => runs.step(actorOf(request), request.params.id, request.body),
  );
}

function actorOf(request: FastifyRequest): Actor {
  const { user } = signedIn(request);
  return { userId: user.id, roles: user.roles };
}
