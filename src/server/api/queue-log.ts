import { z } from 'zod';
import { importQueueLog, queueFigures } from '../history/queue-log-import.ts';
import { QueueLogFigures, QueueLogResult } from '../../protocol/platforms.ts';
import { Zone } from '../../protocol/setup.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { Database } from '../store/database.ts';
import type { Api } from './api-types.ts';
import { mustPlatform } from './platforms.ts';

/** A day of a large queue is some megabytes. */
const MAX_TEXT = 32 * 1_048_576;

export interface QueueLogDeps {
  db: Database;
  platforms: Platforms;
  /** What people call a queue, by our id of it. */
  queueLabel(queueId: string): string | undefined;
}

/** Figures of a PBX's queues from its own queue log. */
export function queueLogRoutes(api: Api, { db, platforms, queueLabel }: QueueLogDeps): void {
  const tags = ['platforms'];
  const params = z.object({ id: z.string().max(80) });

  api.post(
    '/api/platforms/:id/queue-log',
    {
      bodyLimit: MAX_TEXT,
      config: { access: ['administrator'], audit: false },
      schema: {
        tags,
        params,
        body: z.object({ text: z.string().max(MAX_TEXT).describe('The text of a queue_log file.') }),
        response: { 200: QueueLogResult },
      },
    },
    async ({ params: { id }, body }) => importQueueLog(db, mustPlatform(platforms, id).id, body.text),
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
          zone: Zone.optional().describe('A row per queue and day of this time zone; else one per queue.'),
        }),
        response: { 200: z.object({ queues: z.array(QueueLogFigures) }) },
      },
    },
    async ({ params: { id }, query }) => {
      const figures = await queueFigures(db, mustPlatform(platforms, id).id, query);
      const labelOf = (queue: string) => queueLabel(`${id}:${queue}`) ?? queue;
      return { queues: figures.map((one) => ({ ...one, label: labelOf(one.queue) })) };
    },
  );
}
