/** The live floor for supervisors, and what they do to it. What they see and may do is limited by their teams, on the server. */
import '@fastify/websocket';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import {
  AgentStateRequest,
  FloorSnapshot,
  MoveRequest,
  SkillRequest,
  Supervised,
  SuperviseRequest,
} from '../../protocol/floor.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { User } from '../callcenter/model.ts';
import type { FloorFeed } from '../floor/feed.ts';
import type { Scope } from '../floor/scope.ts';
import type { Supervisors } from '../floor/supervisors.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';
import { FloorSocket } from './floor-socket.ts';
import type { Sessions } from './sessions.ts';

/** Pages that one user may have open. */
const MAX_PAGES = 20;

export interface FloorDeps {
  feed: FloorFeed;
  supervisors: Supervisors;
  scopeOf(user: User): Scope;
  callCenter: Pick<CallCenter, 'user'>;
  sessions: Sessions;
  clock: Clock;
}

export function floorRoutes(api: Api, deps: FloorDeps): void {
  const { feed, supervisors } = deps;
  const tags = ['floor'];
  const access = ['supervisor', 'administrator'] as const;
  const params = z.object({ id: z.string().max(80) });
  const done = z.null();
  /** What was done to whom: the request stands in the trail beside it. */
  const audited = (action: 'create' | 'change' | 'delete' = 'change') => ({
    access,
    audit: { object: 'floor', action, read: () => undefined },
  });

  socketRoute(api, deps);
  api.get(
    '/api/floor',
    { config: { access }, schema: { tags, response: { 200: FloorSnapshot } } },
    async (request) => feed.snapshot(deps.scopeOf(signedIn(request).user)),
  );
  api.post(
    '/api/floor/agents/:id/supervise',
    {
      config: audited(),
      schema: {
        tags,
        summary: 'Listen to the agent, whisper, barge in or take over: your own phone rings',
        params,
        body: SuperviseRequest,
        response: { 200: Supervised },
      },
    },
    async (request) => supervisors.supervise(signedIn(request).user, request.params.id, request.body.mode),
  );
  api.delete(
    '/api/floor/supervision',
    {
      config: { access, audit: { object: 'floor', id: (request) => signedIn(request).user.id } },
      schema: { tags, summary: 'Hear nobody any more', response: { 204: done } },
    },
    async (request, reply) => {
      await supervisors.endSupervision(signedIn(request).user);
      return reply.code(204).send(null);
    },
  );
  api.put(
    '/api/floor/agents/:id/state',
    {
      config: audited(),
      schema: { tags, params, body: AgentStateRequest, response: { 204: done } },
    },
    async (request, reply) => {
      const { state, reason } = request.body;
      await supervisors.setState(signedIn(request).user, request.params.id, state, reason);
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/api/floor/agents/:id/wrap-up',
    { config: audited('delete'), schema: { tags, params, response: { 204: done } } },
    async (request, reply) => {
      await supervisors.endWrapUp(signedIn(request).user, request.params.id);
      return reply.code(204).send(null);
    },
  );
  api.put(
    '/api/floor/agents/:id/skills/:skillId',
    {
      config: audited(),
      schema: {
        tags,
        params: params.extend({ skillId: z.string().max(80) }),
        body: SkillRequest,
        response: { 204: done },
      },
    },
    async (request, reply) => {
      const { id, skillId } = request.params;
      await supervisors.setSkill(signedIn(request).user, id, skillId, request.body.level);
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/floor/queues/:id/waiting/:itemId/move',
    {
      config: audited(),
      schema: {
        tags,
        params: params.extend({ itemId: z.string().max(80) }),
        body: MoveRequest,
        response: { 204: done },
      },
    },
    async (request, reply) => {
      const { id, itemId } = request.params;
      await supervisors.move(signedIn(request).user, id, itemId, request.body);
      return reply.code(204).send(null);
    },
  );
}

function socketRoute(api: Api, deps: FloorDeps): void {
  const open = new Set<FloorSocket>();
  deps.sessions.events.on('ended', (sessionId) => {
    for (const page of open) if (page.who === sessionId) page.end(new CodedError('not-signed-in'));
  });
  api.get(
    '/api/floor/socket',
    {
      websocket: true,
      config: { access: ['supervisor', 'administrator'] },
      schema: { hide: true },
      preHandler: async (request) => {
        const { sessionId } = signedIn(request);
        if ([...open].filter((page) => page.who === sessionId).length >= MAX_PAGES)
          throw new CodedError('too-many', { limit: `${MAX_PAGES} open pages` });
      },
    },
    (socket, request) => {
      const { user, sessionId } = signedIn(request);
      const page = new FloorSocket(socket, {
        who: sessionId,
        clock: deps.clock,
        feed: deps.feed,
        // Asked anew each time: he may have lost the role, or have another team.
        scope: () => {
          const now = deps.callCenter.user(user.id);
          return now && !now.disabled ? deps.scopeOf(now) : undefined;
        },
        keep: () => deps.sessions.keep(sessionId),
        onClosed: () => open.delete(page),
      });
      open.add(page);
    },
  );
}
