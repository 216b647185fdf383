import { describe, expect, it } from 'vitest';
import type { Expectation } from './ports.ts';
import { editDistance, understand } from './understand.ts';

const MENU: Expectation = {
  kind: 'choices',
  choices: [
    { name: 'sales', phrases: ['sales', 'new order'] },
    { name: 'billing', phrases: ['billing', 'my invoice', 'invoices'] },
    { name: 'support', phrases: ['support', 'help'] },
    { name: 'technical', phrases: ['technical support'] },
    { name: 'second', phrases: ['option 2'] },
  ],
};
const DIGITS: Expectation = { kind: 'digits', min: 1, max: 8 };
const YES_NO: Expectation = { kind: 'yes-no' };

/** The value; or what it is instead, with the candidates. */
function meant(text: string, expected: Expectation, language = 'en'): string {
  const found = understand([{ text }], expected, language);
  if (found.kind === 'understood') return found.value;
  return found.kind === 'ambiguous' ? `? ${found.values.join(' ')}` : '-';
}

describe('choices', () => {
  it.each([
    ['sales', 'sales'],
    ['I’d like the Billing department, please', 'billing'],
    ['a new order', 'sales'],
    ['technical support', 'technical'],
    ['support', 'support'],
    ['billin', 'billing'],
    ['Tecnical suport', 'technical'],
    ['option two', 'second'],
    ['salles.', 'sales'],
  ])('%s', (text, value) => expect(meant(text, MENU)).toBe(value));

  it('two of them are asked again', () => {
    expect(meant('sales or billing', MENU)).toBe('? sales billing');
  });

  it('one named rightly goes before one that is only like it', () => {
    const choices = [
      { name: 'bill', phrases: ['billing'] },
      { name: 'milling', phrases: ['milling'] },
    ];
    expect(meant('milling', { kind: 'choices', choices })).toBe('milling');
  });

  it('a word as near to two is asked again', () => {
    const choices = [
      { name: 'one', phrases: ['Barton'] },
      { name: 'two', phrases: ['Burton'] },
    ];
    expect(meant('berton', { kind: 'choices', choices })).toBe('? one two');
  });

  it.each(['banana', '', '...', 'sal', 'helm'])('%j is none of them', (text) =>
    expect(meant(text, { kind: 'choices', choices: [{ name: 'a', phrases: ['invoice', 'tea'] }] })).toBe('-'),
  );

  it('accents and letters of any alphabet', () => {
    const choices = [
      { name: 'a', phrases: ['Störung'] },
      { name: 'b', phrases: ['поддержка'] },
    ];
    expect(meant('storung', { kind: 'choices', choices }, 'de')).toBe('a');
    expect(meant('Поддержка!', { kind: 'choices', choices }, 'ru')).toBe('b');
  });
});

describe('digits', () => {
  it.each([
    ['one two three', '123'],
    ['oh seven double four', '0744'],
    ['my number is four zero seven two please', '4072'],
    ['triple nine', '999'],
    ['4072', '4072'],
    ['40 72', '4072'],
    ['4-0-7-2.', '4072'],
    ['forty two seventeen', '4217'],
    ['forty two', '42'],
    ['twenty twenty', '2020'],
    ['four for to one', '4421'],
    ['one hundred', '100'],
  ])('%s', (text, value) => expect(meant(text, DIGITS)).toBe(value));

  it.each([
    ['null acht fünfzehn', '0815'],
    ['zwo eins doppelt drei', '2133'],
    ['zweiundvierzig', '42'],
  ])('in German: %s', (text, value) => expect(meant(text, DIGITS, 'de')).toBe(value));

  it('in French and Spanish', () => {
    expect(meant('zéro six douze', DIGITS, 'fr')).toBe('0612');
    expect(meant('cuatro cero siete', DIGITS, 'es')).toBe('407');
  });

  it('too few, too many, or something else between them is no answer', () => {
    const four: Expectation = { kind: 'digits', min: 4, max: 4 };
    expect(meant('one two three', four)).toBe('-');
    expect(meant('one two three four five', four)).toBe('-');
    expect(meant('one two bananas three four', four)).toBe('-');
    expect(meant('I would like to', DIGITS)).toBe('-');
    expect(meant('constructor', DIGITS)).toBe('-');
  });
});

describe('yes and no', () => {
  it.each([
    ['yes', 'yes', 'en'],
    ['Yeah, sure.', 'yes', 'en'],
    ['that’s right', 'yes', 'en'],
    ['no thank you', 'no', 'en'],
    ['that is wrong', 'no', 'en'],
    ['not right', 'no', 'en'],
    ['Ja, genau', 'yes', 'de'],
    ['stimmt nicht', 'no', 'de'],
    ['d’accord', 'yes', 'fr'],
    ['sí', 'yes', 'es'],
  ])('%s', (text, value, language) => expect(meant(text, YES_NO, language)).toBe(value));

  it('both are asked again, and neither is no answer', () => {
    expect(meant('yes no', YES_NO)).toBe('? yes no');
    expect(meant('maybe', YES_NO)).toBe('-');
    expect(meant('yes', YES_NO, 'fi')).toBe('-');
  });
});

describe('several hypotheses', () => {
  it('the first that is an answer counts', () => {
    const heard = [{ text: 'whales' }, { text: 'sails' }, { text: 'sales' }];
    expect(understand(heard, MENU, 'en')).toMatchObject({
      kind: 'understood',
      value: 'sales',
      text: 'sales',
    });
  });

  it('what the engine does not believe itself is not understood', () => {
    expect(understand([{ text: 'sales', confidence: 0.1 }], MENU, 'en').kind).toBe('not-understood');
  });

  it('two answers that are as likely are asked again, one that is likelier is taken', () => {
    const heard = (second: number) => [
      { text: 'sales', confidence: 0.5 },
      { text: 'billing', confidence: second },
    ];
    expect(understand(heard(0.49), MENU, 'en')).toMatchObject({
      kind: 'ambiguous',
      values: ['sales', 'billing'],
    });
    expect(understand(heard(0.31), MENU, 'en')).toMatchObject({ value: 'sales', confidence: 0.5 });
  });

  it('nothing at all is not understood', () => {
    expect(understand([], MENU, 'en')).toEqual({ kind: 'not-understood', text: '' });
  });
});

it('the edit distance', () => {
  expect([editDistance('', 'abc'), editDistance('kitten', 'sitting'), editDistance('same', 'same')]).toEqual([
    3, 3, 0,
  ]);
});
