import type { Migration } from '../store/migrations.ts';

/** Connections to outside CRMs, who signed in to them, and whom they serve. What is sealed opens with the key in the data folder only. */
export const crmConnectionMigrations: Migration[] = [
  {
    id: 'crm-connections-001-start',
    sql: `
      CREATE TABLE crm_connection (
        id text PRIMARY KEY,
        kind text NOT NULL,
        label text NOT NULL UNIQUE,
        settings jsonb NOT NULL,
        sealed_secrets text,
        enabled boolean NOT NULL
      );
      -- user_id '': the organisation's account.
      CREATE TABLE crm_account (
        crm_id text NOT NULL REFERENCES crm_connection ON DELETE CASCADE,
        user_id text NOT NULL,
        external_id text NOT NULL,
        name text NOT NULL,
        sealed text NOT NULL,
        PRIMARY KEY (crm_id, user_id)
      );
      -- call_center_id '': the organisation's choice. Without a row the built-in CRM serves.
      CREATE TABLE crm_choice (
        call_center_id text PRIMARY KEY,
        crm_id text NOT NULL
      );
    `,
  },
];
