import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { CrmHost, HostFile } from '../../protocol/crm-hosts.ts';
import { readDefinition } from '../callcenter/definition-xml.ts';

const SALESFORCE = 'https://acme.lightning.force.com';
const HUBSPOT = 'https://app.hubspot.com';
const SECRET = 'a secret of more than thirty-two characters';

let test: TestApi;
let token: string;
beforeAll(async () => {
  test = await TestApi.create();
  token = await test.tokenOf('administrator');
});
afterAll(() => test.close());

const post = (body: object) => test.call('POST', '/api/crm-hosts', token, body);
const headersOf = async (url: string) => (await test.api.inject({ method: 'GET', url })).headers;

describe('CRMs around the softphone', () => {
  it('are none at first: only our own pages frame it', async () => {
    const headers = await headersOf('/softphone');
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'self' ?;/);
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
  });

  it('are added, changed and removed, without showing the key', async () => {
    const made = await post({
      label: 'Salesforce',
      kind: 'salesforce',
      origins: [SALESFORCE],
      signInKey: 'secret',
      key: SECRET,
    });
    expect(made.statusCode).toBe(201);
    const host = made.json<CrmHost>();
    expect(host).toMatchObject({ connected: false, hasKey: true, users: [] });
    expect(made.body).not.toContain(SECRET);
    const changed = await test.call('PUT', `/api/crm-hosts/${host.id}`, token, { connected: true });
    expect(changed.json()).toMatchObject({ connected: true, hasKey: true, origins: [SALESFORCE] });
    const audit = (await test.call('GET', '/api/audit?object=crm-hosts', token)).body;
    expect(audit).toContain('Salesforce');
    expect(audit).not.toContain(SECRET);
    await post({ label: 'HubSpot', kind: 'hubspot', origins: [HUBSPOT] });
  });

  it('frame the softphone and nothing else; scripts come from those that have one', async () => {
    const headers = await headersOf('/softphone?host=salesforce');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain(`frame-ancestors 'self' ${SALESFORCE} ${HUBSPOT};`);
    expect(policy).toMatch(new RegExp(`script-src 'self' ${SALESFORCE} ?(;|$)`));
    expect(headers).not.toHaveProperty('x-frame-options');
    expect(headers['cross-origin-opener-policy']).toBe('unsafe-none');
    for (const url of ['/', '/setup', '/softphone/sign-in', '/softphones', '/api/me']) {
      const others = await headersOf(url);
      expect(others['content-security-policy'], url).toMatch(/frame-ancestors 'self' ?;/);
      expect(others['content-security-policy'], url).toMatch(/script-src 'self' ?(;|$)/);
    }
  });

  it.each<[what: string, body: object, says: string]>([
    ['a path behind the origin', { origins: ['https://acme.example/x'] }, 'origin'],
    ['http on another computer', { origins: ['http://acme.example'] }, 'origin'],
    ['a wildcard', { origins: ['https://*.force.com'] }, 'origin'],
    ['two policies in one', { origins: ["https://a.example; script-src 'unsafe-inline'"] }, 'origin'],
    ['no origin', { origins: [] }, 'at least one'],
    ['an origin that another has', { origins: [HUBSPOT] }, 'HubSpot has one of these'],
    ['a key that is missing', { signInKey: 'secret' }, 'key'],
    ['a key that can be guessed', { signInKey: 'secret', key: 'short' }, '32'],
    ['a key that is none', { signInKey: 'public-key', key: SECRET }, 'PEM'],
    ['a user that is none', { users: [{ externalId: 'x', userId: 'nobody' }] }, 'no user'],
  ])('are refused with %s', async (_, more, says) => {
    const refused = await post({
      label: 'Another',
      kind: 'other',
      origins: ['https://crm.example'],
      ...more,
    });
    expect(refused.statusCode).toBe(400);
    expect(refused.json<{ message: string }>().message).toContain(says);
  });

  it('give the files that their administrators need', async () => {
    const { 'crm-hosts': hosts } = (await test.call('GET', '/api/crm-hosts', token)).json<{
      'crm-hosts': CrmHost[];
    }>();
    const filesOf = async (kind: string) => {
      const id = hosts.find((host) => host.kind === kind)?.id;
      const response = await test.api.inject({
        method: 'GET',
        url: `/api/crm-hosts/${id}/files`,
        headers: { authorization: `Bearer ${token}`, host: 'phone.example' },
      });
      return response.json<{ files: HostFile[] }>().files;
    };
    const [xml, apex] = await filesOf('salesforce');
    const { definition, diagnostics } = readDefinition(xml?.text ?? '');
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(definition?.sections[0]?.items.map(({ name }) => name)).toContain(
      'reqSalesforceCompatibilityMode',
    );
    expect(xml?.text).toContain('://phone.example/softphone?host=salesforce</item>');
    expect(apex?.text).toContain(hosts[0]?.id);
    expect(apex?.text).not.toContain(SECRET);
    const [settings] = await filesOf('hubspot');
    expect(JSON.parse(settings?.text ?? '')).toMatchObject({
      name: 'HubSpot',
      url: expect.stringContaining('/softphone?host=hubspot'),
      isReady: true,
      supportsInboundCalling: true,
    });
  });
});

describe('a WebSocket without cookies', () => {
  it('shows its token as a subprotocol, which is never the one that is picked', async () => {
    await test.api.listen({ host: '127.0.0.1', port: 0 });
    const base = `ws://127.0.0.1:${(test.api.server.address() as AddressInfo).port}`;
    const agent = await test.tokenOf('agent');
    const socket = new WebSocket(`${base}/api/socket`, ['crosspoint', `bearer.${agent}`], {
      origin: SALESFORCE,
    });
    await once(socket, 'open');
    expect(socket.protocol).toBe('crosspoint');
    socket.terminate();
    const wrong = new WebSocket(`${base}/api/socket`, ['crosspoint', `bearer.${'x'.repeat(43)}`]);
    wrong.on('error', () => undefined);
    const [, response] = (await once(wrong, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(401);
  });
});
