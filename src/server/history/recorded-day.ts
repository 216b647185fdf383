/** A day that was, as the simulator plays it: who called which queue and waited how long, and which agents took calls when. */
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

export interface RecordedAgent {
  userId: string;
  /** From the first call that he took to the end of the last, its wrap-up included: UTC milliseconds. */
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

/** Who took calls of queues in the time, and when. */
export async function recordedAgents(sql: Sql, from: number, to: number): Promise<RecordedAgent[]> {
  return await sql.query<RecordedAgent>(
    `SELECT user_id AS "userId", min(answered_at) AS "from", max(ended_at + wrap_ms) AS "to" FROM segment
      WHERE kind = 'agent' AND queue_id IS NOT NULL AND answered_at >= $1 AND answered_at < $2 AND ended_at IS NOT NULL
      GROUP BY user_id ORDER BY user_id`,
    [from, to],
  );
}
