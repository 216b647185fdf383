/** Keeps the segments of a PBX's queue log: the same text, or a longer one of the same file, adds what is new and nothing twice. */
import type { Database } from '../store/database.ts';
import type { Migration } from '../store/migrations.ts';
import { parseQueueLog } from './queue-log.ts';

export const queueLogMigrations: Migration[] = [
  {
    id: 'queue-log-001-start',
    sql: `
      CREATE TABLE foreign_segment (
        platform_id text NOT NULL,
        call_id text NOT NULL,
        queue text NOT NULL,
        entered_at bigint NOT NULL,
        agent text,
        caller text NOT NULL,
        answered_at bigint,
        ended_at bigint NOT NULL,
        waited_ms bigint NOT NULL,
        talked_ms bigint NOT NULL,
        missed integer NOT NULL,
        how text NOT NULL,
        PRIMARY KEY (platform_id, call_id, queue, entered_at)
      );
      CREATE INDEX foreign_segment_time ON foreign_segment (platform_id, entered_at);
    `,
  },
];

export interface QueueLogImport {
  /** Segments that were not there before. */
  added: number;
  /** Segments in the text. */
  found: number;
  /** Callers whose stay has not ended in this text: give it again later. */
  open: number;
  /** Numbers of lines that are none of a queue log, the first 100. */
  bad: number[];
}

export async function importQueueLog(
  db: Database,
  platformId: string,
  text: string,
): Promise<QueueLogImport> {
  const { segments, bad, open } = parseQueueLog(text);
  const rows = segments.map((one) => ({
    platform_id: platformId,
    call_id: one.callId,
    queue: one.queue,
    entered_at: one.enteredAt,
    agent: one.agent ?? null,
    caller: one.caller,
    answered_at: one.answeredAt ?? null,
    ended_at: one.endedAt,
    waited_ms: one.waitedMs,
    talked_ms: one.talkedMs,
    missed: one.missed,
    how: one.how,
  }));
  const added = await db.query(
    `INSERT INTO foreign_segment SELECT * FROM jsonb_populate_recordset(NULL::foreign_segment, $1)
      ON CONFLICT DO NOTHING RETURNING call_id`,
    [JSON.stringify(rows)],
  );
  return { added: added.length, found: segments.length, open, bad: bad.slice(0, 100) };
}

/** Figures of a queue, by the definitions of app_queue (contact within `thresholdMs`). */
export interface QueueFigures {
  queue: string;
  /** `YYYY-MM-DD`; null: all days together. */
  day: string | null;
  offered: number;
  answered: number;
  abandoned: number;
  /** Answered within the threshold, of those answered; null without any. */
  serviceLevel: number | null;
  /** Answered or given up within it, of all of both. */
  serviceLevel2: number | null;
  /** Mean wait of those answered, milliseconds. */
  averageSpeedOfAnswerMs: number | null;
  averageTalkMs: number | null;
}

export interface QueueFiguresRequest {
  /** UTC milliseconds, the first included. */
  from: number;
  to: number;
  thresholdMs: number;
  /** A row per queue and day of this time zone, the last day first; without it one per queue. */
  zone?: string | undefined;
}

export async function queueFigures(
  db: Database,
  platformId: string,
  { from, to, thresholdMs, zone }: QueueFiguresRequest,
): Promise<QueueFigures[]> {
  return db.query<QueueFigures>(
    `SELECT queue, to_char(to_timestamp(entered_at / 1000) AT TIME ZONE $5::text, 'YYYY-MM-DD') AS day,
        count(*)::int AS offered,
        count(answered_at)::int AS answered,
        (count(*) FILTER (WHERE how = 'abandoned'))::int AS abandoned,
        ((count(*) FILTER (WHERE answered_at IS NOT NULL AND waited_ms <= $4))::float8
          / nullif(count(answered_at), 0)) AS "serviceLevel",
        ((count(*) FILTER (WHERE (answered_at IS NOT NULL OR how = 'abandoned') AND waited_ms <= $4))::float8
          / nullif(count(*) FILTER (WHERE answered_at IS NOT NULL OR how = 'abandoned'), 0)) AS "serviceLevel2",
        (avg(waited_ms) FILTER (WHERE answered_at IS NOT NULL))::float8 AS "averageSpeedOfAnswerMs",
        (avg(talked_ms) FILTER (WHERE answered_at IS NOT NULL))::float8 AS "averageTalkMs"
      FROM foreign_segment WHERE platform_id = $1 AND entered_at >= $2 AND entered_at < $3
      GROUP BY 1, 2 ORDER BY day DESC, queue`,
    [platformId, from, to, thresholdMs, zone ?? null],
  );
}
