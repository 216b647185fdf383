/**
 * Signing in where no cookie comes through: in a frame of another site. The page gets a token, which it keeps to itself and
 * sends as `Authorization: Bearer`, with a WebSocket as the subprotocol `bearer.<token>`.
 *
 *     CRM ── signed context, by postMessage ──► page ── POST /api/sign-in/context ──► token
 *     CRM ── form POST /softphone/sign-in ──► 303 to the page, the context behind its # ──► the same
 *     page ── opens our sign-in window ── POST /api/sign-in/hand-over, with its cookie ──► token ── postMessage ──► page
 */
import { z } from 'zod';
import { HandedToken } from '../../protocol/crm-hosts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CrmHosts } from '../callcenter/crm-hosts.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, refuseForeignPage, signedIn } from './auth.ts';
import { FailedAttempts } from './failed-attempts.ts';
import type { Sessions } from './sessions.ts';
import { refuseBlocked } from './sign-in-check.ts';
import { type SignedContextDeps, userOfContext } from './signed-context.ts';

const MINUTE = 60_000;

export interface HostSignInDeps extends Omit<SignedContextDeps, 'hosts'> {
  crmHosts: CrmHosts;
  sessions: Pick<Sessions, 'open'>;
}

const Context = z.string().min(1).max(8_000);
const RATE = { rateLimit: { max: 300, timeWindow: MINUTE } };
const tags = ['sign-in'];

export function hostSignInRoutes(api: Api, deps: HostSignInDeps): void {
  const { sessions, crmHosts, clock } = deps;
  const failed = new FailedAttempts({ limit: 20, windowMs: 10 * MINUTE, blockMs: 5 * MINUTE }, clock);

  api.post(
    '/api/sign-in/context',
    {
      config: { access: 'public', ...RATE },
      schema: {
        tags,
        body: z.object({ context: Context, origin: z.string().max(200) }),
        response: { 200: HandedToken },
      },
    },
    async (request) => {
      refuseForeignPage(request);
      refuseBlocked(failed.blockedFor(request.ip));
      const { context, origin } = request.body;
      const user = await userOfContext({ ...deps, hosts: crmHosts }, context, origin).catch(
        (error: unknown) => {
          failed.failed(request.ip);
          throw error;
        },
      );
      const { token, session } = await sessions.open(user.id);
      return { token, expiresAt: session.expiresAt };
    },
  );
  api.post(
    '/api/sign-in/hand-over',
    { config: { access: EVERY_USER, audit: false }, schema: { tags, response: { 200: HandedToken } } },
    async (request) => {
      const { token, session } = await sessions.open(signedIn(request).user.id);
      return { token, expiresAt: session.expiresAt };
    },
  );
  formRoute(api, crmHosts);
}

/** For a CRM that can only post a form into the frame. A context is checked when the page brings it, and used up then. */
function formRoute(api: Api, crmHosts: CrmHosts): void {
  void api.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 16_384 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    (scope as unknown as Api).post(
      '/softphone/sign-in',
      { config: { access: 'public', ...RATE }, schema: { hide: true, body: z.object({ context: Context }) } },
      async (request, reply) => {
        const host = crmHosts.at(request.headers.origin);
        if (!host) throw new CodedError('not-allowed');
        const context = encodeURIComponent(request.body.context);
        return reply.redirect(`/softphone?host=${host.kind}#context=${context}`, 303);
      },
    );
  });
}
