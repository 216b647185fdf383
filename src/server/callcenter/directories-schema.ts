import type { Migration } from '../store/migrations.ts';

/** `numbers` is [{label, phone, value}]: as typed, and as it was normalised when it was written. */
export const directoryMigrations: Migration[] = [
  {
    id: 'callcenter-directories-001-start',
    sql: `
      CREATE TABLE directory (
        id text PRIMARY KEY,
        label text NOT NULL,
        call_center_id text
      );
      CREATE UNIQUE INDEX directory_label ON directory (lower(label));
      CREATE TABLE directory_entry (
        id text PRIMARY KEY,
        directory_id text NOT NULL REFERENCES directory ON DELETE CASCADE,
        name text NOT NULL,
        numbers jsonb NOT NULL,
        description text NOT NULL
      );
      CREATE INDEX directory_entry_directory ON directory_entry (directory_id);
    `,
  },
  {
    id: 'callcenter-directories-002-source',
    sql: `
      CREATE TABLE directory_source (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        value jsonb NOT NULL
      );
    `,
  },
];
