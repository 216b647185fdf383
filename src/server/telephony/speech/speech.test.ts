import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../../../lib/clock.ts';
import { createSpeech, MAX_SPEECH_CHARACTERS, type Speech, type Voice } from './speech.ts';
import { readWav, writeWav } from './wav.ts';

const log = pino({ level: 'silent' });
const SENTENCE = 'Thank you for calling. All our agents are busy, please hold the line.';

let dir = '';
let speech: Speech;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'speech-'));
  speech = createSpeech({ dir: join(dir, 'cache'), clock: realClock, log });
});

afterEach(async () => {
  await speech.close();
  await rm(dir, { recursive: true, force: true });
});

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);
}

describe('createSpeech, with the real engine', () => {
  it('writes an 8 kHz mono 16-bit WAV of plausible length and loudness', async () => {
    const bytes = await readFile(await speech.speak(SENTENCE));
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect(bytes.toString('latin1', 8, 16)).toBe('WAVEfmt ');
    expect([bytes.readUInt16LE(20), bytes.readUInt16LE(22), bytes.readUInt16LE(34)]).toEqual([1, 1, 16]);
    expect(bytes.readUInt32LE(24)).toBe(8_000);
    expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
    const { samples } = readWav(bytes);
    expect(samples.length / 8_000).toBeGreaterThan(3);
    expect(samples.length / 8_000).toBeLessThan(7);
    expect(rms(samples)).toBeGreaterThan(300);
    expect(Math.max(...samples)).toBeLessThan(32_767);
  });

  it('speaks texts for which the memory of the engine has to grow', async () => {
    const { samples } = readWav(
      await readFile(await speech.speak('We are glad that you called us. '.repeat(40))),
    );
    expect(samples.length / 8_000).toBeGreaterThan(40);
  }, 60_000);

  it('synthesises a text once: the file is found again, also by another engine', async () => {
    const first = await speech.speak('One two three.');
    const before = await stat(first);
    const other = createSpeech({
      dir: join(dir, 'cache'),
      clock: realClock,
      log,
      worker: new URL('file:///nowhere.js'),
    });
    expect(await other.speak('  One two\nthree. ')).toBe(first);
    expect((await stat(first)).mtimeMs).toBe(before.mtimeMs);
    await other.close();
  });

  it('does not take an option-like text for an option', async () => {
    expect((await stat(await speech.speak('-lv'))).size).toBeGreaterThan(4_000);
  });

  it('says accented Latin text without its accents', async () => {
    expect(await speech.speak('Grüße aus Köln')).toBe(await speech.speak('Grusse aus Koln'));
  });
});

describe('createSpeech refuses', () => {
  it.each([
    ['', 'nothing'],
    [' \n ', 'nothing'],
    ['日本', 'nothing'],
    ['…!?', 'nothing'],
    ['x'.repeat(2_001), 'longer than 2000'],
  ])('a text that cannot be spoken (%#)', async (text, detail) => {
    await expect(speech.speak(text)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(detail),
    });
    await expect(readdir(join(dir, 'cache'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('everything once it is closed, and closes twice', async () => {
    await speech.close();
    await speech.close();
    await expect(speech.speak('hello')).rejects.toMatchObject({ code: 'draining' });
  });
});

/** A worker that counts what it made, dies on `die`, stays silent on `hang`, and says no on `fail`. */
const SCRIPTED = `
import { parentPort } from 'node:worker_threads';
let made = 0;
parentPort.on('message', ({ id, text }) => {
  if (text === 'die') process.exit(7);
  if (text === 'throw') throw new Error('broken');
  if (text === 'hang') return;
  if (text === 'fail') return parentPort.postMessage({ id, error: 'no' });
  parentPort.postMessage({ id, wav: new Uint8Array([++made]) });
});`;

describe('createSpeech, when the worker misbehaves', () => {
  const clock = new VirtualClock();

  beforeEach(async () => {
    await writeFile(join(dir, 'scripted.mjs'), SCRIPTED);
    speech = createSpeech({
      dir: join(dir, 'cache'),
      clock,
      log,
      worker: pathToFileURL(join(dir, 'scripted.mjs')),
    });
  });

  it.each(['die', 'throw', 'fail'])('fails that request only (%s) and serves the next', async (how) => {
    const [bad, good] = await Promise.allSettled([speech.speak(how), speech.speak('good')]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
    expect(good.status).toBe('fulfilled');
    expect(await readdir(join(dir, 'cache'))).toHaveLength(1);
  });

  it('takes the longest text allowed', async () => {
    expect([...(await readFile(await speech.speak('x'.repeat(MAX_SPEECH_CHARACTERS))))]).toEqual([1]);
  });

  it('synthesises concurrent identical requests once', async () => {
    const paths = await Promise.all([speech.speak('same'), speech.speak('same'), speech.speak(' same ')]);
    expect(new Set(paths).size).toBe(1);
    const next = await speech.speak('other');
    expect([...(await readFile(next))]).toEqual([2]);
  });

  it('gives up a worker that does not answer, and serves the next with a new one', async () => {
    const hanging = expect(speech.speak('hang')).rejects.toMatchObject({ code: 'timeout' });
    while (clock.pending === 0) await new Promise((resume) => setImmediate(resume));
    await clock.advance(20_000);
    await hanging;
    expect([...(await readFile(await speech.speak('again')))]).toEqual([1]);
  });

  it('lets the worker go when nothing is said for a minute', async () => {
    await speech.speak('one');
    await clock.advance(60_000);
    expect([...(await readFile(await speech.speak('two')))]).toEqual([1]);
  });

  it('ends what is being said when it is closed', async () => {
    const hanging = expect(speech.speak('hang')).rejects.toMatchObject({ code: 'draining' });
    while (clock.pending === 0) await new Promise((resume) => setImmediate(resume));
    await speech.close();
    await hanging;
    expect(clock.pending).toBe(0);
  });
});

describe('a voice for another language', () => {
  const ONE_SECOND = writeWav({ rate: 22_050, samples: new Int16Array(22_050).fill(1_000) });

  function withVoice(synthesise: Voice['synthesise']) {
    const voiceFor = (language: string) => (language === 'de' ? { key: 'german', synthesise } : undefined);
    return createSpeech({ dir: join(dir, 'cache'), clock: realClock, log, voiceFor });
  }

  it('speaks it, once for each text, at telephone rate; the others stay with Flite', async () => {
    const said: string[] = [];
    const plugged = withVoice(async (text) => {
      said.push(text);
      return ONE_SECOND;
    });
    const path = await plugged.speak('Grüße\naus Köln', 'de');
    expect(await plugged.speak('Grüße aus Köln', 'de')).toBe(path);
    expect(readWav(await readFile(path))).toMatchObject({ rate: 8_000, samples: { length: 8_000 } });
    const english = await plugged.speak('Hello', 'en');
    expect(await speech.speak('Hello')).toBe(english);
    expect(said).toEqual(['Grüße aus Köln']);
    await plugged.close();
  });

  it('that fails, or says what is no sound, is spoken by Flite', async () => {
    for (const synthesise of [() => Promise.reject(new Error('away')), async () => new Uint8Array(9)]) {
      const plugged = withVoice(synthesise);
      expect(await plugged.speak('Guten Tag', 'de')).toBe(await speech.speak('Guten Tag'));
      await plugged.close();
    }
  });
});
