import type { Migration } from '../store/migrations.ts';

/**
 * Every state that the layouts were in, whole: the last row holds now, and a call keeps the row that held when it began. `body` is
 * `{layouts, settings}` of protocol/layouts.ts; `at` is UTC milliseconds.
 */
export const layoutMigrations: Migration[] = [
  {
    id: 'callcenter-layouts-001-revisions',
    sql: `
      CREATE TABLE softphone_layout_revision (
        rev bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at bigint NOT NULL,
        body jsonb NOT NULL
      );
      CREATE INDEX softphone_layout_revision_at ON softphone_layout_revision (at);
    `,
  },
];
