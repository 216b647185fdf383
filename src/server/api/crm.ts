import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CrmRecord, ObjectMeta, RecordInput, RecordPage, SearchResult } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import { ListConditions } from '../../protocol/list-views.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';

const Id = z.string().min(1).max(80);
const ObjectName = z.string().regex(/^[A-Za-z_]\w{0,79}$/);
const Text = z.string().max(200);
const ById = z.object({ object: ObjectName, id: Id });

export const Paging = z.object({
  limit: z.coerce.number().int().min(1).max(200).optional(),
  /** `next` of the page before. */
  after: z.string().max(1_000).optional(),
});
const ListQuery = Paging.extend({
  /** Words, or a number, that the records must have. */
  q: Text.optional(),
  /** Conditions of a list view, as a JSON array: see `/api/lists`. */
  conditions: z
    .string()
    .max(20_000)
    .optional()
    .transform((text, context) => readConditions(text, context))
    .pipe(ListConditions.optional()),
  /** `name`, `createdAt`, `updatedAt` or the name of a field. */
  sort: z.string().max(80).optional(),
  direction: z.enum(['asc', 'desc']).optional(),
});
const Limit = z.coerce.number().int().min(1).max(50).optional();
const SearchQuery = z.object({
  q: Text.min(1),
  /** Only this object. */
  object: ObjectName.optional(),
  limit: Limit,
});
const MatchQuery = z.object({ number: z.string().min(1).max(256), limit: Limit });
const NewRecord = RecordInput.pick({ fields: true });

const SEARCH_DEADLINE_MS = 5_000;

/** The records of the CRM, read and written as the user who is signed in. */
export function crmRoutes(api: Api, { crm }: { crm: Crm }): void {
  lookUpRoutes(api, crm);
  recordRoutes(api, crm);
  aroundRecordRoutes(api, crm);
}

const config = { access: EVERY_USER };
const tags = ['crm'];

function lookUpRoutes(api: Api, crm: Crm): void {
  api.get(
    '/api/crm/objects',
    {
      config,
      schema: { tags, summary: 'What objects and fields there are', response: { 200: z.array(ObjectMeta) } },
    },
    (request) => crm.objects(actorOf(request)),
  );

  api.get(
    '/api/crm/search',
    {
      config,
      schema: {
        tags,
        summary: 'Records by words or a number',
        querystring: SearchQuery,
        response: { 200: SearchResult },
      },
    },
    (request) => {
      const { q, object, limit } = request.query;
      return crm.search(actorOf(request), q, {
        deadlineMs: SEARCH_DEADLINE_MS,
        ...(object ? { objects: [object] } : {}),
        ...(limit ? { limit } : {}),
      });
    },
  );

  api.get(
    '/api/crm/match',
    {
      config,
      schema: {
        tags,
        summary: 'Whose number this is',
        querystring: MatchQuery,
        response: { 200: SearchResult },
      },
    },
    (request) => {
      const { user } = signedIn(request);
      const { number, limit } = request.query;
      return crm.match(actorOf(request), number, { country: user.country, ...(limit ? { limit } : {}) });
    },
  );
}

function recordRoutes(api: Api, crm: Crm): void {
  api.get(
    '/api/crm/:object',
    {
      config,
      schema: {
        tags,
        summary: 'A page of records',
        params: z.object({ object: ObjectName }),
        querystring: ListQuery,
        response: { 200: RecordPage },
      },
    },
    (request) => {
      const { q, ...options } = request.query;
      const { zone, country } = signedIn(request).user;
      return crm.list(actorOf(request), request.params.object, {
        ...options,
        zone,
        country,
        ...(q ? { text: q } : {}),
      });
    },
  );

  api.post(
    '/api/crm/:object',
    {
      config,
      schema: {
        tags,
        summary: 'Make a record',
        params: z.object({ object: ObjectName }),
        body: NewRecord,
        response: { 201: CrmRecord },
      },
    },
    async (request, reply) => {
      const record = await crm.create(actorOf(request), request.params.object, request.body.fields);
      return reply.code(201).send(record);
    },
  );

  api.get(
    '/api/crm/:object/:id',
    { config, schema: { tags, summary: 'One record', params: ById, response: { 200: CrmRecord } } },
    async (request) => readOne(crm, actorOf(request), request.params),
  );

  api.patch(
    '/api/crm/:object/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Change fields of a record',
        params: ById,
        body: RecordInput,
        response: { 200: CrmRecord },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { id } = await readOne(crm, actor, request.params);
      return crm.update(actor, id, request.body.fields, request.body.rev);
    },
  );

  api.delete(
    '/api/crm/:object/:id',
    {
      config: { access: ['administrator'] },
      schema: { tags, summary: 'Remove a record', params: ById, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const { id } = await readOne(crm, actor, request.params);
      await crm.remove(actor, id);
      return reply.code(204).send(null);
    },
  );
}

function aroundRecordRoutes(api: Api, crm: Crm): void {
  const Related = ById.extend({ relatedObject: ObjectName, field: ObjectName });

  api.get(
    '/api/crm/:object/:id/related/:relatedObject/:field',
    {
      config,
      schema: {
        tags,
        summary: 'Records whose field points at this one',
        params: Related,
        querystring: Paging,
        response: { 200: RecordPage },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { id } = await readOne(crm, actor, request.params);
      const { relatedObject, field } = request.params;
      return crm.related(actor, id, relatedObject, field, request.query);
    },
  );

  api.get(
    '/api/crm/:object/:id/activity',
    {
      config,
      schema: {
        tags,
        summary: 'Tasks about a record, newest first',
        params: ById,
        querystring: Paging,
        response: { 200: RecordPage },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { id } = await readOne(crm, actor, request.params);
      return crm.activity(actor, id, request.query);
    },
  );
}

function readConditions(text: string | undefined, context: z.RefinementCtx): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'this is not JSON' });
    return z.NEVER;
  }
}

/** Whoever is signed in, as the CRM knows him. */
export function actorOf(request: FastifyRequest): Actor {
  const { user } = signedIn(request);
  return { userId: user.id, roles: user.roles };
}

/** The record, which must be of the object that the path names. */
async function readOne(crm: Crm, actor: Actor, { object, id }: z.infer<typeof ById>): Promise<CrmRecord> {
  const record = await crm.read(actor, id);
  if (record.object !== object) throw new CodedError('not-found', { what: object });
  return record;
}
