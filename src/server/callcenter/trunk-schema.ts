import type { Migration } from '../store/migrations.ts';

/**
 * Trunks, routes, sites, classes of service, and what holds for single users and queues. `settings` is checked by the schemas
 * of protocol/trunks.ts; `secret` is one: never selected into what is shown or logged.
 */
export const trunkMigrations: Migration[] = [
  {
    id: 'callcenter-trunks-001-start',
    sql: `
      CREATE TABLE trunk (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL,
        secret text
      );
      CREATE TABLE outbound_route (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL
      );
      CREATE TABLE site (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL
      );
      CREATE TABLE class_of_service (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL
      );
      CREATE TABLE user_dialling (
        user_id text PRIMARY KEY REFERENCES "user" ON DELETE CASCADE,
        site_id text REFERENCES site,
        class_id text REFERENCES class_of_service,
        caller_id text
      );
      CREATE TABLE queue_dialling (
        queue_id text PRIMARY KEY REFERENCES queue ON DELETE CASCADE,
        caller_id text NOT NULL
      );
      CREATE TABLE dialling_default (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        site_id text REFERENCES site,
        class_id text REFERENCES class_of_service,
        caller_id text
      );
      ALTER TABLE owned_number ALTER COLUMN queue_id DROP NOT NULL;
      ALTER TABLE owned_number ADD COLUMN user_id text REFERENCES "user";
      ALTER TABLE owned_number ADD COLUMN trunk_id text REFERENCES trunk;
      ALTER TABLE owned_number ADD CONSTRAINT owned_number_leads CHECK ((queue_id IS NULL) <> (user_id IS NULL));
    `,
  },
];
