/**
 * The scripts that adapters load, at Salesforce's own addresses and for any version. They are loaded from other origins by a
 * plain `<script>`, so they say themselves that this is allowed.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../protocol/errors.ts';
import type { Api } from './api-types.ts';

const SCRIPTS: Record<string, string> = {
  '/support/api/:version/lightning/opencti.js': 'opencti.js',
  '/support/api/:version/lightning/opencti_min.js': 'opencti_min.js',
  '/support/api/:version/interaction.js': 'interaction.js',
  '/support/console/:version/integration.js': 'integration.js',
  '/support/voice/:version/voice-host.js': 'voice-host.js',
};

/** @param pages the folder of the built pages; the scripts lie in its folder `opencti`. */
export function openCtiScriptRoutes(api: Api, { pages }: { pages: string }): void {
  for (const [url, file] of Object.entries(SCRIPTS)) {
    api.get(url, { config: { access: 'public' }, schema: { hide: true } }, (request, reply) =>
      sendScript(request, reply, join(pages, 'opencti', file)),
    );
  }
}

async function sendScript(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
  const script = await readFile(path).catch(() => undefined);
  if (!script) throw new CodedError('not-found', { what: 'such script: the pages are not built' });
  const etag = `"${createHash('sha256').update(script).digest('hex').slice(0, 24)}"`;
  reply
    .header('cache-control', 'public, max-age=3600')
    .header('etag', etag)
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('access-control-allow-origin', '*')
    .type('text/javascript; charset=utf-8');
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.send(script);
}
