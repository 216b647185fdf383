import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/clock.ts';
import { must } from '../../../lib/must.ts';
import type { CallLogEntry } from '../../../protocol/crm.ts';
import type { CodedError } from '../../../protocol/errors.ts';
import { fieldsOf } from '../../../protocol/kind-settings.ts';
import { API_KEY, type HomeGrownCrm } from '../../../../test/harness/home-grown-crm.ts';
import { HOME_GROWN, type RestRig, restRig } from '../../../../test/harness/rest-rig.ts';
import { numberQuery } from '../number-query.ts';
import type { CrmContext } from '../connector.ts';
import { restKind } from './rest-kind.ts';
import { restSettings } from './rest-settings.ts';

const call = { userId: 'ann', signal: new AbortController().signal };
const BASE = { address: 'https://crm.example/api', ...HOME_GROWN };
const CALLER = must(numberQuery('+442079460958', 'GB'), 'number');
let crm: HomeGrownCrm | undefined;
afterEach(async () => {
  await crm?.close();
  crm = undefined;
});

async function rig(change: object = {}, context: Partial<CrmContext> = {}): Promise<RestRig> {
  const made = await restRig(change, context);
  crm = made.crm;
  return made;
}

function entry(change: Partial<CallLogEntry> = {}): CallLogEntry {
  return {
    conversationId: 'conv_1',
    userId: 'ann',
    direction: 'inbound',
    from: '+442079460958',
    to: '+442079460000',
    startedAt: Date.UTC(2026, 0, 5, 9),
    durationSeconds: 42,
    subject: 'Inbound call',
    comments: '',
    disposition: null,
    who: null,
    what: null,
    ...change,
  };
}

describe('settings of a CRM by REST', () => {
  it('have a form', () => {
    const fields = fieldsOf(restKind);
    expect(fields.find(({ name }) => name === 'secret')?.type).toBe('secret');
    expect(fields.find(({ name }) => name === 'match')).toMatchObject({ type: 'json', required: false });
    expect(fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(['address', 'objects']);
    for (const { placeholder, type } of fields)
      if (type === 'json') expect(() => JSON.parse(placeholder) as unknown).not.toThrow();
  });

  it.each([
    ['a host that is none', { address: 'ftp://crm.example' }],
    ['a password in the address', { address: 'https://a:b@crm.example/' }],
    ['a path that is no JSONPath', { read: { path: '/x', record: '$.[' } }],
    ['a header that is none', { headers: { 'a b': 'x' } }],
    [
      'a field that cannot be written',
      { objects: [{ name: 'P', nameField: 'n', fields: { n: { path: '$.a[0]' } } }] },
    ],
    ['a name field that is not there', { objects: [{ name: 'P', nameField: 'n', fields: {} }] }],
    [
      'a page that is no web address',
      { objects: [{ ...HOME_GROWN.objects[0], page: 'javascript:alert({id})' }] },
    ],
    ['a page whose host is a value', { objects: [{ ...HOME_GROWN.objects[0], page: 'https://{id}/x' }] }],
    ['a setting that there is not', { match: { path: '/x', records: {}, retries: 3 } }],
  ])('refuse %s', (_, change) => {
    expect(restSettings.safeParse({ ...BASE, ...change }).success).toBe(false);
  });

  it.each([
    [
      'a value that there is not',
      { read: { path: '/{collection}/{nmber}' } },
      'read: there is no value {nmber} here.',
    ],
    [
      'the secret in an address',
      { read: { path: '/{secret}/{id}' } },
      'read: there is no value {secret} here.',
    ],
    [
      'an object that there is not',
      { match: { path: '/x', records: { Ghost: '$' } } },
      'match: there is no object "Ghost".',
    ],
    ['logs that could be written twice', { findLog: undefined }, 'a log must never be written twice'],
    ['recordings without a log', { writeLog: undefined }, 'writeLog is missing'],
  ])('that hold %s are explained', async (_, change, sentence) => {
    await expect(restRig(change)).rejects.toThrow(sentence);
  });
});

describe('a CRM by REST', () => {
  it('is asked with its key and the name of whoever acts, and answers with records that have a page', async () => {
    const { crm, connector } = await rig();
    const { id } = crm.person({ last: 'Brown', contact: { phones: { work: '020 7946 0958' } } });
    const found = await connector.match?.(call, CALLER, 10);
    expect(found?.records).toEqual([
      {
        record: {
          id: `Person:${id}`,
          object: 'Person',
          name: 'Brown',
          url: `https://crm.example/people/${id}`,
        },
        numbers: ['020 7946 0958'],
      },
    ]);
    expect(crm.asked[0]?.headers).toMatchObject({
      'x-api-key': API_KEY,
      'x-acting-user': 'ann@acme.example',
    });
    await connector.match?.({ ...call, userId: undefined }, CALLER, 10);
    expect(crm.asked[1]?.headers).not.toHaveProperty('x-acting-user');
  });

  it('that compares texts is asked once for each way of writing a number, and shows everybody once', async () => {
    const match = { ...HOME_GROWN.match, query: { digits: '2079460958', written: '{spelling}' } };
    const { crm, connector } = await rig({ match });
    crm.person({ last: 'Brown', contact: { phones: { work: '020 7946 0958' } } });
    expect((await connector.match?.(call, CALLER, 10))?.records).toHaveLength(1);
    const written = crm.asked.map(({ query }) => query.get('written'));
    expect(written).toContain('+44 20 7946 0958');
    expect(new Set(written).size).toBe(written.length);
  });

  it('takes a call by PUT to an address with its key', async () => {
    const put = { method: 'PUT', path: '/figures/{key}', body: { seconds: '{durationSeconds}' } };
    const { crm, connector } = await rig({
      findLog: undefined,
      updateLog: undefined,
      attachRecording: undefined,
      writeLog: put,
    });
    const first = await connector.writeCallLog?.(call, 'conv_1:ann', entry());
    const again = await connector.writeCallLog?.(call, 'conv_1:ann', entry({ durationSeconds: 43 }));
    expect(again).toEqual(first);
    expect([...crm.figures]).toEqual([['conv_1:ann', { seconds: 43 }]]);
  });

  it('is told the key of a log in a header', async () => {
    const { crm, connector } = await rig();
    await connector.writeCallLog?.(call, 'conv_1:ann', entry());
    expect(crm.asked.at(-1)?.headers['idempotency-key']).toBe('conv_1:ann');
  });

  it('that has the log from somebody else says conflict, and it is changed', async () => {
    const { crm, connector } = await rig();
    const [first, second] = [restLog(connector, 'One.'), restLog(connector, 'Two.')];
    await Promise.all([first, second]);
    expect(crm.calls.map((one) => one['text'])).toEqual(['Two.']);
  });

  it('gets the log without a link that it refuses, where nobody can say whether he is gone', async () => {
    const { crm, connector } = await rig({ read: undefined });
    const who = { id: 'Person:1', object: 'Person', name: 'Gone' };
    await connector.writeCallLog?.(call, 'k', entry({ who }));
    expect(crm.calls.map((one) => one['person'])).toEqual([null]);
  });

  it('gets forms where it wants them', async () => {
    const writeLog = { ...HOME_GROWN.writeLog, form: true };
    const { crm, connector } = await rig({ writeLog });
    await connector.writeCallLog?.(call, 'k', entry({ subject: 'a & b' }));
    expect(crm.calls).toMatchObject([{ subject: 'a & b', seconds: '42' }]);
  });

  it('gets many figures in one request', async () => {
    const writeFigures = {
      path: '/figures/all',
      body: { rows: '{rows}' },
      row: { k: '{key}', n: '{answered}' },
    };
    const { crm, connector } = await rig({ writeFigures });
    const row = { from: 0, to: 900_000, queue: null, user: null, offered: 1, abandoned: 0 };
    const times = { talkSeconds: 0, holdSeconds: 0, wrapSeconds: 0, waitSeconds: 0 };
    const rows = [1, 2].map((answered) => ({ key: `k${answered}`, answered, ...row, ...times }));
    await connector.writeFigures?.(call, rows);
    expect(crm.figures.get('all')).toEqual({
      rows: [
        { k: 'k1', n: 1 },
        { k: 'k2', n: 2 },
      ],
    });
  });

  it('refuses a change of an old revision', async () => {
    const { crm, connector } = await rig();
    crm.instead = { status: 412, body: {} };
    expect((await refusal(connector.update?.(call, 'Person:1', { first: 'x' }, 3))).code).toBe('conflict');
  });
});

function restLog(connector: RestRig['connector'], comments: string) {
  return connector.writeCallLog?.(call, 'k', entry({ comments }));
}

async function refusal(work: Promise<unknown> | undefined): Promise<CodedError> {
  return await Promise.resolve(work).then(
    () => Promise.reject(new Error('it was not refused')),
    (error: CodedError) => error,
  );
}

describe('what a CRM by REST answers', () => {
  it.each([
    [
      { status: 401, body: { error: { message: 'The key is not known' } } },
      'crm-sign-in',
      'The key is not known (401).',
    ],
    [{ status: 403, body: {} }, 'crm-refused', 'it gives no reason (403).'],
    [{ status: 500, body: '<html>' }, 'crm-unavailable', 'it gives no reason (500).'],
    [{ status: 200, body: '<html>' }, 'crm-unavailable', 'its answer is no JSON.'],
    [{ status: 302, headers: { location: 'http://169.254.169.254/' } }, 'crm-refused', 'it sends elsewhere'],
    [{ status: 200, body: `"${'x'.repeat(4 * 1024 * 1024)}"` }, 'crm-refused', 'longer than 4 MB'],
  ])('%o is our error', async (answer, code, detail) => {
    const { crm, connector } = await rig();
    crm.instead = answer;
    const error = await refusal(connector.ping(call));
    expect(error.code).toBe(code);
    expect(error.data['detail']).toContain(detail);
    expect(crm.asked, 'requests: no redirect is followed').toHaveLength(1);
  });

  it('"too many" holds back all requests until it says', async () => {
    const clock = new VirtualClock();
    const { crm, connector } = await rig({}, { clock });
    crm.instead = { status: 429, headers: { 'retry-after': '30' } };
    expect((await refusal(connector.ping(call))).data['seconds']).toBe(30);
    crm.instead = undefined;
    await clock.advance(29_000);
    expect((await refusal(connector.ping(call))).data['seconds']).toBe(1);
    expect(crm.asked).toHaveLength(1);
    await clock.advance(1_000);
    await connector.ping(call);
  });

  it('nothing in time is a time-out', async () => {
    const clock = new VirtualClock();
    const { crm, connector } = await rig({ timeoutSeconds: 3 }, { clock });
    crm.silent = true;
    const error = refusal(connector.ping(call));
    await expect.poll(() => crm.asked.length).toBe(1);
    await clock.advance(3_000);
    expect((await error).data['detail']).toBe('it did not answer within 3 seconds.');
  });

  it('a host that is not there is away', async () => {
    const { crm, connector } = await rig();
    await crm.close();
    expect((await refusal(connector.ping(call))).code).toBe('crm-unavailable');
  });

  it('an id that climbs out of its folder is not asked for', async () => {
    const { crm, connector } = await rig();
    expect((await refusal(connector.read?.(call, 'Person:..'))).code).toBe('not-found');
    expect((await refusal(connector.read?.(call, '003000000000001'))).code).toBe('not-found');
    expect(crm.asked).toEqual([]);
  });
});

describe('the test of a CRM by REST', () => {
  it('shows request and answer without secrets, and whom it found', async () => {
    const { crm, connector } = await rig({ testNumber: '020 7946 0958' });
    crm.person({ last: 'Brown', note: API_KEY, contact: { phones: { work: '+44 20 7946 0958' } } });
    const { ok, checks } = await connector.check(call.signal);
    expect(ok).toBe(true);
    const shown = checks.map(({ found }) => found).join('\n');
    expect(shown).toContain('GET http://127.0.0.1');
    expect(shown).toContain('x-api-key: •••');
    expect(shown).toContain('It finds Person Brown.');
    expect(shown).not.toContain(API_KEY);
  });

  it('says when paths find nobody, and shows the answer that they were tried on', async () => {
    const match = { ...HOME_GROWN.match, records: { Person: '$.people[*]' } };
    const { crm, connector } = await rig({ match, testNumber: '020 7946 0958' });
    crm.person({ last: 'Brown', contact: { phones: { work: '+44 20 7946 0958' } } });
    const { checks } = await connector.check(call.signal);
    expect(checks[1]).toMatchObject({
      status: 'warning',
      found: expect.stringContaining('"last":"Brown"') as string,
    });
  });

  it('with a wrong key says so', async () => {
    const { connector } = await rig({ secret: 'wrong' });
    const { ok, checks } = await connector.check(call.signal);
    expect(ok).toBe(false);
    expect(checks[0]?.found).toContain('The key is not known (401).');
  });
});
