import type { Migration } from '../store/migrations.ts';

/** Teams, alarms, wallboards and service levels. Documents are checked by protocol/teams.ts, alarms.ts, floor.ts and service-levels.ts. */
export const floorMigrations: Migration[] = [
  {
    id: 'callcenter-floor-001-start',
    sql: `
      CREATE TABLE team (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL
      );
      -- secret: the key that its webhooks are signed with.
      CREATE TABLE alarm (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL,
        secret text
      );
      -- secret: the SHA-256 of its link's token.
      CREATE TABLE wallboard (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL,
        secret text
      );
      CREATE TABLE service_level (
        queue_id text PRIMARY KEY REFERENCES queue ON DELETE CASCADE,
        settings jsonb NOT NULL
      );
    `,
  },
];
