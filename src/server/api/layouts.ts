import { z } from 'zod';
import { LayoutSettings, SoftphoneLayout, SoftphoneLayoutInput } from '../../protocol/layouts.ts';
import type { Layouts } from '../callcenter/layouts.ts';
import type { Api } from './api-types.ts';
import { change } from './trunks.ts';

const tags = ['softphone layouts'];
const params = z.object({ id: z.string().max(80) });
const leaders = { access: ['supervisor', 'administrator'] } as const;

/** Softphone layouts, and the hosts whose pages they may pop. */
export function layoutRoutes(api: Api, { layouts }: { layouts: Layouts }): void {
  const config = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => layouts.now().get(id) },
  };
  const answer = { response: { 200: SoftphoneLayout } };
  api.get(
    '/api/softphone-layouts',
    {
      config: leaders,
      schema: { tags, response: { 200: z.object({ layouts: z.array(SoftphoneLayout) }) } },
    },
    async () => ({ layouts: [...layouts.now().layouts] }),
  );
  api.post(
    '/api/softphone-layouts',
    { config, schema: { tags, body: SoftphoneLayoutInput, response: { 201: SoftphoneLayout } } },
    async (request, reply) => reply.code(201).send(await layouts.add(request.body)),
  );
  api.put(
    '/api/softphone-layouts/:id',
    { config, schema: { tags, params, body: change(SoftphoneLayoutInput), ...answer } },
    async (request) => layouts.change(request.params.id, request.body),
  );
  api.delete(
    '/api/softphone-layouts/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await layouts.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  settingsRoutes(api, layouts);
}

function settingsRoutes(api: Api, layouts: Layouts): void {
  const Settings = { 200: LayoutSettings };
  api.get(
    '/api/softphone-layout-settings',
    { config: leaders, schema: { tags, response: Settings } },
    async () => layouts.now().settings,
  );
  api.put(
    '/api/softphone-layout-settings',
    {
      config: { access: ['administrator'], audit: { read: () => layouts.now().settings } },
      schema: { tags, body: LayoutSettings, response: Settings },
    },
    async (request) => layouts.setSettings(request.body),
  );
}
