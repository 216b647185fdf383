import type { Migration } from '../store/migrations.ts';

/**
 * `flow.draft` is a FlowDocument of protocol/flows.ts; `flow_version` keeps each that was published, for a call may have begun
 * with it. `flow_secret.sealed` is sealed by the vault. Times are UTC milliseconds.
 */
export const flowMigrations: Migration[] = [
  {
    id: 'flows-001-flows',
    sql: `
      CREATE TABLE flow (
        id text PRIMARY KEY,
        label text NOT NULL,
        description text NOT NULL,
        rev integer NOT NULL,
        changed_at bigint NOT NULL,
        draft jsonb NOT NULL,
        published integer,
        published_rev integer
      );
      CREATE UNIQUE INDEX flow_label ON flow (lower(label));
      CREATE TABLE flow_version (
        flow_id text NOT NULL,
        version integer NOT NULL,
        published_at bigint NOT NULL,
        user_id text NOT NULL,
        note text NOT NULL,
        document jsonb NOT NULL,
        PRIMARY KEY (flow_id, version)
      );
      CREATE TABLE flow_recording (
        id text PRIMARY KEY,
        label text NOT NULL,
        language text NOT NULL,
        seconds real NOT NULL,
        bytes integer NOT NULL,
        uploaded_at bigint NOT NULL,
        wav bytea NOT NULL
      );
      CREATE UNIQUE INDEX flow_recording_label ON flow_recording (lower(label), language);
      CREATE TABLE flow_secret (
        name text PRIMARY KEY,
        sealed text NOT NULL
      );
    `,
  },
];
