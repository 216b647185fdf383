/**
 * The time that agents spend in each state, as intervals that are folded from their streams (`agent.changed`): pure, so that
 * replaying the journal gives the same.
 *
 *     changed ──► [ready     ) changed ──► [talking     ) changed ──► [wrap-up    ) …      one ends where the next begins
 *
 * So the times of the states add up to the time from log-in to log-out, whatever happened in between. A clock that is set back
 * makes no negative time: what happens until it has caught up takes none. While our process is away an agent is what he was.
 */
import type { AGENT_EVENTS } from '../../protocol/facts.ts';
import type { AgentShown } from '../../protocol/softphone.ts';
import type { z } from 'zod';
import type { Sql } from '../store/database.ts';
import type { JournalEntry } from '../store/journal.ts';

export interface AgentStateRow {
  user_id: string;
  /** UTC milliseconds. */
  from_at: number;
  /** Null: it goes on. */
  to_at: number | null;
  shown: AgentShown;
  /** Why he is not ready, or has logged out. */
  reason: string | null;
  /** It is part of his log-in time: a call that he takes while he is logged out is not. */
  logged_in: boolean;
}

type Changed = z.infer<(typeof AGENT_EVENTS)['agent.changed']['body']>;

/** What a change makes of the interval that goes on: it may end, and another begins. */
export function afterChange(
  now: AgentStateRow | undefined,
  userId: string,
  at: number,
  { shown, requested, reason }: Changed,
): { ended?: AgentStateRow; now: AgentStateRow } {
  const next: AgentStateRow = {
    user_id: userId,
    from_at: Math.max(at, now?.from_at ?? at),
    to_at: null,
    shown,
    reason: shown === requested ? (reason ?? null) : null,
    logged_in: requested !== 'logged-out',
  };
  if (!now) return { now: next };
  if (now.shown === shown && now.reason === next.reason && now.logged_in === next.logged_in) return { now };
  if (now.from_at === next.from_at) return { now: next };
  return { ended: { ...now, to_at: next.from_at }, now: next };
}

/** Brings the intervals of those agents up to date who have news among these entries, in the order of the journal. */
export async function projectAgentStates(sql: Sql, entries: readonly JournalEntry[]): Promise<void> {
  const news = entries.flatMap(({ stream, type, at, body }) => {
    const userId = /^agent:(.*)$/.exec(stream)?.[1];
    return userId && type === 'agent.changed' ? [{ userId, at, body: body as Changed }] : [];
  });
  if (news.length === 0) return;
  const userIds = [...new Set(news.map(({ userId }) => userId))];
  const going = await sql.query<AgentStateRow>(
    'SELECT * FROM agent_state WHERE user_id = ANY($1) AND to_at IS NULL',
    [userIds],
  );
  const now = new Map(going.map((row) => [row.user_id, row]));
  const rows: AgentStateRow[] = [];
  for (const { userId, at, body } of news) {
    const after = afterChange(now.get(userId), userId, at, body);
    if (after.ended) rows.push(after.ended);
    now.set(userId, after.now);
  }
  await sql.query('DELETE FROM agent_state WHERE user_id = ANY($1) AND to_at IS NULL', [userIds]);
  await sql.query('INSERT INTO agent_state SELECT * FROM jsonb_populate_recordset(NULL::agent_state, $1)', [
    JSON.stringify([...rows, ...now.values()]),
  ]);
}

/** How long somebody was what, within a time. */
export interface StateTimes {
  /** Milliseconds from log-ins to log-outs; `states` add up to it. */
  loggedInMs: number;
  /** While he was logged in; the longest first. */
  states: { shown: AgentShown; reason: string | null; ms: number }[];
}

/**
 * The times of these agents between two instants (UTC milliseconds), by user; `to` may be now, for what goes on. Follows the journal:
 * whoever needs the last second catches up first (`ProjectionRunner.catchUp`).
 */
export async function stateTimes(
  sql: Sql,
  userIds: readonly string[],
  from: number,
  to: number,
): Promise<Map<string, StateTimes>> {
  const rows = await sql.query<{ user_id: string; shown: AgentShown; reason: string | null; ms: number }>(
    `SELECT user_id, shown, reason, sum(least(coalesce(to_at, $3), $3) - greatest(from_at, $2))::bigint AS ms
     FROM agent_state WHERE user_id = ANY($1) AND logged_in AND from_at < $3 AND (to_at IS NULL OR to_at > $2)
     GROUP BY user_id, shown, reason ORDER BY ms DESC, shown, reason`,
    [userIds, from, to],
  );
  const times = new Map(userIds.map((id): [string, StateTimes] => [id, { loggedInMs: 0, states: [] }]));
  for (const { user_id: userId, shown, reason, ms } of rows) {
    const one = times.get(userId);
    one?.states.push({ shown, reason, ms });
    if (one) one.loggedInMs += ms;
  }
  return times;
}
