import { z } from 'zod';
import {
  NewPlatform,
  PlatformChange,
  PlatformKindInfo,
  PlatformLink,
  PlatformReport,
  PlatformTest,
  ShownPlatform,
} from '../../protocol/platforms.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { Api } from './api-types.ts';

/** The telephone systems of the organisation: added, changed, tested and removed while calls go on. */
export function platformRoutes(api: Api, { platforms }: { platforms: Platforms }): void {
  const tags = ['platforms'];
  const leaders = { access: ['supervisor', 'administrator'] } as const;
  const audit = { object: 'platforms', read: (id: string) => platforms.get(id) };
  const administrator = { access: ['administrator'], audit } as const;
  const unwritten = { access: ['administrator'], audit: false } as const;
  const params = z.object({ id: z.string().max(80) });

  api.get(
    '/api/platforms',
    { config: leaders, schema: { tags, response: { 200: z.object({ platforms: z.array(ShownPlatform) }) } } },
    async () => ({ platforms: platforms.all() }),
  );
  api.get(
    '/api/platforms/kinds',
    { config: leaders, schema: { tags, response: { 200: z.object({ kinds: z.array(PlatformKindInfo) }) } } },
    async () => ({ kinds: platforms.kinds() }),
  );
  api.get(
    '/api/platforms/:id',
    { config: leaders, schema: { tags, params, response: { 200: ShownPlatform } } },
    async (request) => mustPlatform(platforms, request.params.id),
  );
  api.post(
    '/api/platforms',
    { config: administrator, schema: { tags, body: NewPlatform, response: { 201: ShownPlatform } } },
    async (request, reply) => reply.code(201).send(await platforms.add(request.body)),
  );
  api.put(
    '/api/platforms/:id',
    {
      config: administrator,
      schema: { tags, params, body: PlatformChange, response: { 200: ShownPlatform } },
    },
    async (request) => platforms.change(request.params.id, request.body),
  );
  api.delete(
    '/api/platforms/:id',
    {
      config: administrator,
      schema: {
        tags,
        params,
        querystring: z.object({
          drain: z
            .stringbool()
            .default(false)
            .describe('While it carries calls: takes no new ones and removes it after the last.'),
        }),
        response: { 200: z.object({ outcome: z.enum(['removed', 'draining']) }) },
      },
    },
    async (request) => ({ outcome: await platforms.remove(request.params.id, request.query) }),
  );
  api.post(
    '/api/platforms/test',
    { config: unwritten, schema: { tags, body: PlatformTest, response: { 200: PlatformReport } } },
    async ({ body }) => platforms.test(body.kind, body.settings, body.id),
  );
  api.post(
    '/api/platforms/:id/test',
    { config: unwritten, schema: { tags, params, response: { 200: PlatformReport } } },
    async ({ params: { id } }) => platforms.test(mustPlatform(platforms, id).kind, {}, id),
  );
  linkRoutes(api, platforms);
}

/** How calls go from one telephone system to another: one link per direction. */
function linkRoutes(api: Api, { links }: Platforms): void {
  const tags = ['platforms'];
  const read = (id: string) => links.all().find((link) => idOf(link) === id);
  const audit = { object: 'platform-links', read };
  const administrator = { access: ['administrator'], audit } as const;
  const Shown = PlatformLink.and(z.object({ id: z.string() }));
  const show = (link: PlatformLink) => ({ ...link, id: idOf(link) });

  api.get(
    '/api/platform-links',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ links: z.array(Shown) }) } },
    },
    async () => ({ links: links.all().map(show) }),
  );
  api.put(
    '/api/platform-links',
    {
      config: { ...administrator, audit: { ...audit, id: ({ body }) => idOf(body as PlatformLink) } },
      schema: { tags, body: PlatformLink, response: { 200: Shown } },
    },
    async ({ body }) => {
      await links.put(body);
      return show(body);
    },
  );
  api.delete(
    '/api/platform-links/:id',
    {
      config: administrator,
      schema: { tags, params: z.object({ id: z.string().max(170) }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      const [from = '', to = ''] = request.params.id.split('~');
      await links.remove(from, to);
      return reply.code(204).send(null);
    },
  );
}

/** `FROM~TO`. */
function idOf({ from, to }: Pick<PlatformLink, 'from' | 'to'>): string {
  return `${from}~${to}`;
}

/** @throws `not-found`. */
export function mustPlatform(platforms: Pick<Platforms, 'get'>, id: string): ShownPlatform {
  const platform = platforms.get(id);
  if (!platform) throw new CodedError('not-found', { what: 'telephone system' });
  return platform;
}
