import { z } from 'zod';
import type { Outbox } from '../store/outbox.ts';
import type { Api } from './api-types.ts';

const Stuck = z.object({
  id: z.number(),
  kind: z.string(),
  key: z.string(),
  attempts: z.number(),
  /** UTC milliseconds of the next try. */
  nextAt: z.number(),
  error: z.string(),
});

/** Writes to other systems that do not get through, for administrators. */
export function outboxRoutes(api: Api, { outbox }: { outbox: Pick<Outbox, 'stuck' | 'retry'> }): void {
  const tags = ['outbox'];
  const config = { access: ['administrator'] } as const;

  api.get(
    '/api/outbox',
    { config, schema: { tags, response: { 200: z.object({ stuck: z.array(Stuck) }) } } },
    async () => {
      const rows = await outbox.stuck();
      return {
        stuck: rows.map(({ id, kind, idem_key, attempts, next_at, error }) => ({
          id,
          kind,
          key: idem_key,
          attempts,
          nextAt: next_at,
          error,
        })),
      };
    },
  );

  const params = z.object({ id: z.coerce.number().int().positive() });
  api.post(
    '/api/outbox/:id/retry',
    { config: { ...config, audit: false }, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await outbox.retry(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
