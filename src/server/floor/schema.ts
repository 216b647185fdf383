import type { Migration } from '../store/migrations.ts';

/** Alarms that go on, so that the next process neither tells of one twice nor forgets to tell of its end. */
export const floorStateMigrations: Migration[] = [
  {
    id: 'floor-001-alarms',
    sql: `
      CREATE TABLE active_alarm (
        id text PRIMARY KEY,
        alarm_id text NOT NULL,
        -- The queue or user that it is about.
        subject text NOT NULL,
        body jsonb NOT NULL,
        UNIQUE (alarm_id, subject)
      );
    `,
  },
];
