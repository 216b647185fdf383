/**
 * An import whose process is killed (SIGKILL) in each of its steps: nothing of it is there, and the same file can be imported again.
 * CROSSPOINT_IMPORT_ROWS makes the file larger: 100,000 take a minute.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { realClock } from '../src/lib/clock.ts';
import { RUNNING } from '../src/protocol/imports.ts';
import { BuiltinCrm } from '../src/server/crm/builtin/builtin-crm.ts';
import { ImportJobs } from '../src/server/crm/import/import-jobs.ts';
import { crmMigrations } from '../src/server/crm/schema.ts';
import { contactFile, CONTACT_PLAN } from './harness/import-file.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';

const ROWS = Number(process.env.CROSSPOINT_IMPORT_ROWS ?? 5_000);
const CHILD = fileURLToPath(new URL('harness/import-process.ts', import.meta.url));

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(crmMigrations);
});
afterAll(() => database.drop());

const count = async (table: string) =>
  (await database.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n ?? -1;

/** Starts the import and kills its process at the first line that says `at`. Resolves to what it had said. */
async function killedAt(at: string): Promise<string[]> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', CHILD, JSON.stringify(database.connection), String(ROWS)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exit = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (line === at) child.kill('SIGKILL');
  }
  await exit;
  return said;
}

const load = () => {
  const crm = new BuiltinCrm({ db: database.db, clock: realClock, country: 'GB' });
  return ImportJobs.load({
    db: database.db,
    clock: realClock,
    objects: () => crm.objects(),
    country: 'GB',
    onError: (error) => {
      throw error;
    },
  });
};

it.each(['uploading', 'checking half', 'applying half'])(
  'killed while %s, it has left nothing',
  async (step) => {
    expect(await killedAt(step)).toContain(step);
    const imports = await load();
    const [job] = await imports.list();
    expect(job?.status).toBe('aborted');
    expect(await count('record')).toBe(0);
    expect(await count('import_row')).toBe(0);
  },
);

it('is whole when it is done again', async () => {
  const imports = await load();
  const { id } = await imports.upload('user_root', { fileName: 'people.csv' }, contactFile(ROWS));
  const ended = async () => {
    for (;;) {
      const job = await imports.read(id);
      if (!RUNNING.includes(job.status)) return job;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await imports.check(id, CONTACT_PLAN);
  expect(await ended()).toMatchObject({ status: 'checked', inserts: ROWS, bad: 0 });
  await imports.apply(id, 'user_root', false);
  expect(await ended()).toMatchObject({ status: 'done', inserts: ROWS });
  expect(await count('record')).toBe(ROWS);
});
