/** Puts the HTTP server together: plug-ins, guards, routes. It does not listen yet. */
import type { Server as HttpsServer } from 'node:https';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { SOCKET_PROTOCOL } from '../../protocol/socket.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { SipUpstream } from '../platforms/kind.ts';
import type { Platforms } from '../platforms/platforms.ts';
import type { SoftphoneDoor } from '../softphone/ports.ts';
import type { Database } from '../store/database.ts';
import { isStorable } from '../store/storable.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Switch } from '../telephony/ports.ts';
import type { Api } from './api-types.ts';
import { auditChanges, auditRoutes } from './audit.ts';
import { guardRoutes } from './auth.ts';
import type { Certificate } from './certificate.ts';
import { type CrmHostsDeps, crmHostRoutes } from './crm-hosts.ts';
import { deviceRoutes } from './devices.ts';
import { answerErrors, sendError, toCoded } from './errors.ts';
import { type HealthDeps, healthRoute } from './health.ts';
import { hostSignInRoutes } from './host-sign-in.ts';
import { meRoutes } from './me.ts';
import { numberRoutes } from './numbers.ts';
import { type SitesDeps, siteRoutes } from './sites.ts';
import { type TrunksDeps, trunkRoutes } from './trunks.ts';
import { openCtiScriptRoutes } from './opencti-scripts.ts';
import { outboxRoutes } from './outbox.ts';
import { pageRoutes } from './pages.ts';
import type { PhoneProvisioning } from './phone-provisioning.ts';
import { platformLiveRoutes, type PlatformViews } from './platform-live.ts';
import { platformRoutes } from './platforms.ts';
import { queueLogRoutes } from './queue-log.ts';
import { redirectPlainHttp } from './plain-http.ts';
import { queueRoutes } from './queues.ts';
import { reasonRoutes } from './reasons.ts';
import { skillRoutes } from './skills.ts';
import { securityHeaders } from './security-headers.ts';
import type { Sessions } from './sessions.ts';
import { SignInCheck } from './sign-in-check.ts';
import { signInRoutes } from './sign-in.ts';
import { sipProxyRoute } from './sip-proxy.ts';
import { socketRoute } from './socket.ts';
import { type Installation, systemRoute } from './system.ts';
import { userRoutes } from './users.ts';
import type { VisitorCalls } from './visitor-calls.ts';
import { webCallRoutes } from './web-calls.ts';

export interface ApiDeps extends TrunksDeps, SitesDeps, CrmHostsDeps {
  db: Database;
  clock: Clock;
  log: FastifyBaseLogger;
  callCenter: CallCenter;
  sessions: Sessions;
  outbox: Pick<Outbox, 'stuck' | 'retry' | 'correct' | 'count'>;
  installation: Installation;
  door: SoftphoneDoor;
  softphoneXml: (state: SoftphoneState) => string;
  switch: Pick<Switch, 'link' | 'capabilities'>;
  phones: PhoneProvisioning;
  visitorCalls: VisitorCalls;
  platforms: Platforms;
  /** Platforms that route by themselves. */
  views: PlatformViews & { queueLabel(queueId: string): string | undefined };
  /** Where the platform's SIP WebSocket is, or undefined while there is none. */
  sipUpstream: (platformId: string) => SipUpstream | undefined;
  /** Where SIP phones of the platform register. */
  registrar: (platformId: string) => { domain: string; port: number };
  /** Of new queues. */
  queueDefaults: { ringMs: number; wrapMs: number };
  /** Folder of the built pages. */
  pages: string;
  /** Origins of the adapters' pages, which our pages may show in a frame. */
  adapterOrigins: () => readonly string[];
  /** HTTPS with this certificate; plain HTTP without. */
  certificate?: Certificate;
  /** Name of the session's cookie: cookies are shared by all ports of a host, so it names ours. */
  cookie: string;
  /** How the queue into the store of recordings is doing. */
  recordings: HealthDeps['recordings'];
  draining: () => boolean;
  /** Further routes, each with its `config.access`: `(api) => crmRoutes(api, …)`. */
  routes: ((api: Api) => void)[];
}

const MAX_BODY = 1024 * 1024;
const MAX_FRAME = 256 * 1024;
/** What a WebSocket may be asked for; a page without cookies offers its token beside it. */
const SUBPROTOCOLS = ['sip', SOCKET_PROTOCOL];

/** The server, ready to `listen`. `close()` ends every connection. */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const { certificate, log, visitorCalls } = deps;
  const ticketHolds = (ticket: string) => visitorCalls.holds(ticket);
  const options = {
    loggerInstance: log,
    bodyLimit: MAX_BODY,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    // Adapters ask for `//support/api/…`.
    routerOptions: { ignoreDuplicateSlashes: true },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      sendError(toCoded(error, request), reply);
    },
  } as const;
  const plain = certificate
    ? fastify({ ...options, https: { cert: certificate.cert, key: certificate.key } })
    : fastify(options);
  const api = plain.withTypeProvider<ZodTypeProvider>() as unknown as Api;
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  answerErrors(api);
  await addPlugins(api, certificate?.generated === false, deps);
  guardRoutes(api, { ...deps, ticketHolds });
  refuseUnstorable(api);
  auditChanges(api, deps);
  logRequests(api);
  addRoutes(api, deps);
  await pageRoutes(api, deps.pages);
  await api.ready();
  if (certificate) redirectPlainHttp(api.server as unknown as HttpsServer);
  return api;
}

async function addPlugins(
  api: Api,
  strictTransport: boolean,
  origins: Pick<ApiDeps, 'adapterOrigins' | 'crmHosts'>,
): Promise<void> {
  await securityHeaders(api, strictTransport, origins);
  await api.register(cookie);
  await api.register(rateLimit, {
    global: false,
    hook: 'preHandler',
    errorResponseBuilder: (_request, { ttl }) =>
      new CodedError('too-many-attempts', { seconds: Math.ceil(ttl / 1_000) }),
  });
  await api.register(websocket, {
    options: {
      maxPayload: MAX_FRAME,
      handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
    },
    // a frame that is too large, most of all: the sender's mistake
    errorHandler: (err, socket, request) => {
      request.log.debug({ err }, 'a WebSocket broke');
      socket.terminate();
    },
  });
  await api.register(swagger, {
    openapi: {
      info: {
        title: 'Crosspoint',
        version: '1',
        description: 'Errors are {code, message, data} with a stable code.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'session' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: jsonSchemaTransform,
  });
}

function addRoutes(api: Api, deps: ApiDeps): void {
  const signInCheck = new SignInCheck(deps.callCenter, deps.clock);
  signInRoutes(api, { ...deps, signInCheck, secure: deps.certificate !== undefined });
  hostSignInRoutes(api, deps);
  crmHostRoutes(api, deps);
  meRoutes(api, { ...deps, signInCheck });
  healthRoute(api, deps);
  deviceRoutes(api, deps);
  webCallRoutes(api, deps);
  userRoutes(api, deps);
  queueRoutes(api, { ...deps, defaults: deps.queueDefaults });
  numberRoutes(api, deps);
  trunkRoutes(api, deps);
  siteRoutes(api, deps);
  reasonRoutes(api, deps);
  skillRoutes(api, deps);
  outboxRoutes(api, deps);
  platformRoutes(api, deps);
  platformLiveRoutes(api, deps);
  queueLogRoutes(api, { ...deps, queueLabel: (queueId) => deps.views.queueLabel(queueId) });
  auditRoutes(api, deps);
  systemRoute(api, deps);
  openCtiScriptRoutes(api, deps);
  socketRoute(api, deps);
  sipProxyRoute(api, { ...deps, ticketHolds: (ticket) => deps.visitorCalls.holds(ticket) });
  for (const add of deps.routes) add(api);
  api.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () =>
    api.swagger(),
  );
}

/** What no table can hold is the sender's mistake, not ours. */
function refuseUnstorable(api: Api): void {
  api.addHook('preHandler', async ({ body }) => {
    for (const [field, value] of Object.entries(body ?? {})) {
      if (!isStorable(value))
        throw new CodedError('bad-input', {
          field,
          detail: `${field} holds characters that cannot be stored`,
        });
    }
  });
}

/** One line per request, by the route's pattern: addresses carry tickets and personal data. */
function logRequests(api: Api): void {
  api.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    request.log.debug(
      { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    );
  });
}
