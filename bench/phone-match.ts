/**
 * How long it takes to find out whose number it is among ten million telephone numbers. The built-in CRM looks it up as it
 * does for a call: the number is read as it was typed or signalled, looked up, and the records that have it are ranked.
 * The database is the private PostgreSQL with the product's own settings.
 *
 * Measured against the look-up that programs begin with: the numbers in a table, `LIKE '%digits'`. What the indexes cost
 * whoever writes numbers is measured beside it.
 */
import { realClock } from '../src/lib/clock.ts';
import { BuiltinCrm } from '../src/server/crm/builtin/builtin-crm.ts';
import { bulkLoad, bulkNumber } from '../src/server/crm/builtin/bulk-load.ts';
import { MATCH_ENDING, MATCH_EQUAL, beginningWith } from '../src/server/crm/builtin/match.ts';
import { STANDARD_SET } from '../src/server/crm/builtin/object-set.ts';
import type { Actor } from '../src/server/crm/ports.ts';
import type { Database, Sql } from '../src/server/store/database.ts';
import { percentile, printFigures, say } from './support/figures.ts';
import { PrivateDatabase } from './support/private-database.ts';

const CONTACTS = 2_500_000;
const NUMBERS_EACH = 4;
const NUMBERS = CONTACTS * NUMBERS_EACH;
const WARM_UP = 200;
const LOOK_UPS = 4_000;
const NAIVE_LOOK_UPS = 12;
const WRITTEN = 20_000;
const ACTOR: Actor = { userId: 'bench', roles: ['agent'] };

/** The ways in which a caller's number arrives or is typed. */
const WAYS: readonly ((e164: string) => string)[] = [
  (e164) => e164,
  (e164) => `00${e164.slice(1)}`,
  (e164) => `0${e164.slice(3)}`,
  (e164) => `+44 (0)${e164.slice(3, 6)} ${e164.slice(6)}`,
  // Without country and area it is found by its last digits; zeros at their beginning say nothing.
  (e164) => (/0\d{6}$/.test(e164) ? e164 : e164.slice(-7)),
];

/** Spread over all numbers, none twice. */
function numberOf(n: number): string {
  return bulkNumber((n * 1_299_709) % NUMBERS);
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const began = performance.now();
  const answer = await work();
  return { ms: performance.now() - began, answer };
}

async function lookUp(crm: BuiltinCrm): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < WARM_UP + LOOK_UPS; n++) {
    const number = WAYS[n % WAYS.length]?.(numberOf(n)) ?? '';
    const { ms, answer } = await timed(() => crm.match(ACTOR, number));
    if (answer.records.length === 0) throw new Error(`nobody was found by ${number}`);
    if (n >= WARM_UP) times.push(ms);
  }
  return times;
}

/** The same, as a program does it that keeps the digits as they are. */
async function lookUpPlainly(db: Database): Promise<number[]> {
  await db.tx(async (sql) => {
    await sql.query('SET LOCAL statement_timeout = 0');
    await sql.query(
      'CREATE TABLE plain_number AS SELECT record_id, reverse(digits_reversed) AS digits FROM phone_index',
    );
  });
  await db.query('VACUUM ANALYZE plain_number');
  const times: number[] = [];
  for (let n = 0; n < NAIVE_LOOK_UPS; n++) {
    const { ms, answer } = await timed(() =>
      db.query(
        'SELECT r.id, r.name, r.data FROM plain_number p JOIN record r ON r.id = p.record_id WHERE p.digits LIKE $1',
        [`%${numberOf(n).slice(3)}`],
      ),
    );
    if (answer.length !== 1) throw new Error(`${answer.length} were found by LIKE`);
    if (n > 1) times.push(ms);
  }
  return times;
}

/** Milliseconds per thousand rows written: into the index of numbers as it is, and into one without its two look-ups. */
async function writeCost(db: Database): Promise<{ indexed: number; bare: number }> {
  return await db.tx(async (sql) => {
    await sql.query('SET LOCAL statement_timeout = 0');
    await sql.query(
      'CREATE TEMPORARY TABLE bare_index (LIKE phone_index, PRIMARY KEY (record_id, field)) ON COMMIT DROP',
    );
    await sql.query('INSERT INTO bare_index SELECT * FROM phone_index ORDER BY record_id LIMIT 2000000');
    const indexed = await write(sql, 'phone_index');
    return { indexed, bare: await write(sql, 'bare_index') };
  });
}

async function write(sql: Sql, table: 'phone_index' | 'bare_index'): Promise<number> {
  const { ms } = await timed(() =>
    sql.query(
      `INSERT INTO ${table} (digits_reversed, e164, record_id, object, field)
       SELECT reverse('4420' || n), '+4420' || n, id, 'Contact', 'AssistantPhone'
       FROM (SELECT id, 10000000 + hashtext(id) % 10000000 AS n FROM record ORDER BY id LIMIT $1) made`,
      [WRITTEN],
    ),
  );
  return (ms / WRITTEN) * 1_000;
}

async function sizes(db: Database): Promise<string> {
  const rows = await db.query<{ name: string; size: string }>(
    `SELECT relname AS name, pg_size_pretty(pg_relation_size(oid)) AS size FROM pg_class
     WHERE relname IN ('record', 'phone_index', 'phone_index_e164', 'phone_index_reversed', 'phone_index_pkey') ORDER BY relname`,
  );
  return rows.map(({ name, size }) => `${name} ${size}`).join(', ');
}

async function printPlans(db: Database): Promise<void> {
  for (const [text, params] of [
    [MATCH_EQUAL, [[numberOf(1)], STANDARD_SET.callers()]],
    [MATCH_ENDING, [...beginningWith('5000000'), STANDARD_SET.callers()]],
  ] as const) {
    const rows = await db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, params);
    const plan = rows.map((row) => row['QUERY PLAN']);
    if (plan.some((line) => line.includes('Seq Scan')))
      throw new Error(`a whole table is read: ${plan.join('\n')}`);
    say(
      `plan: ${plan
        .filter((line) => line.includes('Scan'))
        .map((line) => line.trim())
        .join(' / ')}`,
    );
  }
}

const base = await PrivateDatabase.start();
try {
  const { db } = base;
  const loading = await timed(() => bulkLoad(db, CONTACTS, Date.now(), NUMBERS_EACH));
  say(
    `loaded ${NUMBERS} numbers of ${CONTACTS} contacts in ${(loading.ms / 1_000).toFixed(0)} s: ${await sizes(db)}`,
  );
  await printPlans(db);
  const crm = new BuiltinCrm({ db, clock: realClock, country: 'GB' });
  const times = await lookUp(crm);
  const plain = await lookUpPlainly(db);
  const cost = await writeCost(db);
  const [p50, p95, p99] = [50, 95, 99].map((p) => percentile(times, p)) as [number, number, number];
  const naive = percentile(plain, 50);
  say(
    `look-up:        p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (${LOOK_UPS} of them)`,
  );
  say(`LIKE '%digits': p50 ${naive.toFixed(0)} ms (${plain.length} of them)`);
  say(
    `writing 1,000 numbers: ${cost.indexed.toFixed(1)} ms, without the two indexes for look-ups ${cost.bare.toFixed(1)} ms`,
  );
  printFigures('phone-match', {
    p99Ms: Number(p99.toFixed(2)),
    ratio: Math.round(naive / p50),
    numbers: NUMBERS,
  });
} finally {
  await base.close();
}
