import { z } from 'zod';
import {
  Directory,
  DirectoryEntry,
  DirectoryEntryInput,
  DirectoryEntryPage,
  DirectoryEntryQuery,
  DirectoryImport,
  DirectoryImportResult,
  DirectoryInput,
  DirectorySource,
} from '../../protocol/directories.ts';
import type { Directories } from '../callcenter/directories.ts';
import type { Api } from './api-types.ts';
import { change } from './trunks.ts';

const tags = ['directories'];
const params = z.object({ id: z.string().max(80) });
const entryParams = z.object({ id: z.string().max(80), entryId: z.string().max(80) });
const leaders = { access: ['supervisor', 'administrator'] } as const;

/** Directories of numbers, and their entries. */
export function directoryRoutes(api: Api, { directories }: { directories: Directories }): void {
  const config = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => directories.get(id) },
  };
  api.get(
    '/api/directories',
    { config: leaders, schema: { tags, response: { 200: z.object({ directories: z.array(Directory) }) } } },
    async () => ({ directories: directories.all() }),
  );
  api.post(
    '/api/directories',
    { config, schema: { tags, body: DirectoryInput, response: { 201: Directory } } },
    async (request, reply) => reply.code(201).send(await directories.add(request.body)),
  );
  api.put(
    '/api/directories/:id',
    { config, schema: { tags, params, body: change(DirectoryInput), response: { 200: Directory } } },
    async (request) => directories.change(request.params.id, request.body),
  );
  api.delete(
    '/api/directories/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await directories.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/directories/:id/import',
    {
      config: { ...config, audit: { ...config.audit, action: 'change' } },
      schema: {
        tags,
        summary: 'Takes a pasted table, all of it or nothing',
        params,
        body: DirectoryImport,
        response: { 200: DirectoryImportResult },
      },
    },
    async (request) => {
      const { csv, mode } = request.body;
      return { imported: await directories.importCsv(request.params.id, csv, mode) };
    },
  );
  entryRoutes(api, directories);
  sourceRoutes(api, directories);
}

/** Which phone fields of the CRM's records agents find. */
function sourceRoutes(api: Api, directories: Directories): void {
  const access = ['administrator'] as const;
  api.get(
    '/api/directory-source',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Phone fields of the CRM that agents find',
        response: { 200: DirectorySource },
      },
    },
    async () => directories.source(),
  );
  api.put(
    '/api/directory-source',
    {
      config: { access, audit: { read: () => directories.source() } },
      schema: {
        tags,
        summary: 'Chooses them; none: every phone field',
        body: DirectorySource,
        response: { 200: DirectorySource },
      },
    },
    async (request) => directories.setSource(request.body),
  );
}

function entryRoutes(api: Api, directories: Directories): void {
  const audit = {
    object: 'directory entries',
    read: (id: string) => directories.entry(id),
    id: (request: { params: unknown }) => (request.params as { entryId?: string }).entryId ?? '',
  };
  const config = { access: ['administrator'] as const, audit };
  api.get(
    '/api/directories/:id/entries',
    {
      config: leaders,
      schema: { tags, params, querystring: DirectoryEntryQuery, response: { 200: DirectoryEntryPage } },
    },
    async (request) => directories.entries(request.params.id, request.query),
  );
  api.post(
    '/api/directories/:id/entries',
    { config, schema: { tags, params, body: DirectoryEntryInput, response: { 201: DirectoryEntry } } },
    async (request, reply) =>
      reply.code(201).send(await directories.addEntry(request.params.id, request.body)),
  );
  api.put(
    '/api/directories/:id/entries/:entryId',
    {
      config,
      schema: {
        tags,
        params: entryParams,
        body: change(DirectoryEntryInput),
        response: { 200: DirectoryEntry },
      },
    },
    async (request) => directories.changeEntry(request.params.entryId, request.body),
  );
  api.delete(
    '/api/directories/:id/entries/:entryId',
    { config, schema: { tags, params: entryParams, response: { 204: z.null() } } },
    async (request, reply) => {
      await directories.removeEntry(request.params.entryId);
      return reply.code(204).send(null);
    },
  );
}
