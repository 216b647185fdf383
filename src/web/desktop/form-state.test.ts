import { describe, expect, it } from 'vitest';
import type { FieldMeta } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import { changedFields, fieldErrors, findMissing, initialFields } from './form-state.ts';

function field(name: string, more: Partial<FieldMeta> = {}): FieldMeta {
  return { name, label: name, type: 'text', required: false, readOnly: false, inList: false, ...more };
}

describe('a form', () => {
  it('sends only what was changed', () => {
    const base = { LastName: 'Lovelace', Phone: null, Title: 'Countess' };
    expect(changedFields(base, { LastName: 'Lovelace', Phone: '', Title: ' ' })).toEqual({ Title: null });
    expect(changedFields(base, { ...base, LastName: ' King ' })).toEqual({ LastName: 'King' });
  });

  it('names the required fields that are empty', () => {
    const fields = [
      field('LastName', { required: true }),
      field('Phone'),
      field('Agreed', { required: true, type: 'boolean' }),
    ];
    expect(findMissing(fields, { LastName: '  ' })).toEqual({ LastName: 'LastName is required' });
    expect(findMissing(fields, { LastName: 'King' })).toEqual({});
  });

  it('shows the server’s refusal at its field', () => {
    expect(
      fieldErrors(new CodedError('bad-input', { field: 'Phone', detail: 'Phone is not a telephone number' })),
    ).toEqual({
      Phone: 'Phone is not a telephone number',
    });
    expect(fieldErrors(new CodedError('conflict'))).toEqual({});
    expect(fieldErrors(new TypeError('x'))).toEqual({});
  });

  it('begins with what the address names, and nothing else from it', () => {
    const fields = [
      field('Phone', { maxLength: 6 }),
      field('Status', { type: 'picklist', required: true, options: ['New', 'Old'] }),
    ];
    expect(initialFields(fields, new URLSearchParams('Phone=%2B4420794&Id=1'))).toEqual({
      Phone: '+44207',
      Status: 'New',
    });
  });
});
