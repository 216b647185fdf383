import type { Migration } from '../store/migrations.ts';

/**
 * Browser phones outlive our process: their page keeps its SIP session, so their credentials must stay the same.
 * `personal_settings.body` is a PersonalSettings (protocol/softphone.ts), in which new keys get their default.
 */
export const softphoneMigrations: Migration[] = [
  {
    id: 'softphone-001-browser-phones',
    sql: `
      CREATE TABLE browser_phone (
        user_id text PRIMARY KEY,
        session_id text NOT NULL,
        tab_id text NOT NULL,
        platform_id text NOT NULL,
        name text NOT NULL UNIQUE,
        password text NOT NULL
      );
    `,
  },
  {
    id: 'softphone-002-personal-settings',
    sql: `
      CREATE TABLE personal_settings (
        user_id text PRIMARY KEY,
        body jsonb NOT NULL
      );
    `,
  },
];
