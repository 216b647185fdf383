/** Wallboards: floors for a big screen, without a person or a number on them, opened by a link instead of a sign-in. */
import '@fastify/websocket';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { NewWallboard, Wallboard, WallboardInput } from '../../protocol/floor.ts';
import type { Wallboards } from '../callcenter/wallboards.ts';
import type { FloorFeed } from '../floor/feed.ts';
import { wallboardScope } from '../floor/scope.ts';
import type { Api } from './api-types.ts';
import { FloorSocket } from './floor-socket.ts';

/** Screens that show one wallboard. */
const MAX_SCREENS = 50;

export interface WallboardsDeps {
  wallboards: Wallboards;
  /** Told which wallboard was changed, removed or got another link. */
  onWallboardChanged(listener: (id: string) => void): void;
  feed: FloorFeed;
  clock: Clock;
}

export function wallboardRoutes(api: Api, deps: WallboardsDeps): void {
  const { wallboards } = deps;
  const tags = ['wallboards'];
  const params = z.object({ id: z.string().max(80) });
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => wallboards.get(id) },
  };
  const withLink = ({ wallboard, token }: { wallboard: Wallboard; token: string }) => ({
    ...wallboard,
    // Behind `#` it stays in the browser: no log and no proxy has it.
    link: `/wallboard/${wallboard.id}#${token}`,
  });

  api.get(
    '/api/wallboards',
    {
      config: { access: ['supervisor', 'administrator'] },
      schema: { tags, response: { 200: z.object({ wallboards: z.array(Wallboard) }) } },
    },
    async () => ({ wallboards: wallboards.all() }),
  );
  api.post(
    '/api/wallboards',
    { config: administrator, schema: { tags, body: WallboardInput, response: { 201: NewWallboard } } },
    async (request, reply) => reply.code(201).send(withLink(await wallboards.add(request.body))),
  );
  api.put(
    '/api/wallboards/:id',
    { config: administrator, schema: { tags, params, body: WallboardInput, response: { 200: Wallboard } } },
    async (request) => wallboards.change(request.params.id, request.body),
  );
  api.post(
    '/api/wallboards/:id/link',
    {
      config: { ...administrator, audit: { ...administrator.audit, action: 'change' as const } },
      schema: {
        tags,
        summary: 'Another link: the old one opens nothing any more',
        params,
        response: { 200: NewWallboard },
      },
    },
    async (request) => withLink(await wallboards.renew(request.params.id)),
  );
  api.delete(
    '/api/wallboards/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await wallboards.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  screenRoute(api, deps);
}

/** Anybody may ask; only the link's token, as the subprotocol `bearer.<token>`, opens it. */
function screenRoute(api: Api, { wallboards, feed, clock, onWallboardChanged }: WallboardsDeps): void {
  const open = new Set<FloorSocket>();
  onWallboardChanged((id) => {
    for (const screen of open) if (screen.who === id) screen.end(new CodedError('not-allowed'));
  });
  const querystring = z.object({ board: z.string().min(1).max(80) });
  api.get(
    '/api/wallboards/socket',
    {
      websocket: true,
      config: { access: 'public', rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: { hide: true, querystring },
      preHandler: async (request) => {
        const { board } = request.query;
        const token = tokenOf(request.headers['sec-websocket-protocol'] ?? '');
        if (!token || !(await wallboards.opened(board, token))) throw new CodedError('not-signed-in');
        if ([...open].filter(({ who }) => who === board).length >= MAX_SCREENS)
          throw new CodedError('too-many', { limit: `${MAX_SCREENS} screens` });
      },
    },
    (socket, request) => {
      const { board } = request.query;
      const screen = new FloorSocket(socket, {
        who: board,
        clock,
        feed,
        scope: () => {
          const kept = wallboards.get(board);
          return kept && wallboardScope(kept.queueIds);
        },
        keep: () => wallboards.get(board) !== undefined,
        onClosed: () => open.delete(screen),
      });
      open.add(screen);
    },
  );
}

function tokenOf(protocols: string): string | undefined {
  return /(?:^|,\s*)bearer\.([\w-]{20,100})(?:\s*,|$)/.exec(protocols)?.[1];
}
