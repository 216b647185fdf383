import type { Migration } from '../store/migrations.ts';
import { agentCodeMigrations } from './agent-codes-schema.ts';
import { crmHostMigrations } from './crm-hosts-schema.ts';
import { businessHoursMigrations } from './business-hours-schema.ts';
import { emergencyMessageMigrations } from './emergency-messages-schema.ts';
import { directoryMigrations } from './directories-schema.ts';
import { floorMigrations } from './floor-schema.ts';
import { layoutMigrations } from './layouts-schema.ts';
import { profileMigrations } from './profiles-schema.ts';
import { queueRuleMigrations } from './queue-rules-schema.ts';
import { waitingMigrations } from './waiting-schema.ts';
import { recordingRuleMigrations } from './recording-rules-schema.ts';
import { skillMigrations } from './skills-schema.ts';
import { numberFlowMigrations } from './number-flow-schema.ts';
import { openCtiMigrations } from './opencti-schema.ts';
import { trunkMigrations } from './trunk-schema.ts';

/** What an administrator sets. `secret` and `password_hash` are secrets: never selected into what is shown or logged. */
export const callcenterMigrations: Migration[] = [
  {
    id: 'callcenter-001-start',
    sql: `
      CREATE TABLE "user" (
        id text PRIMARY KEY,
        username text NOT NULL,
        name text NOT NULL,
        password_hash text NOT NULL,
        demo_password boolean NOT NULL DEFAULT false,
        roles text[] NOT NULL,
        locale text NOT NULL,
        zone text NOT NULL,
        country text NOT NULL,
        extension text UNIQUE,
        device_id text,
        disabled boolean NOT NULL DEFAULT false
      );
      CREATE UNIQUE INDEX user_username ON "user" (lower(username));
      CREATE TABLE queue (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        ring_ms integer NOT NULL CHECK (ring_ms > 0),
        wrap_ms integer NOT NULL CHECK (wrap_ms >= 0),
        disposition_required boolean NOT NULL,
        greeting text NOT NULL,
        music_on_hold text NOT NULL
      );
      CREATE TABLE queue_member (
        queue_id text NOT NULL REFERENCES queue ON DELETE CASCADE,
        user_id text NOT NULL REFERENCES "user" ON DELETE CASCADE,
        PRIMARY KEY (queue_id, user_id)
      );
      CREATE TABLE owned_number (
        id text PRIMARY KEY,
        dnis text NOT NULL UNIQUE,
        label text NOT NULL,
        queue_id text NOT NULL REFERENCES queue,
        offered_to_visitors boolean NOT NULL
      );
      CREATE TABLE reason_code (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        system boolean NOT NULL DEFAULT false,
        position integer NOT NULL
      );
      CREATE TABLE disposition (
        id text PRIMARY KEY,
        queue_id text NOT NULL REFERENCES queue ON DELETE CASCADE,
        label text NOT NULL,
        position integer NOT NULL,
        UNIQUE (queue_id, label)
      );
      CREATE TABLE device (
        id text PRIMARY KEY,
        user_id text NOT NULL REFERENCES "user" ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('sip')),
        label text NOT NULL,
        username text NOT NULL UNIQUE,
        secret text NOT NULL
      );
      CREATE INDEX device_user ON device (user_id);
    `,
  },
  {
    id: 'callcenter-002-no-music-class',
    sql: 'ALTER TABLE queue DROP COLUMN music_on_hold',
  },
  {
    // Which telephone system (table platform) a user's browser phone, a SIP phone and a number belong to.
    id: 'callcenter-003-platforms',
    sql: `
      ALTER TABLE "user" ADD COLUMN platform_id text NOT NULL DEFAULT 'private';
      ALTER TABLE device ADD COLUMN platform_id text NOT NULL DEFAULT 'private';
      ALTER TABLE owned_number ADD COLUMN platform_id text NOT NULL DEFAULT 'private';
      ALTER TABLE owned_number DROP CONSTRAINT owned_number_dnis_key;
      ALTER TABLE owned_number ADD CONSTRAINT owned_number_dnis_key UNIQUE (platform_id, dnis);
    `,
  },
  {
    // How a SIP phone can be answered from here: nobody has said so of those that there are.
    id: 'callcenter-004-device-control',
    sql: `ALTER TABLE device ADD COLUMN control text NOT NULL DEFAULT 'none'
      CHECK (control IN ('talk-event', 'auto-answer', 'none'))`,
  },
  ...trunkMigrations,
  ...recordingRuleMigrations,
  ...layoutMigrations,
  ...directoryMigrations,
  ...openCtiMigrations,
  ...crmHostMigrations,
  ...businessHoursMigrations,
  ...profileMigrations,
  ...skillMigrations,
  ...agentCodeMigrations,
  ...queueRuleMigrations,
  ...waitingMigrations,
  ...numberFlowMigrations,
  ...emergencyMessageMigrations,
  ...floorMigrations,
];
