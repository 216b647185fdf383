import type { Migration } from '../store/migrations.ts';

/** Which calls are recorded, and what else holds for recordings. A rule of a queue that is gone goes with it: see RecordingRules. */
export const recordingRuleMigrations: Migration[] = [
  {
    id: 'callcenter-recording-001-rules',
    sql: `
      CREATE TABLE recording_rule (
        id text PRIMARY KEY,
        queue_id text UNIQUE,
        direction text UNIQUE CHECK (direction IN ('inbound', 'outbound', 'internal')),
        record text NOT NULL CHECK (record IN ('always', 'demand', 'never')),
        announcement text NOT NULL,
        retention_days integer CHECK (retention_days > 0),
        CHECK ((queue_id IS NULL) <> (direction IS NULL))
      );
      CREATE TABLE recording_settings (
        one boolean PRIMARY KEY CHECK (one),
        value jsonb NOT NULL
      );
    `,
  },
];
