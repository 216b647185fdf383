/** Databases for tests: each test file takes one of its own, copied from a template that has the migrations already. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { inject } from 'vitest';
import { Database } from '../../src/server/store/database.ts';
import { type Migration, migrate } from '../../src/server/store/migrations.ts';
import { withClient } from './postgres-server.ts';
// For its declaration of what `inject` gives.
import type {} from './global-setup.ts';

export interface TestDatabase {
  db: Database;
  /** For a second pool on the same database, as a second process would have. */
  connection: { host: string; user: string; database: string };
  /** Closes the pool and removes the database. Idempotent. */
  drop(): Promise<void>;
}

/** A lock number for all test processes: one of them makes a template, the others wait. */
const TEMPLATE_LOCK = 712_025;

/**
 * An empty database that has had `migrations`; without them, those of every server folder.
 * Takes some 50 ms, the first time for a set of migrations some 200.
 */
export async function testDatabase(migrations?: readonly Migration[]): Promise<TestDatabase> {
  const server = inject('postgres');
  const template = await templateOf(migrations ?? (await allMigrations()));
  const name = `t_${randomBytes(8).toString('hex')}`;
  await withClient(server, 'postgres', (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`),
  );
  const connection = { host: server.socketFolder, user: server.user, database: name };
  const db = new Database({ connection, onError: () => undefined });
  let dropped: Promise<void> | undefined;
  const drop = async () => {
    await db.close();
    await withClient(server, 'postgres', (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  };
  return { db, connection, drop: () => (dropped ??= drop()) };
}

/** The migrations of all server folders, the store's first: what the program applies at its start. */
export async function allMigrations(): Promise<Migration[]> {
  const root = new URL('../../src/server/', import.meta.url);
  const folders = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)schema\.ts$/.test(path),
  );
  folders.sort(
    (a, b) => Number(b.startsWith('store/')) - Number(a.startsWith('store/')) || a.localeCompare(b),
  );
  const modules = await Promise.all(
    folders.map((path) => import(new URL(path, root).href) as Promise<object>),
  );
  return modules.flatMap((module) => {
    const exported = Object.entries(module).filter(([name]) => name.endsWith('Migrations'));
    return exported.flatMap(([, migrations]) => migrations as Migration[]);
  });
}

/** The name of the template database with these migrations, made if this run has none yet. */
async function templateOf(migrations: readonly Migration[]): Promise<string> {
  const server = inject('postgres');
  const name = `template_${createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 16)}`;
  await withClient(server, 'postgres', async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount) return;
    const half = `half_${randomBytes(8).toString('hex')}`;
    await client.query(`CREATE DATABASE ${half}`);
    const db = new Database({
      connection: { host: server.socketFolder, user: server.user, database: half },
      onError: () => undefined,
    });
    try {
      await migrate(db, migrations);
    } finally {
      await db.close();
    }
    await client.query(`ALTER DATABASE ${half} RENAME TO ${name}`);
  });
  return name;
}
