import type { Migration } from './migrations.ts';

/** The journal, what it points at, and the outbox (DESIGN section 6). */
export const storeMigrations: Migration[] = [
  {
    id: 'store-001-journal',
    sql: `
      CREATE TABLE journal (
        position bigint GENERATED ALWAYS AS IDENTITY,
        stream text NOT NULL,
        seq integer NOT NULL,
        id text NOT NULL UNIQUE,
        at bigint NOT NULL,
        switch_at bigint,
        type text NOT NULL,
        v smallint NOT NULL,
        conversation_id text,
        body jsonb NOT NULL,
        PRIMARY KEY (stream, seq)
      );
      CREATE UNIQUE INDEX journal_position ON journal (position);
      -- Conversations that have begun and not ended: what a start reads back, however long the journal is.
      CREATE TABLE open_stream (stream text PRIMARY KEY);
      CREATE TABLE personal (
        token text PRIMARY KEY,
        kind text NOT NULL,
        value jsonb,
        subject text NOT NULL,
        expires_at bigint
      );
      CREATE INDEX personal_subject ON personal (subject);
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        idem_key text NOT NULL UNIQUE,
        body jsonb NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        next_at bigint NOT NULL,
        error text,
        done_at bigint
      );
      CREATE INDEX outbox_due ON outbox (next_at) WHERE done_at IS NULL;
      CREATE TABLE projection (
        name text PRIMARY KEY,
        position bigint NOT NULL
      );
    `,
  },
  {
    id: 'store-002-outbox-forgets',
    sql: `UPDATE outbox SET body = '{}' WHERE done_at IS NOT NULL`,
  },
];
