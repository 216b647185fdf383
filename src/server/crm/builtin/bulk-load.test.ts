import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/harness/postgres.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import type { Actor, ListOptions } from '../ports.ts';
import { crmMigrations } from '../schema.ts';
import { BuiltinCrm } from './builtin-crm.ts';
import { bulkLoad, bulkNumber } from './bulk-load.ts';
import { beginningWith, MATCH_ENDING, MATCH_EQUAL } from './match.ts';
import { SEARCH_WORDS } from './search.ts';

const COUNT = 20_000;
const agent: Actor = { userId: 'user_1', roles: ['agent'] };
const clock = new VirtualClock();
let database: TestDatabase;
let crm: BuiltinCrm;

beforeAll(async () => {
  database = await testDatabase(crmMigrations);
  crm = new BuiltinCrm({ db: database.db, clock, country: 'GB' });
  await bulkLoad(database.db, COUNT, clock.now());
}, 30_000);

afterAll(() => database.drop());

/** The plan of a query as text. */
async function planOf(text: string, params: unknown[]): Promise<string> {
  const rows = await database.db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, params);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('very many contacts', () => {
  it('can each be found by their own number', async () => {
    const numbers = [0, 1, 9_999, COUNT - 1].map(bulkNumber);
    const found = await Promise.all(numbers.map((number) => crm.match(agent, number)));
    expect(found.map((f) => f.records.length)).toEqual([1, 1, 1, 1]);
    expect(new Set(found.map((f) => f.records[0]?.id)).size).toBe(4);
    expect((await crm.match(agent, bulkNumber(COUNT))).records).toEqual([]);
  });

  it('are records like any other: read, changed, found anew', async () => {
    const [ref] = (await crm.match(agent, bulkNumber(77))).records;
    const changed = await crm.update(agent, ref?.id ?? '', { LastName: 'Renamed' }, 1);
    expect((await crm.search(agent, 'renamed')).records).toMatchObject([{ id: changed.id }]);
  });

  it('leave the indexes and constraints as they were', async () => {
    const names = (
      await database.db.query<{ indexname: string }>(
        "SELECT indexname FROM pg_indexes WHERE tablename IN ('record', 'phone_index') ORDER BY 1",
      )
    ).map((r) => r.indexname);
    expect(names).toEqual([
      'phone_index_e164',
      'phone_index_pkey',
      'phone_index_reversed',
      'record_by_change',
      'record_by_creation',
      'record_by_name',
      'record_by_owner',
      'record_pkey',
      'record_terms',
    ]);
    const orphan = database.db.query(
      "INSERT INTO phone_index VALUES ('1', NULL, 'none', 'Contact', 'Phone')",
    );
    await expect(orphan).rejects.toThrow('foreign key');
  });

  it('are matched, by whole numbers and by endings, through the index', async () => {
    const equal = await planOf(MATCH_EQUAL, [[bulkNumber(5)], ['Contact']]);
    const ending = await planOf(MATCH_ENDING, [...beginningWith('5000000'), ['Contact']]);
    expect(equal).toContain('phone_index_e164');
    expect(ending).toContain('phone_index_reversed');
    expect(equal + ending).not.toContain('Seq Scan');
  });

  it('are searched and listed through indexes', async () => {
    const search = await planOf(SEARCH_WORDS, [["'=Contact' & 'bulk0a1':*"], 10]);
    expect(search).toContain('record_terms');
    const list = await planOf(
      "SELECT * FROM record WHERE object = 'Contact' ORDER BY sort_name, id LIMIT 50",
      [],
    );
    expect(list).toContain('record_by_name');
  });

  it.each<[string, ListOptions]>([
    ['words', { text: 'bulk' }],
    [
      'a condition that an index answers',
      { conditions: [{ field: 'LastName', operator: 'startsWith', values: ['Bulk'] }] },
    ],
    [
      'a condition that every record is asked',
      { conditions: [{ field: 'LastName', operator: 'contains', values: ['ulk'] }] },
    ],
  ])('go on page by page where %s finds more than are counted', async (_, asked) => {
    const first = await crm.list(agent, 'Contact', { ...asked, limit: 200 });
    const second = await crm.list(agent, 'Contact', { ...asked, limit: 200, after: first.next ?? '' });
    expect([first.total, second.total]).toEqual([10_000, 10_000]);
    const ids = [...first.records, ...second.records].map((record) => record.id);
    expect(new Set(ids).size).toBe(400);
    const names = [...first.records, ...second.records].map((record) => record.name.toLowerCase());
    expect(names).toEqual(names.toSorted());
  });
});
