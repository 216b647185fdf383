import { describe, expect, it } from 'vitest';
import { quickFind } from './quick-find.ts';

const things = [
  { label: 'Queues', path: '/queues', words: 'ring time wrap-up greeting' },
  { label: 'Wrap-up codes', path: '/codes', words: 'disposition' },
  { label: 'Users', path: '/users', words: 'people agents' },
  { label: 'Audit trail', path: '/audit', words: 'who changed users' },
];
const find = (text: string) => quickFind(things, text).map((one) => one.label);

describe('the quick find', () => {
  it('finds by name and by what the page is about, the name first', () => {
    expect(find('wrap-up')).toEqual(['Wrap-up codes', 'Queues']);
    expect(find('users')).toEqual(['Users', 'Audit trail']);
    expect(find('DISPO')).toEqual(['Wrap-up codes']);
  });

  it('wants every word, and finds nothing where nothing is asked', () => {
    expect(find('ring greet')).toEqual(['Queues']);
    expect(find('ring users')).toEqual([]);
    expect(find('  ')).toEqual([]);
  });
});
