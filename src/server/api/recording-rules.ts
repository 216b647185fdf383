import { z } from 'zod';
import { RecordingRule, RecordingRuleInput, RecordingSettings } from '../../protocol/recording.ts';
import type { RecordingRules } from '../callcenter/recording-rules.ts';
import type { Api } from './api-types.ts';

const tags = ['recordings'];
const params = z.object({ id: z.string().max(80) });

/** Which calls are recorded, and what else holds for recordings. */
export function recordingRuleRoutes(api: Api, { rules }: { rules: RecordingRules }): void {
  const leaders = { access: ['supervisor', 'administrator'] } as const;
  const read = (id: string) => rules.all().find((rule) => rule.id === id);
  const administrator = { access: ['administrator'] as const, audit: { read } };

  api.get(
    '/api/recording-rules',
    { config: leaders, schema: { tags, response: { 200: z.object({ rules: z.array(RecordingRule) }) } } },
    async () => ({ rules: rules.all() }),
  );
  api.post(
    '/api/recording-rules',
    { config: administrator, schema: { tags, body: RecordingRuleInput, response: { 201: RecordingRule } } },
    async (request, reply) => reply.code(201).send(await rules.add(request.body)),
  );
  api.put(
    '/api/recording-rules/:id',
    {
      config: administrator,
      schema: { tags, params, body: RecordingRuleInput, response: { 200: RecordingRule } },
    },
    async (request) => rules.change(request.params.id, request.body),
  );
  api.delete(
    '/api/recording-rules/:id',
    { config: administrator, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await rules.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  api.get(
    '/api/recording-settings',
    { config: leaders, schema: { tags, response: { 200: RecordingSettings } } },
    async () => rules.settings(),
  );
  api.put(
    '/api/recording-settings',
    {
      config: { access: ['administrator'], audit: { read: () => rules.settings() } },
      schema: { tags, body: RecordingSettings, response: { 200: RecordingSettings } },
    },
    async (request) => rules.setSettings(request.body),
  );
}
