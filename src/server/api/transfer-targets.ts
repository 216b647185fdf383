import { z } from 'zod';
import { TransferTargets } from '../../protocol/softphone.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';

export interface TransferTargetsDeps {
  /** Softphone.transferTargets. */
  search(userId: string, text: string): Promise<TransferTargets>;
}

/** Whom a call can be transferred to, while the agent types. */
export function transferTargetRoutes(api: Api, { search }: TransferTargetsDeps): void {
  api.get(
    '/api/transfer-targets',
    {
      config: { access: ['agent', 'supervisor'] },
      schema: {
        tags: ['softphone'],
        summary: 'Agents, queues, records and numbers that a call can be transferred to',
        querystring: z.object({ q: z.string().max(80).default('') }),
        response: { 200: TransferTargets },
      },
    },
    (request) => search(signedIn(request).user.id, request.query.q),
  );
}
