/**
 * From what was said to what is meant: pure, the same for a caller's speech, whatever engine wrote it down, and for what is
 * typed when a flow is tried.
 *
 *     hypotheses ─► words (small letters, no accents, no punctuation) ─► digits | yes, no | the choice that is named or is nearest
 *                                                                          └ two that fit equally: ambiguous, to be asked again
 */
import { wordsOf, type LanguageWords } from './languages.ts';
import type { Expectation, Hypothesis, Recognition } from './ports.ts';

export type Understood =
  /** `value`: the digits, `yes` or `no`, the choice's name. */
  | { kind: 'understood'; value: string; text: string; confidence?: number }
  /** Several things fit equally well. */
  | { kind: 'ambiguous'; values: string[]; text: string }
  /** Something was said that is no answer. */
  | { kind: 'not-understood'; text: string };

/** Below this an engine is not believed. */
export const MIN_CONFIDENCE = 0.2;
/** Two hypotheses that are no further apart than this are equally likely. */
const SAME_CONFIDENCE = 0.05;
/** Every so many letters of a phrase one may be wrong: none of three, one of four, two of eight. */
const LETTERS_PER_MISTAKE = 4;

/** The first hypothesis that is an answer; another answer that is as likely makes it ambiguous. */
export function understand(recognition: Recognition, expected: Expectation, language: string): Understood {
  const heard = recognition.filter(
    ({ confidence }) => confidence === undefined || confidence >= MIN_CONFIDENCE,
  );
  const answers = heard.map((hypothesis) => ({
    hypothesis,
    values: valuesOf(hypothesis.text, expected, language),
  }));
  const best = answers.find(({ values }) => values.length > 0);
  const text = best?.hypothesis.text ?? recognition[0]?.text ?? '';
  if (!best) return { kind: 'not-understood', text };
  const rivals = answers.filter(({ hypothesis }) => asLikely(hypothesis, best.hypothesis));
  const values = [...new Set(rivals.flatMap((one) => one.values))];
  const [value = '', ...others] = values;
  if (others.length > 0) return { kind: 'ambiguous', values, text };
  const { confidence } = best.hypothesis;
  return { kind: 'understood', value, text, ...(confidence === undefined ? {} : { confidence }) };
}

function asLikely(one: Hypothesis, other: Hypothesis): boolean {
  if (one === other) return true;
  if (one.confidence === undefined || other.confidence === undefined) return false;
  return Math.abs(one.confidence - other.confidence) <= SAME_CONFIDENCE;
}

/** What the text can mean: nothing, one thing, or several that fit equally well. */
function valuesOf(text: string, expected: Expectation, language: string): string[] {
  const known = wordsOf(language);
  const words = wordsIn(text);
  switch (expected.kind) {
    case 'digits': {
      const digits = digitsIn(words, known);
      return digits.length >= expected.min && digits.length <= expected.max ? [digits] : [];
    }
    case 'yes-no':
      return nearest(words, [
        { name: 'yes', phrases: known.yes },
        { name: 'no', phrases: known.no },
      ]);
    case 'choices':
      return nearest(
        asFigures(words, known),
        expected.choices.map(({ name, phrases }) => ({
          name,
          phrases: phrases.map((phrase) => asFigures(wordsIn(phrase), known).join(' ')),
        })),
      );
  }
}

/** Words in small letters, without accents and punctuation; figures are words, too. */
export function wordsIn(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/(?<=\p{L})['’](?=\p{L}\b)/gu, '') // that's
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Number words as figures, so that `option two` is `Option 2`. */
function asFigures(words: readonly string[], { numbers }: LanguageWords): string[] {
  return words.map((word) => own(numbers, word) ?? word);
}

function own<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The digits that were said; empty when something else was said between or after them. */
function digitsIn(words: readonly string[], known: LanguageWords): string {
  const said = words.flatMap((word) => (/^\d+$/.test(word) ? [word] : (own(known.numbers, word) ?? [word])));
  const isDigit = (word: string | undefined) => word !== undefined && /^\d+$/.test(word);
  let digits = '';
  let times = 1;
  for (const [i, word] of said.entries()) {
    const repeat = own(known.repeats, word);
    const near = isDigit(said[i - 1]) || isDigit(said[i + 1]) || digits !== '';
    const figure = isDigit(word) ? word : near ? own(known.soundsLike, word) : undefined;
    if (repeat !== undefined) times = repeat;
    else if (figure !== undefined) {
      digits = joinNumber(digits, figure.repeat(times), isTens(said[i - 1]) && times === 1);
      times = 1;
    } else if (digits !== '' && !known.fillers.includes(word)) return '';
  }
  return digits;
}

function isTens(word: string | undefined): boolean {
  return word !== undefined && /^[2-9]0$/.test(word);
}

/** `40` and then `2` is 42; `40` and then `12`, or digits one by one, stand beside each other. */
function joinNumber(digits: string, next: string, afterTens: boolean): string {
  return afterTens && /^[1-9]$/.test(next) ? digits.slice(0, -1) + next : digits + next;
}

interface Fit {
  name: string;
  /** 1: word by word; less: with wrong letters. */
  likeness: number;
  /** Of the phrase, letters: who says `technical support` does not mean `support`. */
  length: number;
  at: number;
  words: number;
}

/** Names of the choices that fit best. What is said inside of a longer fit of another choice does not count. */
function nearest(
  words: readonly string[],
  choices: readonly { name: string; phrases: readonly string[] }[],
): string[] {
  const fits = choices.flatMap(({ name, phrases }) =>
    phrases.flatMap((phrase) => fitsOf(words, name, phrase)),
  );
  const best = Math.max(0, ...fits.map((fit) => fit.likeness));
  const good = fits.filter((fit) => fit.likeness === best);
  const standing = good.filter((fit) => !good.some((other) => other.name !== fit.name && covers(other, fit)));
  return [...new Set(standing.map((fit) => fit.name))];
}

function covers(other: Fit, fit: Fit): boolean {
  return other.length > fit.length && other.at <= fit.at && other.at + other.words >= fit.at + fit.words;
}

/** Where in the words the phrase is said, rightly or nearly. */
function fitsOf(words: readonly string[], name: string, phrase: string): Fit[] {
  const wanted = phrase.split(' ').filter(Boolean);
  if (wanted.length === 0) return [];
  const target = wanted.join('');
  const sizes = [...new Set([wanted.length, wanted.length - 1, wanted.length + 1])].filter(
    (size) => size > 0,
  );
  return sizes.flatMap((size) =>
    words.flatMap((_, at): Fit[] => {
      if (at + size > words.length) return [];
      const mistakes = editDistance(words.slice(at, at + size).join(''), target);
      if (mistakes > Math.floor(target.length / LETTERS_PER_MISTAKE)) return [];
      return [{ name, likeness: 1 - mistakes / target.length, length: target.length, at, words: size }];
    }),
  );
}

/** Levenshtein's distance: letters to insert, delete or replace. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
