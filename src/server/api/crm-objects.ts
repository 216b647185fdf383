import { z } from 'zod';
import { FieldMeta, ObjectMeta } from '../../protocol/crm.ts';
import { FieldChange, NewField, NewObject, ObjectChange, RecordCount } from '../../protocol/crm-objects.ts';
import type { Metadata } from '../crm/builtin/metadata.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER } from './auth.ts';

const tags = ['CRM objects'];
const Name = z.string().min(1).max(80);
const OfObject = z.object({ name: Name });
const OfField = OfObject.extend({ field: Name });
/** How many records may lose something at most: what whoever deletes was told. Default 0. */
const Agreed = z.object({ records: z.coerce.number().int().min(0).default(0) });

/** The objects and fields of the built-in CRM. */
export function crmObjectRoutes(api: Api, { metadata }: { metadata: Metadata }): void {
  objectRoutes(api, metadata);
  fieldRoutes(api, metadata);
}

function objectRoutes(api: Api, metadata: Metadata): void {
  const read = (name: string) => metadata.now().all.find((meta) => meta.name === name);
  const config = {
    access: ['administrator'] as const,
    audit: { read, id: (request: { params: unknown }) => (request.params as { name?: string }).name ?? '' },
  };
  api.get(
    '/api/crm-objects',
    {
      config: { access: EVERY_USER },
      schema: { tags, response: { 200: z.object({ objects: z.array(ObjectMeta) }) } },
    },
    async () => ({ objects: [...metadata.now().all] }),
  );
  api.post(
    '/api/crm-objects',
    { config, schema: { tags, body: NewObject, response: { 201: ObjectMeta } } },
    async (request, reply) => reply.code(201).send(await metadata.addObject(request.body)),
  );
  api.put(
    '/api/crm-objects/:name',
    { config, schema: { tags, params: OfObject, body: ObjectChange, response: { 200: ObjectMeta } } },
    async (request) => metadata.changeObject(request.params.name, request.body),
  );
  api.delete(
    '/api/crm-objects/:name',
    { config, schema: { tags, params: OfObject, querystring: Agreed, response: { 204: z.null() } } },
    async (request, reply) => {
      await metadata.removeObject(request.params.name, request.query.records);
      return reply.code(204).send(null);
    },
  );
  api.get(
    '/api/crm-objects/:name/count',
    {
      config: { access: ['administrator'] },
      schema: { tags, params: OfObject, response: { 200: RecordCount } },
    },
    async (request) => ({ records: await metadata.count(request.params.name) }),
  );
}

function fieldRoutes(api: Api, metadata: Metadata): void {
  const nameOf = (params: unknown) => {
    const { name, field } = params as { name: string; field?: string };
    return field === undefined ? '' : `${name}.${field}`;
  };
  const read = (id: string) => {
    const [object, name] = id.split('.');
    return metadata
      .now()
      .all.find((meta) => meta.name === object)
      ?.fields.find((field) => field.name === name);
  };
  const config = {
    access: ['administrator'] as const,
    audit: { object: 'crm-fields', read, id: (request: { params: unknown }) => nameOf(request.params) },
  };
  api.post(
    '/api/crm-objects/:name/fields',
    {
      config,
      schema: {
        tags,
        summary: 'Add a field, to a standard object, too',
        params: OfObject,
        body: NewField,
        response: { 201: FieldMeta },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await metadata.addField(request.params.name, request.body)),
  );
  api.put(
    '/api/crm-objects/:name/fields/:field',
    { config, schema: { tags, params: OfField, body: FieldChange, response: { 200: FieldMeta } } },
    async (request) => metadata.changeField(request.params.name, request.params.field, request.body),
  );
  api.delete(
    '/api/crm-objects/:name/fields/:field',
    { config, schema: { tags, params: OfField, querystring: Agreed, response: { 204: z.null() } } },
    async (request, reply) => {
      const { name, field } = request.params;
      await metadata.removeField(name, field, request.query.records);
      return reply.code(204).send(null);
    },
  );
  api.get(
    '/api/crm-objects/:name/fields/:field/count',
    {
      config: { access: ['administrator'] },
      schema: {
        tags,
        summary: 'How many records have a value in the field',
        params: OfField,
        response: { 200: RecordCount },
      },
    },
    async (request) => ({ records: await metadata.count(request.params.name, request.params.field) }),
  );
}
