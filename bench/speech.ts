/**
 * How well callers are understood who speak: digits, numbers of four digits, words of a menu, yes and no, on 8 kHz telephone audio with noise.
 * The audio goes the way of a call: endpointing, PocketSphinx with the grammar of the question, understanding. Synthetic
 * voices only (support/speech-set.ts; `BENCH_SET=tuning` runs the set on which the engine was set): real callers were not measured.
 *
 * Measured against the same engine without a grammar, with its model of general English, on every tenth utterance.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../src/lib/clock.ts';
import { cacheFolder } from '../src/server/bundled/cache-folder.ts';
import { SpeechPrograms } from '../src/server/bundled/speech-programs.ts';
import { Endpointer } from '../src/server/speech/endpointer.ts';
import { Pocketsphinx, rawAudio } from '../src/server/speech/pocketsphinx.ts';
import type { Recognition } from '../src/server/speech/ports.ts';
import { understand } from '../src/server/speech/understand.ts';
import { percentile, printFigures, say } from './support/figures.ts';
import { makeSet, NOISES, type Said, TEST, TUNING } from './support/speech-set.ts';

const BASELINE_EACH = 10;
const DEADLINE_MS = 30_000;

interface Result {
  said: Said;
  right: boolean;
  ms: number;
}

/** What the endpointer takes for speech: as in a call, 20 ms at a time. */
function utterance(pcm: Uint8Array): Uint8Array {
  const endpointer = new Endpointer();
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < pcm.length; at += 320) pieces.push(...endpointer.push(pcm.subarray(at, at + 320)));
  return Buffer.concat(pieces);
}

async function* stream(pcm: Uint8Array): AsyncGenerator<Uint8Array> {
  yield pcm;
}

function isRight(heard: Recognition, { expected, value }: Said): boolean {
  const found = understand(heard, expected, 'en');
  return value === undefined
    ? found.kind !== 'understood'
    : found.kind === 'understood' && found.value === value;
}

async function measure(all: readonly Said[], hear: (said: Said) => Promise<Recognition>): Promise<Result[]> {
  const results: Result[] = [];
  for (const said of all) {
    const began = performance.now();
    const heard = await hear(said);
    results.push({ said, right: isRight(heard, said), ms: performance.now() - began });
  }
  return results;
}

function share(results: readonly Result[]): number {
  return results.filter(({ right }) => right).length / Math.max(1, results.length);
}

function percent(results: readonly Result[]): string {
  return `${(100 * share(results)).toFixed(0).padStart(3)} %`;
}

function of(results: readonly Result[], kind: Said['kind']): Result[] {
  return results.filter(({ said }) => said.kind === kind);
}

function printTable(title: string, results: readonly Result[]): void {
  say(title);
  for (const noise of NOISES) {
    const part = results.filter(({ said }) => said.noise === noise);
    const cells = (['digit', 'number', 'word', 'yes-no', 'strange'] as const).map(
      (kind) => `${kind} ${percent(of(part, kind))}`,
    );
    say(`  ${(noise === Infinity ? 'quiet line' : `${noise} dB`).padEnd(10)} ${cells.join('   ')}`);
  }
}

const programs = await SpeechPrograms.find({ cacheDir: cacheFolder() });
if (!programs.ready) throw new Error('the offline engines are not here: npm run fetch');
const dir = await mkdtemp(join(tmpdir(), 'crosspoint-bench-'));
const sphinx = new Pocketsphinx({ programs, dir, atOnce: 1, clock: realClock });
try {
  const set = process.env.BENCH_SET === 'tuning' ? TUNING : TEST;
  const all = await makeSet(set, programs);
  const answers = all.filter(({ kind }) => kind !== 'strange');
  const voices = [...new Set(all.map(({ voice }) => voice))];
  say(`${all.length} utterances of ${voices.length} voices (${voices.join(', ')})`);

  const missed = all.filter(({ pcm }) => utterance(pcm).length === 0).length;
  say(`${missed} of them are too soft for the endpointing, and count as not understood`);
  const results = await measure(all, ({ pcm, expected }) =>
    sphinx.recognise({ audio: stream(utterance(pcm)), expected, language: 'en', deadlineMs: DEADLINE_MS }),
  );
  printTable('with the grammar of the question:', results);
  for (const voice of voices)
    say(
      `  ${voice.padEnd(16)} ${percent(results.filter(({ said }) => said.voice === voice && said.value !== undefined))}`,
    );

  const sample = new Set(answers.filter((_, i) => i % BASELINE_EACH === 0));
  const { acoustic, dictionary, language } = programs.model;
  const general = [
    '-loglevel',
    'FATAL',
    '-hmm',
    acoustic,
    '-dict',
    dictionary,
    '-lm',
    language,
    'single',
    '-',
  ];
  const baseline = await measure([...sample], async ({ pcm }) => {
    const said = await programs.run('pocketsphinx', general, { input: rawAudio(utterance(pcm)) });
    const { t } = JSON.parse(Buffer.from(said).toString()) as { t: string };
    return [{ text: t.replace(/\(\d+\)/g, '') }];
  });
  printTable('without it, of every tenth:', baseline);
  const same = results.filter(({ said }) => sample.has(said));
  const figure = (value: number) => Number(value.toFixed(3));
  printFigures('speech', {
    digitsRight: figure(share(of(results, 'digit'))),
    numbersRight: figure(share(of(results, 'number'))),
    wordsRight: figure(share(of(results, 'word'))),
    yesNoRight: figure(share(of(results, 'yes-no'))),
    strangeRefused: figure(share(of(results, 'strange'))),
    p95Ms: Math.round(
      percentile(
        results.map(({ ms }) => ms),
        95,
      ),
    ),
    ratio: Number((share(same) / Math.max(0.001, share(baseline))).toFixed(2)),
    utterances: all.length,
  });
} finally {
  await sphinx.close();
  await programs.close();
  await rm(dir, { recursive: true, force: true });
}
