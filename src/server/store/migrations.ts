import type { Database } from './database.ts';

/** One step of the schema. Each server folder exports its own (`schema.ts`) and touches only its own tables. */
export interface Migration {
  /** Unique for ever and sorting by age inside its folder, such as `crm-001-records`. */
  id: string;
  sql: string;
}

/**
 * Applies the migrations that this database has not seen, in the order given, each in a transaction of its own.
 * @throws when the database holds a migration that this program does not know: it is newer than we are.
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<string[]> {
  await db.query(
    'CREATE TABLE IF NOT EXISTS migration (id text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
  );
  const done = new Set((await db.query<{ id: string }>('SELECT id FROM migration')).map((r) => r.id));
  const stranger = [...done].find((id) => !migrations.some((m) => m.id === id));
  if (stranger) throw new Error(`the database is newer than this program: it has the migration ${stranger}`);
  const missing = migrations.filter((m) => !done.has(m.id));
  for (const migration of missing) {
    await db.tx(async (sql) => {
      await sql.query(migration.sql);
      await sql.query('INSERT INTO migration (id) VALUES ($1)', [migration.id]);
    });
  }
  return missing.map((m) => m.id);
}
