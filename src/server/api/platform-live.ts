import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type LiveQueue, PlatformLive, PlatformPhone, type ShownPlatform } from '../../protocol/platforms.ts';
import { UserFields } from '../../protocol/setup.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { Api } from './api-types.ts';
import { mustPlatform } from './platforms.ts';

/** What is seen of platforms that route by themselves: `Mirrors` fits as it is. */
export interface PlatformViews {
  /** Undefined while it is not connected. */
  queues(platformId: string): LiveQueue[] | undefined;
  phone(platformId: string, extension: string): PlatformPhone | undefined;
}

export interface PlatformLiveDeps {
  platforms: Platforms;
  views: PlatformViews;
  clock: Clock;
}

/** Queues, members and callers of a telephone system that routes by itself, and its phones, as they are now. */
export function platformLiveRoutes(api: Api, { platforms, views, clock }: PlatformLiveDeps): void {
  const tags = ['platforms'];
  const params = z.object({ id: z.string().max(80) });
  const config = { access: ['supervisor', 'administrator'] } as const;

  api.get(
    '/api/platforms/:id/live',
    { config, schema: { tags, params, response: { 200: PlatformLive } } },
    async ({ params: { id } }) => {
      const { state, problem, since } = mustRoute(platforms, id);
      const queues = views.queues(id) ?? [];
      return { state, ...(problem === undefined ? {} : { problem }), since, at: clock.now(), queues };
    },
  );
  api.get(
    '/api/platforms/:id/phones/:extension',
    {
      config,
      schema: {
        tags,
        params: params.extend({ extension: UserFields.shape.extension.unwrap() }),
        response: { 200: PlatformPhone },
      },
    },
    async ({ params: { id, extension } }) => {
      mustRoute(platforms, id);
      const phone = views.phone(id, extension);
      if (!phone) throw new CodedError('switch-down');
      return phone;
    },
  );
}

/** @throws `not-found`, also for one whose queues are our own: they are at `/api/queues`. */
function mustRoute(platforms: Platforms, id: string): ShownPlatform {
  const platform = mustPlatform(platforms, id);
  if (!platforms.routesItself(id))
    throw new CodedError('not-found', { what: 'queue of that telephone system' });
  return platform;
}
