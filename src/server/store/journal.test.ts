import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { Database, type Sql } from './database.ts';
import { Journal, type JournalEvent } from './journal.ts';
import { storeMigrations } from './schema.ts';

let test: TestDatabase;
let db: BreakingDatabase;
let clock: VirtualClock;
let journal: Journal;
let errors: string[];

/** A database whose next writes break: before anything is written, or after the commit but before we are told. */
class BreakingDatabase extends Database {
  breaks: ('before' | 'after')[] = [];
  writes = 0;

  override tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#write(() => super.tx(work));
  }

  override query<T extends object>(text: string, params?: readonly unknown[], name?: string): Promise<T[]> {
    const asked = () => super.query<T>(text, params, name);
    return text.includes('INSERT INTO journal') ? this.#write(asked) : asked();
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    this.writes++;
    const breaks = this.breaks.shift();
    if (breaks === 'before') throw new Error('Connection terminated unexpectedly');
    const result = await work();
    if (breaks === 'after') throw new Error('Connection terminated unexpectedly');
    return result;
  }
}

beforeAll(async () => {
  test = await testDatabase([
    ...storeMigrations,
    { id: 'test-001', sql: 'CREATE TABLE place (id text PRIMARY KEY)' },
  ]);
  db = new BreakingDatabase({ connection: test.connection, onError: () => undefined });
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

beforeEach(async () => {
  await test.db.query('TRUNCATE journal, personal, open_stream, place RESTART IDENTITY');
  clock = new VirtualClock();
  errors = [];
  db.breaks = [];
  db.writes = 0;
  journal = newJournal();
});
afterEach(() => settled(journal.drain()));

const newJournal = () =>
  new Journal({
    db,
    clock,
    onError: (error, attempt) => errors.push(`${attempt}: ${error instanceof Error ? error.message : ''}`),
  });

const alerting = (stream: string, legId: string): JournalEvent => ({
  stream,
  type: 'leg.alerting',
  body: { callId: 'call_1', legId },
  at: clock.now(),
});

const note = (stream: string, comments: string): JournalEvent => ({
  stream,
  type: 'log.edited',
  body: { userId: 'ann', comments },
  at: clock.now(),
  conversationId: stream,
});

/** Lets the test's time go on, with the database given the time that it really takes, until the promise is settled. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  let over = false;
  const end = () => {
    over = true;
  };
  promise.then(end, end);
  while (!over) {
    await clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}

const take = (id: string) => async (sql: Sql) => {
  await sql.query('INSERT INTO place VALUES ($1)', [id]);
};

/** What the journal has: stream, number, and which leg or which refused type. */
async function written(): Promise<string[]> {
  const rows = await test.db.query<{
    stream: string;
    seq: number;
    type: string;
    body: { legId?: string; type?: string };
  }>('SELECT stream, seq, type, body FROM journal ORDER BY position');
  return rows.map(
    (row) =>
      `${row.stream} ${row.seq} ${row.body.legId ?? `${row.type}${row.body.type ? `(${row.body.type})` : ''}`}`,
  );
}

describe('the journal', () => {
  it('has events in the order of the calls, appended and committed alike, numbered in each stream', async () => {
    journal.append([alerting('a', '1')]);
    journal.append([alerting('b', '2'), alerting('a', '3')]);
    const { numbers, durable } = journal.commit([alerting('a', '4')]);
    journal.append([alerting('b', '5')]);
    await settled(durable);
    await settled(journal.drain());
    expect(numbers.map(({ seq }) => seq)).toEqual([3]);
    expect(await written()).toEqual(['a 1 1', 'b 1 2', 'a 2 3', 'a 3 4', 'b 2 5']);
  });

  it('writes an observation within 10 ms, together with its company', async () => {
    journal.append([alerting('a', '1')]);
    await clock.advance(6);
    journal.append([alerting('a', '2')]);
    await clock.advance(3);
    expect(db.writes).toBe(0);
    await clock.advance(1);
    expect(db.writes).toBe(1);
    await journal.drain();
    expect(db.writes).toBe(1);
    expect(await written()).toEqual(['a 1 1', 'a 2 2']);
  });

  it('resolves an intent when it is durable with all that came before', async () => {
    journal.append([alerting('a', '1')]);
    await journal.commit([alerting('a', '2')]).durable;
    expect(await written()).toEqual(['a 1 1', 'a 2 2']);
    expect(clock.pending).toBe(0);
  });

  it('forgets nobody who commits a moment after another intent became durable', async () => {
    for (let turns = 0; turns < 12; turns++) {
      await journal.commit([alerting('a', String(turns))]).durable;
      for (let n = 0; n < turns; n++) await Promise.resolve();
      await journal.commit([alerting('b', String(turns))]).durable;
    }
    expect(await written()).toHaveLength(24);
  });

  it('tells after every group, and a listener that fails stops nothing', async () => {
    let told = 0;
    journal.onCommitted(() => {
      throw new Error('broken projection');
    });
    const stop = journal.onCommitted(() => told++);
    await journal.commit([alerting('a', '1')]).durable;
    await journal.drain();
    stop();
    await journal.commit([alerting('a', '2')]).durable;
    await journal.drain();
    expect(told).toBe(1);
    expect(errors).toEqual(['0: broken projection', '0: broken projection']);
  });
});

describe('an intent with more statements', () => {
  it('is written with them in one transaction', async () => {
    await journal.commit([alerting('a', '1')], take('seat')).durable;
    expect(await test.db.query('SELECT id FROM place')).toEqual([{ id: 'seat' }]);
    expect(db.writes).toBe(1);
  });

  it('is refused as a whole by a unique index; a marker takes its number and the others of its group are written in order', async () => {
    await journal.commit([], take('seat')).durable;
    journal.append([alerting('a', '1')]);
    const refused = journal.commit([alerting('a', '2'), note('a', 'hello')], take('seat'));
    const after = journal.commit([alerting('a', '4')], take('other seat'));
    journal.append([alerting('a', '5')]);
    await expect(settled(refused.durable)).rejects.toMatchObject({ code: '23505' });
    await settled(after.durable);
    await settled(journal.drain());
    expect(await written()).toEqual([
      'a 1 1',
      'a 2 intent.refused(leg.alerting)',
      'a 3 intent.refused(log.edited)',
      'a 4 4',
      'a 5 5',
    ]);
    expect(await test.db.query('SELECT id FROM place ORDER BY id')).toEqual([
      { id: 'other seat' },
      { id: 'seat' },
    ]);
    expect(await test.db.query('SELECT count(*) AS n FROM personal')).toEqual([{ n: 0 }]);
    expect(errors).toEqual([]);
  });

  it.each([
    ['a check of its own', () => Promise.reject(new CodedError('busy'))],
    ['a plain error', () => Promise.reject(new Error('replaced too often'))],
    ['a mistake in its statement', async (sql: Sql) => void (await sql.query('SELECT nothing'))],
    [
      'a row that the database does not take',
      async (sql: Sql) => void (await sql.query('INSERT INTO place VALUES (NULL)')),
    ],
  ])('is refused by %s, and so is each of two of a group', async (_what, also) => {
    const [one, two] = [
      journal.commit([alerting('a', '1')], also),
      journal.commit([alerting('b', '1')], also),
    ];
    const last = journal.commit([alerting('a', '2')]);
    await expect(settled(one.durable)).rejects.toThrow();
    await expect(settled(two.durable)).rejects.toThrow();
    await settled(last.durable);
    expect(await written()).toEqual([
      'a 1 intent.refused(leg.alerting)',
      'b 1 intent.refused(leg.alerting)',
      'a 2 2',
    ]);
  });
});

describe('when the connection breaks', () => {
  it('tries the group again until it is written, nothing lost, nothing twice, in order', async () => {
    db.breaks = ['before', 'before', 'before'];
    journal.append([alerting('a', '1'), note('a', 'kept')]);
    const intent = journal.commit([alerting('a', '3')], take('seat'));
    journal.append([alerting('a', '4')]);
    await settled(intent.durable);
    await settled(journal.drain());
    expect(await written()).toEqual(['a 1 1', 'a 2 log.edited', 'a 3 3', 'a 4 4']);
    expect(errors.map((error) => error[0])).toEqual(['0', '1', '2']);
  });

  it('knows a group again that was committed though the answer was lost', async () => {
    db.breaks = ['after'];
    journal.append([note('a', 'hello')]);
    await settled(journal.commit([alerting('a', '2')], take('seat')).durable);
    db.breaks = ['after'];
    await settled(journal.commit([alerting('a', '3')]).durable);
    expect(await written()).toEqual(['a 1 log.edited', 'a 2 2', 'a 3 3']);
    expect((await journal.read('a')).map((entry) => entry.body)).toContainEqual({
      userId: 'ann',
      comments: 'hello',
    });
  });

  it('in the middle of the transaction writes neither events nor statements of it before the next try', async () => {
    let tries = 0;
    const intent = journal.commit([alerting('a', '1')], async (sql) => {
      await sql.query('INSERT INTO place VALUES ($1)', [`try ${++tries}`]);
      if (tries < 3) await sql.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await settled(intent.durable);
    expect(await test.db.query('SELECT id FROM place')).toEqual([{ id: 'try 3' }]);
    expect(await written()).toEqual(['a 1 1']);
  });
});

describe('events that the database does not take', () => {
  it('have zero characters and half characters taken out, for pages send them', async () => {
    await settled(journal.commit([note('a', 'a\0b \ud83d c \u{1f600}')]).durable);
    expect((await journal.read('a'))[0]?.body).toMatchObject({ comments: 'ab \ufffd c \u{1f600}' });
    expect(errors).toEqual([]);
  });

  it('stop nobody else: a marker takes their place, who committed them is told', async () => {
    const bad = { ...alerting('a', 'bad'), at: Number.NaN };
    journal.append([alerting('a', '1'), alerting('b', '1')]);
    const refused = journal.commit([bad]);
    const good = journal.commit([alerting('a', '3')]);
    await expect(settled(refused.durable)).rejects.toThrow();
    await settled(good.durable);
    expect((await written()).filter((line) => line.startsWith('b') || line.endsWith('3'))).toEqual([
      'b 1 1',
      'a 3 3',
    ]);
    expect(errors.length).toBeGreaterThan(0);
  });

  it('stop nobody when two writers gave one number: the second is told', async () => {
    const second = newJournal();
    await settled(journal.commit([alerting('a', '1')]).durable);
    await expect(settled(second.commit([alerting('a', 'mine')]).durable)).rejects.toMatchObject({
      code: '23505',
    });
    await settled(second.commit([alerting('b', '1')]).durable);
    expect(await written()).toEqual(['a 1 1', 'b 1 1']);
  });
});

describe('reading', () => {
  it('goes on numbering a stream that was opened', async () => {
    await settled(journal.commit([alerting('a', '1'), alerting('a', '2')]).durable);
    const next = newJournal();
    await next.open('a');
    await next.open('new');
    await settled(next.commit([alerting('a', '3'), alerting('new', '1')]).durable);
    expect(await written()).toEqual(['a 1 1', 'a 2 2', 'a 3 3', 'new 1 1']);
  });

  it('gives a stream as it was written, by both clocks', async () => {
    const event = { ...note('a', 'hello'), switchAt: 1_767_603_615_000.4 };
    await settled(journal.commit([event, alerting('b', '1')]).durable);
    const [entry, ...more] = await journal.read('a');
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ ...event, switchAt: 1_767_603_615_000, seq: 1, position: 1 });
    expect(entry?.id).toMatch(/^evt_/);
  });

  it('goes through the whole journal page by page', async () => {
    const events = Array.from({ length: 25 }, (_, n) => alerting(n % 2 ? 'a' : 'b', String(n)));
    await settled(journal.commit(events).durable);
    const seen: unknown[] = [];
    for (
      let position = 0, page = await journal.readAfter(0, 10);
      page.length > 0;
      page = await journal.readAfter(position, 10)
    ) {
      expect(page.length).toBeLessThanOrEqual(10);
      seen.push(...page.map((entry) => (entry.body as { legId: string }).legId));
      position = page.at(-1)?.position ?? position;
    }
    expect(seen).toEqual(events.map((_, n) => String(n)));
  });

  it('keeps personal data apart, puts it back, and gives null where it was erased', async () => {
    await settled(journal.commit([note('a', 'private words'), note('b', 'others')]).durable);
    const bodies = await test.db.query<{ text: string }>('SELECT body::text AS text FROM journal');
    expect(bodies.map((row) => row.text).join()).not.toMatch(/private|others/);
    await test.db.query("DELETE FROM personal WHERE subject = 'a'");
    expect((await journal.read('a'))[0]?.body).toEqual({ userId: 'ann', comments: null });
    expect((await journal.read('b'))[0]?.body).toEqual({ userId: 'ann', comments: 'others' });
  });

  it('knows which conversations have begun and not ended, until they end', async () => {
    const openStreams = async () =>
      (await test.db.query<{ stream: string }>('SELECT stream FROM open_stream ORDER BY stream')).map(
        (row) => row.stream,
      );
    await settled(journal.commit([note('a', 'x'), note('b', 'y'), alerting('agent:ann', '1')]).durable);
    expect(await openStreams()).toEqual(['a', 'b']);
    await settled(
      journal.commit([{ ...note('a', ''), type: 'conversation.ended', body: { calls: 1 } }]).durable,
    );
    expect(await openStreams()).toEqual(['b']);
    await expect(
      settled(journal.commit([note('c', 'z')], () => Promise.reject(new CodedError('busy'))).durable),
    ).rejects.toThrow();
    await settled(journal.drain());
    expect(await openStreams()).toEqual(['b']);
  });
});
