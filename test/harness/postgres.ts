/**
 * Databases for tests: each test takes one of its own, copied from a template that has the migrations already. What a test
 * gives back is emptied and goes to the next one with the same migrations, which is much quicker than another copy.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import pg from 'pg';
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
  /** Closes the pool and gives the database back: nothing of it remains. Idempotent. */
  drop(): Promise<void>;
}

/** A lock number for all test processes: one of them makes a template, the others wait. */
const TEMPLATE_LOCK = 712_025;

/** Where the run keeps what templates there are, and what copies of them nobody uses. */
const BOOKS = `
  CREATE TABLE IF NOT EXISTS template (name text PRIMARY KEY, shape text);
  CREATE TABLE IF NOT EXISTS unused (name text PRIMARY KEY, template text NOT NULL)`;

/** Every table, column, constraint and function with the transaction that made it so. */
const SHAPE = `
  SELECT md5(concat(
    (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace),
    (SELECT string_agg(concat_ws(' ', attrelid, attnum, a.xmin), ',' ORDER BY attrelid, attnum)
      FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace),
    (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace),
    (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace)
  )) AS shape`;

/** Whether migrations put rows into tables beside their own: a copy of such a template cannot be had by emptying. */
const FILLED = `
  SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> 'migration' AND pg_relation_size(oid) > 0`;

/** Ends who is still connected and empties all tables but that of the migrations; sequences begin again. */
const EMPTY = `
  SET session_replication_role = replica;
  DO $$
  DECLARE one record;
  BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR one IN SELECT oid::regclass AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migration'
    LOOP EXECUTE format('DELETE FROM %s', one.name); END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
  END $$`;

/** One for this process, which it does not keep alive. */
let admin: pg.Pool | undefined;

/**
 * An empty database that has had `migrations`; without them, those of every server folder.
 * Takes a few milliseconds when there is one that was given back, some 50 otherwise, the first time for a set of migrations some 200.
 */
export async function testDatabase(migrations?: readonly Migration[]): Promise<TestDatabase> {
  const server = inject('postgres');
  const pool = (admin ??= administration(server));
  const template = await templateOf(pool, migrations ?? (await allMigrations()));
  const name = await unusedOrNew(pool, template);
  const connection = { host: server.socketFolder, user: server.user, database: name };
  const db = new Database({ connection, max: 4, onError: () => undefined });
  let dropped: Promise<void> | undefined;
  const drop = async () => {
    await db.close();
    const shape = await withClient(server, name, async (client) => {
      await client.query(EMPTY);
      return shapeOf(client);
    });
    const { rowCount } = await pool.query(
      'INSERT INTO unused SELECT $1, name FROM template WHERE name = $2 AND shape = $3',
      [name, template, shape],
    );
    // A test that changed tables keeps nobody's database.
    if (!rowCount) await pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { db, connection, drop: () => (dropped ??= drop()) };
}

function administration(server: { socketFolder: string; user: string }): pg.Pool {
  const { socketFolder: host, user } = server;
  return new pg.Pool({
    host,
    user,
    database: 'postgres',
    max: 4,
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  }).on('error', () => undefined);
}

async function unusedOrNew(pool: pg.Pool, template: string): Promise<string> {
  const { rows } = await pool.query<{ name: string }>(
    `DELETE FROM unused WHERE name =
       (SELECT name FROM unused WHERE template = $1 LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING name`,
    [template],
  );
  if (rows[0]) return rows[0].name;
  const name = `t_${randomBytes(8).toString('hex')}`;
  await pool.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  return name;
}

async function shapeOf(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ shape: string }>(SHAPE);
  return rows[0]?.shape;
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

const templates = new Map<string, Promise<string>>();

/** The name of the template database with these migrations, made if this run has none yet. */
function templateOf(pool: pg.Pool, migrations: readonly Migration[]): Promise<string> {
  const name = `template_${createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 16)}`;
  const made = templates.get(name) ?? makeTemplate(pool, name, migrations).then(() => name);
  templates.set(name, made);
  return made;
}

async function makeTemplate(pool: pg.Pool, name: string, migrations: readonly Migration[]): Promise<void> {
  const server = inject('postgres');
  // A connection of its own: its end is that of the lock.
  await withClient(server, 'postgres', async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    await client.query(BOOKS);
    const { rowCount } = await pool.query('SELECT 1 FROM template WHERE name = $1', [name]);
    if (rowCount) return;
    await client.query(`CREATE DATABASE ${name}`);
    const db = new Database({
      connection: { host: server.socketFolder, user: server.user, database: name },
      onError: () => undefined,
    });
    try {
      await migrate(db, migrations);
    } finally {
      await db.close();
    }
    const shape = await withClient(server, name, async (inside) =>
      (await inside.query(FILLED)).rowCount ? undefined : shapeOf(inside),
    );
    await client.query('INSERT INTO template VALUES ($1, $2)', [name, shape]);
  });
}
