/** `npm run doctor -- speech`: whether the offline engines are here, hear and speak; nothing is fetched or saved. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { realClock } from '../lib/clock.ts';
import type { SpeechPrograms } from './bundled/speech-programs.ts';
import { espeakVoice } from './speech/espeak.ts';
import { Pocketsphinx } from './speech/pocketsphinx.ts';
import type { LocalPrograms } from './speech/pocketsphinx.ts';
import { tryRecogniser } from './speech/try.ts';
import { createSpeech } from './telephony/speech/speech.ts';
import { readWav } from './telephony/speech/wav.ts';

const SENTENCE = 'one, three, five, nine';
const DIGITS = '1359';

/** Lines to print, and whether all is well. */
export async function speechReport(programs: SpeechPrograms): Promise<{ ok: boolean; lines: string[] }> {
  const { version } = programs.state;
  if (version === undefined)
    return {
      ok: false,
      lines: [
        'WRONG Offline engines: they are not on this machine',
        '      What to do: npm run fetch, or Setup, Speech. Without them callers use the keypad.',
      ],
    };
  const checks = [
    await attempt('Hearing', () => hearing(programs)),
    await attempt('Speaking', () => speaking(programs, version)),
  ];
  return {
    ok: checks.every(({ ok }) => ok),
    lines: [`ok    Offline engines: PocketSphinx ${version}`, ...checks.map(({ line }) => line)],
  };
}

async function attempt(title: string, check: () => Promise<string>): Promise<{ ok: boolean; line: string }> {
  try {
    return { ok: true, line: `ok    ${title}: ${await check()}` };
  } catch (error) {
    return { ok: false, line: `WRONG ${title}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A text that Flite has spoken must be heard. */
async function hearing(programs: LocalPrograms): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'crosspoint-doctor-'));
  const speech = createSpeech({ dir: join(dir, 'said'), clock: realClock, log: pino({ level: 'silent' }) });
  const sphinx = new Pocketsphinx({ programs, dir, atOnce: 1, clock: realClock });
  try {
    const wav = (await readFile(await speech.speak(SENTENCE))).toString('base64');
    const expected = { kind: 'digits', min: 4, max: 4 } as const;
    const { value, heard, tookMs } = await tryRecogniser(
      { recogniser: () => sphinx },
      { wav, language: 'en', expected },
    );
    if (value !== DIGITS) throw new Error(`“${SENTENCE}” was heard as “${heard[0]?.text ?? 'nothing'}”`);
    return `“${SENTENCE}” was heard in ${tookMs} ms`;
  } finally {
    await speech.close();
    await sphinx.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function speaking(programs: LocalPrograms, version: string): Promise<string> {
  const voice = espeakVoice(programs, { language: 'de', wordsPerMinute: 150, version });
  const { samples, rate } = readWav(await voice.synthesise('Guten Tag', AbortSignal.timeout(10_000)));
  if (!samples.some((sample) => Math.abs(sample) > 1_000)) throw new Error('German is silence');
  return `German, ${(samples.length / rate).toFixed(1)} s of sound`;
}
