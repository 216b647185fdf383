import { describe, expect, it } from 'vitest';
import { differences, fieldName } from './audit-diff.ts';

describe('a change', () => {
  it('is shown by the fields that differ, at any depth, lists as wholes', () => {
    const before = {
      id: '1',
      label: 'Sales',
      ringMs: 20_000,
      net: { host: 'a', port: 1 },
      codes: ['x', 'y'],
    };
    const after = { id: '1', label: 'Sales', ringMs: 25_000, net: { host: 'b', port: 1 }, codes: ['y', 'x'] };
    expect(differences(before, after)).toEqual([
      { field: 'ringMs', before: '20000', after: '25000' },
      { field: 'net.host', before: 'a', after: 'b' },
      { field: 'codes', before: 'x, y', after: 'y, x' },
    ]);
  });

  it('of an object that came or went shows all its fields', () => {
    const queue = {
      id: '1',
      label: 'Sales',
      dispositionRequired: false,
      codes: [{ id: 'd', label: 'Done' }],
    };
    expect(differences(null, queue)).toEqual([
      { field: 'label', before: undefined, after: 'Sales' },
      { field: 'dispositionRequired', before: undefined, after: 'no' },
      { field: 'codes', before: undefined, after: 'Done' },
    ]);
    expect(differences(queue, null).every((one) => one.after === undefined)).toBe(true);
  });

  it('names fields as people read them', () => {
    expect(fieldName('dispositionRequired')).toBe('Disposition required');
    expect(fieldName('connection.host')).toBe('Connection › host');
  });
});
