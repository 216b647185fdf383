import {
  SpeechInput,
  SpeechSaid,
  SpeechSay,
  SpeechState,
  SpeechTried,
  SpeechTry,
  SpeechView,
} from '../../protocol/speech.ts';
import type { SpeechEngines } from '../speech/engines.ts';
import { tryRecogniser } from '../speech/try.ts';
import type { SpeechSettingsBook } from '../speech/settings.ts';
import type { Api } from './api-types.ts';

export interface SpeechApi {
  engines: SpeechEngines;
  settings: SpeechSettingsBook;
  /** An 8 kHz mono WAV that says it. */
  speak(text: string, language: string): Promise<Uint8Array>;
}

const tags = ['speech'];
/** A WAV file in base64, and what is around it. */
const BODY_LIMIT = 4_400_000;

/** Which engines hear and speak, and trying them. */
export function speechRoutes(api: Api, { engines, settings, speak }: SpeechApi): void {
  const config = { access: ['administrator'] as const };

  api.get('/api/speech', { config, schema: { tags, response: { 200: SpeechState } } }, async () =>
    engines.state(),
  );
  api.put(
    '/api/speech',
    {
      config: { ...config, audit: { read: () => settings.view() } },
      schema: { tags, body: SpeechInput, response: { 200: SpeechView } },
    },
    async (request) => settings.save(request.body),
  );
  api.post(
    '/api/speech/fetch',
    {
      config,
      schema: {
        tags,
        summary: 'Fetches the offline engines; the progress is in GET /api/speech',
        response: { 202: SpeechState },
      },
    },
    async (_request, reply) => {
      engines.fetch();
      return reply.code(202).send(engines.state());
    },
  );
  api.post(
    '/api/speech/hear',
    { config, bodyLimit: BODY_LIMIT, schema: { tags, body: SpeechTry, response: { 200: SpeechTried } } },
    async (request) => tryRecogniser(engines, request.body),
  );
  api.post(
    '/api/speech/say',
    { config, schema: { tags, body: SpeechSay, response: { 200: SpeechSaid } } },
    async ({ body }) => ({ wav: Buffer.from(await speak(body.text, body.language)).toString('base64') }),
  );
}
