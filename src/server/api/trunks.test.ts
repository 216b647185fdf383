/** Trunks, routes, sites and classes of service by REST: validated, without secrets, and not removed while they are needed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';

let test: TestApi;
let admin: string;

beforeAll(async () => {
  test = await TestApi.create();
  admin = await test.tokenOf('administrator');
});
afterAll(() => test.close());

const post = (url: string, body: object) => test.call('POST', url, admin, body);
const put = (url: string, body: object) => test.call('PUT', url, admin, body);
const get = async <T>(url: string) => (await test.call('GET', url, admin)).json<T>();
const remove = (url: string) => test.call('DELETE', url, admin);

const numbers = { country: 'GB' };
const peer = (label: string, connection: object = { kind: 'peer', host: '192.0.2.10' }) => ({
  label,
  platformId: 'private',
  connection,
  numbers,
});
const account = { kind: 'registration', registrar: 'sip.example.com', user: 'acme' };

describe('a trunk', () => {
  it('is made with what is usual, changed in part, and removed', async () => {
    const made = (await post('/api/trunks', peer('One'))).json<{ id: string }>();
    expect(made).toMatchObject({ enabled: true, transport: 'udp', readOnly: false, hasPassword: false });
    const changed = await put(`/api/trunks/${made.id}`, { maxCalls: 5 });
    expect(changed.json()).toMatchObject({ label: 'One', maxCalls: 5, codecs: ['alaw', 'ulaw', 'g722'] });
    await put(`/api/trunks/${made.id}`, { codecs: ['opus'] });
    expect((await put(`/api/trunks/${made.id}`, { label: 'Uno' })).json()).toMatchObject({
      codecs: ['opus'],
    });
    expect((await remove(`/api/trunks/${made.id}`)).statusCode).toBe(204);
    expect((await remove(`/api/trunks/${made.id}`)).statusCode).toBe(404);
  });

  it('has SRTP with TLS only, which keeps its keys secret', async () => {
    const plain = await post('/api/trunks', { ...peer('Open'), transport: 'udp', srtp: 'required' });
    expect(plain.statusCode).toBe(400);
    expect(plain.body).toContain('srtp');
    const secret = { ...peer('Secret'), transport: 'tls', srtp: 'required' };
    const made = (await post('/api/trunks', secret)).json<{ id: string }>();
    expect(made).toMatchObject({ transport: 'tls', srtp: 'required' });
    expect((await put(`/api/trunks/${made.id}`, { transport: 'tcp' })).statusCode).toBe(400);
    await remove(`/api/trunks/${made.id}`);
  });

  it('keeps its password to itself, and a change without one keeps it', async () => {
    const made = await post('/api/trunks', { ...peer('Provider', account), password: 'very-secret-1' });
    const { id } = made.json<{ id: string }>();
    const changed = await put(`/api/trunks/${id}`, { callerIdFormat: 'pai' });
    expect(changed.json()).toMatchObject({ hasPassword: true, callerIdFormat: 'pai' });
    expect(made.body + changed.body + (await test.call('GET', '/api/trunks', admin)).body).not.toContain(
      'secret',
    );
    expect((await test.call('GET', '/api/audit', admin)).body).not.toContain('very-secret-1');
    expect(await test.trunks.password(id)).toBe('very-secret-1');
  });

  it.each<[string, object]>([
    ['registers without a password', peer('Bad', account)],
    ['is a peer of nobody', peer('Bad', { kind: 'peer' })],
    ['has a host that is none', peer('Bad', { kind: 'peer', host: 'a b;c' })],
    ['has a password with a line break', { ...peer('Bad', account), password: 'a\nb' }],
    ['reads numbers of no country', { ...peer('Bad'), numbers: { country: 'gb' } }],
  ])('that %s is refused and nothing is stored', async (_what, body) => {
    expect((await post('/api/trunks', body)).json()).toMatchObject({ code: 'bad-input' });
    expect((await test.call('GET', '/api/trunks', admin)).body).not.toContain('"Bad"');
  });

  it('is not removed while a route or a site names it', async () => {
    const { id } = (await post('/api/trunks', peer('Needed'))).json<{ id: string }>();
    const route = (await post('/api/outbound-routes', { label: 'All', trunkIds: [id] })).json<{
      id: string;
    }>();
    expect((await remove(`/api/trunks/${id}`)).json()).toMatchObject({ code: 'in-use' });
    await remove(`/api/outbound-routes/${route.id}`);
    expect((await remove(`/api/trunks/${id}`)).statusCode).toBe(204);
  });
});

describe('who may dial what, from where', () => {
  const site = {
    label: 'London',
    address: '1 High Street',
    country: 'GB',
    emergencyCallerId: '+442079460100',
  };

  it('is set for all and for one user, and not removed while it is needed', async () => {
    const { id: siteId } = (await post('/api/sites', site)).json<{ id: string }>();
    const home = { label: 'Home only', national: true, international: false, premium: false };
    const { id: classId } = (await post('/api/classes-of-service', home)).json<{ id: string }>();
    const own = { siteId, classId, callerId: null };
    expect((await put('/api/dialling', own)).json()).toEqual(own);
    const user = test.callCenter.userByName('agent')?.id ?? '';
    expect(test.dialRights.classOf(user)).toMatchObject(home);
    expect(test.dialRights.siteOf(user)).toMatchObject(site);
    expect((await remove(`/api/sites/${siteId}`)).json()).toMatchObject({ code: 'in-use' });
    await put('/api/dialling', { siteId: null, classId: null, callerId: null });
    expect((await remove(`/api/sites/${siteId}`)).statusCode).toBe(204);
  });

  it('shows numbers of ours only', async () => {
    const wrong = { siteId: null, classId: null, callerId: '+15005550006' };
    expect((await put('/api/dialling', wrong)).json()).toMatchObject({ code: 'bad-input' });
    const { numbers: ours } = await get<{ numbers: { dnis: string }[] }>('/api/numbers');
    const callerId = ours.find(({ dnis }) => dnis.startsWith('+'))?.dnis;
    expect((await put('/api/dialling', { ...wrong, callerId })).json()).toMatchObject({ callerId });
  });
});
