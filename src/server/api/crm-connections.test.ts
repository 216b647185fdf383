import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { MyCrm, ShownCrm } from '../../protocol/crm-connections.ts';

const MODULE = fileURLToPath(new URL('../../../test/harness/crm-connector/index.js', import.meta.url));
const SECRET = 'not-for-anybody';

let test: TestApi;
let administrator: string;

beforeEach(async () => {
  test = await TestApi.create();
  administrator = await test.tokenOf('administrator');
});
afterEach(() => test.close());

async function ask<T = ShownCrm>(method: string, path: string, body?: object, token = administrator) {
  const answer = await test.call(method as 'GET', path, token, body);
  return { status: answer.statusCode, body: (answer.body && answer.json()) as T & { code?: string } };
}

const add = (settings: object = { url: 'https://crm.example' }, more: object = {}) =>
  ask('POST', '/api/crm-connections', {
    kind: 'connector',
    label: 'Acme CRM',
    settings: { module: MODULE, settings, secrets: { name: SECRET } },
    ...more,
  });

describe('connections to CRMs', () => {
  it('begin with the built-in one, which serves everybody and stays', async () => {
    const { body } = await ask<{ 'crm-connections': ShownCrm[] }>('GET', '/api/crm-connections');
    expect(body['crm-connections']).toMatchObject([{ id: 'builtin', state: 'up', builtIn: true }]);
    expect((await ask('GET', '/api/crm-choice')).body).toEqual({ organisation: 'builtin', callCenters: [] });
    expect((await ask('DELETE', '/api/crm-connections/builtin')).status).toBe(400);
  });

  it('are added without a restart, show how they do, and never their secrets', async () => {
    const { status, body } = await add();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: 'acme-crm',
      state: 'unknown',
      secretsSet: ['secrets'],
      missing: { figures: 'this CRM has no records for them.' },
      usage: { used: 85, limit: 100 },
    });
    await test.crms.crm('acme-crm').read({ userId: 'x', roles: ['agent'] }, '1');
    expect((await ask('GET', '/api/crm-connections/acme-crm')).body.state).toBe('up');
    const { body: trail } = await ask<object>('GET', '/api/audit?object=crm-connections');
    expect(JSON.stringify([body, trail])).not.toContain(SECRET);
    expect(JSON.stringify(trail)).toContain('Acme CRM');
    const [row] = await test.database.db.query('SELECT * FROM crm_connection');
    expect(JSON.stringify(row)).not.toContain(SECRET);
  });

  it('are there after a restart, with their secrets', async () => {
    await add();
    const next = await test.newCrms();
    const record = await next.crm('acme-crm').read({ userId: 'x', roles: ['agent'] }, '1');
    expect(record.name).toBe(SECRET);
    await next.close();
  });

  it('that cannot be made say why, and harm nobody', async () => {
    const { body } = await add({});
    await expect(test.crms.crm(body.id).read({ userId: 'x', roles: [] }, '1')).rejects.toMatchObject({
      code: 'crm-unavailable',
    });
    const { body: shown } = await ask('GET', `/api/crm-connections/${body.id}`);
    expect(shown).toMatchObject({ state: 'down' });
    expect(shown.problem).toContain('settings.url is missing.');
    const changed = await ask('PUT', `/api/crm-connections/${body.id}`, {
      settings: { settings: { url: 'https://crm.example' } },
    });
    expect(changed.body).toMatchObject({ state: 'unknown', secretsSet: ['secrets'] });
  });

  it('are tested before they are saved', async () => {
    const trial = (settings: object) =>
      ask<{ ok: boolean; checks: { code: string; status: string; found: string }[] }>(
        'POST',
        '/api/crm-connections/test',
        { kind: 'connector', settings: { module: MODULE, settings } },
      );
    const { body: good } = await trial({ url: 'https://crm.example' });
    expect(good.ok).toBe(true);
    expect(good.checks.map(({ code, status }) => [code, status])).toEqual([
      ['crm-answers', 'ok'],
      ['crm-usage', 'warning'],
      ['crm-abilities', 'warning'],
    ]);
    expect((await trial({ url: 'away' })).body).toMatchObject({
      ok: false,
      checks: [{ code: 'crm-answers', found: 'away does not answer' }],
    });
    expect((await trial({})).body).toMatchObject({ ok: false, checks: [{ code: 'crm-settings' }] });
  });

  it('are refused with a setting that is wrong, and with a label that is taken', async () => {
    expect((await ask('POST', '/api/crm-connections', { kind: 'connector', label: 'X' })).body).toMatchObject(
      {
        code: 'bad-input',
        data: { field: 'settings.module' },
      },
    );
    expect((await ask('POST', '/api/crm-connections', { kind: 'none', label: 'X' })).status).toBe(400);
    await add();
    expect((await add()).body.code).toBe('already-exists');
  });
});

describe('which CRM serves a user', () => {
  it('is his call center’s, else the organisation’s', async () => {
    await add();
    await add(undefined, { label: 'Other CRM' });
    const { body } = await ask<{ callCenter: { id: string } }>('POST', '/api/call-centers/import', {
      text: DEFINITION,
    });
    const [first, second] = test.callCenter.users();
    await ask('PUT', `/api/call-centers/${body.callCenter.id}/users`, { userIds: [first?.id] });
    const chosen = await ask('PUT', '/api/crm-choice', {
      organisation: 'acme-crm',
      callCenters: [{ callCenterId: body.callCenter.id, crmId: 'other-crm' }],
    });
    expect(chosen.status).toBe(200);
    expect(test.crms.servingId(first?.id)).toBe('other-crm');
    expect(test.crms.servingId(second?.id)).toBe('acme-crm');
    expect(test.crms.servingId()).toBe('acme-crm');
    expect((await test.newCrms()).servingId(first?.id)).toBe('other-crm');
  });

  it('must be one that is there, and one that serves is not removed', async () => {
    await add();
    const choose = (organisation: string) => ask('PUT', '/api/crm-choice', { organisation, callCenters: [] });
    expect((await choose('nothing')).body.code).toBe('bad-input');
    await choose('acme-crm');
    expect((await ask('DELETE', '/api/crm-connections/acme-crm')).body.code).toBe('in-use');
    await choose('builtin');
    test.waiting.set('acme-crm', 2);
    expect((await ask('DELETE', '/api/crm-connections/acme-crm')).body.code).toBe('in-use');
    test.waiting.clear();
    expect((await ask('DELETE', '/api/crm-connections/acme-crm')).status).toBe(204);
    await expect(test.crms.crm('acme-crm').read({ userId: 'x', roles: [] }, '1')).rejects.toMatchObject({
      code: 'crm-unavailable',
    });
  });
});

describe('signing in to a CRM', () => {
  const SIGN_IN = { url: 'https://crm.example', signIn: true };

  it('goes through the CRM and comes back, with PKCE, for the user himself', async () => {
    await add(SIGN_IN);
    await ask('PUT', '/api/crm-choice', { organisation: 'acme-crm', callCenters: [] });
    const agent = await test.tokenOf('agent');
    const before = await ask<MyCrm>('GET', '/api/me/crm', undefined, agent);
    expect(before.body).toMatchObject({ id: 'acme-crm', account: 'own', signedInAs: null });

    const { body } = await ask<{ url: string }>('POST', '/api/me/crm/sign-in', undefined, agent);
    const sent = new URL(body.url).searchParams;
    expect(sent.get('redirectUri')).toMatch(/\/api\/crm-connections\/callback$/);
    const back = `/api/crm-connections/callback?code=abc&state=${sent.get('state')}`;
    expect((await ask('GET', back, undefined, await test.tokenOf('supervisor'))).status).toBe(400);
    const stolen = await ask('GET', back, undefined, agent);
    expect(stolen.status, 'a state is good once').toBe(400);

    const again = await ask<{ url: string }>('POST', '/api/me/crm/sign-in', undefined, agent);
    const next = new URL(again.body.url).searchParams;
    const answer = await test.call(
      'GET',
      `/api/crm-connections/callback?code=abc&state=${next.get('state')}`,
      agent,
    );
    expect(answer.statusCode).toBe(302);
    const after = await ask<MyCrm>('GET', '/api/me/crm', undefined, agent);
    expect(after.body.signedInAs).toBe('Jo (abc)');
    expect((await ask('GET', '/api/crm-connections/acme-crm')).body.signIn).toEqual({
      ownAccounts: true,
      organisation: null,
      users: 1,
    });
    const [row] = await test.database.db.query<{ sealed: string }>('SELECT sealed FROM crm_account');
    expect(Buffer.from(row?.sealed ?? '', 'base64').toString('latin1')).not.toContain('abc-token');
    const challenge = next.get('codeChallenge') ?? '';
    expect(challenge).toHaveLength(createHash('sha256').digest('base64url').length);

    await ask('DELETE', '/api/me/crm/sign-in', undefined, agent);
    expect((await ask<MyCrm>('GET', '/api/me/crm', undefined, agent)).body.signedInAs).toBeNull();
  });

  it('is too late after ten minutes, and says what the CRM refused', async () => {
    await add(SIGN_IN);
    const begin = async () => {
      const { body } = await ask<{ url: string }>('POST', '/api/crm-connections/acme-crm/sign-in');
      return new URL(body.url).searchParams.get('state');
    };
    const late = await begin();
    await test.clock.advance(11 * 60_000);
    administrator = await test.tokenOf('administrator');
    expect((await ask('GET', `/api/crm-connections/callback?code=a&state=${late}`)).status).toBe(400);
    const refused = await ask(
      'GET',
      `/api/crm-connections/callback?error=access_denied&error_description=end-user+denied&state=${await begin()}`,
    );
    expect(JSON.stringify(refused.body)).toContain('end-user denied');
  });
});

const DEFINITION = `<callCenter>
  <section sortOrder="0" name="reqGeneralInfo" label="General Information">
    <item sortOrder="0" name="reqInternalName" label="InternalName">Sales1</item>
    <item sortOrder="1" name="reqDisplayName" label="Display Name">Sales</item>
    <item sortOrder="2" name="reqAdapterUrl" label="CTI Adapter URL">https://adapter.example/</item>
    <item sortOrder="3" name="reqUseApi" label="Use CTI API">true</item>
    <item sortOrder="4" name="reqSoftphoneHeight" label="Softphone Height">300</item>
    <item sortOrder="5" name="reqSoftphoneWidth" label="Softphone Width">500</item>
    <item sortOrder="6" name="reqCanBeCalledFromExternal" label="x">true</item>
  </section>
</callCenter>`;
