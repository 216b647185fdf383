import { z } from 'zod';
import {
  ClassOfService,
  ClassOfServiceInput,
  DiallingDefaults,
  Site,
  SiteInput,
  UserDialling,
} from '../../protocol/trunks.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { DialRights } from '../callcenter/dial-rights.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Api } from './api-types.ts';
import { change } from './trunks.ts';

export interface SitesDeps {
  callCenter: CallCenter;
  dialRights: DialRights;
}

/** Sites, classes of service, and which of them users and queues have. */
export function siteRoutes(api: Api, deps: SitesDeps): void {
  siteOnlyRoutes(api, deps);
  classRoutes(api, deps);
  assignmentRoutes(api, deps);
}

/** For administrators; what `read` gives goes into the audit trail. */
function audited(read: (id: string) => unknown, object?: string) {
  return { access: ['administrator'] as const, audit: { read, ...(object ? { object } : {}) } };
}
const leaders = { access: ['supervisor', 'administrator'] } as const;
const params = z.object({ id: z.string().max(80) });

function siteOnlyRoutes(api: Api, { dialRights }: SitesDeps): void {
  const config = audited((id) => dialRights.sites().find((site) => site.id === id));
  const tags = ['sites'];
  api.get(
    '/api/sites',
    { config: leaders, schema: { tags, response: { 200: z.object({ sites: z.array(Site) }) } } },
    async () => ({ sites: dialRights.sites() }),
  );
  api.post(
    '/api/sites',
    { config, schema: { tags, body: SiteInput, response: { 201: Site } } },
    async (request, reply) => reply.code(201).send(await dialRights.addSite(request.body)),
  );
  api.put(
    '/api/sites/:id',
    { config, schema: { tags, params, body: change(SiteInput), response: { 200: Site } } },
    async (request) => dialRights.changeSite(request.params.id, request.body),
  );
  api.delete(
    '/api/sites/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await dialRights.removeSite(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function classRoutes(api: Api, { dialRights }: SitesDeps): void {
  const config = audited((id) => dialRights.classes().find((kept) => kept.id === id));
  const tags = ['classes of service'];
  api.get(
    '/api/classes-of-service',
    { config: leaders, schema: { tags, response: { 200: z.object({ classes: z.array(ClassOfService) }) } } },
    async () => ({ classes: dialRights.classes() }),
  );
  api.post(
    '/api/classes-of-service',
    { config, schema: { tags, body: ClassOfServiceInput, response: { 201: ClassOfService } } },
    async (request, reply) => reply.code(201).send(await dialRights.addClass(request.body)),
  );
  api.put(
    '/api/classes-of-service/:id',
    {
      config,
      schema: { tags, params, body: change(ClassOfServiceInput), response: { 200: ClassOfService } },
    },
    async (request) => dialRights.changeClass(request.params.id, request.body),
  );
  api.delete(
    '/api/classes-of-service/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await dialRights.removeClass(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

const QueueCallerId = z.object({ callerId: UserDialling.shape.callerId });

function assignmentRoutes(api: Api, { callCenter, dialRights }: SitesDeps): void {
  const tags = ['dialling'];
  const Defaults = { 200: DiallingDefaults };
  const callerIdOf = (id: string) => ({ callerId: dialRights.callerIdOfQueue(id) ?? null });
  api.get('/api/dialling', { config: leaders, schema: { tags, response: Defaults } }, async () =>
    dialRights.defaults(),
  );
  api.put(
    '/api/dialling',
    {
      config: audited(() => dialRights.defaults()),
      schema: { tags, body: DiallingDefaults, response: Defaults },
    },
    async (request) => dialRights.setDefaults(request.body),
  );
  api.get(
    '/api/users/:id/dialling',
    { config: leaders, schema: { tags, params, response: { 200: UserDialling } } },
    async (request) => dialRights.ofUser(known(callCenter.user(request.params.id)?.id, 'user')),
  );
  api.put(
    '/api/users/:id/dialling',
    {
      config: audited((id) => dialRights.ofUser(id), 'user dialling'),
      schema: { tags, params, body: UserDialling, response: { 200: UserDialling } },
    },
    async (request) =>
      dialRights.setUser(known(callCenter.user(request.params.id)?.id, 'user'), request.body),
  );
  api.get(
    '/api/queues/:id/caller-id',
    { config: leaders, schema: { tags, params, response: { 200: QueueCallerId } } },
    async (request) => {
      const id = known(callCenter.queue(request.params.id)?.id, 'queue');
      return callerIdOf(id);
    },
  );
  api.put(
    '/api/queues/:id/caller-id',
    {
      config: audited(callerIdOf, 'queue caller id'),
      schema: { tags, params, body: QueueCallerId, response: { 200: QueueCallerId } },
    },
    async (request) => {
      const id = known(callCenter.queue(request.params.id)?.id, 'queue');
      await dialRights.setQueueCallerId(id, request.body.callerId);
      return callerIdOf(id);
    },
  );
}

function known(id: string | undefined, what: string): string {
  if (id === undefined) throw new CodedError('not-found', { what });
  return id;
}
