import { z } from 'zod';
import { CrmHost, CrmHostInput, HostFile } from '../../protocol/crm-hosts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CrmHosts } from '../callcenter/crm-hosts.ts';
import type { Api } from './api-types.ts';
import { hostFiles } from './crm-host-files.ts';
import { change } from './trunks.ts';

export interface CrmHostsDeps {
  crmHosts: CrmHosts;
}

const tags = ['crm hosts'];
const params = z.object({ id: z.string().max(80) });
const leaders = { access: ['supervisor', 'administrator'] } as const;

/** The CRMs whose pages the softphone may live in, and the files that their administrators need. */
export function crmHostRoutes(api: Api, { crmHosts }: CrmHostsDeps): void {
  const config = {
    access: ['administrator'] as const,
    audit: { read: (id: string) => crmHosts.get(id) },
  };
  const answer = { response: { 200: CrmHost } };
  api.get(
    '/api/crm-hosts',
    { config: leaders, schema: { tags, response: { 200: z.object({ 'crm-hosts': z.array(CrmHost) }) } } },
    async () => ({ 'crm-hosts': crmHosts.all() }),
  );
  api.post(
    '/api/crm-hosts',
    { config, schema: { tags, body: CrmHostInput, response: { 201: CrmHost } } },
    async (request, reply) => reply.code(201).send(await crmHosts.add(request.body)),
  );
  api.put(
    '/api/crm-hosts/:id',
    { config, schema: { tags, params, body: change(CrmHostInput), ...answer } },
    async (request) => crmHosts.change(request.params.id, request.body),
  );
  api.delete(
    '/api/crm-hosts/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await crmHosts.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
  api.get(
    '/api/crm-hosts/:id/files',
    {
      config: leaders,
      schema: { tags, params, response: { 200: z.object({ files: z.array(HostFile) }) } },
    },
    async (request) => {
      const host = crmHosts.get(request.params.id);
      if (!host) throw new CodedError('not-found', { what: 'CRM page' });
      return { files: hostFiles(host, `${request.protocol}://${request.host}`) };
    },
  );
}
