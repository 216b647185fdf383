import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { FlowRecording, FlowSecretInput, FlowSecretName } from '../../protocol/flows.ts';
import { type FlowRecordings, MAX_RECORDING_BYTES } from '../flows/flow-recordings.ts';
import type { FlowSecrets } from '../flows/flow-secrets.ts';
import type { Api } from './api-types.ts';

const tags = ['flows'];
const params = z.object({ id: z.string().max(80) });
const access = ['administrator'] as const;
/** Supervisors may look at flows, and hear what they say. */
const reading = { access: ['supervisor', 'administrator'] as const };

/** Recordings of prompts, as WAV files. */
export function flowRecordingRoutes(api: Api, { recordings }: { recordings: FlowRecordings }): void {
  const config = { access, audit: { read: (id: string) => recordings.find(id) } };
  api.get(
    '/api/flow-recordings',
    {
      config: reading,
      schema: { tags, response: { 200: z.object({ recordings: z.array(FlowRecording) }) } },
    },
    () => Promise.resolve({ recordings: recordings.all() }),
  );
  api.get(
    '/api/flow-recordings/:id/audio',
    { config: reading, schema: { tags, summary: 'The file, as audio/wav', params } },
    async (request, reply) =>
      reply.type('audio/wav').send(Buffer.from(await recordings.read(request.params.id))),
  );
  api.delete(
    '/api/flow-recordings/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await recordings.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  void api.register(async (scope: Api) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['audio/wav', 'audio/x-wav', 'audio/wave'],
      { parseAs: 'buffer', bodyLimit: MAX_RECORDING_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.post(
      '/api/flow-recordings',
      {
        config,
        bodyLimit: MAX_RECORDING_BYTES,
        schema: {
          tags,
          summary: 'Upload a recording: the body, as audio/wav; mono, 16-bit PCM, 8 to 48 kHz',
          consumes: ['audio/wav'],
          querystring: FlowRecording.pick({ label: true, language: true }),
          response: { 201: FlowRecording },
        },
      },
      async (request, reply) => {
        if (!Buffer.isBuffer(request.body))
          throw new CodedError('bad-input', { field: 'file', detail: 'send the file as audio/wav' });
        return reply.code(201).send(await recordings.add(request.query, request.body));
      },
    );
  });
}

const secretParams = z.object({ name: FlowSecretName });

/** Secrets that flows name; they are written, and never read back. */
export function flowSecretRoutes(api: Api, { secrets }: { secrets: FlowSecrets }): void {
  const config = {
    access,
    audit: {
      id: (request: { params: unknown }) => secretParams.parse(request.params).name,
      read: (name: string) => (secrets.has(name) ? { name } : undefined),
    },
  };
  api.get(
    '/api/flow-secrets',
    { config: { access }, schema: { tags, response: { 200: z.object({ names: z.array(z.string()) }) } } },
    () => Promise.resolve({ names: secrets.names() }),
  );
  api.put(
    '/api/flow-secrets/:name',
    {
      config,
      schema: {
        tags,
        summary: 'Set a secret, by which flows name it as {secret:NAME}',
        params: secretParams,
        body: FlowSecretInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await secrets.put(request.params.name, request.body.secret);
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/api/flow-secrets/:name',
    { config, schema: { tags, params: secretParams, response: { 204: z.null() } } },
    async (request, reply) => {
      await secrets.remove(request.params.name);
      return reply.code(204).send(null);
    },
  );
}
