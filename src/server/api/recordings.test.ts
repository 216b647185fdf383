import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { Role } from '../../protocol/api.ts';
import type { RecordingInfo, RecordingRule } from '../../protocol/recording.ts';
import { emptyConversation } from '../telephony/model.ts';
import { byteRange } from './byte-range.ts';

let test: TestApi;
const tokens = {} as Record<Role, string>;
const ids = {} as Record<Role, string>;

beforeAll(async () => {
  test = await TestApi.create();
  for (const role of ['agent', 'supervisor', 'administrator'] as const) {
    tokens[role] = await test.tokenOf(role);
    ids[role] = test.callCenter.userByName(`only-${role}`)?.id ?? '';
  }
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.database.db.query('TRUNCATE recording, recording_access, recording_rule, recording_settings');
  await test.recording.rules.setSettings({
    agentsMayPlay: true,
    agentsMayDownload: false,
    maxPauseMs: 300_000,
    withoutRule: { record: 'demand', retentionDays: null },
  });
  test.recording.asked.length = 0;
});

const get = (url: string, role: Role = 'supervisor', headers: Record<string, string> = {}) =>
  test.api.inject({ method: 'GET', url, headers: { authorization: `Bearer ${tokens[role]}`, ...headers } });
const accesses = async (id: string) =>
  (await get(`/api/recordings/${id}/access`, 'administrator')).json().accesses;

describe('the list of recordings', () => {
  it('is newest first, filtered, and paged without leaving one out', async () => {
    for (let n = 1; n <= 5; n++)
      await test.recording.add(`rec_${n}`, {
        startedAt: n < 4 ? 1_000 : n * 1_000,
        queueId: n === 2 ? null : 'sales',
      });
    const seen: string[] = [];
    let after = '';
    do {
      const page = (await get(`/api/recordings?limit=2${after}`)).json() as {
        recordings: RecordingInfo[];
        next: string | null;
      };
      seen.push(...page.recordings.map(({ id }) => id));
      after = page.next === null ? '' : `&after=${page.next}`;
    } while (after !== '');
    expect(seen).toEqual(['rec_5', 'rec_4', 'rec_3', 'rec_2', 'rec_1']);
    const idsOf = async (query: string) =>
      ((await get(`/api/recordings?${query}`)).json() as { recordings: RecordingInfo[] }).recordings.map(
        ({ id }) => id,
      );
    expect(await idsOf('queueId=sales&to=4000')).toEqual(['rec_3', 'rec_1']);
    expect(await idsOf('from=4000&direction=inbound&state=stored')).toEqual(['rec_5', 'rec_4']);
    expect(await idsOf('conversationId=other')).toEqual([]);
    expect(await idsOf('conversationId=other,conv_1&limit=1')).toEqual(['rec_5']);
    expect((await get('/api/recordings?after=nonsense')).json()).toMatchObject({ code: 'bad-input' });
  });

  it('shows an agent the calls that he was in, whatever he asks for', async () => {
    await test.recording.add('rec_mine', { userIds: ['other', ids.agent] });
    await test.recording.add('rec_others', { userIds: ['other'] });
    const { recordings } = (await get('/api/recordings?userId=other', 'agent')).json() as {
      recordings: RecordingInfo[];
    };
    expect(recordings.map(({ id, may }) => ({ id, may }))).toEqual([
      { id: 'rec_mine', may: { play: true, download: false } },
    ]);
    expect((await get('/api/recordings/rec_others', 'agent')).statusCode).toBe(404);
    expect((await get('/api/recordings/rec_mine', 'agent')).json()).toMatchObject({
      ms: 5_000,
      peaks: { left: [1, 2], right: [3, 4] },
    });
  });
});

describe('the sound of a recording', () => {
  it('is sent whole, or the part that the browser asks for', async () => {
    await test.recording.add('rec_1', {}, Buffer.from('0123456789'));
    const whole = await get('/api/recordings/rec_1/audio');
    expect(whole.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-type': 'audio/wav',
      'content-length': '10',
    });
    expect([whole.statusCode, whole.body]).toEqual([200, '0123456789']);
    const part = await get('/api/recordings/rec_1/audio', 'supervisor', { range: 'bytes=2-4' });
    expect([part.statusCode, part.body, part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10']);
    const end = await get('/api/recordings/rec_1/audio', 'supervisor', { range: 'bytes=-3' });
    expect([end.body, end.headers['content-range']]).toEqual(['789', 'bytes 7-9/10']);
    const behind = await get('/api/recordings/rec_1/audio', 'supervisor', { range: 'bytes=10-' });
    expect([behind.statusCode, behind.json().code, behind.headers['content-range']]).toEqual([
      416,
      'recording-range',
      'bytes */10',
    ]);
  });

  it('is not there while the store has no file of it, with the reason', async () => {
    await test.recording.add('rec_1');
    await test.database.db.query("UPDATE recording SET state = 'waiting', store_key = NULL");
    expect((await get('/api/recordings/rec_1/audio')).json()).toMatchObject({
      code: 'recording-no-audio',
      data: { reason: 'it waits for the store' },
    });
  });

  it('says when the store is away', async () => {
    await test.recording.add('rec_1');
    test.recording.store.broken = 'it cannot be reached';
    expect((await get('/api/recordings/rec_1/audio')).statusCode).toBe(503);
    test.recording.store.broken = undefined;
  });

  it('is kept from agents by the settings, and saving it as a file by another', async () => {
    await test.recording.add('rec_1', { userIds: [ids.agent] });
    const audio = '/api/recordings/rec_1/audio';
    expect((await get(audio, 'agent')).statusCode).toBe(200);
    expect((await get(`${audio}?download=1`, 'agent')).json()).toMatchObject({ code: 'not-allowed' });
    const settings = test.recording.rules.settings();
    await test.recording.rules.setSettings({ ...settings, agentsMayDownload: true });
    expect((await get(`${audio}?download=1`, 'agent')).headers['content-disposition']).toContain('rec_1.wav');
    await test.recording.rules.setSettings({ ...settings, agentsMayPlay: false });
    expect((await get(audio, 'agent')).json()).toMatchObject({ code: 'not-allowed' });
    expect((await get(audio, 'supervisor')).statusCode).toBe(200);
  });
});

describe('the audit', () => {
  it('says who heard, saved, was refused and deleted what, when and from where', async () => {
    await test.recording.add('rec_1', { userIds: [ids.agent] });
    const audio = '/api/recordings/rec_1/audio';
    for (let n = 0; n < 3; n++) await get(audio, 'supervisor', { range: `bytes=${n}-${n}` });
    await get(`${audio}?download=1`, 'agent');
    await get(`${audio}?download=1`, 'administrator');
    await test.call('DELETE', '/api/recordings/rec_1', tokens.administrator);
    const now = test.clock.now();
    expect(await accesses('rec_1')).toMatchObject([
      { userId: ids.administrator, what: 'deleted', from: '127.0.0.1', at: now, times: 1 },
      { userId: ids.administrator, what: 'downloaded', times: 1 },
      { userId: ids.agent, what: 'refused', times: 1 },
      { userId: ids.supervisor, what: 'played', times: 3 },
    ]);
  });

  it('begins a new entry after ten minutes', async () => {
    await test.recording.add('rec_1');
    await get('/api/recordings/rec_1/audio');
    await test.clock.advance(600_001);
    await get('/api/recordings/rec_1/audio');
    expect(await accesses('rec_1')).toHaveLength(2);
  });
});

it('deletes the sound and keeps the row', async () => {
  await test.recording.add('rec_1');
  expect((await test.call('DELETE', '/api/recordings/rec_1', tokens.administrator)).statusCode).toBe(204);
  expect(test.recording.store.files.has('rec_1.wav')).toBe(false);
  expect((await get('/api/recordings/rec_1')).json()).toMatchObject({
    state: 'deleted',
    may: { play: false },
  });
});

describe('recording rules', () => {
  const send = (method: 'POST' | 'PUT' | 'DELETE', url: string, body?: object) =>
    test.call(method, url, tokens.administrator, body);

  it('are added, changed and removed, one per queue and direction', async () => {
    const queueId = test.callCenter.queues()[0]?.id ?? '';
    const rule = {
      scope: { kind: 'queue', queueId },
      record: 'always',
      announcement: 'Recorded.',
      retentionDays: 30,
    };
    const made = await send('POST', '/api/recording-rules', rule);
    expect(made.statusCode).toBe(201);
    const { id } = made.json() as RecordingRule;
    expect((await send('POST', '/api/recording-rules', rule)).json()).toMatchObject({
      code: 'already-exists',
    });
    expect(test.recording.rules.decide('inbound', queueId)).toMatchObject({
      record: 'always',
      retentionDays: 30,
    });
    await send('PUT', `/api/recording-rules/${id}`, { ...rule, record: 'never' });
    expect((await get('/api/recording-rules')).json()).toMatchObject({ rules: [{ id, record: 'never' }] });
    expect((await send('DELETE', `/api/recording-rules/${id}`)).statusCode).toBe(204);
    expect((await send('DELETE', `/api/recording-rules/${id}`)).statusCode).toBe(404);
    expect(test.recording.rules.all()).toEqual([]);
  });

  it.each([
    [{ scope: { kind: 'queue', queueId: 'none' }, record: 'always' }, 'not-found'],
    [{ scope: { kind: 'direction', direction: 'sideways' }, record: 'always' }, 'bad-input'],
    [{ scope: { kind: 'direction', direction: 'inbound' }, record: 'always', retentionDays: 0 }, 'bad-input'],
  ])('refuse %o', async (rule, code) => {
    expect((await send('POST', '/api/recording-rules', rule)).json()).toMatchObject({ code });
  });

  it('go with their queue', async () => {
    const queue = await test.callCenter.addQueue({
      label: 'Gone soon',
      ringMs: 10_000,
      wrapMs: 0,
      dispositionRequired: false,
      greeting: '',
      memberIds: [],
      dispositions: [],
    });
    await send('POST', '/api/recording-rules', {
      scope: { kind: 'queue', queueId: queue.id },
      record: 'never',
    });
    await test.callCenter.removeQueue(queue.id);
    await expect.poll(() => test.recording.rules.all()).toEqual([]);
  });
});

describe('the recording of a call that goes on', () => {
  const inCall = (userId: string, purpose: 'call' | 'consult' = 'call') => {
    const conversation = emptyConversation('conv_1', 0);
    const address = { kind: 'extension', raw: '1', value: '1' } as const;
    const call = {
      platformId: 'p',
      direction: 'inbound',
      ani: address,
      dnis: address,
      startedAt: 0,
    } as const;
    conversation.calls.set('call_1', { id: 'call_1', purpose, ...call });
    const leg = {
      id: 'leg_1',
      callId: 'call_1',
      role: 'agent',
      userId,
      address,
      state: 'connected',
    } as const;
    conversation.legs.set('leg_1', {
      ...leg,
      muted: false,
      lost: false,
      joined: true,
      createdAt: 0,
      heldMs: 0,
    });
    test.recording.conversations.set('conv_1', conversation);
  };
  const post = (verb: string, role: Role, body?: object) =>
    test.call('POST', `/api/calls/conv_1/recording/${verb}`, tokens[role], body);

  it('is paused and resumed by its agent, and by a payment page in its own name', async () => {
    inCall(ids.agent);
    expect((await post('pause', 'agent')).statusCode).toBe(200);
    await post('pause', 'agent', { holder: 'payment' });
    await post('resume', 'agent', { holder: 'payment' });
    expect(test.recording.asked).toEqual([
      `pause leg_1 ${ids.agent}`,
      `pause leg_1 ${ids.agent} payment`,
      `resume leg_1 ${ids.agent} payment`,
    ]);
  });

  it('is nobody else’s, but a supervisor’s', async () => {
    inCall('another');
    expect((await post('pause', 'agent')).json()).toMatchObject({ code: 'no-such-line' });
    expect((await post('pause', 'supervisor')).statusCode).toBe(200);
  });

  it('refuses a holder that is no name', async () => {
    inCall(ids.agent);
    expect((await post('pause', 'agent', { holder: 'no name!' })).json()).toMatchObject({
      code: 'bad-input',
    });
  });
});

describe('a byte range', () => {
  it.each([
    [undefined, 'all'],
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=3-5', { start: 3, end: 5 }],
    ['bytes=3-500', { start: 3, end: 9 }],
    ['bytes=-4', { start: 6, end: 9 }],
    ['bytes=-400', { start: 0, end: 9 }],
    ['bytes=-0', undefined],
    ['bytes=10-', undefined],
    ['bytes=5-3', 'all'],
    ['bytes=1-2,4-5', 'all'],
    ['pages=1-2', 'all'],
    ['bytes=-', 'all'],
  ])('%s of ten bytes', (header, expected) => {
    expect(byteRange(header, 10)).toEqual(expected);
  });
});
