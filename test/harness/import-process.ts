/**
 * A process that imports one CSV file of so many contacts and says each state and how far it is, a line each: to be killed. Its
 * arguments are the database's connection, as JSON, and the number of rows.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { realClock } from '../../src/lib/clock.ts';
import { RUNNING } from '../../src/protocol/imports.ts';
import { BuiltinCrm } from '../../src/server/crm/builtin/builtin-crm.ts';
import { ImportJobs } from '../../src/server/crm/import/import-jobs.ts';
import { Database } from '../../src/server/store/database.ts';
import { contactFile, CONTACT_PLAN } from './import-file.ts';

const [connection = '', rows = ''] = process.argv.slice(2);
const db = new Database({
  connection: JSON.parse(connection) as { host: string; user: string; database: string },
  max: 3,
  statementTimeoutMs: 0,
  onError: () => undefined,
});
const fail = (error: unknown) => {
  throw error;
};
const crm = new BuiltinCrm({ db, clock: realClock, country: 'GB' });
const imports = await ImportJobs.load({
  db,
  clock: realClock,
  objects: () => crm.objects(),
  country: 'GB',
  onError: fail,
});

async function* told(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of file) {
    console.log('uploading');
    yield piece;
  }
}

async function ended(id: string): Promise<void> {
  for (;;) {
    const { status, progress } = await imports.read(id);
    console.log(progress > 0 && progress < 1 ? `${status} half` : status);
    if (!RUNNING.includes(status)) return;
    await wait(1);
  }
}

const { id } = await imports.upload('user_root', { fileName: 'people.csv' }, told(contactFile(Number(rows))));
await imports.check(id, CONTACT_PLAN);
await ended(id);
await imports.apply(id, 'user_root', false);
await ended(id);
await db.close();
