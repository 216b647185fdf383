import { expect, it } from 'vitest';
import type { Spoken } from '../../protocol/waiting.ts';
import { formatSpoken, formatSpokenList, parseSpoken, parseSpokenList } from './spoken-text.ts';

it('takes a line without a language as English, and keeps colons in texts', () => {
  expect(parseSpoken('Please note: we are closing.')).toEqual({ en: 'Please note: we are closing.' });
  expect(parseSpoken('en: Please wait.\nde: Bitte warten.\npt-BR:\n')).toEqual({
    en: 'Please wait.',
    de: 'Bitte warten.',
  });
});

it('writes what it reads', () => {
  const texts: Spoken[] = [{ en: 'One.' }, { en: 'Two.', de: 'Zwei.' }];
  expect(formatSpokenList(texts)).toBe('One.\n\nen: Two.\nde: Zwei.');
  expect(parseSpokenList(formatSpokenList(texts))).toEqual(texts);
  expect(parseSpoken(formatSpoken({}))).toEqual({});
});
