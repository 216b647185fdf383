import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { ServiceLevel } from '../../protocol/service-levels.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { ServiceLevels } from '../callcenter/service-levels.ts';
import type { Api } from './api-types.ts';

export interface ServiceLevelsDeps {
  serviceLevels: ServiceLevels;
  callCenter: Pick<CallCenter, 'queue'>;
}

/** How a queue's service level is counted. */
export function serviceLevelRoutes(api: Api, { serviceLevels, callCenter }: ServiceLevelsDeps): void {
  const tags = ['queues'];
  const params = z.object({ id: z.string().max(80) });
  const mustHave = (id: string) => {
    if (!callCenter.queue(id)) throw new CodedError('not-found', { what: 'queue' });
  };

  api.get(
    '/api/queues/:id/service-level',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, params, response: { 200: ServiceLevel } },
    },
    async (request) => {
      mustHave(request.params.id);
      return serviceLevels.of(request.params.id);
    },
  );
  api.put(
    '/api/queues/:id/service-level',
    {
      config: {
        access: ['administrator'],
        audit: { object: 'service-levels', read: (id: string) => serviceLevels.of(id) },
      },
      schema: { tags, params, body: ServiceLevel, response: { 200: ServiceLevel } },
    },
    async (request) => serviceLevels.set(request.params.id, request.body),
  );
}
