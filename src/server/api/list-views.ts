import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RecordPage } from '../../protocol/crm.ts';
import { RecordRef } from '../../protocol/facts.ts';
import { ListView, ListViewInput } from '../../protocol/list-views.ts';
import type { BuiltinCrm } from '../crm/builtin/builtin-crm.ts';
import type { ListViews } from '../crm/list-views.ts';
import type { Crm } from '../crm/ports.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import { actorOf, Paging } from './crm.ts';
import { change } from './trunks.ts';

export interface ListViewDeps {
  views: ListViews;
  crm: Crm;
  viewed: Pick<BuiltinCrm, 'noteViewed' | 'viewed' | 'viewedPage'>;
}

const tags = ['list views'];
const config = { access: EVERY_USER };
const params = z.object({ id: z.string().max(80) });
const object = z.string().max(80).optional();

/** List views, the records that each shows, and what the user viewed last. */
export function listViewRoutes(api: Api, deps: ListViewDeps): void {
  viewRoutes(api, deps);
  writeRoutes(api, deps);
  viewedRoutes(api, deps);
}

function viewRoutes(api: Api, { views, crm }: ListViewDeps): void {
  api.get(
    '/api/lists',
    {
      config,
      schema: {
        tags,
        summary: 'The list views that the user sees: his own and the shared ones',
        querystring: z.object({ object }),
        response: { 200: z.object({ lists: z.array(ListView) }) },
      },
    },
    async (request) => ({ lists: await views.list(actorOf(request), request.query.object) }),
  );
  api.get(
    '/api/lists/:id',
    { config, schema: { tags, params, response: { 200: ListView } } },
    async (request) => views.read(actorOf(request), request.params.id),
  );
  api.get(
    '/api/lists/:id/records',
    {
      config,
      schema: {
        tags,
        summary: 'A page of the records that a list view shows',
        params,
        querystring: Paging,
        response: { 200: RecordPage },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const view = await views.read(actor, request.params.id);
      const { conditions, sort, direction } = view;
      const { zone, country } = signedIn(request).user;
      return crm.list(actor, view.object, { ...request.query, conditions, sort, direction, zone, country });
    },
  );
}

function writeRoutes(api: Api, { views }: ListViewDeps): void {
  const isShared = async (request: FastifyRequest) => {
    const body = (request.body ?? {}) as { shared?: unknown };
    const { id } = request.params as { id?: string };
    return body.shared === true || (id !== undefined && (await views.find(id))?.shared === true);
  };
  // A private view is nobody's configuration but its owner's.
  const config = {
    access: EVERY_USER,
    audit: { object: 'lists', read: (id: string) => views.find(id), when: isShared },
  };
  api.post(
    '/api/lists',
    { config, schema: { tags, body: ListViewInput, response: { 201: ListView } } },
    async (request, reply) => reply.code(201).send(await views.add(actorOf(request), request.body)),
  );
  api.put(
    '/api/lists/:id',
    { config, schema: { tags, params, body: change(ListViewInput), response: { 200: ListView } } },
    async (request) => views.change(actorOf(request), request.params.id, request.body),
  );
  api.delete(
    '/api/lists/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await views.remove(actorOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function viewedRoutes(api: Api, { viewed }: ListViewDeps): void {
  api.get(
    '/api/recent',
    {
      config,
      schema: {
        tags,
        summary: 'The records that the user viewed last, the newest first',
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(50).optional() }),
        response: { 200: z.object({ records: z.array(RecordRef) }) },
      },
    },
    async (request) => ({ records: await viewed.viewed(actorOf(request), request.query.limit) }),
  );
  api.get(
    '/api/recent/:object',
    {
      config,
      schema: {
        tags,
        summary: 'The records of one object that the user viewed last, the newest first',
        params: z.object({ object: z.string().max(80) }),
        response: { 200: RecordPage },
      },
    },
    async (request) => viewed.viewedPage(actorOf(request), request.params.object),
  );
  api.put(
    '/api/recent/:id',
    {
      config,
      schema: { tags, summary: 'The user has this record before him', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      await viewed.noteViewed(actorOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );
}
