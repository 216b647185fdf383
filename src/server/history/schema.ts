import type { Migration } from '../store/migrations.ts';
import { agentStateMigrations } from './agent-states-schema.ts';

/** Projections of the journal (DESIGN section 6): all but `call_log_written` can be made anew by replaying it. */
export const historyMigrations: Migration[] = [
  {
    id: 'history-001-projections',
    sql: `
      CREATE TABLE conversation (
        id text PRIMARY KEY,
        first_at bigint NOT NULL,
        ended_at bigint,
        data jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX conversation_first_at ON conversation (first_at);
      CREATE TABLE call (
        id text PRIMARY KEY,
        conversation_id text NOT NULL,
        platform_id text NOT NULL,
        direction text NOT NULL,
        purpose text NOT NULL,
        parent_call text,
        user_id text,
        ani jsonb,
        dnis jsonb,
        caller_name text,
        started_at bigint NOT NULL,
        ended_at bigint,
        cause text
      );
      CREATE INDEX call_conversation ON call (conversation_id);
      CREATE TABLE leg (
        id text PRIMARY KEY,
        call_id text NOT NULL,
        conversation_id text NOT NULL,
        role text NOT NULL,
        user_id text,
        device_id text,
        address jsonb,
        state text NOT NULL,
        cause text,
        replaces text,
        created_at bigint NOT NULL,
        connected_at bigint,
        held_ms bigint NOT NULL,
        cleared_at bigint
      );
      CREATE INDEX leg_conversation ON leg (conversation_id);
      -- One stretch of the conversation with one queue or one agent. Times in UTC milliseconds, spans in milliseconds.
      CREATE TABLE segment (
        id text PRIMARY KEY,
        conversation_id text NOT NULL,
        call_id text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('queue', 'agent')),
        queue_id text,
        user_id text,
        queued_at bigint,
        offered_at bigint,
        answered_at bigint,
        ended_at bigint,
        outcome text,
        talk_ms bigint NOT NULL DEFAULT 0,
        hold_ms bigint NOT NULL DEFAULT 0,
        wrap_ms bigint NOT NULL DEFAULT 0,
        disposition text
      );
      CREATE INDEX segment_conversation ON segment (conversation_id);
      CREATE INDEX segment_queue ON segment (queue_id, queued_at) WHERE kind = 'queue';
      CREATE INDEX segment_user ON segment (user_id, answered_at) WHERE kind = 'agent';
      CREATE TABLE call_log (
        conversation_id text NOT NULL,
        user_id text NOT NULL,
        call_id text NOT NULL,
        opened_at bigint NOT NULL,
        closed_at bigint,
        direction text NOT NULL,
        peer jsonb,
        peer_name text,
        who jsonb,
        what jsonb,
        comments text NOT NULL,
        disposition text,
        state text NOT NULL CHECK (state IN ('open', 'closed')),
        PRIMARY KEY (conversation_id, user_id)
      );
      CREATE INDEX call_log_user ON call_log (user_id, opened_at DESC);
      -- What became of a log's write into the CRM: no projection, the journal does not hold it.
      CREATE TABLE call_log_written (
        conversation_id text NOT NULL,
        user_id text NOT NULL,
        at bigint NOT NULL,
        crm_ref jsonb,
        PRIMARY KEY (conversation_id, user_id)
      );
    `,
  },
  ...agentStateMigrations,
  {
    // Who answered in a queue lately: what routing reads at start.
    id: 'history-002-answers',
    sql: `CREATE INDEX segment_answered ON segment (queue_id, answered_at) WHERE kind = 'agent'`,
  },
];
