/** The table of voicemail. All SQL about it is here. */
import type { Address } from '../../protocol/address.ts';
import type { VoicemailBox } from '../../protocol/waiting.ts';
import type { Database, Sql } from '../store/database.ts';

export interface VoicemailRow {
  id: string;
  box: VoicemailBox;
  caller: Address;
  callerName: string | null;
  at: number;
  readAt: number | null;
  readBy: string | null;
}

interface Row extends Omit<VoicemailRow, 'box'> {
  box_kind: VoicemailBox['kind'];
  box_id: string;
}

const COLUMNS = `id, box_kind, box_id, caller, caller_name AS "callerName", at, read_at AS "readAt", read_by AS "readBy"`;
const THERE = 'there AND deleted_at IS NULL';
/** What is shorter is somebody who hung up at the tone, in milliseconds. */
const LEAST_MS = 1_000;

export class Voicemails {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** It is being recorded: in the transaction of the event that says so. */
  async add(
    sql: Sql,
    { id, box, caller, callerName, at }: Omit<VoicemailRow, 'readAt' | 'readBy'>,
  ): Promise<void> {
    await sql.query(
      'INSERT INTO voicemail (id, box_kind, box_id, caller, caller_name, at) VALUES ($1, $2, $3, $4, $5, $6)',
      [id, box.kind, box.id, JSON.stringify(caller), callerName, at],
    );
  }

  /** Its sound is stored. @returns the message, if the recording is one and there is something in it. */
  async stored(sql: Sql, id: string, ms: number): Promise<VoicemailRow | undefined> {
    if (ms < LEAST_MS) return undefined;
    const [row] = await sql.query<Row>(
      `UPDATE voicemail SET there = true WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    );
    return row && toVoicemail(row);
  }

  /** Newest first, 50 at a time. @param before `at` and id of the last one of the page before. */
  async list(boxes: readonly VoicemailBox[], before?: { at: number; id: string }): Promise<VoicemailRow[]> {
    const rows = await this.#db.query<Row>(
      `SELECT ${COLUMNS} FROM voicemail WHERE ${THERE} AND (box_kind || ':' || box_id) = ANY($1)
         AND ($2::bigint IS NULL OR (at, id) < ($2, $3)) ORDER BY at DESC, id DESC LIMIT ${PAGE}`,
      [boxes.map(keyOf), before?.at ?? null, before?.id ?? null],
    );
    return rows.map(toVoicemail);
  }

  async find(id: string): Promise<VoicemailRow | undefined> {
    const [row] = await this.#db.query<Row>(`SELECT ${COLUMNS} FROM voicemail WHERE id = $1 AND ${THERE}`, [
      id,
    ]);
    return row && toVoicemail(row);
  }

  /** How many nobody has heard, by box (`kind:id`). */
  async unread(): Promise<Map<string, number>> {
    const rows = await this.#db.query<{ box: string; count: number }>(
      `SELECT box_kind || ':' || box_id AS box, count(*) AS count FROM voicemail WHERE ${THERE} AND read_at IS NULL GROUP BY 1`,
    );
    return new Map(rows.map(({ box, count }) => [box, count]));
  }

  /** @param userId who heard it; null: nobody has. What was heard already stays as it is. */
  async markRead(id: string, userId: string | null, now: number): Promise<void> {
    await this.#db.query(
      userId === null
        ? 'UPDATE voicemail SET read_at = NULL, read_by = NULL WHERE id = $1'
        : 'UPDATE voicemail SET read_at = $2, read_by = $3 WHERE id = $1 AND read_at IS NULL',
      userId === null ? [id] : [id, now, userId],
    );
  }

  async remove(id: string, now: number): Promise<void> {
    await this.#db.query('UPDATE voicemail SET deleted_at = $2 WHERE id = $1', [id, now]);
  }
}

/** Messages on a page. */
export const PAGE = 50;

export function keyOf({ kind, id }: VoicemailBox): string {
  return `${kind}:${id}`;
}

function toVoicemail({ box_kind: kind, box_id: id, ...row }: Row): VoicemailRow {
  return { ...row, box: { kind, id } };
}
