/**
 * How fast a file of 100,000 contacts is imported into a CRM with a million, and what a look-up of a caller's number waits
 * meanwhile. The import is the whole way: the file is read, staged, checked and written in one transaction, in the process
 * and on the database that calls use.
 *
 * Look-ups go on at a steady pace, first by themselves, then beside the import: the ratio is what the import costs a call.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { realClock } from '../src/lib/clock.ts';
import { ImportPlan, RUNNING, type ImportJob } from '../src/protocol/imports.ts';
import { BuiltinCrm } from '../src/server/crm/builtin/builtin-crm.ts';
import { bulkLoad, bulkNumber } from '../src/server/crm/builtin/bulk-load.ts';
import { ImportJobs } from '../src/server/crm/import/import-jobs.ts';
import type { Actor } from '../src/server/crm/ports.ts';
import { percentile, printFigures, say } from './support/figures.ts';
import { PrivateDatabase } from './support/private-database.ts';

const CONTACTS = 1_000_000;
const ROWS = 100_000;
/** Milliseconds between two look-ups: more than any call center has calls. */
const PACE_MS = 10;
const ALONE_MS = 20_000;
const LOOK_MS = 50;
const ACTOR: Actor = { userId: 'bench', roles: ['administrator'] };

/** People with an e-mail address, two numbers as people write them, and the company they are with. */
async function* file(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('First name,Last name,E-mail,Phone,Mobile,Account\n');
  for (let from = 0; from < ROWS; from += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, i) => {
      const n = from + i;
      const digits = String(n).padStart(6, '0');
      return `Person,Number${n},p${n}@import.example,020 7${digits.slice(0, 3)} ${digits.slice(2)},07700 ${digits},Company ${n % 50}`;
    });
    yield Buffer.from(`${rows.join('\n')}\n`);
  }
}

const PLAN = ImportPlan.parse({
  object: 'Contact',
  mode: 'upsert',
  key: 'Email',
  columns: ['FirstName', 'LastName', 'Email', 'Phone', 'MobilePhone', 'AccountId'].map((field, column) => ({
    column,
    field,
    by: field === 'AccountId' ? 'name' : 'id',
  })),
});

/** Looks up numbers at the pace until told to stop; the time each took from when it was due. */
async function lookUp(crm: BuiltinCrm, over: () => boolean): Promise<number[]> {
  const times: number[] = [];
  const under: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; !over(); n++) {
    const due = began + n * PACE_MS;
    await wait(Math.max(0, due - performance.now()));
    const look = async () => {
      const { records } = await crm.match(ACTOR, bulkNumber((n * 4_999) % CONTACTS));
      if (records.length !== 1) throw new Error(`${records.length} were found`);
      times.push(performance.now() - due);
    };
    under.push(look());
  }
  await Promise.all(under);
  return times;
}

async function ended(imports: ImportJobs, id: string): Promise<ImportJob> {
  for (;;) {
    const job = await imports.read(id);
    if (!RUNNING.includes(job.status)) return job;
    await wait(LOOK_MS);
  }
}

async function importAll(imports: ImportJobs): Promise<void> {
  const began = performance.now();
  const since = () => `${((performance.now() - began) / 1_000).toFixed(1)} s`;
  const { id } = await imports.upload(ACTOR.userId, { fileName: 'people.csv' }, file());
  say(`staged after ${since()}`);
  await imports.check(id, PLAN);
  const checked = await ended(imports, id);
  if (checked.inserts !== ROWS)
    throw new Error(`of ${ROWS} rows ${checked.inserts} are good: ${checked.problem}`);
  say(`checked after ${since()}`);
  await imports.apply(id, ACTOR.userId, false);
  const { status, problem } = await ended(imports, id);
  if (status !== 'done') throw new Error(`the import is ${status}: ${problem}`);
  say(`written after ${since()}`);
}

const base = await PrivateDatabase.start();
try {
  const { db } = base;
  await bulkLoad(db, CONTACTS, Date.now());
  const crm = new BuiltinCrm({ db, clock: realClock, country: 'GB' });
  for (let n = 0; n < 50; n++) await crm.create(ACTOR, 'Account', { Name: `Company ${n}` });
  const imports = await ImportJobs.load({
    db: base.pool({ max: 3, statementTimeoutMs: 0 }),
    clock: realClock,
    objects: () => crm.objects(),
    country: 'GB',
    onError: (error) => {
      throw error;
    },
  });
  const end = performance.now() + ALONE_MS;
  const alone = await lookUp(crm, () => performance.now() > end);
  let over = false;
  const began = performance.now();
  const importing = importAll(imports).finally(() => {
    over = true;
  });
  const beside = await lookUp(crm, () => over);
  await importing;
  const seconds = (performance.now() - began) / 1_000;
  const [p95, p95Alone] = [percentile(beside, 95), percentile(alone, 95)];
  say(
    `look-up by itself:        p50 ${percentile(alone, 50).toFixed(2)} ms, p95 ${p95Alone.toFixed(2)} ms, p99 ${percentile(alone, 99).toFixed(2)} ms`,
  );
  say(
    `look-up beside the import: p50 ${percentile(beside, 50).toFixed(2)} ms, p95 ${p95.toFixed(2)} ms, p99 ${percentile(beside, 99).toFixed(2)} ms`,
  );
  say(`memory at the end ${Math.round(process.memoryUsage().rss / 1024 / 1024)} MB`);
  printFigures('import', {
    rowsPerSecond: Math.round(ROWS / seconds),
    rows: ROWS,
    p95Ms: Number(p95.toFixed(2)),
    ratio: Number((p95 / p95Alone).toFixed(2)),
  });
} finally {
  await base.close();
}
