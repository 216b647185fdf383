import { z } from 'zod';
import { FlowTrial, FlowTrialAct, FlowTrialStart } from '../../protocol/flow-trials.ts';
import type { FlowTrials } from '../flows/flow-trials.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';

const tags = ['flows'];
const params = z.object({ id: z.string().max(80) });

/** Trying a draft out, without a telephone. */
export function flowTrialRoutes(api: Api, { trials }: { trials: FlowTrials }): void {
  // Nothing of the configuration changes.
  const config = { access: ['administrator'] as const, audit: false as const };
  api.post(
    '/api/flows/:id/trials',
    {
      config,
      schema: {
        tags,
        summary: 'Call the draft as it is saved; what a caller would hear is text',
        params,
        body: FlowTrialStart,
        response: { 201: FlowTrial },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await trials.begin(signedIn(request).user.id, request.params.id, request.body)),
  );
  api.post(
    '/api/flow-trials/:id/act',
    {
      config,
      schema: {
        tags,
        summary: 'Press keys, speak, let time pass, hang up',
        params,
        body: FlowTrialAct,
        response: { 200: FlowTrial },
      },
    },
    (request) => trials.act(signedIn(request).user.id, request.params.id, request.body),
  );
}
