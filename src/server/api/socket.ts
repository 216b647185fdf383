import '@fastify/websocket';
import { z } from 'zod';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { SoftphoneDoor } from '../softphone/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import { PageSocket } from './page-socket.ts';
import type { Sessions } from './sessions.ts';

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
    { websocket: true, config: { access: EVERY_USER }, schema: { hide: true, querystring } },
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
