import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  CrmChange,
  CrmChoice,
  CrmKindInfo,
  CrmTest,
  MyCrm,
  NewCrm,
  ShownCrm,
} from '../../protocol/crm-connections.ts';
import { CodedError } from '../../protocol/errors.ts';
import { PlatformReport } from '../../protocol/platforms.ts';
import type { CrmConnections } from '../crm/connections.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, sameHost, signedIn } from './auth.ts';

const tags = ['crm-connections'];
const params = z.object({ id: z.string().max(80) });
const leaders = { access: ['supervisor', 'administrator'] } as const;
const CALLBACK = '/api/crm-connections/callback';

/** The CRMs of the organisation: connected, changed, tested and removed at run time; whom they serve; who signed in to them. */
export function crmConnectionRoutes(api: Api, { crms }: { crms: CrmConnections }): void {
  const audit = { object: 'crm-connections', read: (id: string) => crms.get(id) };
  const administrator = { access: ['administrator'], audit } as const;
  const unwritten = { access: ['administrator'], audit: false } as const;

  api.get(
    '/api/crm-connections',
    {
      config: leaders,
      schema: { tags, response: { 200: z.object({ 'crm-connections': z.array(ShownCrm) }) } },
    },
    async () => ({ 'crm-connections': crms.all() }),
  );
  api.get(
    '/api/crm-connections/kinds',
    { config: leaders, schema: { tags, response: { 200: z.object({ kinds: z.array(CrmKindInfo) }) } } },
    async () => ({ kinds: crms.kinds() }),
  );
  api.get(
    '/api/crm-connections/:id',
    { config: leaders, schema: { tags, params, response: { 200: ShownCrm } } },
    async (request) => mustCrm(crms, request.params.id),
  );
  api.post(
    '/api/crm-connections',
    { config: administrator, schema: { tags, body: NewCrm, response: { 201: ShownCrm } } },
    async (request, reply) => reply.code(201).send(await crms.add(request.body)),
  );
  api.put(
    '/api/crm-connections/:id',
    { config: administrator, schema: { tags, params, body: CrmChange, response: { 200: ShownCrm } } },
    (request) => crms.change(request.params.id, request.body),
  );
  api.delete(
    '/api/crm-connections/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await crms.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/crm-connections/test',
    { config: unwritten, schema: { tags, body: CrmTest, response: { 200: PlatformReport } } },
    ({ body }) => crms.test(body.kind, body.settings, body.id),
  );
  choiceRoutes(api, crms);
  organisationSignInRoutes(api, crms);
  ownSignInRoutes(api, crms);
  callbackRoute(api, crms);
}

function choiceRoutes(api: Api, crms: CrmConnections): void {
  const summary = 'Which CRM serves whom: a call center’s, else the organisation’s';
  api.get(
    '/api/crm-choice',
    { config: leaders, schema: { tags, summary, response: { 200: CrmChoice } } },
    async () => crms.choice(),
  );
  api.put(
    '/api/crm-choice',
    {
      config: {
        access: ['administrator'],
        audit: { object: 'crm-choice', id: () => 'crm-choice', read: () => crms.choice() },
      },
      schema: { tags, summary, body: CrmChoice, response: { 200: CrmChoice } },
    },
    ({ body }) => crms.choose(body),
  );
}

const Address = z.object({
  url: z.string().describe('Where to send the browser, which comes back by itself.'),
});

function organisationSignInRoutes(api: Api, crms: CrmConnections): void {
  const audit = { object: 'crm-connections', read: (id: string) => crms.get(id), action: 'change' } as const;
  api.post(
    '/api/crm-connections/:id/sign-in',
    {
      config: { access: ['administrator'], audit: false },
      schema: { tags, summary: 'Sign in for the organisation', params, response: { 200: Address } },
    },
    (request) => begin(crms, request, request.params.id, 'organisation'),
  );
  api.delete(
    '/api/crm-connections/:id/sign-in',
    {
      config: { access: ['administrator'], audit },
      schema: { tags, summary: 'Forget the organisation’s account', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      await crms.signOut(request.params.id, 'organisation');
      return reply.code(204).send(null);
    },
  );
}

/** The CRM that serves the user who asks, and his own account in it. */
function ownSignInRoutes(api: Api, crms: CrmConnections): void {
  const config = { access: EVERY_USER };
  api.get('/api/me/crm', { config, schema: { tags, response: { 200: MyCrm } } }, async (request) =>
    crms.mine(signedIn(request).user.id),
  );
  api.post('/api/me/crm/sign-in', { config, schema: { tags, response: { 200: Address } } }, (request) => {
    const { user } = signedIn(request);
    return begin(crms, request, crms.servingId(user.id), { userId: user.id });
  });
  api.delete(
    '/api/me/crm/sign-in',
    { config, schema: { tags, response: { 204: z.null() } } },
    async (request, reply) => {
      const { id: userId } = signedIn(request).user;
      await crms.signOut(crms.servingId(userId), { userId });
      return reply.code(204).send(null);
    },
  );
}

/** Where a CRM sends the browser back to; the answer is a page's address. */
function callbackRoute(api: Api, crms: CrmConnections): void {
  const querystring = z.object({
    state: z.string().max(200),
    code: z.string().max(4_000).optional(),
    error: z.string().max(200).optional(),
    error_description: z.string().max(1_000).optional(),
  });
  api.get(
    CALLBACK,
    { config: { access: EVERY_USER }, schema: { tags, querystring, response: { 302: z.null() } } },
    async (request, reply) => {
      const { state, code, error, error_description } = request.query;
      if (code === undefined)
        throw new CodedError('bad-input', { field: 'code', detail: error_description ?? error ?? 'no code' });
      const { crmId, owner } = await crms.completeSignIn(state, code, signedIn(request).user.id);
      return reply.redirect(
        owner === 'organisation' ? `/setup/crm/${encodeURIComponent(crmId)}` : '/?crm=signed-in',
      );
    },
  );
}

async function begin(
  crms: CrmConnections,
  request: FastifyRequest,
  crmId: string,
  owner: 'organisation' | { userId: string },
): Promise<{ url: string }> {
  const redirectUri = `${originOf(request)}${CALLBACK}`;
  const { id: byUserId } = signedIn(request).user;
  return { url: await crms.beginSignIn(crmId, owner, { byUserId, redirectUri }) };
}

/** As the browser sees us, which is what the CRM must know us by. */
function originOf({ headers, protocol, host }: FastifyRequest): string {
  return headers.origin && sameHost(headers.origin, headers.host) ? headers.origin : `${protocol}://${host}`;
}

/** @throws `not-found`. */
function mustCrm(crms: CrmConnections, id: string): ShownCrm {
  const crm = crms.get(id);
  if (!crm) throw new CodedError('not-found', { what: 'CRM' });
  return crm;
}
