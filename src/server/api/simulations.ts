import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { SimulationFile, SimulationJob } from '../../protocol/simulation.ts';
import type { SimulationJobs } from '../simulator/simulation-jobs.ts';
import type { Api } from './api-types.ts';

export interface SimulationsDeps {
  simulations: SimulationJobs;
  /** What is configured now, with the calls of the day that began at `midnight` (UTC milliseconds), or made-up ones. */
  configuredDay(midnight: number | undefined): Promise<SimulationFile | undefined>;
}

/** A recorded day of the most calls, with room. */
const MAX_BODY = 16 * 1024 * 1024;

/** Simulated days. They change nothing, and so are in no audit trail. */
export function simulationRoutes(api: Api, { simulations, configuredDay }: SimulationsDeps): void {
  const tags = ['simulations'];
  const params = z.object({ id: z.string().max(80) });
  const config = { access: ['administrator'] as const, audit: false as const };

  api.get(
    '/api/simulation-day',
    {
      config,
      schema: {
        tags,
        summary: 'A simulation file of what is configured now, to be changed and sent',
        querystring: z.object({
          /** When the day began whose calls are played again, UTC milliseconds; left out: calls are made up. */
          midnight: z.coerce.number().int().min(0).optional(),
        }),
        response: { 200: SimulationFile },
      },
    },
    async (request) => {
      const day = await configuredDay(request.query.midnight);
      if (!day) throw new CodedError('not-found', { what: 'queue with a member' });
      return day;
    },
  );
  api.post(
    '/api/simulations',
    {
      bodyLimit: MAX_BODY,
      config,
      schema: {
        tags,
        summary: 'Play these days; the job says how far it is',
        body: SimulationFile,
        response: { 202: SimulationJob },
      },
    },
    async (request, reply) => reply.code(202).send(simulations.start(request.body)),
  );
  api.get(
    '/api/simulations',
    {
      config,
      schema: {
        tags,
        summary: 'The newest first, without results',
        response: { 200: z.object({ simulations: z.array(SimulationJob) }) },
      },
    },
    async () => ({ simulations: simulations.list() }),
  );
  api.get(
    '/api/simulations/:id',
    { config, schema: { tags, params, response: { 200: SimulationJob } } },
    async (request) => simulations.read(request.params.id),
  );
  api.post(
    '/api/simulations/:id/cancel',
    { config, schema: { tags, summary: 'End it', params, response: { 200: SimulationJob } } },
    (request) => simulations.cancel(request.params.id),
  );
}
