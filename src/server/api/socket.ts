import '@fastify/websocket';
import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { SoftphoneDoor } from '../softphone/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import { PageSocket } from './page-socket.ts';
import type { Sessions } from './sessions.ts';

/** Pages that a user may have open: each is told every change. */
const MAX_PAGES = 50;

export interface SocketDeps {
  door: SoftphoneDoor;
  /** The state as an XML document, for `?format=xml`. */
  softphoneXml: (state: SoftphoneState) => string;
  sessions: Sessions;
  clock: Clock;
}

/** The one WebSocket of a page (protocol/socket.ts). Strangers are refused before the upgrade. */
export function socketRoute(api: Api, deps: SocketDeps): void {
  const open = new Set<PageSocket>();
  deps.sessions.events.on('ended', (sessionId) => {
    for (const page of open) if (page.sessionId === sessionId) page.signedOut();
  });
  const querystring = z.object({ format: z.enum(['json', 'xml']).default('json') });
  api.get(
    '/api/socket',
    {
      websocket: true,
      config: { access: EVERY_USER },
      schema: { hide: true, querystring },
      preHandler: async (request) => {
        const { user } = signedIn(request);
        const mine = [...open].filter((page) => page.userId === user.id);
        if (mine.length >= MAX_PAGES) throw new CodedError('too-many', { limit: `${MAX_PAGES} open pages` });
      },
    },
    (socket, request) => {
      const { user, sessionId } = signedIn(request);
      const page = new PageSocket(socket, {
        userId: user.id,
        sessionId,
        clock: deps.clock,
        door: deps.door,
        keepSession: () => deps.sessions.keep(sessionId),
        xml: request.query.format === 'xml' ? deps.softphoneXml : undefined,
        onClosed: () => open.delete(page),
      });
      open.add(page);
    },
  );
}
