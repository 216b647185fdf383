import type { Migration } from '../store/migrations.ts';

/**
 * `settings` is ProfileInput of protocol/profiles.ts. Layouts held for roles before: each role is the profile of its name now
 * (`PROFILE_OF_ROLE` of layouts.ts), which the users have whose most powerful role it is.
 */
export const profileMigrations: Migration[] = [
  {
    id: 'callcenter-profiles-001-start',
    sql: `
      CREATE TABLE profile (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL
      );
      INSERT INTO profile (id, label, position, settings) VALUES
        ('profile_agent', 'Agents', 0, '{"label": "Agents"}'),
        ('profile_supervisor', 'Supervisors', 1, '{"label": "Supervisors"}'),
        ('profile_administrator', 'Administrators', 2, '{"label": "Administrators"}');
      ALTER TABLE "user" ADD COLUMN profile_id text REFERENCES profile;
      UPDATE "user" SET profile_id = CASE
        WHEN 'administrator' = ANY(roles) THEN 'profile_administrator'
        WHEN 'supervisor' = ANY(roles) THEN 'profile_supervisor'
        ELSE 'profile_agent' END;
    `,
  },
];
