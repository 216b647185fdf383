/** What waiting callers hear, callbacks and voicemail, by REST. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { DEFAULT_WAITING } from '../../protocol/waiting.ts';

let test: TestApi;
let queueId: string;
let administrator: string;
let supervisor: string;
let agent: string;

beforeEach(async () => {
  test = await TestApi.create();
  queueId = test.callCenter.queues()[0]?.id ?? '';
  administrator = await test.tokenOf('administrator');
  supervisor = await test.tokenOf('supervisor');
  agent = await test.tokenOf('agent');
});
afterEach(() => test.close());

async function ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, token: string, body?: object) {
  const { statusCode, body: text } = await test.call(method, url, token, body);
  return {
    status: statusCode,
    body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}

describe('what waiting callers hear', () => {
  const path = () => `/api/queues/${queueId}/waiting`;

  it('is music alone until something is set, and stays over a restart', async () => {
    expect(await ask('GET', path(), supervisor)).toEqual({ status: 200, body: DEFAULT_WAITING });
    const settings = {
      comfort: { everyMs: 30_000, texts: [{ en: 'Please wait.' }] },
      callback: { key: '1' },
    };
    expect(await ask('PUT', path(), administrator, settings)).toMatchObject({ status: 200, body: settings });
    await test.waitingBook.reload();
    expect(test.waitingBook.of(queueId)).toMatchObject(settings);
  });

  it('stands in the audit trail, before and after', async () => {
    await ask('PUT', path(), administrator, { announcements: { position: true } });
    const { body } = await ask('GET', '/api/audit?object=queue%20waiting', administrator);
    expect(body).toMatchObject({
      changes: [
        { before: { announcements: { position: false } }, after: { announcements: { position: true } } },
      ],
    });
  });

  it.each([
    [{ callback: { key: '1' }, voicemail: { key: '1' } }, 'voicemail.key'],
    [{ comfort: { everyMs: 1 } }, 'comfort.everyMs'],
    [{ voicemail: { email: 'nobody' } }, 'voicemail.email'],
  ])('is refused with the field, and nothing is changed: %j', async (settings, field) => {
    expect(await ask('PUT', path(), administrator, settings)).toMatchObject({
      status: 400,
      body: { code: 'bad-input', data: { field } },
    });
    expect(test.waitingBook.of(queueId)).toEqual(DEFAULT_WAITING);
  });

  it('is in the configuration file, by the queue’s name', async () => {
    const label = test.callCenter.queue(queueId)?.label ?? '';
    await ask('PUT', path(), administrator, { callback: { key: '1' } });
    const file = test.configuration.export();
    expect(file).toMatchObject({ queueWaiting: { [label]: { callback: { key: '1' } } } });
    const without = { ...file, queueWaiting: {} };
    expect((await test.configuration.apply(without)).problems).toEqual([]);
    expect(test.waitingBook.of(queueId)).toEqual(DEFAULT_WAITING);
  });

  it('is nothing for a queue that there is not', async () => {
    expect(await ask('PUT', '/api/queues/none/waiting', administrator, {})).toMatchObject({ status: 404 });
  });
});

describe('callbacks', () => {
  const CALLBACK = {
    id: 'conv_1',
    number: { kind: 'e164', raw: '+442079460958', value: '+442079460958' },
    queueId: 'sales',
    state: 'waiting',
    enteredAt: 1,
    requestedAt: 2,
    priority: 0,
    position: 1,
    attempts: 0,
    maxAttempts: 3,
  } as const;

  it('are seen, changed, called at once and cancelled by a supervisor, and audited', async () => {
    test.callbacks.set('conv_1', CALLBACK);
    expect(await ask('GET', '/api/callbacks', supervisor)).toEqual({
      status: 200,
      body: { callbacks: [CALLBACK] },
    });
    await ask('PUT', '/api/callbacks/conv_1', supervisor, { number: '020 7946 0222' });
    await ask('POST', '/api/callbacks/conv_1/call', supervisor);
    const sue = expect.any(String);
    expect(test.askedOfCallbacks).toEqual([
      [{ number: '020 7946 0222' }, sue],
      ['now', sue],
    ]);
    expect(await ask('DELETE', '/api/callbacks/conv_1', supervisor)).toMatchObject({ status: 204 });
    expect(await ask('DELETE', '/api/callbacks/conv_1', supervisor)).toMatchObject({ status: 404 });
    const { body } = await ask('GET', '/api/audit?object=callbacks', administrator);
    expect(body?.['changes']).toHaveLength(3);
  });
});

describe('voicemail', () => {
  const caller = { kind: 'e164', raw: '+442079460958', value: '+442079460958' } as const;

  /** A message of five seconds in this box. */
  async function message(id: string, box: { kind: 'queue' | 'user'; id: string }, ms = 5_000): Promise<void> {
    const { recording, database } = test;
    const queue = box.kind === 'queue' ? box.id : null;
    const userIds = box.kind === 'user' ? [box.id] : [];
    await recording.add(id, { why: 'voicemail', queueId: queue, userIds });
    await recording.voicemails.add(database.db, { id, box, caller, callerName: 'Grace', at: 1_000 });
    await recording.voicemails.stored(database.db, id, ms);
  }

  it('is seen by the members of the queue, with what nobody has heard', async () => {
    const me = String((await ask('GET', '/api/me', agent)).body?.['id']);
    await test.callCenter.changeQueue(queueId, { memberIds: [me] });
    await message('rec_1', { kind: 'queue', id: queueId });
    const { body } = await ask('GET', '/api/voicemails', agent);
    expect(body).toMatchObject({
      voicemails: [
        { id: 'rec_1', from: caller, callerName: 'Grace', readAt: null, recording: { may: { play: true } } },
      ],
      next: null,
    });
    expect(body?.['boxes']).toContainEqual(
      expect.objectContaining({ kind: 'queue', id: queueId, unread: 1 }),
    );
    expect((await test.call('GET', '/api/recordings/rec_1/audio', agent)).statusCode).toBe(200);
    await ask('PUT', '/api/voicemails/rec_1', agent, { read: true });
    const after = await ask('GET', `/api/voicemails?box=queue:${queueId}`, agent);
    expect(after.body).toMatchObject({ voicemails: [{ readBy: me }] });
    expect(after.body?.['boxes']).toContainEqual(expect.objectContaining({ id: queueId, unread: 0 }));
  });

  it('of a queue that he is not in, or of somebody else, is none of an agent’s', async () => {
    await test.callCenter.changeQueue(queueId, { memberIds: [] });
    await message('rec_1', { kind: 'queue', id: queueId });
    await message('rec_2', { kind: 'user', id: 'somebody' });
    expect((await ask('GET', '/api/voicemails', agent)).body).toMatchObject({ voicemails: [] });
    expect(await ask('DELETE', '/api/voicemails/rec_1', agent)).toMatchObject({ status: 404 });
    expect((await test.call('GET', '/api/recordings/rec_1/audio', agent)).statusCode).toBe(404);
    expect((await ask('GET', '/api/voicemails', supervisor)).body).toMatchObject({
      voicemails: [{ id: 'rec_1' }],
    });
  });

  it('that nobody said anything in is no message', async () => {
    await message('rec_1', { kind: 'queue', id: queueId }, 400);
    expect((await ask('GET', '/api/voicemails', supervisor)).body).toMatchObject({ voicemails: [] });
  });

  it('that is deleted is gone with its sound, and that stays written down', async () => {
    await message('rec_1', { kind: 'queue', id: queueId });
    expect(await ask('DELETE', '/api/voicemails/rec_1', supervisor)).toMatchObject({ status: 204 });
    expect((await ask('GET', '/api/voicemails', supervisor)).body).toMatchObject({ voicemails: [] });
    expect(test.recording.store.files.size).toBe(0);
    const { body } = await ask('GET', '/api/recordings/rec_1/access', administrator);
    expect(body).toMatchObject({ accesses: [{ what: 'deleted' }] });
  });
});
