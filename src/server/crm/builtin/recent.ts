/** What each user viewed last. It lies on the server, so that it follows him to another desk. */
import type { RecordRef } from '../../../protocol/facts.ts';
import type { Sql } from '../../store/database.ts';
import type { ObjectSet } from './object-set.ts';
import { RECORD_COLUMNS, REF_ACCOUNT, REF_COLUMNS, type RecordRow, type RefRow, toRef } from './rows.ts';

/** Records remembered for a user. */
export const REMEMBERED = 200;

/** Says that the user has a record before him; nothing for one that is gone. */
export async function noteViewed(sql: Sql, userId: string, recordId: string, now: number): Promise<void> {
  await sql.query(
    `INSERT INTO recent_record (user_id, record_id, viewed_at) SELECT $1, id, $3 FROM record WHERE id = $2
     ON CONFLICT (user_id, record_id) DO UPDATE SET viewed_at = excluded.viewed_at`,
    [userId, recordId, now],
  );
  await sql.query(
    `DELETE FROM recent_record WHERE user_id = $1 AND record_id IN (
       SELECT record_id FROM recent_record WHERE user_id = $1 ORDER BY viewed_at DESC, record_id OFFSET ${REMEMBERED})`,
    [userId],
  );
}

/** The newest first, of all objects. */
export async function viewedRefs(
  sql: Sql,
  objects: ObjectSet,
  userId: string,
  limit: number,
): Promise<RecordRef[]> {
  const rows = await sql.query<RefRow>(
    `SELECT ${REF_COLUMNS} FROM (SELECT record_id, viewed_at FROM recent_record WHERE user_id = $1
       ORDER BY viewed_at DESC, record_id LIMIT $2) v
     JOIN record r ON r.id = v.record_id ${REF_ACCOUNT} ORDER BY v.viewed_at DESC, v.record_id`,
    [userId, limit],
  );
  return rows.filter(({ id }) => objects.has(id)).map((row) => toRef(objects, row));
}

/** The newest first, of one object: all that are remembered. */
export async function viewedRows(sql: Sql, userId: string, object: string): Promise<RecordRow[]> {
  return await sql.query<RecordRow>(
    `SELECT ${RECORD_COLUMNS} FROM recent_record v JOIN record ON id = v.record_id
     WHERE v.user_id = $1 AND object = $2 ORDER BY v.viewed_at DESC, id`,
    [userId, object],
  );
}
