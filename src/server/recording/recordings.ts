/** The table of recordings and the audit of who asked for them. All SQL about both is here. */
import { CodedError } from '../../protocol/errors.ts';
import type { Direction } from '../../protocol/facts.ts';
import type { Peaks, RecordingAccess, RecordingState } from '../../protocol/recording.ts';
import type { Database, Sql } from '../store/database.ts';

export interface RecordingRow {
  id: string;
  conversationId: string;
  callId: string;
  legId: string;
  platformId: string;
  direction: Direction;
  queueId: string | null;
  userIds: string[];
  why: 'rule' | 'demand' | 'voicemail';
  byUser: string | null;
  state: RecordingState;
  startedAt: number;
  endedAt: number | null;
  ms: number | null;
  bytes: number | null;
  sha256: string | null;
  storeKey: string | null;
  retentionDays: number | null;
  deleteAt: number | null;
  attempts: number;
  nextAt: number | null;
  error: string | null;
  onSwitch: boolean;
}

export type NewRecording = Pick<
  RecordingRow,
  | 'id'
  | 'conversationId'
  | 'callId'
  | 'legId'
  | 'platformId'
  | 'direction'
  | 'queueId'
  | 'userIds'
  | 'why'
  | 'byUser'
  | 'startedAt'
  | 'retentionDays'
>;

export interface RecordingFilter {
  conversationIds?: readonly string[];
  userId?: string;
  queueId?: string;
  direction?: Direction;
  state?: RecordingState;
  /** Began at or after, before: UTC milliseconds. */
  from?: number;
  to?: number;
  /** `next` of the page before. */
  after?: string;
  /** 1 to 200. */
  limit: number;
}

/** What is known of a file when it has been read once. */
export interface Measured {
  bytes: number;
  ms: number;
  sha256: string;
  peaks: Peaks;
}

/** How the queue into the store is doing. */
export interface Backlog {
  waiting: number;
  /** Of these, the ones whose last try failed. */
  failing: number;
  /** When the oldest one that waits began, or null. */
  oldestAt: number | null;
  /** What the last failed try said. */
  error: string | null;
}

const COLUMNS = `id, conversation_id AS "conversationId", call_id AS "callId", leg_id AS "legId", platform_id AS "platformId",
  direction, queue_id AS "queueId", user_ids AS "userIds", why, by_user AS "byUser", state, started_at AS "startedAt",
  ended_at AS "endedAt", ms, bytes, sha256, store_key AS "storeKey", retention_days AS "retentionDays", delete_at AS "deleteAt",
  attempts, next_at AS "nextAt", error, on_switch AS "onSwitch"`;

const DAY_MS = 86_400_000;
/** As far as others are told of it. */
export interface StoredRecording {
  id: string;
  conversationId: string;
  /** Whose call it was. */
  userIds: readonly string[];
  /** UTC milliseconds. */
  startedAt: number;
  ms: number;
}

/** Requests of one user for one recording within this time are one entry of the audit, counted. */
const SAME_ACCESS_MS = 600_000;

export class Recordings {
  readonly #db: Database;
  readonly #onStored: ((sql: Sql, recording: StoredRecording) => Promise<void>) | undefined;

  /** @param onStored told in the transaction that says so: what it enters is there exactly when the recording is. */
  constructor(db: Database, onStored?: (sql: Sql, recording: StoredRecording) => Promise<void>) {
    this.#db = db;
    this.#onStored = onStored;
  }

  /** In the transaction of the event that begins it. */
  async add(sql: Sql, row: NewRecording): Promise<void> {
    await sql.query(
      `INSERT INTO recording (id, conversation_id, call_id, leg_id, platform_id, direction, queue_id, user_ids, why, by_user,
         state, started_at, retention_days) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'recording', $11, $12)`,
      [
        row.id,
        row.conversationId,
        row.callId,
        row.legId,
        row.platformId,
        row.direction,
        row.queueId,
        row.userIds,
        row.why,
        row.byUser,
        row.startedAt,
        row.retentionDays,
      ],
    );
  }

  /** These talk in it too. */
  async addUsers(id: string, userIds: readonly string[]): Promise<void> {
    await this.#db.query(
      'UPDATE recording SET user_ids = ARRAY(SELECT DISTINCT unnest(user_ids || $2::text[]) ORDER BY 1) WHERE id = $1',
      [id, userIds],
    );
  }

  /** The call is over; its file follows when the switch has finished it. */
  async end(id: string, at: number): Promise<void> {
    await this.#db.query('UPDATE recording SET ended_at = coalesce(ended_at, $2) WHERE id = $1', [id, at]);
  }

  /** The switch has the whole file: it waits for the store from now on. */
  async finish(id: string, at: number): Promise<boolean> {
    const rows = await this.#db.query(
      `UPDATE recording SET state = 'waiting', ended_at = coalesce(ended_at, $2), next_at = $2,
         delete_at = started_at + retention_days::bigint * ${DAY_MS} WHERE id = $1 AND state = 'recording' RETURNING id`,
      [id, at],
    );
    return rows.length > 0;
  }

  /** There is no sound of it, and never will be. */
  async fail(id: string, at: number, error: string): Promise<void> {
    await this.#db.query(
      `UPDATE recording SET state = 'failed', ended_at = coalesce(ended_at, $2), error = $3, next_at = NULL,
         delete_at = started_at + retention_days::bigint * ${DAY_MS} WHERE id = $1 AND state IN ('recording', 'waiting')`,
      [id, at, clean(error)],
    );
  }

  /** Those of a platform whose file is not finished, as far as we know. */
  running(platformId: string): Promise<RecordingRow[]> {
    return this.#select("WHERE state = 'recording' AND platform_id = $1 ORDER BY id", [platformId]);
  }

  due(now: number, limit: number): Promise<RecordingRow[]> {
    return this.#select(
      `WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, id LIMIT ${String(limit)}`,
      [now],
    );
  }

  async stored(id: string, key: string, { bytes, ms, sha256, peaks }: Measured): Promise<void> {
    await this.#db.tx(async (tx) => {
      const [stored] = await tx.query<StoredRecording>(
        `UPDATE recording SET state = 'stored', store_key = $2, bytes = $3, ms = $4, sha256 = $5, peaks = $6, error = NULL,
           next_at = NULL WHERE id = $1
         RETURNING id, conversation_id AS "conversationId", user_ids AS "userIds", started_at AS "startedAt", ms`,
        [id, key, bytes, ms, sha256, JSON.stringify(peaks)],
      );
      if (stored) await this.#onStored?.(tx, stored);
    });
  }

  async tryLater(id: string, nextAt: number, error: string): Promise<void> {
    await this.#db.query(
      'UPDATE recording SET attempts = attempts + 1, next_at = $2, error = $3 WHERE id = $1',
      [id, nextAt, clean(error)],
    );
  }

  /** The store works again: what failed before is tried now. */
  async tryAllNow(now: number): Promise<void> {
    await this.#db.query(
      "UPDATE recording SET next_at = $1 WHERE state = 'waiting' AND attempts > 0 AND next_at > $1",
      [now],
    );
  }

  async forgottenBySwitch(id: string): Promise<void> {
    await this.#db.query('UPDATE recording SET on_switch = false WHERE id = $1', [id]);
  }

  /** Stored or deleted, and the switch may still have the file. */
  leftBehind(): Promise<RecordingRow[]> {
    return this.#select("WHERE on_switch AND state IN ('stored', 'deleted') ORDER BY id LIMIT 100", []);
  }

  old(now: number): Promise<RecordingRow[]> {
    return this.#select(
      "WHERE delete_at <= $1 AND (state = 'stored' OR state = 'failed') ORDER BY delete_at LIMIT 100",
      [now],
    );
  }

  async deleted(id: string): Promise<void> {
    await this.#db.query(
      "UPDATE recording SET state = 'deleted', store_key = NULL, peaks = NULL, delete_at = NULL, next_at = NULL WHERE id = $1",
      [id],
    );
  }

  async backlog(): Promise<Backlog> {
    const [row] = await this.#db.query<Backlog>(
      `SELECT count(*) AS waiting, count(*) FILTER (WHERE attempts > 0) AS failing, min(started_at) AS "oldestAt",
         (array_agg(error ORDER BY attempts DESC, id) FILTER (WHERE error IS NOT NULL))[1] AS error
       FROM recording WHERE state = 'waiting'`,
    );
    return row ?? { waiting: 0, failing: 0, oldestAt: null, error: null };
  }

  async find(id: string): Promise<RecordingRow | undefined> {
    const [row] = await this.#select('WHERE id = $1', [id]);
    return row;
  }

  async peaks(id: string): Promise<Peaks | null> {
    const [row] = await this.#db.query<{ peaks: Peaks | null }>('SELECT peaks FROM recording WHERE id = $1', [
      id,
    ]);
    return row?.peaks ?? null;
  }

  /** Newest first. @throws CodedError `bad-input` for an `after` that is none of ours. */
  async list(filter: RecordingFilter): Promise<{ rows: RecordingRow[]; next: string | null }> {
    const where: string[] = [];
    const params: unknown[] = [];
    const add = (condition: (n: string) => string, value: unknown) => {
      if (value === undefined) return;
      params.push(value);
      where.push(condition(`$${params.length}`));
    };
    add((n) => `conversation_id = ANY(${n})`, filter.conversationIds);
    add((n) => `user_ids @> ARRAY[${n}]::text[]`, filter.userId);
    add((n) => `queue_id = ${n}`, filter.queueId);
    add((n) => `direction = ${n}`, filter.direction);
    add((n) => `state = ${n}`, filter.state);
    add((n) => `started_at >= ${n}`, filter.from);
    add((n) => `started_at < ${n}`, filter.to);
    const mark = filter.after === undefined ? undefined : readMark(filter.after);
    add((n) => `(started_at, id) < (${n}`, mark?.at);
    if (mark) {
      params.push(mark.id);
      where[where.length - 1] += `, $${params.length})`;
    }
    const rows = await this.#select(
      `${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY started_at DESC, id DESC LIMIT ${String(filter.limit + 1)}`,
      params,
    );
    const shown = rows.slice(0, filter.limit);
    const last = shown.at(-1);
    return { rows: shown, next: last && rows.length > shown.length ? `${last.startedAt}.${last.id}` : null };
  }

  /** Written before anything is given away. */
  async audit(
    access: Pick<RecordingAccess, 'userId' | 'what' | 'from'> & { recordingId: string },
    now: number,
  ): Promise<void> {
    const { recordingId, userId, what, from } = access;
    const again = await this.#db.query(
      `UPDATE recording_access SET last_at = $5, times = times + 1
         WHERE recording_id = $1 AND user_id = $2 AND what = $3 AND from_address = $4 AND last_at > $6 RETURNING id`,
      [recordingId, userId, what, from, now, now - SAME_ACCESS_MS],
    );
    if (again.length > 0) return;
    await this.#db.query(
      'INSERT INTO recording_access (recording_id, user_id, what, from_address, at, last_at) VALUES ($1, $2, $3, $4, $5, $5)',
      [recordingId, userId, what, from, now],
    );
  }

  /** Newest first, at most 500. */
  accesses(recordingId: string): Promise<RecordingAccess[]> {
    return this.#db.query<RecordingAccess>(
      `SELECT id, user_id AS "userId", what, from_address AS "from", at, last_at AS "lastAt", times FROM recording_access
         WHERE recording_id = $1 ORDER BY id DESC LIMIT 500`,
      [recordingId],
    );
  }

  #select(rest: string, params: readonly unknown[]): Promise<RecordingRow[]> {
    return this.#db.query<RecordingRow>(`SELECT ${COLUMNS} FROM recording ${rest}`, params);
  }
}

function readMark(after: string): { at: number; id: string } {
  const [, at, id] = /^(\d{1,16})\.([\w-]{1,80})$/.exec(after) ?? [];
  if (at === undefined || id === undefined)
    throw new CodedError('bad-input', { field: 'after', detail: 'after: must be what `next` said' });
  return { at: Number(at), id };
}

function clean(text: string): string {
  return text.replaceAll('\0', '').slice(0, 500);
}
