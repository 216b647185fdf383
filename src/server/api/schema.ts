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
  {
    // Who changed what in Setup. Secrets are masked before they get here.
    id: 'api-003-config-change',
    sql: `
      CREATE TABLE config_change (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at bigint NOT NULL,
        user_id text NOT NULL,
        object text NOT NULL,
        object_id text NOT NULL,
        label text NOT NULL,
        action text NOT NULL CHECK (action IN ('create', 'change', 'delete')),
        outcome text NOT NULL CHECK (outcome IN ('begun', 'done')),
        before jsonb,
        after jsonb
      );
      CREATE INDEX config_change_object ON config_change (object, object_id, id);
    `,
  },
  {
    // Which task an adapter's call has: one saved again, with the same call id by the same user, is that task.
    id: 'api-004-adapter-log',
    sql: `
      CREATE TABLE adapter_log (
        user_id text NOT NULL,
        call_object text NOT NULL,
        task_id text NOT NULL,
        PRIMARY KEY (user_id, call_object)
      );
    `,
  },
  {
    // Signed contexts that were used and have not expired: each is good once.
    id: 'api-005-used-context',
    sql: `
      CREATE TABLE used_context (
        host_id text NOT NULL,
        context_id text NOT NULL,
        expires_at bigint NOT NULL,
        PRIMARY KEY (host_id, context_id)
      );
    `,
  },
];
