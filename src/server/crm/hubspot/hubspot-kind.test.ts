import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/clock.ts';
import { must } from '../../../lib/must.ts';
import type { CallLogEntry } from '../../../protocol/crm.ts';
import type { CodedError } from '../../../protocol/errors.ts';
import { crmContext, MemoryAccounts } from '../../../../test/harness/crm-context.ts';
import { HUBSPOT_APP, HUBSPOT_TOKEN, HubSpotDouble } from '../../../../test/harness/hubspot-double.ts';
import type { CrmConnector, CrmContext } from '../connector.ts';
import { numberQuery } from '../number-query.ts';
import { hubspotKind } from './hubspot-kind.ts';

const call = { userId: 'ann', signal: new AbortController().signal };
const ENTRY: CallLogEntry = {
  conversationId: 'conv_1',
  userId: 'ann',
  direction: 'inbound',
  from: '+442079460958',
  to: '+442079460000',
  startedAt: Date.UTC(2026, 0, 5, 9),
  durationSeconds: 42,
  subject: 'Inbound call',
  comments: 'Asked <b>\nfor more',
  disposition: 'sold',
  who: null,
  what: null,
};
let double: HubSpotDouble;
beforeEach(async () => {
  double = await HubSpotDouble.start();
});
afterEach(() => double.close());

async function connect(change: object = {}, context: Partial<CrmContext> = {}): Promise<CrmConnector> {
  const settings = hubspotKind.settings.parse({ apiUrl: double.url, token: HUBSPOT_TOKEN, ...change });
  return await hubspotKind.create(settings, crmContext(context));
}

async function refusal(work: Promise<unknown> | undefined): Promise<CodedError> {
  return await Promise.resolve(work).then(
    () => Promise.reject(new Error('it was not refused')),
    (error: CodedError) => error,
  );
}

describe('HubSpot’s settings', () => {
  it('want a token or an app', async () => {
    await expect(connect({ token: undefined })).rejects.toThrow('Give the access token');
  });

  it('take no object that there is not', () => {
    expect(hubspotKind.settings.safeParse({ token: 'x', objects: 'contacts, ghosts' }).success).toBe(false);
  });
});

describe('a call in HubSpot', () => {
  it('says what it was, whose, and about whom', async () => {
    const connector = await connect();
    const person = double.add('contacts', { lastname: 'Brown' });
    const deal = double.add('deals', { dealname: 'Big one' });
    const who = { id: `contacts:${person.id}`, object: 'contacts', name: 'Brown' };
    const what = { id: `deals:${deal.id}`, object: 'deals', name: 'Big one' };
    const ref = await connector.writeCallLog?.(call, 'conv_1:ann', { ...ENTRY, who, what });
    const { id, properties } = must(double.all('calls')[0], 'call');
    expect(properties).toEqual({
      crosspoint_call_key: 'conv_1:ann',
      hs_timestamp: '2026-01-05T09:00:00.000Z',
      hs_call_title: 'Inbound call',
      hs_call_body: 'Asked &lt;b&gt;<br>for more',
      hs_call_duration: '42000',
      hs_call_from_number: '+442079460958',
      hs_call_to_number: '+442079460000',
      hs_call_status: 'COMPLETED',
      hs_call_disposition: '11111111-2222-3333-4444-555555555555',
      hs_call_direction: 'INBOUND',
      hubspot_owner_id: '71',
    });
    expect([...double.associations]).toEqual([
      `calls/${id} contacts/${person.id}`,
      `calls/${id} deals/${deal.id}`,
    ]);
    expect(ref?.url).toBe(`https://app-eu1.hubspot.com/contacts/4711/record/0-48/${id}`);
  });

  it('with an outcome that HubSpot has not says it in its text, and has no owner that HubSpot has not', async () => {
    const connector = await connect({}, { userName: () => 'zoe@acme.example' });
    await connector.writeCallLog?.(call, 'k', {
      ...ENTRY,
      comments: '',
      disposition: 'Later',
      direction: 'internal',
    });
    const properties = double.all('calls')[0]?.properties;
    expect(properties).toMatchObject({ hs_call_body: 'Outcome: Later', hs_call_disposition: '' });
    expect(properties).not.toHaveProperty('hubspot_owner_id');
    expect(properties).not.toHaveProperty('hs_call_direction');
  });

  it.each([
    ['his name with the domain', { emailDomain: 'acme.example' }, 'ann'],
    ['the address that is given for him', { owners: { sue: 'ann@acme.example' } }, 'sue'],
  ])('belongs to the user with %s', async (_, change, name) => {
    const connector = await connect(change, { userName: () => name });
    await connector.writeCallLog?.(call, 'k', ENTRY);
    expect(double.all('calls')[0]?.properties['hubspot_owner_id']).toBe('71');
  });

  it('has its key’s property made once, and asks for owner and outcomes once', async () => {
    const connector = await connect();
    for (const key of ['k1', 'k2', 'k1']) await connector.writeCallLog?.(call, key, ENTRY);
    expect(double.all('calls')).toHaveLength(2);
    const count = (request: string) => double.asked.filter((one) => one === request).length;
    expect(count('POST /crm/v3/properties/calls')).toBe(1);
    expect(count('GET /crm/v3/owners')).toBe(1);
    expect(count('GET /calling/v1/dispositions')).toBe(1);
  });

  it('is one when two servers write it at the same time, and the search knows neither', async () => {
    const [one, other] = [await connect(), await connect()];
    await Promise.all([one.writeCallLog?.(call, 'k', ENTRY), other.writeCallLog?.(call, 'k', ENTRY)]);
    expect(double.all('calls')).toHaveLength(1);
  });

  it('keeps a second recording in its text, also when it is written again', async () => {
    const connector = await connect();
    await connector.writeCallLog?.(call, 'k', ENTRY);
    const link = {
      conversationId: 'conv_1',
      userId: 'ann',
      recordingId: 'r',
      startedAt: 0,
      durationSeconds: 1,
    };
    for (const url of ['https://x/1', 'https://x/2?a=1&b=2', 'https://x/2?a=1&b=2', 'https://x/1'])
      await connector.attachRecording?.(call, 'k', { ...link, url });
    await connector.writeCallLog?.(call, 'k', { ...ENTRY, comments: 'New.' });
    expect(double.all('calls')[0]?.properties).toMatchObject({
      hs_call_recording_url: 'https://x/1',
      hs_call_body: 'New.<br>Recording: https://x/2?a=1&amp;b=2',
    });
  });
});

describe('a record of HubSpot', () => {
  it('that pops has a page, people come before companies', async () => {
    const connector = await connect();
    const company = double.add('companies', { name: 'Acme', phone: '+44 20 7946 0958' });
    const person = double.add('contacts', {
      firstname: 'Jo',
      lastname: 'Brown',
      company: 'Acme',
      phone: '020 7946 0958',
    });
    const found = await connector.match?.(call, must(numberQuery('+442079460958', 'GB'), 'number'), 10);
    expect(found?.records.map(({ record }) => record)).toEqual([
      {
        id: `contacts:${person.id}`,
        object: 'contacts',
        name: 'Jo Brown',
        detail: 'Acme',
        url: `https://app-eu1.hubspot.com/contacts/4711/record/0-1/${person.id}`,
      },
      expect.objectContaining({ id: `companies:${company.id}`, name: 'Acme' }) as object,
    ]);
  });

  it('is not changed from an old revision', async () => {
    const connector = await connect();
    const { id } = double.add('contacts', { lastname: 'Brown' });
    const { rev } = (await connector.read?.(call, `contacts:${id}`)) ?? { rev: 0 };
    await connector.update?.(call, `contacts:${id}`, { lastname: 'Green' }, rev);
    expect((await refusal(connector.update?.(call, `contacts:${id}`, { lastname: 'x' }, rev))).code).toBe(
      'conflict',
    );
  });

  it.each(['contacts:1/../2', 'ghosts:1', '00300000', 'contacts:'])(
    'with the id %s is not asked for',
    async (id) => {
      const connector = await connect();
      expect((await refusal(connector.read?.(call, id))).code).toBe('not-found');
      expect(double.asked).toEqual([]);
    },
  );
});

describe('HubSpot’s limits', () => {
  it.each([
    [{ body: { policyName: 'DAILY' } }, 900],
    [{ body: { policyName: 'TEN_SECONDLY_ROLLING' } }, 10],
    [{ body: { message: 'You have reached your secondly limit.' } }, 1],
    [{ body: {}, headers: { 'retry-after': '7' } }, 7],
  ])('%o hold everything back', async (answer, seconds) => {
    const clock = new VirtualClock();
    const connector = await connect({}, { clock });
    double.instead = { status: 429, ...answer };
    expect((await refusal(connector.ping(call))).data['seconds']).toBe(seconds);
    double.instead = undefined;
    expect((await refusal(connector.ping(call))).code).toBe('crm-limit');
    expect(double.asked).toHaveLength(1);
    await clock.advance(seconds * 1_000);
    await connector.ping(call);
    expect(connector.usage?.()).toEqual({ used: 2, limit: 250_000 });
  });

  it('let five searches out a second, and refuse one that would wait too long', async () => {
    const clock = new VirtualClock();
    const connector = await connect({ objects: 'deals' }, { clock });
    const searches = Array.from({ length: 21 }, () => connector.search?.(call, 'word', { limit: 1 }));
    for (const one of searches) one?.catch(() => undefined);
    expect((await refusal(searches.at(-1))).code).toBe('crm-limit');
    await expect.poll(() => double.asked.length).toBe(5);
  });
});

describe('HubSpot by OAuth', () => {
  const app = { token: undefined, clientId: HUBSPOT_APP.id, clientSecret: HUBSPOT_APP.secret };

  it('is signed in to by the browser, and its token is renewed in time, once for all who wait', async () => {
    const accounts = new MemoryAccounts();
    const clock = new VirtualClock();
    const connector = await connect(app, { accounts, clock });
    expect((await refusal(connector.ping(call))).code).toBe('crm-sign-in');
    const url = new URL(
      String(
        await connector.signIn?.authorizeUrl({
          redirectUri: 'https://us/cb',
          state: 's',
          codeChallenge: 'c',
        }),
      ),
    );
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'app-id',
      state: 's',
      code_challenge: 'c',
    });
    const account = await connector.signIn?.complete({
      redirectUri: 'https://us/cb',
      code: 'good-code',
      codeVerifier: 'v',
    });
    expect(account).toMatchObject({ externalId: '4711', name: 'HubSpot account 4711' });
    if (account) accounts.kept.set('', account);
    await connector.ping(call);
    await clock.advance(1_800_000);
    double.tokens.clear();
    await Promise.all([connector.ping(call), connector.ping(call)]);
    expect(double.asked.filter((one) => one === 'POST /oauth/v3/token')).toHaveLength(2);
    expect(accounts.kept.get('')?.secrets['accessToken']).toBe('oauth-2');
  });

  it('whose token is taken away early is renewed and asked once more', async () => {
    const accounts = new MemoryAccounts();
    const secrets = { accessToken: 'gone', refreshToken: 'refresh', expiresAt: String(Date.now() + 1e7) };
    accounts.kept.set('', { externalId: '4711', name: 'x', secrets });
    const connector = await connect(app, { accounts });
    await connector.ping(call);
    accounts.kept.set('', {
      externalId: '4711',
      name: 'x',
      secrets: { ...secrets, refreshToken: 'revoked' },
    });
    expect((await refusal((await connect(app, { accounts })).ping(call))).code).toBe('crm-sign-in');
  });
});
