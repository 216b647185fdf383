import { Readable } from 'node:stream';
import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { ImportError, ImportJob, ImportPlan, UploadQuery } from '../../protocol/imports.ts';
import type { ImportJobs } from '../crm/import/import-jobs.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';

const tags = ['imports'];
const params = z.object({ id: z.string().max(80) });
const access = ['administrator'] as const;
const answer = { 200: ImportJob };

/** Import of records from CSV files: uploaded, checked as a whole, applied as a whole. */
export function importRoutes(api: Api, { imports }: { imports: ImportJobs }): void {
  uploadRoute(api, imports);
  stepRoutes(api, imports);
  const config = { access };
  api.get(
    '/api/imports',
    { config, schema: { tags, response: { 200: z.object({ imports: z.array(ImportJob) }) } } },
    async () => ({ imports: await imports.list() }),
  );
  api.get('/api/imports/:id', { config, schema: { tags, params, response: answer } }, (request) =>
    imports.read(request.params.id),
  );
  api.get(
    '/api/imports/:id/errors',
    {
      config,
      schema: {
        tags,
        summary: 'The first rows with errors',
        params,
        response: { 200: z.object({ errors: z.array(ImportError) }) },
      },
    },
    async (request) => ({ errors: await imports.errors(request.params.id) }),
  );
  api.get(
    '/api/imports/:id/errors.csv',
    { config, schema: { tags, summary: 'All rows with errors, to be mended', params } },
    async (request, reply) => {
      const { fileName } = await imports.read(request.params.id);
      const name = encodeURIComponent(fileName.replace(/\.\w+$/, '') + ' errors.csv');
      return reply
        .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
        .type('text/csv; charset=utf-8')
        .send(Readable.from(imports.errorFile(request.params.id)));
    },
  );
}

/** The file is the body, and goes row by row into the staging table as it comes in. */
function uploadRoute(api: Api, imports: ImportJobs): void {
  void api.register(async (scope: Api) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('text/csv', (_request, _payload, done) => done(null));
    scope.post(
      '/api/imports',
      {
        // Nothing is changed by it: applying it is what stands in the trail.
        config: { access, audit: false },
        schema: {
          tags,
          summary: 'Upload a CSV file: the body, as text/csv',
          consumes: ['text/csv'],
          querystring: UploadQuery,
          response: { 201: ImportJob },
        },
      },
      async (request, reply) => {
        if (request.headers['content-type']?.startsWith('text/csv') !== true) {
          throw new CodedError('bad-input', { field: 'file', detail: 'send the file as text/csv' });
        }
        const { user } = signedIn(request);
        return reply.code(201).send(await imports.upload(user.id, request.query, request.raw));
      },
    );
  });
}

function stepRoutes(api: Api, imports: ImportJobs): void {
  api.post(
    '/api/imports/:id/check',
    {
      config: { access, audit: false },
      schema: {
        tags,
        summary: 'Check every row by this plan; the job says how far it is',
        params,
        body: ImportPlan,
        response: { 202: ImportJob },
      },
    },
    async (request, reply) => reply.code(202).send(await imports.check(request.params.id, request.body)),
  );
  api.post(
    '/api/imports/:id/apply',
    {
      config: { access, audit: { object: 'imports', action: 'change', read: (id) => imports.read(id) } },
      schema: {
        tags,
        summary: 'Write what was checked: all of it in one transaction, or nothing',
        params,
        body: z.object({
          /** Leave out the rows with errors instead of refusing. */
          skipBad: z.boolean().default(false),
        }),
        response: { 202: ImportJob },
      },
    },
    async (request, reply) => {
      const { user } = signedIn(request);
      return reply.code(202).send(await imports.apply(request.params.id, user.id, request.body.skipBad));
    },
  );
  api.post(
    '/api/imports/:id/cancel',
    {
      config: { access, audit: false },
      schema: { tags, summary: 'End it; nothing is written', params, response: answer },
    },
    async (request) => imports.cancel(request.params.id),
  );
}
