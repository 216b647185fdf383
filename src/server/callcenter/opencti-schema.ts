import type { Migration } from '../store/migrations.ts';

/** Call centers by their definition files, which users they have and the numbers of their directories. */
export const openCtiMigrations: Migration[] = [
  {
    id: 'callcenter-opencti-001-start',
    sql: `
      CREATE TABLE call_center (
        id text PRIMARY KEY,
        internal_name text NOT NULL,
        definition jsonb NOT NULL
      );
      CREATE UNIQUE INDEX call_center_name ON call_center (lower(internal_name));
      CREATE TABLE call_center_user (
        user_id text PRIMARY KEY REFERENCES "user" ON DELETE CASCADE,
        call_center_id text NOT NULL REFERENCES call_center ON DELETE CASCADE
      );
      CREATE TABLE directory_number (
        id text PRIMARY KEY,
        call_center_id text REFERENCES call_center ON DELETE CASCADE,
        name text NOT NULL,
        phone text NOT NULL,
        description text NOT NULL
      );
    `,
  },
];
