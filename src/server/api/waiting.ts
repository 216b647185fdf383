/** What waiting callers hear, and the callbacks that they asked for. */
import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { Callback, CallbackChange, QueueWaiting } from '../../protocol/waiting.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { WaitingBook } from '../callcenter/waiting-book.ts';
import type { Callbacks } from '../flows/waiting/callbacks.ts';
import type { Api } from './api-types.ts';
import { signedIn } from './auth.ts';

export interface WaitingDeps {
  callCenter: Pick<CallCenter, 'queue'>;
  waiting: WaitingBook;
  callbacks: Pick<Callbacks, 'all' | 'get' | 'change' | 'callNow' | 'cancel'>;
}

const params = z.object({ id: z.string().max(80) });
const leaders = { access: ['supervisor', 'administrator'] } as const;

export function waitingRoutes(api: Api, { callCenter, waiting, callbacks }: WaitingDeps): void {
  const tags = ['queues'];
  const mustBeQueue = (id: string) => {
    if (!callCenter.queue(id)) throw new CodedError('not-found', { what: 'queue' });
  };
  api.get(
    '/api/queues/:id/waiting',
    { config: leaders, schema: { tags, params, response: { 200: QueueWaiting } } },
    async (request) => {
      mustBeQueue(request.params.id);
      return waiting.of(request.params.id);
    },
  );
  api.put(
    '/api/queues/:id/waiting',
    {
      config: {
        access: ['administrator'],
        audit: { object: 'queue waiting', read: (id) => waiting.of(id) },
      },
      schema: { tags, params, body: QueueWaiting, response: { 200: QueueWaiting } },
    },
    async (request) => waiting.set(request.params.id, request.body),
  );
  callbackRoutes(api, callbacks);
}

function callbackRoutes(api: Api, callbacks: WaitingDeps['callbacks']): void {
  const tags = ['callbacks'];
  const changing = {
    access: ['supervisor', 'administrator'] as const,
    audit: { object: 'callbacks', read: (id: string) => callbacks.get(id) },
  };
  api.get(
    '/api/callbacks',
    { config: leaders, schema: { tags, response: { 200: z.object({ callbacks: z.array(Callback) }) } } },
    async () => ({ callbacks: callbacks.all() }),
  );
  api.put(
    '/api/callbacks/:id',
    { config: changing, schema: { tags, params, body: CallbackChange, response: { 200: Callback } } },
    async (request) => callbacks.change(request.params.id, request.body, signedIn(request).user.id),
  );
  api.post(
    '/api/callbacks/:id/call',
    {
      config: { ...changing, audit: { ...changing.audit, action: 'change' } },
      schema: { tags, params, response: { 200: Callback } },
    },
    async (request) => callbacks.callNow(request.params.id, signedIn(request).user.id),
  );
  api.delete(
    '/api/callbacks/:id',
    { config: changing, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await callbacks.cancel(request.params.id, signedIn(request).user.id);
      return reply.code(204).send(null);
    },
  );
}
