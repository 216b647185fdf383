import type { Migration } from '../store/migrations.ts';

/** Call centers by their definition files, and which users they have. */
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
  {
    // Numbers lie in directories (directories-schema.ts): those that lay here move there.
    id: 'callcenter-opencti-002-one-directory',
    sql: `
      INSERT INTO directory (id, label, call_center_id)
        SELECT 'directory_of_' || coalesce(c.id, 'all'), 'Numbers of ' || coalesce(c.internal_name, 'everybody'), c.id
        FROM (SELECT DISTINCT call_center_id FROM directory_number) n LEFT JOIN call_center c ON c.id = n.call_center_id
        ON CONFLICT DO NOTHING;
      INSERT INTO directory_entry (id, directory_id, name, numbers, description)
        SELECT n.id, d.id, n.name, jsonb_build_array(jsonb_build_object('label', '', 'phone', n.phone, 'value', n.phone)), n.description
        FROM directory_number n JOIN directory d ON d.id = 'directory_of_' || coalesce(n.call_center_id, 'all');
      DROP TABLE directory_number;
    `,
  },
];
