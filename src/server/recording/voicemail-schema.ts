import type { Migration } from '../store/migrations.ts';

/** Messages that callers left: whose they are, and who has heard them. The sound is the recording of the same id. */
export const voicemailMigrations: Migration[] = [
  {
    id: 'voicemail-001-messages',
    sql: `
      CREATE TABLE voicemail (
        id text PRIMARY KEY,
        box_kind text NOT NULL CHECK (box_kind IN ('queue', 'user')),
        box_id text NOT NULL,
        caller jsonb NOT NULL,
        caller_name text,
        at bigint NOT NULL,
        -- Its sound is stored, and there is something in it.
        there boolean NOT NULL DEFAULT false,
        read_at bigint,
        read_by text,
        deleted_at bigint
      );
      CREATE INDEX voicemail_box ON voicemail (box_kind, box_id, at) WHERE there AND deleted_at IS NULL;
    `,
  },
];
