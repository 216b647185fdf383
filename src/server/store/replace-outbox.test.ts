import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { Outbox, replaceOutbox } from './outbox.ts';
import { storeMigrations } from './schema.ts';

let database: TestDatabase;
let outbox: Outbox;
let written: unknown[];
let fails: boolean;

beforeEach(async () => {
  database = await testDatabase(storeMigrations);
  written = [];
  fails = false;
  const handlers = {
    note: async (_key: string, body: unknown) => {
      if (fails) throw new Error('down');
      written.push(body);
    },
  };
  outbox = new Outbox({ db: database.db, clock: new VirtualClock(0), handlers, onTried: () => undefined });
});

afterEach(async () => {
  await outbox.close();
  await database.drop();
});

async function enter(text: string) {
  await database.db.tx((sql) => replaceOutbox(sql, { kind: 'note', idemKey: 'k', body: { text } }, 0));
}

async function run() {
  outbox.wake();
  await expect
    .poll(() => database.db.query('SELECT 1 FROM outbox WHERE done_at IS NULL AND attempts = 0'))
    .toEqual([]);
}

describe('a write that takes the place of an earlier one', () => {
  it('is carried out after one that was done', async () => {
    await enter('one');
    await run();
    await enter('two');
    await run();
    expect(written).toEqual([{ text: 'one' }, { text: 'two' }]);
    expect(await database.db.query('SELECT body FROM outbox')).toEqual([{ body: {} }, { body: {} }]);
  });

  it('is carried out instead of one that is stuck', async () => {
    fails = true;
    await enter('one');
    await run();
    fails = false;
    await enter('two');
    await enter('three');
    await run();
    expect(written).toEqual([{ text: 'three' }]);
    expect(await database.db.query("SELECT 1 FROM outbox WHERE body <> '{}'")).toEqual([]);
    expect(await outbox.stuck()).toEqual([]);
  });
});
