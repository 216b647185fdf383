import type { Migration } from '../store/migrations.ts';

/** CRMs that may frame the softphone. `settings` is checked by protocol/crm-hosts.ts; `secret` is one, or a public key. */
export const crmHostMigrations: Migration[] = [
  {
    id: 'callcenter-crm-hosts-001-start',
    sql: `
      CREATE TABLE crm_host (
        id text PRIMARY KEY,
        label text NOT NULL UNIQUE,
        position integer NOT NULL,
        settings jsonb NOT NULL,
        secret text
      );
    `,
  },
];
