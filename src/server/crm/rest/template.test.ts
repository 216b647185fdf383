import { describe, expect, it } from 'vitest';
import { namesOf, objectOf, valuesAt } from './json-path.ts';
import { fillJson, fillPath, fillText, fillTexts, namesIn } from './template.ts';

describe('templates', () => {
  it('say which values they use', () => {
    expect(namesIn({ a: '{x}/{who.id}', b: ['{y}', 3, null], c: '{ no }' })).toEqual(['x', 'who.id', 'y']);
  });

  it('encode what stands in an address', () => {
    expect(fillPath('/people/{id}', { id: 'a/b?c#d é' })).toBe('/people/a%2Fb%3Fc%23d%20%C3%A9');
  });

  it.each(['..', '.', '', '%2e%2e'])('take no "%s" for a part of an address', (id) => {
    expect(fillPath('/people/{id}/calls', { id: id === '%2e%2e' ? '..' : id })).toBeUndefined();
  });

  it('give a value as it is where it stands alone, and as text among text', () => {
    const values = { seconds: 42, who: null, fields: { name: 'Jo "J" {seconds}' } };
    expect(fillJson({ s: '{seconds}', text: 'took {seconds} s', w: '{who}', f: '{fields}' }, values)).toEqual(
      {
        s: 42,
        text: 'took 42 s',
        w: null,
        f: { name: 'Jo "J" {seconds}' },
      },
    );
    expect(fillText('{who}-{none}', values)).toBe('-');
  });

  it('leave out what is missing, and repeat a list', () => {
    expect(fillTexts('{n}', {})).toEqual([]);
    expect(fillTexts('{n}', { n: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(fillTexts('x{n}', {})).toEqual(['x']);
  });
});

describe('paths', () => {
  it('find what RFC 9535 says, filters too', () => {
    const answer = {
      items: [
        { type: 'p', id: 1 },
        { type: 'c', id: 2 },
      ],
    };
    expect(valuesAt("$.items[?@.type == 'c'].id", answer)).toEqual([2]);
  });

  it('can be written to when they are nothing but names', () => {
    expect(namesOf("$.contact['post code'].x")).toEqual(['contact', 'post code', 'x']);
    expect(namesOf('$.items[0]')).toBeUndefined();
    expect(
      objectOf([
        ['$.a.b', 1],
        ['$.a.c', null],
        ['$.d', 'x'],
      ]),
    ).toEqual({ a: { b: 1, c: null }, d: 'x' });
  });
});
