import { z } from 'zod';
import {
  CallCenterClone,
  CheckedDefinition,
  Definition,
  DefinitionFile,
  ImportedCallCenter,
  ShownCallCenter,
  ShownTraffic,
} from '../../protocol/opencti.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { CallCenters } from '../callcenter/call-centers.ts';
import { writeDefinition, writeMetadata } from '../callcenter/definition-xml.ts';
import type { Api } from './api-types.ts';
import type { AdapterTraffic } from './opencti-traffic.ts';

export interface CallCenterRoutesDeps {
  callCenters: CallCenters;
  traffic: AdapterTraffic;
  callCenter: Pick<CallCenter, 'user'>;
}

const tags = ['opencti'];
const params = z.object({ id: z.string().max(80) });
const leaders = { access: ['supervisor', 'administrator'] } as const;

/** What an administrator sets for Open CTI adapters: call centers, who uses which, live traffic. */
export function callCenterRoutes(api: Api, deps: CallCenterRoutesDeps): void {
  definitionRoutes(api, deps.callCenters);
  importRoutes(api, deps.callCenters);
  trafficRoutes(api, deps);
}

function definitionRoutes(api: Api, callCenters: CallCenters): void {
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => callCenters.forAudit(id) },
  };
  api.get(
    '/api/call-centers',
    {
      config: leaders,
      schema: { tags, response: { 200: z.object({ 'call-centers': z.array(ShownCallCenter) }) } },
    },
    async () => ({ 'call-centers': callCenters.all() }),
  );
  api.put(
    '/api/call-centers/:id',
    { config: administrator, schema: { tags, params, body: Definition, response: { 200: ShownCallCenter } } },
    async (request) => callCenters.change(request.params.id, request.body),
  );
  api.put(
    '/api/call-centers/:id/users',
    {
      config: administrator,
      schema: {
        tags,
        params,
        body: z.object({ userIds: z.array(z.string().max(80)).max(10_000) }),
        response: { 200: ShownCallCenter },
      },
    },
    async (request) => callCenters.setUsers(request.params.id, request.body.userIds),
  );
  api.post(
    '/api/call-centers/:id/clone',
    {
      config: { ...administrator, audit: { ...administrator.audit, id: () => '' } },
      schema: { tags, params, body: CallCenterClone, response: { 201: ShownCallCenter } },
    },
    async (request, reply) => reply.code(201).send(await callCenters.clone(request.params.id, request.body)),
  );
  api.delete(
    '/api/call-centers/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await callCenters.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function importRoutes(api: Api, callCenters: CallCenters): void {
  api.post(
    '/api/call-centers/check',
    {
      config: { access: ['administrator'], audit: false },
      schema: { tags, body: DefinitionFile, response: { 200: CheckedDefinition } },
    },
    async (request) => callCenters.check(request.body.text, request.body.fileName),
  );
  api.post(
    '/api/call-centers/import',
    {
      config: { access: ['administrator'], audit: { read: (id) => callCenters.forAudit(id) } },
      schema: { tags, body: DefinitionFile, response: { 201: ImportedCallCenter } },
    },
    async (request, reply) =>
      reply.code(201).send(await callCenters.import(request.body.text, request.body.fileName)),
  );
  const query = z.object({ form: z.enum(['definition', 'metadata']).default('definition') });
  api.get(
    '/api/call-centers/:id/file',
    { config: leaders, schema: { tags, params, querystring: query } },
    async (request, reply) => {
      const center = callCenters.must(request.params.id);
      const metadata = request.query.form === 'metadata';
      const name = `${center.internalName}.${metadata ? 'callCenter' : 'xml'}`;
      return reply
        .header('content-disposition', `attachment; filename="${name}"`)
        .type('application/xml; charset=utf-8')
        .send(metadata ? writeMetadata(center) : writeDefinition(center));
    },
  );
}

function trafficRoutes(api: Api, { traffic, callCenter }: CallCenterRoutesDeps): void {
  const query = z.object({
    after: z.coerce.number().int().default(0),
    /** The newest of them at most. */
    limit: z.coerce.number().int().min(1).max(2_000).default(500),
    userId: z.string().max(80).optional(),
  });
  api.get(
    '/api/opencti/traffic',
    {
      config: { access: ['administrator'] },
      schema: { tags, querystring: query, response: { 200: z.object({ traffic: z.array(ShownTraffic) }) } },
    },
    async (request) => ({
      traffic: traffic
        .since(request.query.after, request.query.userId)
        .slice(-request.query.limit)
        .map((one) => ({ ...one, userName: callCenter.user(one.userId)?.name ?? '' })),
    }),
  );
}
