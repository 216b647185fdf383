/** What routing goes by and keeps in memory, as the history has it: read once, at start. Follows the journal, so the newest may be some ms behind. */
import type { AgentShown } from '../../protocol/softphone.ts';
import type { Sql } from '../store/database.ts';

export interface AnsweredCaller {
  queueId: string;
  /** The number that he called from. */
  caller: string;
  userId: string;
  /** UTC milliseconds. */
  at: number;
}

/** Who answered callers with a number in these queues since then (UTC milliseconds): the newest `most`, the earliest first. */
export async function answeredCallers(
  sql: Sql,
  queueIds: readonly string[],
  since: number,
  most: number,
): Promise<AnsweredCaller[]> {
  const rows = await sql.query<AnsweredCaller>(
    `SELECT s.queue_id AS "queueId", c.ani->>'value' AS caller, s.user_id AS "userId", s.answered_at AS at
     FROM segment s JOIN call c ON c.id = s.call_id
     WHERE s.kind = 'agent' AND s.queue_id = ANY($1) AND s.answered_at >= $2 AND c.ani->>'kind' IN ('e164', 'extension')
     ORDER BY s.answered_at DESC LIMIT $3`,
    [queueIds, since, most],
  );
  return rows.reverse();
}

/** In these an agent has a call, or what is left to do of one. */
const AT_WORK: readonly AgentShown[] = ['offered', 'talking', 'wrap-up'];

export interface WorkSinceLogin {
  userId: string;
  /** When he logged in; at most `forMs` ago. UTC milliseconds. */
  since: number;
  workMs: number;
}

/** How long those who are logged in have worked since then, and within the last `forMs` milliseconds. */
export function workSinceLogin(sql: Sql, now: number, forMs: number): Promise<WorkSinceLogin[]> {
  return sql.query<WorkSinceLogin>(
    `SELECT here.user_id AS "userId", login.since, work.ms AS "workMs"
     FROM (SELECT user_id FROM agent_state WHERE to_at IS NULL AND logged_in) here
     CROSS JOIN LATERAL (
       SELECT greatest($2, coalesce(max(to_at) FILTER (WHERE NOT logged_in), min(from_at))) AS since
       FROM agent_state WHERE user_id = here.user_id AND (to_at IS NULL OR to_at > $2)) login
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(coalesce(to_at, $1) - greatest(from_at, login.since)), 0)::bigint AS ms
       FROM agent_state WHERE user_id = here.user_id AND (to_at IS NULL OR to_at > login.since) AND shown = ANY($3)) work`,
    [now, now - forMs, AT_WORK],
  );
}
