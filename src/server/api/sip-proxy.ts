import '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { PRIVATE_PLATFORM } from '../callcenter/model.ts';
import type { SipUpstream } from '../platforms/kind.ts';
import type { Api } from './api-types.ts';
import { FailedAttempts } from './failed-attempts.ts';
import type { Sessions } from './sessions.ts';
import { SipPipe } from './sip-pipe.ts';
import { refuseBlocked } from './sign-in-check.ts';

/** Where browser phones find SIP on our origin. */
export const SIP_PATH = '/sip';
const MINUTE = 60_000;
/**
 * Connections at a time. Each is one of the switch's HTTP sessions, of which the control link needs one, too. A browser whose
 * network changed leaves an old one behind for some seconds.
 */
const MAX_PIPES = 1_500;
const MAX_PER_HOLDER = 20;

export interface SipProxyDeps {
  /** Where the platform's SIP WebSocket is (`ws://127.0.0.1:PORT/ws`), or undefined while there is none. */
  sipUpstream: (platformId: string) => SipUpstream | undefined;
  sessions: Pick<Sessions, 'events'>;
  /** Whether this ticket of a web call holds. */
  ticketHolds: (ticket: string) => boolean;
  clock: Clock;
}

/**
 * The browser phones' way to the switch: one origin, one certificate. For the switch every browser is 127.0.0.1, so wrong
 * passwords are counted here, by sign-in (or ticket) and by client address, and block for five minutes.
 */
export function sipProxyRoute(api: Api, deps: SipProxyDeps): void {
  const { clock } = deps;
  const attempts = {
    holder: new FailedAttempts({ limit: 5, windowMs: 10 * MINUTE, blockMs: 5 * MINUTE }, clock),
    address: new FailedAttempts({ limit: 25, windowMs: 10 * MINUTE, blockMs: 5 * MINUTE }, clock),
  };
  const open = new Map<SipPipe, string>();
  deps.sessions.events.on('ended', (sessionId) => {
    for (const [pipe, holder] of open) if (holder === sessionId) pipe.close(1008, 'not-signed-in');
  });
  api.addHook('preClose', async () => {
    for (const pipe of open.keys()) pipe.close();
  });

  const preHandler = async (request: FastifyRequest) => {
    refuseBlocked(
      Math.max(
        attempts.holder.blockedFor(holderOf(request, deps.ticketHolds)),
        attempts.address.blockedFor(request.ip),
      ),
    );
    refuseCrowd([...open.values()], holderOf(request, deps.ticketHolds));
    if (!deps.sipUpstream(platformOf(request))) throw new CodedError('switch-down');
    if (!/(^|[\s,])sip([\s,]|$)/.test(request.headers['sec-websocket-protocol'] ?? '')) {
      throw new CodedError('bad-input', { detail: 'this WebSocket speaks the subprotocol sip only' });
    }
  };
  const querystring = z.object({
    ticket: z.string().max(100).optional(),
    platform: z.string().max(80).optional(),
  });
  api.get(
    SIP_PATH,
    { websocket: true, config: { access: 'ticket' }, schema: { hide: true, querystring }, preHandler },
    (socket, request) => {
      const upstream = deps.sipUpstream(platformOf(request));
      if (!upstream) return socket.close(1013, 'switch-down');
      const holder = holderOf(request, deps.ticketHolds);
      const pipe = new SipPipe(socket, {
        upstream,
        clock,
        onWrongPassword: () =>
          [attempts.holder.failed(holder), attempts.address.failed(request.ip)].includes(true),
        onClosed: () => open.delete(pipe),
      });
      open.set(pipe, holder);
    },
  );
}

/** The platform that the phone belongs to; the program's own without one. */
function platformOf(request: FastifyRequest): string {
  return (request.query as { platform?: string }).platform ?? PRIVATE_PLATFORM;
}

function refuseCrowd(holders: readonly string[], mine: string): void {
  const limit = holders.length >= MAX_PIPES ? MAX_PIPES : MAX_PER_HOLDER;
  const crowd = limit === MAX_PIPES ? holders : holders.filter((holder) => holder === mine);
  if (crowd.length >= limit) throw new CodedError('too-many', { limit: `${limit} phone connections` });
}

/**
 * What this connection was opened with: the ticket if it has one that holds (an agent may try the customer's page in the same
 * browser, and sign out meanwhile), else the sign-in.
 */
function holderOf(request: FastifyRequest, ticketHolds: (ticket: string) => boolean): string {
  const { ticket } = request.query as { ticket?: string };
  if (ticket !== undefined && ticketHolds(ticket)) return `ticket ${ticket}`;
  return request.signedIn?.sessionId ?? '';
}
