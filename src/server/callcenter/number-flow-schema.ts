import type { Migration } from '../store/migrations.ts';

/** `flow_id` is the flow (table `flow`) in which the number's callers begin: a number leads to one of the three. */
export const numberFlowMigrations: Migration[] = [
  {
    id: 'callcenter-numbers-flow',
    sql: `
      ALTER TABLE owned_number ADD COLUMN flow_id text;
      ALTER TABLE owned_number DROP CONSTRAINT owned_number_leads;
      ALTER TABLE owned_number ADD CONSTRAINT owned_number_leads CHECK (num_nonnulls(queue_id, user_id, flow_id) = 1);
    `,
  },
];
