import type { Migration } from '../store/migrations.ts';

/** Sign-ins. The token itself is not stored: only its SHA-256, so that a stolen database opens no session. */
export const apiMigrations: Migration[] = [
  {
    id: 'api-001-session',
    sql: `
      CREATE TABLE session (
        id text PRIMARY KEY,
        token_hash text NOT NULL UNIQUE,
        user_id text NOT NULL,
        created_at bigint NOT NULL,
        expires_at bigint NOT NULL
      );
      CREATE INDEX session_of_user ON session (user_id);
    `,
  },
  {
    // Visitors' devices until their call has ended: the SIP password and what the visitor said of himself go with the row.
    id: 'api-002-web-call',
    sql: `
      CREATE TABLE web_call (
        id text PRIMARY KEY,
        device jsonb NOT NULL,
        address text NOT NULL,
        expires_at bigint NOT NULL
      );
    `,
  },
];
