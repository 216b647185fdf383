import type { Migration } from '../store/migrations.ts';

/** `settings` is what EmergencyMessage of protocol/emergency-messages.ts has besides the id: it stays on through a restart. */
export const emergencyMessageMigrations: Migration[] = [
  {
    id: 'callcenter-emergency-messages-001-start',
    sql: `
      CREATE TABLE emergency_message (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL
      );
    `,
  },
];
