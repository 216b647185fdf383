import type { Migration } from '../store/migrations.ts';

/** What callers hear in a queue while they wait. */
export const waitingMigrations: Migration[] = [
  {
    id: 'callcenter-waiting-001-settings',
    sql: `
      CREATE TABLE queue_waiting (
        queue_id text PRIMARY KEY REFERENCES queue ON DELETE CASCADE,
        settings jsonb NOT NULL
      );
    `,
  },
];
