/** A day that was, as the simulator plays it: who called which queue and waited how long, and when which agents worked. */
import type { Sql } from '../store/database.ts';

export interface RecordedCaller {
  /** The first queue that he came to. */
  queueId: string;
  /** UTC milliseconds. */
  at: number;
  waitedMs: number;
  gaveUp: boolean;
  /** Of who was answered, with all agents that he talked to; null while that is not known. */
  talkMs: number | null;
  wrapMs: number | null;
}

/** A stretch in which an agent was ready or had work. */
export interface RecordedPresence {
  userId: string;
  /** UTC milliseconds. */
  from: number;
  to: number;
}

/**
 * Callers from outside who came into a queue from `from` to before `to` (UTC milliseconds) and were answered or gave up, the first
 * `limit` of them. Who was sent elsewhere, or still waits, is none.
 */
export async function recordedCallers(
  sql: Sql,
  { from, to, limit }: { from: number; to: number; limit: number },
): Promise<RecordedCaller[]> {
  return await sql.query<RecordedCaller>(
    `WITH caller AS (
       SELECT s.conversation_id, min(s.queued_at) AS at,
              (array_agg(s.queue_id ORDER BY s.queued_at))[1] AS queue_id,
              (array_agg(s.outcome ORDER BY s.queued_at DESC))[1] AS last,
              min(s.ended_at) FILTER (WHERE s.outcome = 'answered') AS answered_at,
              max(s.ended_at) AS left_at
         FROM segment s JOIN call c ON c.id = s.call_id
        WHERE s.kind = 'queue' AND c.direction = 'inbound' AND s.queued_at >= $1 AND s.queued_at < $2
        GROUP BY s.conversation_id),
     work AS (
       SELECT conversation_id, sum(talk_ms + hold_ms)::bigint AS talk_ms, sum(wrap_ms)::bigint AS wrap_ms
         FROM segment WHERE kind = 'agent' AND ended_at IS NOT NULL AND answered_at >= $1 GROUP BY conversation_id)
     SELECT queue_id AS "queueId", at, coalesce(answered_at, left_at) - at AS "waitedMs", answered_at IS NULL AS "gaveUp",
            CASE WHEN answered_at IS NOT NULL THEN talk_ms END AS "talkMs",
            CASE WHEN answered_at IS NOT NULL THEN wrap_ms END AS "wrapMs"
       FROM caller LEFT JOIN work USING (conversation_id)
      WHERE answered_at IS NOT NULL OR last = 'abandoned' ORDER BY at LIMIT $3`,
    [from, to, limit],
  );
}

/** When agents were ready or had work between two instants (UTC milliseconds), by user and time: breaks are left out. */
export async function recordedPresence(sql: Sql, from: number, to: number): Promise<RecordedPresence[]> {
  return await sql.query<RecordedPresence>(
    `SELECT user_id AS "userId", greatest(from_at, $1) AS "from", least(coalesce(to_at, $2), $2) AS "to" FROM agent_state
      WHERE logged_in AND shown IN ('ready', 'offered', 'talking', 'wrap-up') AND from_at < $2 AND coalesce(to_at, $2) > $1
      ORDER BY user_id, from_at`,
    [from, to],
  );
}
