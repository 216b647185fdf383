/** A caller speaks to the real Asterisk, and PocketSphinx hears him: synthetic speech by RTP, over a prompt that it stops. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AsteriskRig, type FactLog } from './harness/asterisk-rig.ts';
import type { SipCall } from './harness/sip-call.ts';
import { newId } from '../src/lib/ids.ts';
import { realClock } from '../src/lib/clock.ts';
import { cacheFolder } from '../src/server/bundled/cache-folder.ts';
import { SpeechPrograms } from '../src/server/bundled/speech-programs.ts';
import type { Asterisk } from '../src/server/telephony/asterisk/asterisk.ts';
import { createSpeech, type Speech } from '../src/server/telephony/speech/speech.ts';
import { readWav } from '../src/server/telephony/speech/wav.ts';
import { espeakVoice } from '../src/server/speech/espeak.ts';
import { hear, type Heard } from '../src/server/speech/hear.ts';
import { Pocketsphinx } from '../src/server/speech/pocketsphinx.ts';
import type { Expectation } from '../src/server/speech/ports.ts';

const MENU: Expectation = {
  kind: 'choices',
  choices: ['sales', 'repairs', 'accounts'].map((name) => ({ name, phrases: [name] })),
};
/** Of the sounds that come with Asterisk, one that lasts longer than the test. */
const LONG_PROMPT = 'demo-congrats';

let dir: string;
let rig: AsteriskRig;
let programs: SpeechPrograms;
let sphinx: Pocketsphinx;
let speech: Speech;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'crosspoint-speech-'));
  rig = await AsteriskRig.start();
  programs = await SpeechPrograms.find({ cacheDir: cacheFolder() });
  if (!programs.ready) throw new Error('the offline speech engines are not here: npm run fetch');
  sphinx = new Pocketsphinx({
    programs,
    dir: await mkdtemp(join(tmpdir(), 'grammars-')),
    atOnce: 1,
    clock: realClock,
  });
  speech = createSpeech({
    dir,
    clock: realClock,
    log: pino({ level: 'silent' }),
    voiceFor: (language) =>
      language === 'en'
        ? undefined
        : espeakVoice(programs, { language, wordsPerMinute: 140, version: 'test' }),
  });
});
afterAll(async () => {
  await sphinx?.close();
  await speech?.close();
  await rig?.stop();
  await rm(dir, { recursive: true, force: true });
});

interface Caller {
  asterisk: Asterisk;
  log: FactLog;
  legId: string;
  call: SipCall;
}

async function caller(name: string): Promise<Caller> {
  const { asterisk, log } = rig.connect();
  await asterisk.switch.start({ deadlineMs: 15_000 });
  const call = await (await rig.phone(name)).call('8001', { number: '100' });
  const { legId } = await log.next('leg.arrived');
  await asterisk.switch.answer(legId);
  await call.reaches('up', 15_000);
  await log.next('leg.connected', (fact) => fact.legId === legId);
  return { asterisk, log, legId, call };
}

/** Asks, with a prompt that he speaks over; he says the text when it has begun. */
async function answer(
  { asterisk, log, legId, call }: Caller,
  text: string,
  expected: Expectation,
): Promise<Heard> {
  const node = asterisk.switch;
  const playbackId = newId('play');
  await node.play(legId, playbackId, [{ kind: 'sound', name: LONG_PROMPT }]);
  const tap = await node.openAudio(legId, newId('aud'));
  const prompted = log.next('playback.finished', (fact) => fact.playbackId === playbackId, 60_000);
  const { samples } = readWav(await readFile(await speech.speak(text)));
  const heard = hear({
    tap,
    recogniser: sphinx,
    expected,
    language: 'en',
    prompted,
    onSpeech: () => void node.stopPlay(legId, playbackId),
    silenceMs: 8_000,
    endMs: 800,
    maxMs: 10_000,
    deadlineMs: 20_000,
    clock: realClock,
    signal: new AbortController().signal,
  });
  await call.say(samples);
  const result = await heard;
  expect((await prompted).outcome).toBe('stopped');
  await tap.close();
  return result;
}

it('a caller who speaks over the prompt chooses a branch, and says digits', async () => {
  const party = await caller('speaker');
  expect(await answer(party, 'repairs', MENU)).toMatchObject({ kind: 'understood', value: 'repairs' });
  const digits = await answer(party, 'five, two, nine', { kind: 'digits', min: 3, max: 3 });
  // How many digits are heard right is the bench's figure; one in five is not.
  expect(digits).toMatchObject({ kind: 'understood', value: expect.stringMatching(/^(52.|5.9|.29)$/) });
  await party.asterisk.switch.hangup(party.legId);
}, 90_000);

it('other languages are spoken by eSpeak', async () => {
  const german = readWav(await readFile(await speech.speak('Bitte warten Sie einen Augenblick.', 'de')));
  const flite = readWav(await readFile(await speech.speak('Bitte warten Sie einen Augenblick.')));
  expect(german.rate).toBe(8_000);
  expect(german.samples.length / 8_000).toBeGreaterThan(1);
  expect(Math.max(...german.samples)).toBeGreaterThan(2_000);
  expect(german.samples.length).not.toBe(flite.samples.length);
}, 30_000);
