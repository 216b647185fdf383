import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/postgres.ts';
import type { RecordingLink } from '../protocol/crm.ts';
import { enterRecordingLinks } from './crm-recordings.ts';
import type { StoredRecording } from './recording/recordings.ts';
import { storeMigrations } from './store/schema.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase([...storeMigrations]);
});
afterAll(() => database.drop());

it('a stored recording is linked once in the log of each agent whose CRM takes links, by the public address', async () => {
  const recording = {
    id: 'rec 1',
    conversationId: 'conv_1',
    userIds: ['ann', 'bob', 'cem'],
    startedAt: 1_000,
    ms: 61_400,
  } as StoredRecording;
  const options = {
    crm: {
      missing: ({ userId }: { userId: string }) =>
        userId === 'bob' ? { 'recording-link': 'It takes none.' } : {},
    },
    servingId: (userId: string) => `crm of ${userId}`,
    pages: 'https://phones.example.com',
  };
  await enterRecordingLinks(database.db, options, recording, 5);
  await enterRecordingLinks(database.db, options, recording, 6);
  const rows = await database.db.query<{ body: RecordingLink }>('SELECT body FROM outbox ORDER BY id');
  const link = {
    conversationId: 'conv_1',
    recordingId: 'rec 1',
    url: 'https://phones.example.com/api/recordings/rec%201/audio',
    startedAt: 1_000,
    durationSeconds: 61,
  };
  expect(rows.map(({ body }) => body)).toEqual([
    { ...link, userId: 'ann', crmId: 'crm of ann' },
    { ...link, userId: 'cem', crmId: 'crm of cem' },
  ]);
});
