import type { Migration } from '../store/migrations.ts';

/** Telephone systems and the trunks between them. `settings` of a platform holds secrets: never shown nor logged as a whole. */
export const platformMigrations: Migration[] = [
  {
    id: 'platforms-001-start',
    sql: `
      CREATE TABLE platform (
        id text PRIMARY KEY,
        kind text NOT NULL,
        label text NOT NULL UNIQUE,
        country text,
        settings jsonb NOT NULL,
        enabled boolean NOT NULL
      );
      CREATE TABLE platform_link (
        from_id text NOT NULL,
        to_id text NOT NULL,
        address text,
        trunk text,
        prefix text NOT NULL,
        PRIMARY KEY (from_id, to_id),
        CHECK (from_id <> to_id),
        CHECK ((address IS NULL) <> (trunk IS NULL))
      );
      -- An agent's leg that is on another platform than its call: the one-time number that joins the two halves.
      CREATE TABLE linked_leg (
        leg_id text PRIMARY KEY,
        token text NOT NULL UNIQUE,
        from_id text NOT NULL,
        to_id text NOT NULL,
        near_id text,
        request jsonb NOT NULL,
        made_at bigint NOT NULL
      );
    `,
  },
];
