import { describe, expect, it } from 'vitest';
import { CodedError } from '../../protocol/errors.ts';
import { NewUser } from '../../protocol/setup.ts';
import { changedNames, fieldErrorsOf, issuesOf } from './form-errors.ts';

describe('a form', () => {
  it('finds what the server would refuse, by field, in the order of its fields', () => {
    const user = {
      name: ' ',
      username: 'a b',
      roles: [],
      extension: null,
      locale: 'en-GB',
      zone: 'Europe/London',
      country: 'GB',
      password: 'long enough',
    };
    expect(issuesOf(NewUser, user)).toEqual({
      name: 'This is needed',
      username: 'Letters, digits and . _ @ - only',
      roles: 'At least one role',
    });
    expect(Object.keys(issuesOf(NewUser, user))).toEqual(['name', 'username', 'roles']);
    expect(issuesOf(NewUser, { ...user, name: 'Ada', username: 'ada', roles: ['agent'] })).toEqual({});
  });

  it('shows a refusal at the field that the server names, in the form’s own words for it', () => {
    expect(fieldErrorsOf(new CodedError('already-exists', { what: 'user', field: 'username' }))).toEqual({
      username: 'There is already a user with this username.',
    });
    const wrong = new CodedError('bad-input', { detail: 'dnis: no number', field: 'dnis' });
    expect(fieldErrorsOf(wrong, { dnis: 'number' })).toEqual({ number: 'No number' });
    expect(fieldErrorsOf(new CodedError('conflict'))).toEqual({});
    expect(fieldErrorsOf(new TypeError('x'))).toEqual({});
  });

  it('knows what was changed: not the blanks around it, and nothing is an empty text', () => {
    const base = { a: 'x', b: null as string | null, c: [1] };
    expect(changedNames(base, { a: ' x ', b: '', c: [1] })).toEqual([]);
    expect(changedNames(base, { a: 'y', b: 'z', c: [1, 2] })).toEqual(['a', 'b', 'c']);
  });
});
