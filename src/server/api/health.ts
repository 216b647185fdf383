import { z } from 'zod';
import type { Database } from '../store/database.ts';
import type { Switch } from '../telephony/ports.ts';
import type { Api } from './api-types.ts';

const Health = z.object({
  status: z.enum(['ok', 'draining', 'degraded']),
  database: z.enum(['up', 'down']),
  /** Recordings that wait for their store, and those whose last try failed; null while the database is down. */
  recordings: z
    .object({ waiting: z.number(), failing: z.number(), oldestAt: z.number().nullable() })
    .nullable(),
  switch: z.object({ link: z.enum(['up', 'reconciling', 'down']), audio: z.boolean() }),
});

export interface HealthDeps {
  db: Database;
  switch: Pick<Switch, 'link' | 'capabilities'>;
  /** How the queue into the store of recordings is doing. */
  recordings: () => Promise<{ waiting: number; failing: number; oldestAt: number | null }>;
  draining: () => boolean;
}

/** Whether we can work: 200, or 503 when a part that calls need is missing. */
export function healthRoute(api: Api, { db, switch: node, recordings, draining }: HealthDeps): void {
  api.get(
    '/api/health',
    { config: { access: 'public' }, schema: { tags: ['health'], response: { 200: Health, 503: Health } } },
    async (_request, reply) => {
      const database = await db.query('SELECT 1').then(
        () => 'up' as const,
        () => 'down' as const,
      );
      const works = database === 'up' && node.link !== 'down';
      const status = draining() ? 'draining' : works ? 'ok' : 'degraded';
      return reply.code(works ? 200 : 503).send({
        status,
        database,
        recordings: await recordings().catch(() => null),
        switch: { link: node.link, audio: node.capabilities.audio },
      });
    },
  );
}
