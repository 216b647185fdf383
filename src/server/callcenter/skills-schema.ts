import type { Migration } from '../store/migrations.ts';

/** Skills, who has them, and which queues ask for them: one that a queue asks for cannot go. */
export const skillMigrations: Migration[] = [
  {
    id: 'callcenter-skills-001',
    sql: `
      CREATE TABLE skill (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        description text NOT NULL
      );
      CREATE TABLE user_skill (
        user_id text NOT NULL REFERENCES "user" ON DELETE CASCADE,
        skill_id text NOT NULL REFERENCES skill ON DELETE CASCADE,
        level integer NOT NULL CHECK (level BETWEEN 1 AND 10),
        PRIMARY KEY (user_id, skill_id)
      );
      CREATE TABLE queue_skill (
        queue_id text NOT NULL REFERENCES queue ON DELETE CASCADE,
        skill_id text NOT NULL REFERENCES skill,
        minimum integer NOT NULL CHECK (minimum BETWEEN 1 AND 10),
        PRIMARY KEY (queue_id, skill_id)
      );
    `,
  },
];
