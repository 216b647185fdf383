import type { Migration } from '../store/migrations.ts';

/**
 * Reasons of two kinds. Reasons and wrap-up codes are no longer deleted, a queue's codes not even with it: what happened goes on
 * naming them. `agent_rules`: what a queue asks of its agents (protocol/agent-rules.ts), what it leaves out by default.
 */
export const agentCodeMigrations: Migration[] = [
  {
    id: 'callcenter-agent-codes-001',
    sql: `
      ALTER TABLE reason_code
        ADD COLUMN kind text NOT NULL DEFAULT 'not-ready' CHECK (kind IN ('not-ready', 'logged-out')),
        ADD COLUMN active boolean NOT NULL DEFAULT true;
      ALTER TABLE disposition
        ADD COLUMN active boolean NOT NULL DEFAULT true,
        DROP CONSTRAINT disposition_queue_id_fkey;
      ALTER TABLE queue ADD COLUMN agent_rules jsonb NOT NULL DEFAULT '{}';
      ALTER TABLE "user" ADD COLUMN email text;
      CREATE UNIQUE INDEX user_email ON "user" (lower(email));
    `,
  },
];
