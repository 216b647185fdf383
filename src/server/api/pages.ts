import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../protocol/errors.ts';
import type { Api } from './api-types.ts';
import { sendError } from './errors.ts';

const PAGES: Record<string, string> = {
  '/': 'index.html',
  '/softphone': 'softphone.html',
  '/softphone/sign-in': 'sign-in.html',
  '/call': 'call.html',
  '/setup': 'setup.html',
  '/supervisor': 'supervisor.html',
};

/**
 * The built pages. What lies under `/assets` has its content's hash in its name and is kept for ever; pages are asked for anew each
 * time. A path without a file is a route of Setup's (below `/setup`), a wallboard (below `/wallboard`) or the desktop's own, below `/api` an error.
 */
export async function pageRoutes(api: Api, folder: string): Promise<void> {
  const built = existsSync(folder);
  if (built) {
    await api.register(fastifyStatic, { root: folder, wildcard: false, serve: false, cacheControl: false });
    for (const [url, file] of Object.entries(PAGES)) {
      api.get(url, { config: { access: 'public' }, schema: { hide: true } }, (_request, reply) =>
        sendPage(reply, file),
      );
    }
    api.get('/assets/*', { config: { access: 'public' }, schema: { hide: true } }, (request, reply) => {
      const { '*': file } = request.params as { '*': string };
      return reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(`assets/${file}`);
    });
  }
  api.setNotFoundHandler((request, reply) => notFound(request, reply, built));
}

function notFound(request: FastifyRequest, reply: FastifyReply, built: boolean): FastifyReply {
  const path = request.url.split('?')[0] ?? '';
  const page =
    request.method === 'GET' &&
    !/^\/(api|sip|assets)(\/|$)/.test(path) &&
    (request.headers.accept ?? '').includes('text/html');
  if (!page) return sendError(new CodedError('not-found', { what: 'such address' }), reply);
  if (built) return sendPage(reply, pageOf(path));
  return reply.code(503).type('text/plain').send('The pages are not built yet: run "npm run build".');
}

function pageOf(path: string): string {
  if (path.startsWith('/setup/')) return 'setup.html';
  return path.startsWith('/wallboard/') ? 'wallboard.html' : 'index.html';
}

function sendPage(reply: FastifyReply, file: string): FastifyReply {
  return reply.header('cache-control', 'no-cache').sendFile(file);
}
