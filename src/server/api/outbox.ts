import { z } from 'zod';
import { LogCorrection } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import { CALL_LOG_KIND } from '../softphone/logs.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Api } from './api-types.ts';

const Stuck = z.object({
  id: z.number(),
  kind: z.string(),
  key: z.string(),
  attempts: z.number(),
  /** UTC milliseconds of the next try. */
  nextAt: z.number(),
  /** Of a CRM: its own sentence. */
  error: z.string(),
  /** The CRM that it goes to. */
  crmId: z.string().optional(),
  /** What of a call log can be corrected. */
  log: LogCorrection.required().optional(),
});

/** Writes to other systems that do not get through, for administrators: shown, corrected, tried again. */
export function outboxRoutes(
  api: Api,
  { outbox }: { outbox: Pick<Outbox, 'stuck' | 'retry' | 'correct'> },
): void {
  const tags = ['outbox'];
  const config = { access: ['administrator'] } as const;
  const unwritten = { ...config, audit: false } as const;

  api.get(
    '/api/outbox',
    { config, schema: { tags, response: { 200: z.object({ stuck: z.array(Stuck) }) } } },
    async () => {
      const rows = await outbox.stuck();
      return {
        stuck: rows.map(({ id, kind, idem_key, attempts, next_at, error, body }) => ({
          id,
          kind,
          key: idem_key,
          attempts,
          nextAt: next_at,
          error,
          ...shownBody(kind, body),
        })),
      };
    },
  );

  const params = z.object({ id: z.coerce.number().int().positive() });
  api.post(
    '/api/outbox/:id/retry',
    { config: unwritten, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await outbox.retry(request.params.id);
      return reply.code(204).send(null);
    },
  );
  api.patch(
    '/api/outbox/:id',
    {
      config: unwritten,
      schema: {
        tags,
        summary: 'Correct a call log that the CRM refuses, and try it again',
        params,
        body: LogCorrection,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      if (!(await outbox.correct(request.params.id, CALL_LOG_KIND, request.body)))
        throw new CodedError('not-found', { what: 'call log that waits' });
      return reply.code(204).send(null);
    },
  );
}

function shownBody(kind: string, body: unknown): Pick<z.infer<typeof Stuck>, 'crmId' | 'log'> {
  const { crmId } = (body ?? {}) as { crmId?: unknown };
  const log = kind === CALL_LOG_KIND ? LogCorrection.required().safeParse(body).data : undefined;
  return { ...(typeof crmId === 'string' ? { crmId } : {}), ...(log ? { log } : {}) };
}
