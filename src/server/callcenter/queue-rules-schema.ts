import type { Migration } from '../store/migrations.ts';

/** The rule of a queue (protocol/queue-rules.ts; what is not in it is as in the plain one), and the order of an agent's queues. */
export const queueRuleMigrations: Migration[] = [
  {
    id: 'callcenter-queue-rules-001',
    sql: `
      ALTER TABLE queue ADD COLUMN rule jsonb NOT NULL DEFAULT '{}';
      ALTER TABLE "user" ADD COLUMN queue_order text[] NOT NULL DEFAULT '{}';
    `,
  },
];
