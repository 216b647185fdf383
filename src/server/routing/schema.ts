import type { Migration } from '../store/migrations.ts';

/** What routing must find again after a restart. The partial unique indexes are DESIGN rule 2, whatever the code does. */
export const routingMigrations: Migration[] = [
  {
    id: 'routing-001-items',
    sql: `
      CREATE TABLE agent (
        user_id text PRIMARY KEY,
        requested text NOT NULL,
        reason text,
        since bigint NOT NULL
      );
      CREATE TABLE queue_item (
        id text PRIMARY KEY,
        conversation_id text NOT NULL,
        call_id text NOT NULL,
        queue_id text NOT NULL,
        priority integer NOT NULL,
        entered_at bigint NOT NULL,
        left_at bigint,
        how text
      );
      CREATE INDEX queue_item_waiting ON queue_item (queue_id) WHERE left_at IS NULL;
      CREATE UNIQUE INDEX queue_item_one_place ON queue_item (call_id) WHERE left_at IS NULL;
      CREATE TABLE offer (
        id text PRIMARY KEY,
        item_id text NOT NULL,
        user_id text NOT NULL,
        leg_id text NOT NULL,
        made_at bigint NOT NULL,
        deadline bigint NOT NULL,
        ended_at bigint,
        how text
      );
      CREATE UNIQUE INDEX offer_one_per_agent ON offer (user_id) WHERE ended_at IS NULL;
      CREATE UNIQUE INDEX offer_one_per_item ON offer (item_id) WHERE ended_at IS NULL;
    `,
  },
  {
    // A state that was asked for during a call and takes effect after it.
    id: 'routing-002-pending-states',
    sql: `
      ALTER TABLE agent ADD COLUMN next_state text, ADD COLUMN next_reason text, ADD COLUMN next_since bigint, ADD COLUMN next_by text;
    `,
  },
  {
    // What happened lately: read at start.
    id: 'routing-003-lately',
    sql: `
      CREATE INDEX queue_item_left ON queue_item (left_at) WHERE left_at IS NOT NULL;
      CREATE INDEX offer_made ON offer (made_at);
    `,
  },
  {
    // What a flow asked for the caller.
    id: 'routing-004-asked',
    sql: 'ALTER TABLE queue_item ADD COLUMN requirements jsonb, ADD COLUMN preferred_user_id text',
  },
];
