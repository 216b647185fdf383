import type { Migration } from '../store/migrations.ts';

/**
 * `script.body` is the current ScriptInput of protocol/scripts.ts, `script_version` keeps each that a run may have begun with.
 * `script_run.state` is a RunState of run.ts. Times are UTC milliseconds. One run per call, agent and script: who begins it again,
 * from another tab or after a reload, goes on with it.
 */
export const scriptMigrations: Migration[] = [
  {
    id: 'scripts-001-scripts-and-runs',
    sql: `
      CREATE TABLE script (
        id text PRIMARY KEY,
        name text NOT NULL,
        version integer NOT NULL,
        changed_at bigint NOT NULL,
        body jsonb NOT NULL
      );
      CREATE UNIQUE INDEX script_name ON script (lower(name));
      CREATE TABLE script_version (
        script_id text NOT NULL,
        version integer NOT NULL,
        body jsonb NOT NULL,
        PRIMARY KEY (script_id, version)
      );
      CREATE TABLE script_run (
        id text PRIMARY KEY,
        rev integer NOT NULL,
        script_id text NOT NULL,
        version integer NOT NULL,
        label text NOT NULL,
        conversation_id text,
        user_id text NOT NULL,
        status text NOT NULL CHECK (status IN ('running', 'finished', 'stopped')),
        started_at bigint NOT NULL,
        ended_at bigint,
        state jsonb NOT NULL
      );
      CREATE UNIQUE INDEX script_run_of_call ON script_run (conversation_id, user_id, script_id) WHERE conversation_id IS NOT NULL;
      CREATE INDEX script_run_running ON script_run (user_id) WHERE status = 'running';
    `,
  },
];
