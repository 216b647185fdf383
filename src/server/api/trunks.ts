import { z } from 'zod';
import {
  OutboundRoute,
  OutboundRouteInput,
  ShownTrunk,
  TrunkInput,
  type TrunkStatus,
} from '../../protocol/trunks.ts';
import type { DialRights } from '../callcenter/dial-rights.ts';
import { CONFIGURED_TRUNK, type Trunk, type Trunks } from '../callcenter/trunks.ts';
import type { Api } from './api-types.ts';

export interface TrunksDeps {
  trunks: Trunks;
  dialRights: DialRights;
  /** What the switch says of a trunk now. */
  trunkStatus(id: string): TrunkStatus;
}

const Order = z.object({ ids: z.array(z.string().max(80)).max(1_000) });

/** Trunks and outbound routes. */
export function trunkRoutes(api: Api, { trunks, dialRights, trunkStatus }: TrunksDeps): void {
  const tags = ['trunks'];
  const administrator = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => trunks.get(id) },
  };
  const routesToo = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => trunks.routes().find((route) => route.id === id) },
  };
  const leaders = { access: ['supervisor', 'administrator'] } as const;
  const params = z.object({ id: z.string().max(80) });
  const show = (trunk: Trunk) => ({
    ...trunk,
    readOnly: trunk.id === CONFIGURED_TRUNK,
    hasPassword: trunks.hasPassword(trunk.id),
    status: trunkStatus(trunk.id),
  });

  api.get(
    '/api/trunks',
    { config: leaders, schema: { tags, response: { 200: z.object({ trunks: z.array(ShownTrunk) }) } } },
    async () => ({ trunks: trunks.all().map(show) }),
  );
  api.post(
    '/api/trunks',
    { config: administrator, schema: { tags, body: TrunkInput, response: { 201: ShownTrunk } } },
    async (request, reply) => reply.code(201).send(show(await trunks.add(request.body))),
  );
  api.put(
    '/api/trunks/order',
    { config: administrator, schema: { tags, body: Order, response: { 204: z.null() } } },
    async (request, reply) => {
      await trunks.reorder(request.body.ids);
      return reply.code(204).send(null);
    },
  );
  api.put(
    '/api/trunks/:id',
    {
      config: administrator,
      schema: { tags, params, body: change(TrunkInput), response: { 200: ShownTrunk } },
    },
    async (request) => show(await trunks.change(request.params.id, request.body)),
  );
  api.delete(
    '/api/trunks/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      const { id } = request.params;
      const named = () => dialRights.sites().filter((site) => site.trunkId === id);
      await trunks.remove(id, () => named().map((site) => site.label));
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/api/outbound-routes',
    { config: leaders, schema: { tags, response: { 200: z.object({ routes: z.array(OutboundRoute) }) } } },
    async () => ({ routes: trunks.routes() }),
  );
  api.post(
    '/api/outbound-routes',
    { config: routesToo, schema: { tags, body: OutboundRouteInput, response: { 201: OutboundRoute } } },
    async (request, reply) => reply.code(201).send(await trunks.saveRoute(request.body)),
  );
  api.put(
    '/api/outbound-routes/order',
    { config: routesToo, schema: { tags, body: Order, response: { 204: z.null() } } },
    async (request, reply) => {
      await trunks.reorderRoutes(request.body.ids);
      return reply.code(204).send(null);
    },
  );
  api.put(
    '/api/outbound-routes/:id',
    {
      config: routesToo,
      schema: { tags, params, body: change(OutboundRouteInput), response: { 200: OutboundRoute } },
    },
    async (request) => trunks.changeRoute(request.params.id, request.body),
  );
  api.delete(
    '/api/outbound-routes/:id',
    { config: routesToo, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await trunks.removeRoute(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

/**
 * What a change may hold: fields that are left out stay as they are, also those that have a default in a new thing; null takes
 * an optional one away.
 */
export function change<S extends z.ZodRawShape>(input: z.ZodObject<S>) {
  const shape = Object.fromEntries(
    Object.entries(input.shape).map(([name, field]) => [
      name,
      (field instanceof z.ZodDefault
        ? field.unwrap()
        : field instanceof z.ZodOptional
          ? removable(field)
          : field) as z.ZodType,
    ]),
  );
  return z.object(shape).partial() as unknown as z.ZodType<Partial<z.output<z.ZodObject<S>>>>;
}

function removable(field: z.ZodOptional): z.ZodType {
  return (field.unwrap() as z.ZodType).nullable().transform((value) => value ?? undefined);
}
