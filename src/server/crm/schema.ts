import type { Migration } from '../store/migrations.ts';
import { consoleMigrations } from './console-schema.ts';

/**
 * Records of the built-in CRM and the index of their phone numbers.
 *
 * `terms` holds, as lexemes: the words of the record's texts, `=Object`, and `@Field=id` for each reference; one index so
 * answers search, filtered lists and related lists. It is filled by builtin/terms.ts and depends on no locale.
 */
export const crmMigrations: Migration[] = [
  {
    id: 'crm-001-records',
    sql: `
      CREATE SEQUENCE record_number;
      CREATE SEQUENCE case_number START 1001;

      -- Like Salesforce's: the object's prefix and twelve characters of base 62, in order of creation.
      CREATE FUNCTION new_record_id(prefix text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT prefix || '000000' || string_agg(
          substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (n / place % 62)::int + 1, 1), '' ORDER BY place DESC)
        FROM unnest(ARRAY[1, 62, 3844, 238328, 14776336, 916132832]::bigint[]) AS place
      $$;

      CREATE TABLE record (
        id text COLLATE "C" PRIMARY KEY,
        object text COLLATE "C" NOT NULL,
        name text NOT NULL,
        sort_name text COLLATE "C" NOT NULL,
        data jsonb NOT NULL,
        terms tsvector NOT NULL,
        owner text NOT NULL,
        rev integer NOT NULL DEFAULT 1,
        created_at bigint NOT NULL,
        updated_at bigint NOT NULL
      );
      CREATE INDEX record_terms ON record USING gin (terms) WITH (fastupdate = off);
      CREATE INDEX record_by_name ON record (object, sort_name, id);
      CREATE INDEX record_by_creation ON record (object, created_at, id);
      CREATE INDEX record_by_change ON record (object, updated_at, id);

      CREATE TABLE phone_index (
        digits_reversed text COLLATE "C" NOT NULL,
        e164 text COLLATE "C",
        record_id text COLLATE "C" NOT NULL REFERENCES record ON DELETE CASCADE,
        object text COLLATE "C" NOT NULL,
        field text NOT NULL,
        PRIMARY KEY (record_id, field)
      );
      CREATE INDEX phone_index_reversed ON phone_index (digits_reversed);
      CREATE INDEX phone_index_e164 ON phone_index (e164);

      CREATE TABLE crm_call_log (
        conversation_id text NOT NULL,
        user_id text NOT NULL,
        task_id text COLLATE "C" NOT NULL UNIQUE REFERENCES record ON DELETE CASCADE,
        PRIMARY KEY (conversation_id, user_id)
      );
    `,
  },
  {
    id: 'crm-002-objects',
    sql: `
      -- What an administrator made and changed of objects and fields: KeptObject of builtin/object-set.ts.
      CREATE TABLE crm_object (
        name text PRIMARY KEY,
        position integer NOT NULL,
        body jsonb NOT NULL
      );
      -- The beginning of custom records' ids after the letter a; never given twice.
      CREATE SEQUENCE crm_prefix MINVALUE 0 START 0 MAXVALUE 3843;
    `,
  },
  ...consoleMigrations,
];
