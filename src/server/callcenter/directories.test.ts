import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { Directories } from './directories.ts';

let database: TestDatabase;
let directories: Directories;
let id: string;

const load = () =>
  Directories.load({
    db: database.db,
    country: 'GB',
    maxEntries: 3_000,
    callCenterExists: (center) => center === 'cc1',
    objects: async () => [],
  });
const names = (text: string, center?: string) => directories.search(text, center, 10).map(({ name }) => name);
const page = { q: '', offset: 0, limit: 100 };
const joe = {
  name: 'Joe Bloggs',
  numbers: [{ label: 'Desk', phone: '020 7946 0958' }],
  description: 'Partner',
};

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.query('DELETE FROM directory');
  directories = await load();
  id = (await directories.add({ label: 'Partners', callCenterId: null })).id;
});

describe('a search', () => {
  it.each(['joe', 'BLOGGS j', 'part', 'desk', '7946 0958', '+44 20 7946', '020 7946', '00442079460958'])(
    'finds an entry by %s, also after a restart',
    async (text) => {
      await directories.addEntry(id, joe);
      expect(names(text)).toEqual(['Joe Bloggs']);
      directories = await load();
      expect(names(text)).toEqual(['Joe Bloggs']);
    },
  );

  it('finds nothing by what is in no word’s beginning, by few digits, or in what was deleted', async () => {
    const { id: entry } = await directories.addEntry(id, joe);
    expect([names('loggs'), names('79'), names('0')]).toEqual([[], [], []]);
    await directories.removeEntry(entry);
    expect(names('joe')).toEqual([]);
  });

  it('shows a call center’s directory to its own agents, others to all', async () => {
    const own = await directories.add({ label: 'Own', callCenterId: 'cc1' });
    await directories.addEntry(own.id, { ...joe, name: 'Joe Own' });
    await directories.addEntry(id, joe);
    expect(names('joe')).toEqual(['Joe Bloggs']);
    expect(names('joe', 'cc1')).toEqual(['Joe Own', 'Joe Bloggs']);
  });
});

it('lists each number on a line of its own, with its label and whose it is', async () => {
  const own = await directories.add({ label: 'Own', callCenterId: 'cc1' });
  await directories.addEntry(own.id, { ...joe, numbers: [{ label: '', phone: '100' }] });
  await directories.addEntry(id, {
    ...joe,
    name: 'Ann',
    numbers: [...joe.numbers, { label: 'Mobile', phone: '07700 900001' }],
  });
  expect(directories.numbers()).toEqual([
    { callCenterId: null, name: 'Ann (Desk)', phone: '020 7946 0958', description: 'Partner' },
    { callCenterId: null, name: 'Ann (Mobile)', phone: '07700 900001', description: 'Partner' },
    { callCenterId: 'cc1', name: 'Joe Bloggs', phone: '100', description: 'Partner' },
  ]);
});

describe('a change is refused, and nothing is lost,', () => {
  it('for a name that is taken, an unknown call center, a directory that is gone', async () => {
    await expect(directories.add({ label: 'PARTNERS', callCenterId: null })).rejects.toMatchObject({
      code: 'already-exists',
    });
    await expect(directories.change(id, { callCenterId: 'cc2' })).rejects.toMatchObject({
      data: { field: 'callCenterId' },
    });
    await expect(directories.addEntry('users', joe)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('for a number that nobody can dial, at its field', async () => {
    const { id: entry } = await directories.addEntry(id, joe);
    const numbers = [...joe.numbers, { label: '', phone: 'home' }];
    await expect(directories.changeEntry(entry, { numbers })).rejects.toMatchObject({
      data: { field: 'numbers.1.phone' },
    });
    expect(directories.entry(entry)).toMatchObject(joe);
  });
});

describe('an import', () => {
  it.each([
    [
      'commas',
      'Name,Phone,Mobile,Description\n"Dean, Dora",020 7946 0001,07700 900001,"says ""hi"""\nEd,,07700 900002,\n',
    ],
    [
      'tabs, as pasted from a spreadsheet',
      '\uFEFFname\tphone\tMobile\tdescription\r\nDean, Dora\t020 7946 0001\t07700 900001\tsays "hi"\r\n\r\nEd\t\t07700 900002\t',
    ],
    [
      'semicolons',
      'NAME;PHONE;Mobile;Description\n"Dean, Dora";020 7946 0001;07700 900001;"says ""hi"""\nEd;;07700 900002',
    ],
  ])('takes %s, a column per number', async (_what, csv) => {
    expect(await directories.importCsv(id, csv, 'add')).toBe(2);
    expect(directories.entries(id, page)).toMatchObject({
      total: 2,
      entries: [
        {
          name: 'Dean, Dora',
          numbers: [
            { label: '', phone: '020 7946 0001' },
            { label: 'Mobile', phone: '07700 900001' },
          ],
          description: 'says "hi"',
        },
        { name: 'Ed', numbers: [{ label: 'Mobile', phone: '07700 900002' }] },
      ],
    });
  });

  it('adds to what is there, or takes its place', async () => {
    await directories.addEntry(id, joe);
    await directories.importCsv(id, 'name,phone\nDora,100', 'add');
    expect(directories.get(id)?.entries).toBe(2);
    await directories.importCsv(id, 'name,phone\nEd,100', 'replace');
    expect(directories.entries(id, page).entries.map(({ name }) => name)).toEqual(['Ed']);
  });

  it.each([
    ['a wrong number', 'name,phone\nDora,100\nEd,home', 'row 3: phone: not a number that can be dialled'],
    ['no name', 'name,phone\n,100', 'row 2: name: this is needed'],
    ['no number', 'name,phone\nDora,', 'row 2: numbers: at least one number'],
    ['too many cells', 'name,phone\nDora,100,x', 'row 2: more cells than the first row has'],
    ['no column of numbers', 'name,description\nDora,x', 'row 1: needs a column called name'],
    ['an open quotation mark', 'name,phone\n"Dora,100', 'row 2: a quotation mark is not closed'],
    ['no rows', 'name,phone\n\n', 'there is no row below the first one'],
  ])('with %s is refused whole, and says the row', async (_what, csv, problem) => {
    await directories.addEntry(id, joe);
    await expect(directories.importCsv(id, csv, 'replace')).rejects.toMatchObject({
      code: 'bad-input',
      data: { field: 'csv', problems: expect.stringContaining(problem) },
    });
    expect(directories.entries(id, page).entries).toMatchObject([joe]);
  });
});

it('no more entries than are possible are taken, not even half of an import', async () => {
  const csv = (rows: number) => `name,phone\n${'Dora,100\n'.repeat(rows)}`;
  await directories.importCsv(id, csv(2_999), 'add');
  await expect(directories.importCsv(id, csv(2), 'add')).rejects.toMatchObject({ code: 'too-many' });
  expect(directories.get(id)?.entries).toBe(2_999);
  await directories.addEntry(id, joe);
  await expect(directories.addEntry(id, joe)).rejects.toMatchObject({ code: 'too-many' });
  expect(await directories.importCsv(id, csv(1), 'replace')).toBe(1);
});
