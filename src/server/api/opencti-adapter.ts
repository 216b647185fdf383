import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import {
  AdapterSearch,
  AdapterSearchAnswer,
  MyAdapterAnswer,
  RunActionAnswer,
  RunActionRequest,
  SaveLogAnswer,
  SaveLogRequest,
  Traffic,
} from '../../protocol/opencti.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { CallCenters } from '../callcenter/call-centers.ts';
import type { Directories } from '../callcenter/directories.ts';
import { type ScriptName, describeLayout } from '../callcenter/describe-layout.ts';
import type { Layouts } from '../callcenter/layouts.ts';
import type { Crm } from '../crm/ports.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import type { Actions } from './opencti-actions.ts';
import type { AdapterLogs } from './opencti-save-log.ts';
import { searchForAdapter } from './opencti-search.ts';
import type { AdapterTraffic } from './opencti-traffic.ts';

export interface AdapterRoutesDeps {
  callCenter: Pick<CallCenter, 'users'>;
  callCenters: CallCenters;
  directories: Pick<Directories, 'numbers'>;
  layouts: Layouts;
  scriptName: ScriptName;
  crm: Crm;
  logs: AdapterLogs;
  actions: Actions;
  traffic: AdapterTraffic;
}

const tags = ['opencti'];
// An adapter's calls are work, no change of the configuration.
const config = { access: EVERY_USER };

/** What our desktop asks on behalf of the adapter that it hosts, as the user who is signed in. */
export function adapterRoutes(api: Api, deps: AdapterRoutesDeps): void {
  settingRoutes(api, deps);
  workRoutes(api, deps);
}

function settingRoutes(
  api: Api,
  { callCenters, directories, layouts, scriptName, crm, traffic }: AdapterRoutesDeps,
): void {
  api.get(
    '/api/opencti/adapter',
    { config, schema: { tags, response: { 200: MyAdapterAnswer } } },
    async (request) => ({ adapter: callCenters.adapterOf(signedIn(request).user.id) ?? null }),
  );

  api.get(
    '/api/opencti/layout',
    { config, schema: { tags, response: { 200: z.record(z.string(), z.unknown()) } } },
    async (request) =>
      describeLayout(layouts.now().of(signedIn(request).user), await crm.objects(), scriptName),
  );

  const query = z.object({
    /** Internal name of a call center; without, of all. */
    callCenter: z.string().max(40).optional(),
    /** Only the numbers that every directory has. */
    global: z.stringbool().optional(),
    page: z.coerce.number().int().min(0).default(0),
    pageSize: z.coerce.number().int().min(1).max(10_000).default(5_000),
  });
  const numbers = z.object({
    numbers: z.array(
      z.object({
        callCenterName: z.string(),
        name: z.string(),
        phone: z.string(),
        description: z.string(),
      }),
    ),
    hasNext: z.boolean(),
  });
  api.get(
    '/api/opencti/directory-numbers',
    { config, schema: { tags, querystring: query, response: { 200: numbers } } },
    async (request) => {
      const { callCenter, global, page, pageSize } = request.query;
      const centers = callCenters.all();
      const named = centers.find((one) => one.internalName === callCenter);
      if (callCenter !== undefined && !named) throw new CodedError('not-found', { what: 'call center' });
      const all = directories
        .numbers()
        .filter((one) => (global ? one.callCenterId === null : !named || one.callCenterId === named.id));
      const shown = all.slice(page * pageSize, (page + 1) * pageSize);
      return {
        numbers: shown.map(({ name, phone, description, callCenterId }) => ({
          callCenterName: centers.find((one) => one.id === callCenterId)?.internalName ?? '',
          name,
          phone,
          description,
        })),
        hasNext: all.length > (page + 1) * pageSize,
      };
    },
  );

  api.post(
    '/api/opencti/traffic',
    {
      config,
      schema: { tags, body: z.object({ traffic: z.array(Traffic).max(500) }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      traffic.add(signedIn(request).user.id, request.body.traffic);
      return reply.code(204).send(null);
    },
  );
}

function workRoutes(
  api: Api,
  { callCenter, callCenters, layouts, scriptName, crm, logs, actions }: AdapterRoutesDeps,
): void {
  /** As in Salesforce: only who belongs to a call center works with an adapter. */
  const adapterUser = (request: FastifyRequest) => {
    const { user } = signedIn(request);
    if (!callCenters.of(user.id)) throw new CodedError('not-in-call-center');
    return user;
  };

  api.post(
    '/api/opencti/save-log',
    { config, schema: { tags, body: SaveLogRequest, response: { 200: SaveLogAnswer } } },
    async (request) => {
      const { id, roles } = adapterUser(request);
      return logs.save({ userId: id, roles }, request.body);
    },
  );

  api.post(
    '/api/opencti/search',
    { config, schema: { tags, body: AdapterSearch, response: { 200: AdapterSearchAnswer } } },
    async (request) => {
      const user = adapterUser(request);
      const { text, callType } = request.body;
      const layout = layouts.now().of(user)[callType];
      return searchForAdapter(
        { crm, users: () => callCenter.users(), scriptName },
        { text, callType, layout, user },
      );
    },
  );

  api.post(
    '/api/opencti/run-apex',
    { config, schema: { tags, body: RunActionRequest, response: { 200: RunActionAnswer } } },
    async (request) => {
      const { id, username, name } = adapterUser(request);
      const { className, methodName, params } = request.body;
      return actions.run(className, methodName, params, { id, username, name });
    },
  );
}
