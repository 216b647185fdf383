import type { Migration } from '../store/migrations.ts';

/** What the console of the built-in CRM keeps beside records: list views, what each user viewed last, imports under way. */
export const consoleMigrations: Migration[] = [
  {
    id: 'crm-console-001-lists',
    sql: `
      CREATE TABLE list_view (
        id text COLLATE "C" PRIMARY KEY DEFAULT new_record_id('00B', nextval('record_number')),
        object text COLLATE "C" NOT NULL,
        name text NOT NULL,
        owner text NOT NULL,
        shared boolean NOT NULL,
        conditions jsonb NOT NULL,
        columns jsonb NOT NULL,
        sort text NOT NULL,
        direction text NOT NULL CHECK (direction IN ('asc', 'desc')),
        updated_at bigint NOT NULL
      );
      CREATE UNIQUE INDEX list_view_shared_name ON list_view (object, lower(name)) WHERE shared;
      CREATE UNIQUE INDEX list_view_own_name ON list_view (owner, object, lower(name)) WHERE NOT shared;

      CREATE TABLE recent_record (
        user_id text NOT NULL,
        record_id text COLLATE "C" NOT NULL REFERENCES record ON DELETE CASCADE,
        viewed_at bigint NOT NULL,
        PRIMARY KEY (user_id, record_id)
      );
      CREATE INDEX recent_record_by_age ON recent_record (user_id, viewed_at DESC);
      CREATE INDEX recent_record_of ON recent_record (record_id);

      -- "Mine": few owners, so it packs tightly.
      CREATE INDEX record_by_owner ON record (owner, object);
    `,
  },
  {
    // Staged rows are gone after a crash of PostgreSQL, as is every import that was under way: they need no write-ahead log.
    id: 'crm-console-002-imports',
    sql: `
      CREATE TABLE import_job (
        id text PRIMARY KEY,
        file_name text NOT NULL,
        status text NOT NULL,
        user_id text NOT NULL,
        created_at bigint NOT NULL,
        finished_at bigint,
        encoding text NOT NULL DEFAULT 'utf-8',
        delimiter text NOT NULL DEFAULT ',',
        columns jsonb NOT NULL DEFAULT '[]',
        sample jsonb NOT NULL DEFAULT '[]',
        rows integer NOT NULL DEFAULT 0,
        plan jsonb,
        bad integer NOT NULL DEFAULT 0,
        inserts integer NOT NULL DEFAULT 0,
        updates integer NOT NULL DEFAULT 0,
        problem text
      );
      CREATE INDEX import_job_by_age ON import_job (created_at);

      CREATE UNLOGGED TABLE import_row (
        job_id text COLLATE "C" NOT NULL,
        row integer NOT NULL,
        cells jsonb NOT NULL,
        -- Of the check: the values given, the key, names of records pointed at (by field), and what is wrong.
        given jsonb,
        key text COLLATE "C",
        names jsonb,
        error text,
        error_field text,
        -- The record that is changed and its revision then; of any good row what is to be written.
        target text COLLATE "C",
        target_rev integer,
        record_id text COLLATE "C",
        data jsonb,
        name text,
        sort_name text COLLATE "C",
        terms text[],
        phones jsonb,
        PRIMARY KEY (job_id, row)
      );
    `,
  },
];
