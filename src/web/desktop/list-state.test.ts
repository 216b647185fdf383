import { describe, expect, it } from 'vitest';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { isChanged, type KnownList, readAddress, standardLists, writeAddress } from './list-state.ts';

const meta = (name: string) =>
  ({ name, label: name, labelPlural: `${name}s`, nameField: 'Name', fields: [] }) as unknown as ObjectMeta;
const [all] = standardLists(meta('Contact')) as [KnownList];
const condition = { field: 'Title', operator: 'contains' as const, values: ['a&b="c"'] };

describe('the address of a list', () => {
  it('says nothing of a list that is shown as it is', () => {
    expect(writeAddress(all, '', all)).toBe('');
    expect(readAddress('')).toEqual({ list: 'all', q: '', changes: {} });
    expect(isChanged(all, all)).toBe(false);
  });

  it('keeps the list, the words and everything that differs', () => {
    const shape = {
      conditions: [condition],
      columns: ['Name', 'Phone'],
      sort: 'Phone',
      direction: 'desc' as const,
    };
    const search = writeAddress({ ...all, id: '00B1' }, 'ada', shape);
    expect(readAddress(search)).toEqual({ list: '00B1', q: 'ada', changes: shape });
    expect(isChanged(all, shape)).toBe(true);
  });

  it('keeps that every condition of the list was taken away', () => {
    const search = writeAddress({ ...all, conditions: [condition] }, '', all);
    expect(readAddress(search).changes).toEqual({ conditions: [] });
  });

  it.each(['conditions=nonsense', 'conditions=[{"field":1}]', 'direction=up', 'sort='])(
    'leaves out %s',
    (search) => {
      expect(readAddress(search).changes).toEqual({});
    },
  );
});

it('work begins with the newest, everything else by name', () => {
  expect(standardLists(meta('Case')).map((list) => list.sort)).toEqual([
    'createdAt',
    'createdAt',
    'createdAt',
  ]);
  expect(all).toMatchObject({ sort: 'Name', direction: 'asc', name: 'All contacts' });
});
