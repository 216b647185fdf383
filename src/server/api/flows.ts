import { z } from 'zod';
import { FlowNodeKind } from '../../protocol/flow-nodes.ts';
import {
  Flow,
  FlowDocument,
  FlowDraft,
  FlowProblem,
  FlowPublish,
  FlowRevert,
  FlowSummary,
  FlowVersion,
  NewFlow,
} from '../../protocol/flows.ts';
import type { Flows } from '../flows/flows.ts';
import { KINDS } from '../flows/kinds.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';

const tags = ['flows'];
const params = z.object({ id: z.string().max(80) });
const reading = { access: ['supervisor', 'administrator'] as const };
const changing = { access: ['administrator'] as const };

/** Flows: drafts, their check, and the versions that callers get. */
export function flowRoutes(api: Api, { flows }: { flows: Flows }): void {
  readRoutes(api, flows);
  const config = { ...changing, audit: { read: (id: string) => flows.find(id) } };
  api.post(
    '/api/flows',
    { config, schema: { tags, body: NewFlow, response: { 201: Flow } } },
    async (request, reply) => reply.code(201).send(await flows.add(request.body)),
  );
  api.put(
    '/api/flows/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Save the draft; `rev` is the one that it was made from',
        params,
        body: FlowDraft,
        response: { 200: Flow },
      },
    },
    (request) => flows.save(request.params.id, request.body),
  );
  const change = { ...changing, audit: { ...config.audit, action: 'change' as const } };
  api.post(
    '/api/flows/:id/publish',
    {
      config: change,
      schema: {
        tags,
        summary: 'New calls get the draft as it is; refused while it has problems',
        params,
        body: FlowPublish,
        response: { 200: Flow },
      },
    },
    (request) => flows.publish(request.params.id, request.body, signedIn(request).user.id),
  );
  api.post(
    '/api/flows/:id/revert',
    {
      config: change,
      schema: {
        tags,
        summary: 'The draft becomes what this version was',
        params,
        body: FlowRevert,
        response: { 200: Flow },
      },
    },
    (request) => flows.revert(request.params.id, request.body),
  );
  api.delete(
    '/api/flows/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await flows.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function readRoutes(api: Api, flows: Flows): void {
  api.get(
    '/api/flow-nodes',
    {
      config: reading,
      schema: {
        tags,
        summary: 'The kinds of nodes, with their settings, exits and help texts',
        response: { 200: z.object({ kinds: z.array(FlowNodeKind) }) },
      },
    },
    () => Promise.resolve({ kinds: [...KINDS.values()] }),
  );
  api.get(
    '/api/flows',
    {
      config: reading,
      schema: { tags, response: { 200: z.object({ flows: z.array(FlowSummary) }) } },
    },
    () => Promise.resolve({ flows: flows.all() }),
  );
  api.get(
    '/api/flows/:id',
    { config: reading, schema: { tags, params, response: { 200: Flow } } },
    async (request) => flows.must(request.params.id),
  );
  api.get(
    '/api/flows/:id/versions',
    {
      config: reading,
      schema: { tags, params, response: { 200: z.object({ versions: z.array(FlowVersion) }) } },
    },
    async (request) => ({ versions: await flows.versions(request.params.id) }),
  );
  api.post(
    '/api/flow-check',
    {
      config: { ...changing, audit: false },
      schema: {
        tags,
        summary: 'What would keep this flow from being published; nothing is saved',
        body: FlowDocument,
        response: { 200: z.object({ problems: z.array(FlowProblem) }) },
      },
    },
    async (request) => ({ problems: flows.problems(request.body) }),
  );
}
