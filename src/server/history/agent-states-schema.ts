import type { Migration } from '../store/migrations.ts';

/** How long agents were what: a projection of their streams. An agent's intervals follow each other without a gap; the last goes on. */
export const agentStateMigrations: Migration[] = [
  {
    id: 'history-agent-states-001',
    sql: `
      CREATE TABLE agent_state (
        user_id text NOT NULL,
        from_at bigint NOT NULL,
        to_at bigint,
        shown text NOT NULL,
        reason text,
        logged_in boolean NOT NULL,
        PRIMARY KEY (user_id, from_at)
      );
      CREATE UNIQUE INDEX agent_state_now ON agent_state (user_id) WHERE to_at IS NULL;
      CREATE INDEX agent_state_to ON agent_state (user_id, to_at);
    `,
  },
];
