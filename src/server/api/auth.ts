/**
 * Who may do what. Every route names its `config.access`; one hook asks before anything else of the request is read.
 *
 *     request ─► token: bearer, else cookie ─► session ─► user ─► origin (cookie only) ─► access ─► handler
 *                                                                    403                401, 403
 */
import '@fastify/cookie';
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { Role } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Access, Api, SignedIn } from './api-types.ts';
import type { Session, Sessions } from './sessions.ts';

/** For routes of everybody who is signed in. */
export const EVERY_USER: readonly Role[] = ['agent', 'supervisor', 'administrator'];

export interface AuthDeps {
  /** Name of the session's cookie. */
  cookie: string;
  sessions: Pick<Sessions, 'find'>;
  callCenter: Pick<CallCenter, 'user'>;
  /** Whether this ticket of a web call holds. */
  ticketHolds: (ticket: string) => boolean;
}

/** Puts `signedIn` on every request and refuses what the route's `access` does not allow. */
export function guardRoutes(api: Api, deps: AuthDeps): void {
  api.decorateRequest('signedIn', null);
  const table: [string, Access][] = [];
  api.decorate('accessTable', table);
  api.addHook('onRoute', (route) => {
    table.push(...accessOf(route));
  });
  api.addHook('onRequest', async (request) => {
    const found = findSession(request, deps);
    const user = found && deps.callCenter.user(found.session.userId);
    if (found?.by === 'cookie') checkOrigin(request);
    if (found && user && !user.disabled) request.signedIn = { user, sessionId: found.session.id };
    checkAccess(request, deps);
  });
}

/** The signed-in user of a route that strangers cannot reach. */
export function signedIn(request: FastifyRequest): SignedIn {
  if (!request.signedIn) throw new CodedError('not-signed-in');
  return request.signedIn;
}

function accessOf({ config, method, url }: RouteOptions): [string, Access][] {
  const access = config?.access;
  if (!access) throw new Error(`the route ${String(method)} ${url} does not say who may call it`);
  return [method].flat().map((one) => [`${one} ${url}`, access]);
}

function checkAccess(request: FastifyRequest, deps: AuthDeps): void {
  const access: Access = request.routeOptions.config.access ?? 'public'; // no route: the 404 handler
  if (access === 'public') return;
  if (access === 'ticket') {
    if (request.signedIn) return;
    const { ticket } = request.query as { ticket?: unknown };
    if (typeof ticket === 'string' && deps.ticketHolds(ticket)) return checkOrigin(request, 'none-is-fine');
    throw new CodedError('not-signed-in');
  }
  const { user } = signedIn(request);
  if (!user.roles.some((role) => access.includes(role))) throw new CodedError('not-allowed');
}

function findSession(
  request: FastifyRequest,
  { sessions, cookie }: AuthDeps,
): { session: Session; by: 'bearer' | 'cookie' } | undefined {
  const bearer = bearerOf(request);
  const token = bearer ?? request.cookies[cookie];
  const session = token ? sessions.find(token) : undefined;
  return session && { session, by: bearer ? 'bearer' : 'cookie' };
}

/** A browser's WebSocket sends no header of ours: its token comes as the subprotocol `bearer.<token>`, which the server never picks. */
function bearerOf({ headers }: FastifyRequest): string | undefined {
  const header = /^Bearer ([\w-]{20,100})$/.exec(headers.authorization ?? '');
  const protocol = /(?:^|,\s*)bearer\.([\w-]{20,100})(?:\s*,|$)/.exec(
    headers['sec-websocket-protocol'] ?? '',
  );
  return (header ?? protocol)?.[1];
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser sends the cookie whoever wrote the page: what changes something, and every WebSocket, must come from our own
 * page, whose origin is the host that it talks to.
 */
function checkOrigin(request: FastifyRequest, without: 'refuse' | 'none-is-fine' = 'refuse'): void {
  const upgrade = request.headers.upgrade !== undefined;
  if (READS.has(request.method) && !upgrade) return;
  const { origin } = request.headers;
  if (origin === undefined && without === 'none-is-fine') return;
  if (!sameHost(origin, request.headers.host)) throw new CodedError('not-allowed');
}

/** Nobody else's page may sign a browser in as somebody of his choice. */
export function refuseForeignPage({ headers }: FastifyRequest): void {
  if (headers.origin !== undefined && !sameHost(headers.origin, headers.host))
    throw new CodedError('not-allowed');
}

/** Whether a page of this origin was loaded from this host. */
export function sameHost(origin: string | undefined, host: string | undefined): boolean {
  if (!origin || !host || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}
