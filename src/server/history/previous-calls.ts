import type { Address } from '../../protocol/address.ts';
import type { Direction, RecordRef } from '../../protocol/facts.ts';
import type { Sql } from '../store/database.ts';

/** One of a user's last calls and what became of its log. */
export interface PreviousCall {
  conversationId: string;
  peer: Address;
  peerName?: string;
  direction: Direction;
  /** UTC milliseconds. */
  at: number;
  save: 'queued' | 'saved' | 'failed';
  crmRef?: RecordRef;
}

interface Row {
  conversation_id: string;
  peer: Address | null;
  peer_name: string | null;
  direction: Direction;
  at: number;
  closed_at: number;
  written_at: number | null;
  crm_ref: RecordRef | null;
}

/** The user's last calls with a closed log, newest first. Follows the journal, so the newest may be some ms behind. */
export async function previousCalls(sql: Sql, userId: string, limit: number): Promise<PreviousCall[]> {
  const rows = await sql.query<Row>(
    `SELECT l.conversation_id, l.peer, l.peer_name, l.direction, coalesce(c.started_at, l.opened_at) AS at, l.closed_at,
            w.at AS written_at, w.crm_ref
     FROM call_log l LEFT JOIN call c ON c.id = l.call_id
     LEFT JOIN call_log_written w ON w.conversation_id = l.conversation_id AND w.user_id = l.user_id
     WHERE l.user_id = $1 AND l.state = 'closed' ORDER BY l.opened_at DESC LIMIT $2`,
    [userId, limit],
  );
  return rows.map((row) => {
    const save =
      row.written_at === null || row.written_at < row.closed_at ? 'queued' : row.crm_ref ? 'saved' : 'failed';
    return {
      conversationId: row.conversation_id,
      peer: row.peer ?? { kind: 'unknown', raw: '', value: '' },
      ...(row.peer_name ? { peerName: row.peer_name } : {}),
      direction: row.direction,
      at: row.at,
      save,
      ...(save === 'saved' && row.crm_ref ? { crmRef: row.crm_ref } : {}),
    };
  });
}

/** Notes what became of a log's write: the CRM's record, or none when it failed and will be tried again. */
export async function markLogWritten(
  sql: Sql,
  log: { conversationId: string; userId: string; at: number; ref?: RecordRef },
): Promise<void> {
  await sql.query(
    `INSERT INTO call_log_written (conversation_id, user_id, at, crm_ref) VALUES ($1, $2, $3, $4)
     ON CONFLICT (conversation_id, user_id) DO UPDATE SET at = $3, crm_ref = $4`,
    [log.conversationId, log.userId, log.at, log.ref ? JSON.stringify(log.ref) : null],
    'call-log-written',
  );
}
