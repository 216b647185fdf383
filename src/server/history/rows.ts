/** The rows of history's tables (schema.ts), column by column. */
import type { Address } from '../../protocol/address.ts';
import type { RecordRef } from '../../protocol/facts.ts';

export interface ConversationRow {
  id: string;
  first_at: number;
  ended_at: number | null;
  data: Record<string, string>;
}

export interface CallRow {
  id: string;
  conversation_id: string;
  platform_id: string;
  direction: string;
  purpose: string;
  parent_call: string | null;
  user_id: string | null;
  ani: Address | null;
  dnis: Address | null;
  caller_name: string | null;
  started_at: number;
  ended_at: number | null;
  cause: string | null;
}

export interface LegRow {
  id: string;
  call_id: string;
  conversation_id: string;
  role: string;
  user_id: string | null;
  device_id: string | null;
  address: Address | null;
  state: string;
  cause: string | null;
  replaces: string | null;
  created_at: number;
  connected_at: number | null;
  held_ms: number;
  cleared_at: number | null;
}

export interface SegmentRow {
  id: string;
  conversation_id: string;
  call_id: string;
  kind: 'queue' | 'agent';
  queue_id: string | null;
  user_id: string | null;
  queued_at: number | null;
  offered_at: number | null;
  answered_at: number | null;
  ended_at: number | null;
  /** How a queue was left. */
  outcome: string | null;
  talk_ms: number;
  hold_ms: number;
  wrap_ms: number;
  disposition: string | null;
}

export interface CallLogRow {
  conversation_id: string;
  user_id: string;
  call_id: string;
  opened_at: number;
  closed_at: number | null;
  direction: string;
  peer: Address | null;
  peer_name: string | null;
  who: RecordRef | null;
  what: RecordRef | null;
  comments: string;
  disposition: string | null;
  state: 'open' | 'closed';
}

export interface Rows {
  conversation: ConversationRow[];
  call: CallRow[];
  leg: LegRow[];
  segment: SegmentRow[];
  call_log: CallLogRow[];
}
