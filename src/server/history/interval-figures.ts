/** What happened in an interval, per queue and per agent in it, from the segments that began in it. */
import type { Sql } from '../store/database.ts';

export interface IntervalFigures {
  queueId: string | null;
  /** Null: of the queue as a whole. */
  userId: string | null;
  offered: number;
  answered: number;
  abandoned: number;
  talkMs: number;
  holdMs: number;
  wrapMs: number;
  waitMs: number;
}

/**
 * A caller counts where he was queued, an agent's call where it was answered. Undefined while something that began in
 * the interval has not ended: its figures are not known yet.
 * @param from UTC milliseconds; `to` is not part of it.
 * @param anyway true: what has not ended counts as far as it is known.
 */
export async function intervalFigures(
  sql: Sql,
  from: number,
  to: number,
  anyway = false,
): Promise<IntervalFigures[] | undefined> {
  const [open] = await sql.query<{ count: number }>(
    `SELECT count(*) FROM segment WHERE ended_at IS NULL
       AND ((kind = 'queue' AND queued_at >= $1 AND queued_at < $2) OR (kind = 'agent' AND answered_at >= $1 AND answered_at < $2))`,
    [from, to],
  );
  if (!anyway && (open?.count ?? 0) > 0) return undefined;
  return await sql.query<IntervalFigures>(
    `SELECT queue_id AS "queueId", NULL AS "userId", count(*) AS offered,
            count(*) FILTER (WHERE outcome = 'answered') AS answered,
            count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
            0 AS "talkMs", 0 AS "holdMs", 0 AS "wrapMs",
            coalesce(sum(ended_at - queued_at) FILTER (WHERE outcome = 'answered'), 0)::bigint AS "waitMs"
       FROM segment WHERE kind = 'queue' AND queued_at >= $1 AND queued_at < $2 GROUP BY queue_id
     UNION ALL
     SELECT queue_id, user_id, count(*), count(*), 0, sum(talk_ms)::bigint, sum(hold_ms)::bigint, sum(wrap_ms)::bigint, 0
       FROM segment WHERE kind = 'agent' AND answered_at >= $1 AND answered_at < $2 GROUP BY queue_id, user_id
     ORDER BY "queueId", "userId" NULLS FIRST`,
    [from, to],
  );
}
