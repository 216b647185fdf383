import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { readWav, writeWav } from '../telephony/speech/wav.ts';

let test: TestApi;
let token = '';

beforeAll(async () => {
  test = await TestApi.create();
  token = await test.tokenOf('administrator');
});
afterAll(() => test.close());

async function ask(method: 'GET' | 'PUT' | 'POST', path: string, body?: object) {
  const answer = await test.call(method, `/api/speech${path}`, token, body);
  return { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
}

const WAV = Buffer.from(writeWav({ rate: 16_000, samples: new Int16Array(16_000) })).toString('base64');
const DIGITS = { kind: 'digits', min: 1, max: 4 };

describe('the offline engines', () => {
  it('are not here until they are fetched', async () => {
    expect((await ask('GET', '')).body).toMatchObject({
      offline: { version: null, failure: null },
      problem: expect.stringContaining('fetch it in Setup'),
    });
    // somebody needs them: they are being fetched
    expect(test.speechPrograms.fetched).toBe(1);
    expect((await ask('POST', '/fetch')).status).toBe(202);
    expect((await ask('GET', '')).body).toMatchObject({ offline: { version: '5.1.1' }, problem: null });
  });

  it('hear what is sent to them', async () => {
    test.speechPrograms.hears = 'four oh two';
    expect((await ask('POST', '/hear', { wav: WAV, expected: DIGITS })).body).toMatchObject({
      heard: [{ text: 'four oh two', confidence: 0.9 }],
      value: '402',
      engine: 'pocketsphinx',
    });
    test.speechPrograms.hears = 'yes no';
    const both = await ask('POST', '/hear', { wav: WAV, expected: { kind: 'yes-no' } });
    expect(both.body).toMatchObject({ value: null, ambiguous: ['yes', 'no'] });
  });

  it.each([
    [{ wav: 'AAAA', expected: DIGITS }, /no WAV/],
    [{ wav: WAV, expected: { kind: 'digits', min: 3, max: 2 } }, /not less than min/],
    [{ wav: WAV, expected: { kind: 'dance' } }, /expected/],
    [{ wav: WAV, expected: DIGITS, language: '?' }, /language/],
  ])('refuse %#', async (body, said) => {
    const answer = await ask('POST', '/hear', body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toMatch(said);
  });

  it('hear English only', async () => {
    const answer = await ask('POST', '/hear', { wav: WAV, expected: DIGITS, language: 'de' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'speech-unavailable' } });
  });

  it('say a text', async () => {
    const { wav } = (await ask('POST', '/say', { text: 'Guten Tag', language: 'de' })).body as {
      wav: string;
    };
    expect(readWav(Buffer.from(wav, 'base64'))).toMatchObject({ rate: 8_000, samples: { length: 8_000 } });
  });
});

describe('the settings', () => {
  it('are kept, with keys that nobody is shown', async () => {
    const http = { hearing: 'http', hearingUrl: 'http://127.0.0.1:1/v1', hearingSecret: 'k3y' };
    expect((await ask('PUT', '', http)).body).toMatchObject({ hearing: 'http', hearingSecretSet: true });
    const again = await ask('PUT', '', { ...http, hearingSecret: undefined, hearingModel: 'large' });
    expect(again.body).toMatchObject({ hearingModel: 'large', hearingSecretSet: true });
    expect(JSON.stringify(again.body)).not.toContain('k3y');
    const [row] = await test.database.db.query<{ hearing_key: string }>(
      'SELECT hearing_key FROM speech_settings',
    );
    expect(row?.hearing_key).not.toContain('k3y');
    const heard = await ask('POST', '/hear', { wav: WAV, expected: DIGITS, language: 'de' });
    expect(heard).toMatchObject({
      status: 503,
      body: { message: expect.stringContaining('cannot be reached') },
    });
    expect((await ask('PUT', '', { ...http, hearingSecret: '' })).body).toMatchObject({
      hearingSecretSet: false,
    });
    const audit = await test.call('GET', '/api/audit', token);
    expect(audit.body).toContain('speech');
    expect(audit.body).not.toContain('k3y');
  });

  it('off leaves the keypad', async () => {
    await ask('PUT', '', { hearing: 'off' });
    expect((await ask('GET', '')).body).toMatchObject({ problem: expect.stringContaining('switched off') });
  });

  it.each([
    [{ hearing: 'http' }, 'hearingUrl'],
    [{ speaking: 'http', speakingUrl: 'ftp://x' }, 'speakingUrl'],
    [{ hearingUrl: 'http://user:pass@x/' }, 'hearingUrl'],
    [{ wordsPerMinute: 5 }, 'wordsPerMinute'],
  ])('%j is refused', async (body, field) => {
    const answer = await ask('PUT', '', body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(field);
  });
});
