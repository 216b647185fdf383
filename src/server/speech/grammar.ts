/**
 * What PocketSphinx listens for, as one of its finite state grammars: a graph of words. Digits are a graph rather than a text
 * grammar, since the number of digits is known, and `double` counts two: the text form would grow with every length.
 */
import { wordsIn } from './understand.ts';
import type { Expectation } from './ports.ts';

const DIGITS = ['zero', 'oh', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const REPEATS: readonly [word: string, times: number][] = [
  ['double', 2],
  ['triple', 3],
];
/** They are said seldom: the engine has to be sure. */
const REPEAT_WEIGHT = 0.02;
/**
 * How yes and no are said, of what `languages.ts` understands. Few and short: the engine also tells of a phrase that was begun
 * only, and took a plain `yes` for the beginning of `that is right`.
 */
const YES_NO: readonly string[] = [
  'yes',
  'yeah',
  'yep',
  'yes please',
  'correct',
  'right',
  'sure',
  'okay',
  'no',
  'nope',
  'no thanks',
  'no thank you',
  'wrong',
  'incorrect',
];
/** Figures in a phrase are spoken as words. */
const FIGURES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

export interface Grammar {
  /** Words that need a pronunciation. */
  words: string[];
  /** The file's text. */
  text: string;
}

interface Step {
  from: number;
  to: number;
  weight: number;
  /** Left out: nothing is said. */
  word?: string;
}

/** @param speakable a phrase with a word of which this is false is left out: nobody knows how it sounds. */
export function grammarOf(expected: Expectation, speakable: (word: string) => boolean): Grammar {
  switch (expected.kind) {
    case 'digits':
      return written(digitSteps(expected.min, expected.max), expected.max);
    case 'yes-no':
      return phrases(YES_NO);
    case 'choices':
      return phrases(
        phrasesOf(expected).filter((phrase) => phrase.split(' ').every((word) => speakable(word))),
      );
  }
}

/** In words that are spoken: small letters, figures written out. */
export function phrasesOf({ choices }: Extract<Expectation, { kind: 'choices' }>): string[] {
  const all = choices.flatMap((choice) => choice.phrases.map((phrase) => spokenWords(phrase).join(' ')));
  return [...new Set(all)].filter(Boolean);
}

function spokenWords(phrase: string): string[] {
  return wordsIn(phrase).flatMap((word) =>
    /^\d+$/.test(word) ? [...word].map((figure) => FIGURES[Number(figure)] ?? '') : [word],
  );
}

/** State n: n digits have been said. */
function digitSteps(min: number, max: number): Step[] {
  const steps: Step[] = [];
  let next = max + 1;
  for (let from = 0; from < max; from++) {
    steps.push(...DIGITS.map((word) => ({ from, to: from + 1, weight: 1 / DIGITS.length, word })));
    for (const [word, times] of REPEATS) {
      if (from + times > max) continue;
      const repeated = next++;
      steps.push({ from, to: repeated, weight: REPEAT_WEIGHT, word });
      steps.push(
        ...DIGITS.map((digit) => ({
          from: repeated,
          to: from + times,
          weight: 1 / DIGITS.length,
          word: digit,
        })),
      );
    }
    if (from >= min) steps.push({ from, to: max, weight: 1 });
  }
  return steps;
}

/** State 0 begins, state 1 ends; each phrase is a chain between them. */
function phrases(all: readonly string[]): Grammar {
  let next = 2;
  const steps = all.flatMap((phrase) => {
    const words = phrase.split(' ');
    let from = 0;
    return words.map((word, i): Step => {
      const to = i === words.length - 1 ? 1 : next++;
      const step = { from, to, weight: from === 0 ? 1 / all.length : 1, word };
      from = to;
      return step;
    });
  });
  return written(steps, 1);
}

function written(steps: readonly Step[], final: number): Grammar {
  const states = 1 + Math.max(final, ...steps.map(({ from, to }) => Math.max(from, to)));
  const lines = steps.map(({ from, to, weight, word = '' }) =>
    `TRANSITION ${from} ${to} ${weight.toFixed(6)} ${word}`.trimEnd(),
  );
  const text = [
    'FSG_BEGIN answer',
    `NUM_STATES ${states}`,
    'START_STATE 0',
    `FINAL_STATE ${final}`,
    ...lines,
    'FSG_END',
    '',
  ].join('\n');
  return { words: [...new Set(steps.flatMap(({ word }) => word ?? []))], text };
}
