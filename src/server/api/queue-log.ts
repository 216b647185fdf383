import { z } from 'zod';
import { importQueueLog, queueFigures } from '../history/queue-log-import.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { Database } from '../store/database.ts';
import type { Api } from './api-types.ts';

/** A day of a large queue is some megabytes. */
const MAX_TEXT = 32 * 1_048_576;

const QueueLogImport = z.object({
  added: z.number(),
  found: z.number(),
  open: z.number().describe('Callers whose stay has not ended in this text: give it again later.'),
  bad: z.array(z.number()).describe('Numbers of lines that are none of a queue log.'),
});

const QueueFigures = z.object({
  queue: z.string(),
  offered: z.number(),
  answered: z.number(),
  abandoned: z.number(),
  serviceLevel: z.number().nullable(),
  serviceLevel2: z.number().nullable(),
  averageSpeedOfAnswerMs: z.number().nullable(),
  averageTalkMs: z.number().nullable(),
});

/** Figures of a PBX's queues from its own queue log. */
export function queueLogRoutes(api: Api, { db, platforms }: { db: Database; platforms: Platforms }): void {
  const tags = ['platforms'];
  const params = z.object({ id: z.string().max(80) });
  const mustExist = (id: string) => {
    if (!platforms.get(id)) throw new CodedError('not-found', { what: 'telephone system' });
  };

  api.post(
    '/api/platforms/:id/queue-log',
    {
      bodyLimit: MAX_TEXT,
      config: { access: ['administrator'], audit: false },
      schema: {
        tags,
        params,
        body: z.object({ text: z.string().max(MAX_TEXT).describe('The text of a queue_log file.') }),
        response: { 200: QueueLogImport },
      },
    },
    async (request) => {
      mustExist(request.params.id);
      return importQueueLog(db, request.params.id, request.body.text);
    },
  );
  api.get(
    '/api/platforms/:id/queue-figures',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: {
        tags,
        params,
        querystring: z.object({
          from: z.coerce.number().describe('UTC milliseconds, included.'),
          to: z.coerce.number().describe('UTC milliseconds, not included.'),
          thresholdMs: z.coerce.number().min(0).default(20_000),
        }),
        response: { 200: z.object({ queues: z.array(QueueFigures) }) },
      },
    },
    async (request) => {
      mustExist(request.params.id);
      return { queues: await queueFigures(db, request.params.id, request.query) };
    },
  );
}
