/**
 * The journal: what happened, in streams, each with one writer (this process). Two classes of events:
 * an **intent** is durable before its effect (`commit`), an **observation** is written in a group within 10 ms (`append`).
 * Both go through one queue, so that the order of the calls is the order in the database.
 *
 *     append ─┐
 *             ├─► queue ─► one transaction for all that waits (at the end of an intent's turn, within 10 ms otherwise) ─► listeners
 *     commit ─┘
 *
 * An arrival, its place in the queue and its offer are decided in one turn, and so are one transaction.
 *
 * A group that fails with the connection is retried as a whole with backoff; nothing is dropped and nothing overtakes it.
 * One that the database refuses for its data is written member by member, so that a bad one stops nobody else.
 */
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { ALL_EVENTS, type EventType } from '../../protocol/facts.ts';
import type { Database, Sql } from './database.ts';
import { isPermanentError, isUniqueViolation } from './database.ts';

export interface JournalEvent {
  stream: string;
  type: EventType;
  body: object;
  /** UTC milliseconds by our clock. */
  at: number;
  switchAt?: number;
  conversationId?: string;
}

export interface JournalEntry extends JournalEvent {
  position: number;
  id: string;
  seq: number;
}

/** Further statements of the same transaction: outbox entries and the writer's own tables. */
export type AlsoInTransaction = (sql: Sql) => Promise<void>;

interface Waiting {
  events: (JournalEvent & { id: string; seq: number })[];
  also?: AlsoInTransaction;
  resolve: () => void;
  reject: (error: unknown) => void;
  /** Fills the place of a refused one. */
  marker?: true;
}

/** How long an observation may wait for company, in milliseconds. */
const GROUP_MS = 10;

export interface JournalOptions {
  db: Database;
  clock: Clock;
  onError: (error: unknown, attempt: number) => void;
}

/** What those who write streams need: the journal, or the simulator's, which keeps nothing. */
export type StreamWriter = Pick<Journal, 'open' | 'release' | 'read' | 'append' | 'commit'>;

export class Journal {
  readonly #options: JournalOptions;
  readonly #nextSeq = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Told after every committed group; projections then read on from where they are. */
  onCommitted(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes this process the writer of a stream that may hold events already; a new stream needs no opening. */
  async open(stream: string): Promise<void> {
    const [row] = await this.#options.db.query<{ last: number | null }>(
      'SELECT max(seq) AS last FROM journal WHERE stream = $1',
      [stream],
    );
    this.#nextSeq.set(stream, (row?.last ?? 0) + 1);
  }

  /** Forgets a stream that gets no more events. */
  release(stream: string): void {
    this.#nextSeq.delete(stream);
  }

  /** Observations: numbered now, durable within some 10 ms; lost at most by a crash, and then re-derived by reconciling. */
  append(events: readonly JournalEvent[]): { id: string; seq: number }[] {
    const numbered = this.#number(events);
    this.#queue.push({ events: numbered, resolve: () => undefined, reject: () => undefined });
    this.#cancelTimer ??= this.#options.clock.after(GROUP_MS, () => this.#flush());
    return numbered;
  }

  /**
   * Intents: resolves when they (and all that was appended before) are durable. When `also` rejects, neither it nor the
   * events are written, and the returned promise rejects with its error: the effect must not follow.
   */
  commit(
    events: readonly JournalEvent[],
    also?: AlsoInTransaction,
  ): { numbers: { id: string; seq: number }[]; durable: Promise<void> } {
    const numbered = this.#number(events);
    const durable = new Promise<void>((resolve, reject) => {
      this.#queue.push({ events: numbered, ...(also ? { also } : {}), resolve, reject });
    });
    this.#flush();
    return { numbers: numbered, durable };
  }

  /** Resolves when everything that was appended is durable. */
  async drain(): Promise<void> {
    while (this.#queue.length > 0 || this.#flushing) {
      this.#flush();
      await this.#flushing;
    }
  }

  /** A stream's events in order, personal data put back (null where it was erased). */
  async read(stream: string, sql: Sql = this.#options.db): Promise<JournalEntry[]> {
    const rows = await sql.query<StoredRow>(`${SELECT} WHERE stream = $1 ORDER BY seq`, [stream]);
    return rehydrate(sql, rows);
  }

  /** Up to `limit` events after `position`, in the order of the journal. */
  async readAfter(position: number, limit: number, sql: Sql = this.#options.db): Promise<JournalEntry[]> {
    const rows = await sql.query<StoredRow>(`${SELECT} WHERE position > $1 ORDER BY position LIMIT $2`, [
      position,
      limit,
    ]);
    return rehydrate(sql, rows);
  }

  #number(events: readonly JournalEvent[]): (JournalEvent & { id: string; seq: number })[] {
    return events.map((event) => {
      const seq = this.#nextSeq.get(event.stream) ?? 1;
      this.#nextSeq.set(event.stream, seq + 1);
      return { ...event, id: newId('evt'), seq };
    });
  }

  #flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#queue.length > 0) this.#flushing ??= Promise.resolve().then(() => this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      await this.#writeGroup(group);
      this.#tellCommitted();
    }
    // In the same step as the last look at the queue: what is committed in between would wait for ever.
    this.#flushing = undefined;
  }

  #tellCommitted(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#options.onError(error, 0);
      }
    }
  }

  /** One transaction for the group, tried until it is written or refused. */
  async #writeGroup(group: Waiting[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const { db } = this.#options;
        // Events alone are one statement, which is a transaction by itself.
        if (group.some((member) => member.also)) await db.tx((sql) => writeMembers(sql, group));
        else await writeMembers(db, group);
        for (const member of group) member.resolve();
        return;
      } catch (error) {
        if (error instanceof RefusedError) return this.#settleRefused(group, error);
        this.#options.onError(error, attempt);
        if (isPermanentError(error)) return this.#settleBad(group, error);
        await new Promise<void>((resolve) =>
          this.#options.clock.after(backoff(attempt, 100, 5_000), resolve),
        );
      }
    }
  }

  /** A member's `also` refused: its place is filled with markers, the others are written as they are. */
  async #settleRefused(group: Waiting[], refused: RefusedError): Promise<void> {
    refused.member.reject(refused.cause);
    await this.#writeGroup(group.map((member) => (member === refused.member ? marker(member) : member)));
  }

  /**
   * The database refuses the events themselves. They may be there already, when the connection broke after the commit;
   * else whoever is at fault is found by writing the members one by one, and has a marker written in its place.
   */
  async #settleBad(group: Waiting[], error: unknown): Promise<void> {
    if (isUniqueViolation(error) && (await this.#isWritten(group))) {
      for (const member of group) member.resolve();
      return;
    }
    const [only, ...others] = group;
    if (only && others.length === 0) {
      only.reject(error);
      if (only.marker !== true) await this.#writeGroup([marker(only)]);
      return;
    }
    for (const member of group) await this.#writeGroup([member]);
  }

  /** Whether an earlier try was committed though we were told otherwise: a group is written as a whole or not at all. */
  async #isWritten(group: readonly Waiting[]): Promise<boolean> {
    const ids = group.flatMap((member) => member.events.map((event) => event.id));
    for (let attempt = 0; ; attempt++) {
      try {
        const rows = await this.#options.db.query('SELECT 1 FROM journal WHERE id = ANY($1)', [ids]);
        return rows.length > 0 && rows.length === ids.length;
      } catch (error) {
        this.#options.onError(error, attempt);
        await new Promise<void>((resolve) =>
          this.#options.clock.after(backoff(attempt, 100, 5_000), resolve),
        );
      }
    }
  }
}

/** What is written in place of a refused member: its numbers stay taken, for a hole in a stream would look like a loss. */
function marker(member: Waiting): Waiting {
  const nothing = () => undefined;
  return { events: member.events.map(voided), resolve: nothing, reject: nothing, marker: true };
}

function voided(
  event: JournalEvent & { id: string; seq: number },
): JournalEvent & { id: string; seq: number } {
  return { ...event, type: 'intent.refused', body: { type: event.type } };
}

/** An intent whose `also` was refused by the database or by its own check. */
class RefusedError extends Error {
  constructor(
    readonly member: Waiting,
    override readonly cause: unknown,
  ) {
    super('intent refused');
  }
}

/**
 * The group's events and all further statements, sent together. What fails first is the cause: PostgreSQL refuses everything
 * after it in the transaction.
 */
async function writeMembers(sql: Sql, group: readonly Waiting[]): Promise<void> {
  let first: { error: unknown; member?: Waiting } | undefined;
  const watched = (member?: Waiting): Sql => ({
    query: <T extends object>(text: string, params?: readonly unknown[], name?: string) =>
      sql.query<T>(text, params, name).catch((error: unknown) => {
        first ??= { error, ...(member ? { member } : {}) };
        throw error;
      }),
  });
  const events = group.flatMap((member) => member.events);
  // In this order: the events first, then the statements of each member.
  const work: { member?: Waiting; done: Promise<void> }[] = [{ done: insertEvents(watched(), events) }];
  for (const member of group)
    if (member.also) work.push({ member, done: carryOut(member.also, watched(member)) });
  const outcomes = await Promise.allSettled(work.map(({ done }) => done));
  const failed = work.flatMap(({ member }, index) => {
    const outcome = outcomes[index];
    return outcome?.status === 'rejected' ? [{ member, error: outcome.reason as unknown }] : [];
  });
  const cause = failed.find(({ member }) => first && member === first.member) ?? failed[0];
  if (!cause) return;
  const { member, error } = cause;
  // A broken connection is retried; a refused row or a check of the caller's own is not.
  const broken = error === first?.error && !isPermanentError(error);
  throw member && !broken ? new RefusedError(member, error) : error;
}

/** What it throws at once is a rejection like any other. */
async function carryOut(also: AlsoInTransaction, sql: Sql): Promise<void> {
  await also(sql);
}

interface StoredRow {
  position: number;
  stream: string;
  seq: number;
  id: string;
  at: number;
  switch_at: number | null;
  type: EventType;
  conversation_id: string | null;
  body: Record<string, unknown>;
}

interface PersonalRow {
  token: string;
  kind: string;
  value: unknown;
  subject: string;
}

const SELECT = 'SELECT position, stream, seq, id, at, switch_at, type, conversation_id, body FROM journal';

async function insertEvents(
  sql: Sql,
  events: readonly (JournalEvent & { id: string; seq: number })[],
): Promise<void> {
  if (events.length === 0) return;
  const personal: PersonalRow[] = [];
  const rows = events.map((event) => ({
    stream: event.stream,
    seq: event.seq,
    id: event.id,
    at: event.at,
    switch_at: event.switchAt === undefined ? null : Math.round(event.switchAt),
    type: event.type,
    v: ALL_EVENTS[event.type].v,
    conversation_id: event.conversationId ?? null,
    body: separatePersonal(event, personal),
  }));
  await sql.query(INSERT, [toJson(rows), toJson(personal), ...openStreams(events)], 'journal-insert');
}

/** One round trip for whatever a group brings: a busy call writes some ten groups in its first second. */
const INSERT = `
  WITH personal_data AS (
    INSERT INTO personal (token, kind, value, subject) SELECT token, kind, value, subject
    FROM jsonb_to_recordset($2) AS p(token text, kind text, value jsonb, subject text)),
  begun AS (INSERT INTO open_stream (stream) SELECT unnest($3::text[])),
  ended AS (DELETE FROM open_stream WHERE stream = ANY($4::text[]))
  INSERT INTO journal (stream, seq, id, at, switch_at, type, v, conversation_id, body)
  SELECT stream, seq, id, at, switch_at, type, v, conversation_id, body FROM jsonb_to_recordset($1)
  AS e(stream text, seq int, id text, at bigint, switch_at bigint, type text, v smallint, conversation_id text, body jsonb)`;

/** JSON that jsonb takes: it refuses zero characters and halves of surrogate pairs, and people's texts hold both. */
function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!MAY_BE_REFUSED.test(text)) return text;
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '').replace(LONE_SURROGATE, '\ufffd') : part,
  );
}

/** JSON.stringify writes both as escapes (ECMA-262, QuoteJSONString). */
const MAY_BE_REFUSED = /\\u(?:0000|d[89a-f])/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Streams that begin with these events and go on, and streams that were open and end with them. */
function openStreams(
  events: readonly { stream: string; seq: number; conversationId?: string; type: EventType }[],
): [begun: string[], ended: string[]] {
  const first = events.filter((e) => e.seq === 1 && e.type !== 'intent.refused');
  const begun = new Set(first.filter((e) => e.conversationId !== undefined).map((e) => e.stream));
  const ended = events.filter((e) => e.type === 'conversation.ended').map((e) => e.stream);
  return [
    [...begun].filter((stream) => !ended.includes(stream)),
    ended.filter((stream) => !begun.has(stream)),
  ];
}

/** The body with a token in place of each personal field; the values go to `personal`. */
function separatePersonal(event: JournalEvent & { id: string }, personal: PersonalRow[]): object {
  const body: Record<string, unknown> = { ...event.body };
  for (const field of ALL_EVENTS[event.type].personal) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    const token = `${event.id}.${field}`;
    personal.push({ token, kind: field, value, subject: event.conversationId ?? event.stream });
    body[field] = { $p: token };
  }
  return body;
}

async function rehydrate(sql: Sql, rows: StoredRow[]): Promise<JournalEntry[]> {
  const tokens = rows.flatMap((row) => Object.values(row.body).flatMap((value) => tokenOf(value) ?? []));
  const values = new Map<string, unknown>();
  if (tokens.length > 0) {
    for (const p of await sql.query<{ token: string; value: unknown }>(
      'SELECT token, value FROM personal WHERE token = ANY($1)',
      [tokens],
    ))
      values.set(p.token, p.value);
  }
  return rows.map((row) => ({
    position: row.position,
    stream: row.stream,
    seq: row.seq,
    id: row.id,
    at: row.at,
    ...(row.switch_at === null ? {} : { switchAt: row.switch_at }),
    type: row.type,
    ...(row.conversation_id === null ? {} : { conversationId: row.conversation_id }),
    body: Object.fromEntries(
      Object.entries(row.body).map(([key, value]) => {
        const token = tokenOf(value);
        return [key, token === undefined ? value : (values.get(token) ?? null)];
      }),
    ),
  }));
}

function tokenOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('$p' in value)) return undefined;
  return typeof value.$p === 'string' ? value.$p : undefined;
}
