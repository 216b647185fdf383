import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { Database, type Sql } from './database.ts';
import type { AlsoInTransaction } from './journal.ts';
import { enterOutbox, Outbox } from './outbox.ts';
import { storeMigrations } from './schema.ts';

let test: TestDatabase;
let db: Database;
/** How many of the next marks of an entry as done fail, as when the connection breaks just then. */
let marksThatFail = 0;
/** Transactions that marked entries. */
let marked = 0;

class BreakingDatabase extends Database {
  override async tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    if (marksThatFail-- > 0) throw new Error('connection terminated');
    marked++;
    return super.tx(work);
  }
}

beforeAll(async () => {
  test = await testDatabase(storeMigrations);
  db = new BreakingDatabase({ connection: test.connection, onError: () => undefined });
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

let clock: VirtualClock;
let outbox: Outbox;
let done: string[];
let tried: string[];
let toTell: (() => void)[];
/** What the handler does with a write. */
let handle: (key: string) => Promise<AlsoInTransaction | void>;

beforeEach(async () => {
  await test.db.query('TRUNCATE outbox');
  clock = new VirtualClock();
  done = [];
  tried = [];
  toTell = [];
  marksThatFail = 0;
  marked = 0;
  handle = () => Promise.resolve();
  outbox = newOutbox();
});
afterEach(() => outbox.close());

function newOutbox(): Outbox {
  return new Outbox({
    db,
    clock,
    handlers: {
      task: async (key) => {
        const also = await handle(key);
        done.push(key);
        return also;
      },
    },
    onTried: (_kind, key, error) => {
      tried.push(error instanceof Error ? `${key}: ${error.message}` : key);
      for (const tell of toTell.splice(0)) tell();
    },
  });
}

const enter = (idemKey: string, kind = 'task') =>
  enterOutbox(test.db, { kind, idemKey, body: { of: idemKey } }, clock.now());

/** Resolves with the next try. */
const nextTry = () => new Promise<void>((resolve) => toTell.push(resolve));

async function wakeAndWait(): Promise<void> {
  const next = nextTry();
  outbox.wake();
  await next;
}

describe('an outbox entry', () => {
  it('is carried out once', async () => {
    await enter('log:1');
    await wakeAndWait();
    await wakeFruitlessly();
    expect(done).toEqual(['log:1']);
    expect(await outbox.stuck()).toEqual([]);
  });

  it('is one write however often its key is entered', async () => {
    await enter('log:1');
    await enter('log:1');
    await wakeAndWait();
    await enter('log:1');
    await wakeFruitlessly();
    expect(done).toEqual(['log:1']);
  });

  it('that was rolled back with its fact is never carried out', async () => {
    const refused = test.db.tx(async (sql) => {
      await enterOutbox(sql, { kind: 'task', idemKey: 'log:1', body: {} }, clock.now());
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    await wakeFruitlessly();
    expect(done).toEqual([]);
  });

  it('that fails waits longer each time, is listed as stuck, and stops nobody else', async () => {
    handle = (key) => (key === 'log:1' ? Promise.reject(new Error('CRM is away')) : Promise.resolve());
    await enter('log:1');
    await enter('log:2');
    await wakeAndWait();
    await nextTry();
    expect(done).toEqual(['log:2']);
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      const [stuck] = await outbox.stuck();
      expect(stuck).toMatchObject({ idem_key: 'log:1', attempts: n + 1, error: 'CRM is away' });
      const wait = (stuck?.next_at ?? 0) - clock.now();
      waits.push(wait);
      await clock.advance(wait - 1);
      await wakeFruitlessly();
      expect(tried.length).toBe(2 + n);
      await clock.advance(1);
      await wakeAndWait();
    }
    waits.forEach((wait, n) => {
      expect(wait).toBeGreaterThanOrEqual(800 * 2 ** n);
      expect(wait).toBeLessThanOrEqual(1_200 * 2 ** n);
    });
  });

  it('is tried at once when somebody asks, and leaves the list when it succeeds', async () => {
    handle = () => Promise.reject(new Error('no'));
    await enter('log:1');
    await wakeAndWait();
    handle = () => Promise.resolve();
    const [stuck] = await outbox.stuck();
    const next = nextTry();
    await outbox.retry(stuck?.id ?? 0);
    await next;
    expect(done).toEqual(['log:1']);
    expect(await outbox.stuck()).toEqual([]);
  });

  it('is repeated with the same key when its effect is there and our mark is not', async () => {
    marksThatFail = 1;
    await enter('log:1');
    await wakeAndWait();
    expect(done).toEqual(['log:1']);
    await outbox.close();
    outbox = newOutbox();
    await clock.advance(5_000);
    await wakeAndWait();
    expect(done).toEqual(['log:1', 'log:1']);
    await wakeFruitlessly();
    expect(done).toHaveLength(2);
  });

  it('that never ends counts as failed after half a minute, and the next get their turn', async () => {
    const began = new Promise<void>((resolve) => {
      handle = (key) => {
        if (key !== 'log:1') return Promise.resolve();
        resolve();
        return new Promise(() => undefined);
      };
    });
    await enter('log:1');
    await enter('log:2');
    outbox.wake();
    await began;
    const failed = nextTry();
    await clock.advance(30_000);
    await failed;
    await nextTry();
    expect(tried).toEqual(['log:1: task did not happen within 30000 ms', 'log:2']);
  });

  it('of a kind that nobody carries out, or with an error that no text can hold, is stuck and visible', async () => {
    handle = () => Promise.reject(new Error('bad \0 answer'));
    await enter('log:1');
    await enter('fax:1', 'fax');
    await wakeAndWait();
    await nextTry();
    expect((await outbox.stuck()).map((entry) => entry.error)).toEqual([
      'bad  answer',
      'nothing here carries out fax',
    ]);
  });
});

describe('the outbox', () => {
  it('looks by itself every second, and does not miss what is entered while it looks', async () => {
    const began = nextTry();
    await enter('log:1');
    outbox.start();
    await began;
    const second = nextTry();
    await enter('log:2');
    await clock.advance(1_000);
    await second;
    for (let n = 3; n < 40; n++) {
      await enter(`log:${n}`);
      await wakeAndWait();
    }
    expect(done).toHaveLength(39);
  });

  it('marks what it did in one go, with what the handlers want to be written', async () => {
    handle = (key) =>
      Promise.resolve((sql) =>
        enterOutbox(sql, { kind: 'next', idemKey: `after ${key}`, body: {} }, 9e15).then(() => undefined),
      );
    for (const key of ['log:1', 'log:2', 'log:3']) await enter(key);
    await wakeAndWait();
    await outbox.close();
    expect(tried).toEqual(['log:1', 'log:2', 'log:3']);
    expect(marked).toBe(1);
    expect(await waiting()).toEqual(['after log:1', 'after log:2', 'after log:3']);
  });

  it('marks the others when what one wants to be written is refused, and tries that one again', async () => {
    handle = (key) =>
      Promise.resolve(async (sql) => void (await sql.query(key === 'log:2' ? 'SELECT 1/0' : 'SELECT 1')));
    for (const key of ['log:1', 'log:2', 'log:3']) await enter(key);
    await wakeAndWait();
    await outbox.close();
    expect(tried).toEqual(['log:1', 'log:2: division by zero', 'log:3']);
    expect(await waiting()).toEqual(['log:2']);
  });

  it('marks what is done while a slow one is carried out', async () => {
    const slow = new Promise<void>((resolve) => {
      handle = (key) => {
        if (key === 'log:1') return Promise.resolve();
        resolve();
        return new Promise(() => undefined);
      };
    });
    await enter('log:1');
    await enter('log:2');
    outbox.wake();
    await slow;
    const next = nextTry();
    await clock.advance(200);
    await next;
    expect(tried).toEqual(['log:1']);
    expect(await waiting()).toEqual(['log:2']);
    await clock.advance(30_000);
  });

  it('waits at its close for what is under way, and begins nothing more', async () => {
    await enter('log:1');
    await enter('log:2');
    let finish: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      handle = () => {
        resolve();
        return new Promise((end) => (finish = end));
      };
    });
    outbox.wake();
    await began;
    let closed = false;
    const closing = outbox.close().then(() => {
      closed = true;
    });
    await test.db.query('SELECT 1');
    expect(closed).toBe(false);
    finish();
    await closing;
    expect(done).toEqual(['log:1']);
    outbox.wake();
    expect(await waiting()).toEqual(['log:2']);
  });
});

async function waiting(): Promise<string[]> {
  const rows = await test.db.query<{ idem_key: string }>(
    'SELECT idem_key FROM outbox WHERE done_at IS NULL ORDER BY id',
  );
  return rows.map((row) => row.idem_key);
}

/** Wakes it, and gives it the time of a few questions to the database: nothing is due. */
async function wakeFruitlessly(): Promise<void> {
  const before = tried.length;
  outbox.wake();
  for (let n = 0; n < 4; n++) await db.query('SELECT 1');
  expect(tried.length).toBe(before);
}
