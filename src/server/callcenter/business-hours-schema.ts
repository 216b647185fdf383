import type { Migration } from '../store/migrations.ts';

/** When numbers are open; `settings` is BusinessHoursInput of protocol/hours.ts. */
export const businessHoursMigrations: Migration[] = [
  {
    id: 'callcenter-business-hours-001-start',
    sql: `
      CREATE TABLE business_hours (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL
      );
    `,
  },
];
