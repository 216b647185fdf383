/** Routing's own tables; everything here runs in the transaction of the journal event that it belongs to. */
import type { RequestedState } from '../../protocol/softphone.ts';
import type { Requirement } from '../../protocol/skills.ts';
import type { Sql } from '../store/database.ts';
import type { EnqueueRequest } from './ports.ts';

/** A state that was asked for during a call: it takes effect after it. */
export interface NextState {
  state: RequestedState;
  reason?: string;
  /** UTC milliseconds. */
  since: number;
  by: string;
}

export interface StoredAgent {
  userId: string;
  requested: RequestedState;
  reason?: string;
  since: number;
  next?: NextState;
}

export interface StoredItem extends EnqueueRequest {
  enteredAt: number;
}

export interface StoredOffer {
  id: string;
  itemId: string;
  userId: string;
  legId: string;
  madeAt: number;
  deadline: number;
}

export async function saveAgent(
  sql: Sql,
  { userId, requested, reason, since, next }: StoredAgent,
): Promise<void> {
  await sql.query(
    `INSERT INTO agent (user_id, requested, reason, since, next_state, next_reason, next_since, next_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (user_id) DO UPDATE SET requested = EXCLUDED.requested, reason = EXCLUDED.reason, since = EXCLUDED.since,
       next_state = EXCLUDED.next_state, next_reason = EXCLUDED.next_reason, next_since = EXCLUDED.next_since,
       next_by = EXCLUDED.next_by`,
    [
      userId,
      requested,
      reason ?? null,
      since,
      next?.state ?? null,
      next?.reason ?? null,
      next?.since ?? null,
      next?.by ?? null,
    ],
  );
}

export async function loadAgents(sql: Sql): Promise<StoredAgent[]> {
  const rows = await sql.query<{
    user_id: string;
    requested: RequestedState;
    reason: string | null;
    since: number;
    next_state: RequestedState | null;
    next_reason: string | null;
    next_since: number | null;
    next_by: string | null;
  }>('SELECT * FROM agent');
  return rows.map((r) => ({
    userId: r.user_id,
    requested: r.requested,
    since: r.since,
    ...(r.reason ? { reason: r.reason } : {}),
    ...(r.next_state
      ? {
          next: {
            state: r.next_state,
            since: r.next_since ?? r.since,
            by: r.next_by ?? r.user_id,
            ...(r.next_reason ? { reason: r.next_reason } : {}),
          },
        }
      : {}),
  }));
}

/** What a flow asked for a caller. */
interface Asked {
  requirements: readonly Requirement[] | null;
  preferredUserId: string | null;
}

export async function insertItem(sql: Sql, item: StoredItem): Promise<void> {
  await sql.query(
    `INSERT INTO queue_item (id, conversation_id, call_id, queue_id, priority, entered_at, requirements, preferred_user_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      item.itemId,
      item.conversationId,
      item.callId,
      item.queueId,
      item.priority,
      item.enteredAt,
      item.requirements ? JSON.stringify(item.requirements) : null,
      item.preferredUserId ?? null,
    ],
    'queue-item-insert',
  );
}

export async function endItem(sql: Sql, itemId: string, how: string, at: number): Promise<void> {
  await sql.query(
    'UPDATE queue_item SET left_at = $3, how = $2 WHERE id = $1 AND left_at IS NULL',
    [itemId, how, at],
    'queue-item-end',
  );
}

export async function loadItems(sql: Sql): Promise<StoredItem[]> {
  const rows = await sql.query<Asked & Omit<StoredItem, keyof Asked>>(
    `SELECT id AS "itemId", conversation_id AS "conversationId", call_id AS "callId", queue_id AS "queueId", priority, entered_at AS "enteredAt",
            requirements, preferred_user_id AS "preferredUserId"
     FROM queue_item WHERE left_at IS NULL ORDER BY entered_at`,
  );
  return rows.map(({ requirements, preferredUserId, ...item }) => ({
    ...item,
    ...(requirements ? { requirements } : {}),
    ...(preferredUserId === null ? {} : { preferredUserId }),
  }));
}

export async function insertOffer(sql: Sql, offer: StoredOffer): Promise<void> {
  await sql.query(
    'INSERT INTO offer (id, item_id, user_id, leg_id, made_at, deadline) VALUES ($1, $2, $3, $4, $5, $6)',
    [offer.id, offer.itemId, offer.userId, offer.legId, offer.madeAt, offer.deadline],
    'offer-insert',
  );
}

export async function endOffer(sql: Sql, offerId: string, how: string, at: number): Promise<void> {
  await sql.query(
    'UPDATE offer SET ended_at = $3, how = $2 WHERE id = $1 AND ended_at IS NULL',
    [offerId, how, at],
    'offer-end',
  );
}

export async function loadOffers(sql: Sql): Promise<StoredOffer[]> {
  return sql.query<StoredOffer>(
    `SELECT id, item_id AS "itemId", user_id AS "userId", leg_id AS "legId", made_at AS "madeAt", deadline FROM offer WHERE ended_at IS NULL`,
  );
}

/** When each agent last had an offer from each queue, since then: UTC milliseconds. */
export async function loadLastOffers(
  sql: Sql,
  since: number,
): Promise<{ userId: string; queueId: string; at: number }[]> {
  return sql.query(
    `SELECT o.user_id AS "userId", i.queue_id AS "queueId", max(o.made_at) AS at
     FROM offer o JOIN queue_item i ON i.id = o.item_id WHERE o.made_at >= $1 GROUP BY 1, 2`,
    [since],
  );
}

/** Somebody's time in a queue; UTC milliseconds. */
export interface Stay {
  queueId: string;
  enteredAt: number;
  leftAt: number;
  how: string;
}

/** Who has left since then: UTC milliseconds. */
export async function loadStays(sql: Sql, since: number): Promise<Stay[]> {
  return sql.query(
    `SELECT queue_id AS "queueId", entered_at AS "enteredAt", left_at AS "leftAt", how
     FROM queue_item WHERE left_at >= $1`,
    [since],
  );
}
