import type { Migration } from '../store/migrations.ts';

/** Every recording that was begun, and everybody who asked for one. Rows stay when the sound has been deleted. */
export const recordingMigrations: Migration[] = [
  {
    id: 'recording-001-recordings',
    sql: `
      CREATE TABLE recording (
        id text PRIMARY KEY,
        conversation_id text NOT NULL,
        call_id text NOT NULL,
        leg_id text NOT NULL,
        platform_id text NOT NULL,
        direction text NOT NULL,
        queue_id text,
        user_ids text[] NOT NULL,
        why text NOT NULL CHECK (why IN ('rule', 'demand')),
        by_user text,
        state text NOT NULL CHECK (state IN ('recording', 'waiting', 'stored', 'failed', 'deleted')),
        started_at bigint NOT NULL,
        ended_at bigint,
        ms bigint,
        bytes bigint,
        sha256 text,
        peaks jsonb,
        store_key text,
        retention_days integer,
        delete_at bigint,
        -- The durable queue: a row that waits is moved into the store at next_at.
        attempts integer NOT NULL DEFAULT 0,
        next_at bigint,
        error text,
        -- The switch still has the file.
        on_switch boolean NOT NULL DEFAULT true
      );
      CREATE INDEX recording_conversation ON recording (conversation_id);
      CREATE INDEX recording_by_age ON recording (started_at, id);
      CREATE INDEX recording_users ON recording USING gin (user_ids);
      CREATE INDEX recording_running ON recording (platform_id) WHERE state = 'recording';
      CREATE INDEX recording_due ON recording (next_at) WHERE state = 'waiting';
      CREATE INDEX recording_old ON recording (delete_at) WHERE state = 'stored' OR state = 'failed';
      CREATE INDEX recording_left_behind ON recording (platform_id) WHERE on_switch AND state IN ('stored', 'deleted');
      CREATE TABLE recording_access (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        recording_id text NOT NULL,
        user_id text NOT NULL,
        what text NOT NULL CHECK (what IN ('played', 'downloaded', 'deleted', 'refused')),
        from_address text NOT NULL,
        at bigint NOT NULL,
        last_at bigint NOT NULL,
        times integer NOT NULL DEFAULT 1
      );
      CREATE INDEX recording_access_of ON recording_access (recording_id, id);
    `,
  },
  {
    id: 'recording-002-voicemail',
    sql: `
      ALTER TABLE recording DROP CONSTRAINT recording_why_check;
      ALTER TABLE recording ADD CONSTRAINT recording_why_check CHECK (why IN ('rule', 'demand', 'voicemail'));
    `,
  },
];
