/**
 * Sign-ins that hold: a random token of 256 bits that only the browser has, its hash here and in the database.
 *
 *     open ── used in the second half of its time ──► open, for the whole time again
 *       └── sign-out, time over, user disabled, password changed ──► ended (`ended` is told)
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { Database } from '../store/database.ts';

/** How long a sign-in holds without being used, in milliseconds: a long working day. */
export const SESSION_MS = 12 * 3_600_000;

export interface Session {
  id: string;
  userId: string;
  expiresAt: number;
}

export type SessionEvents = { ended: [sessionId: string] };

interface SessionOptions {
  db: Database;
  clock: Clock;
  onError: (error: unknown) => void;
}

export class Sessions {
  readonly events: Emitter<SessionEvents>;
  readonly #options: SessionOptions;
  readonly #life: Lifecycle;
  readonly #byHash = new Map<string, Session>();

  private constructor(options: SessionOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter(options.onError);
  }

  /** Reads the sessions that still hold: a restart signs nobody out. */
  static async load(options: SessionOptions): Promise<Sessions> {
    const sessions = new Sessions(options);
    await options.db.query('DELETE FROM session WHERE expires_at <= $1', [options.clock.now()]);
    const rows = await options.db.query<Session & { hash: string }>(
      'SELECT id, token_hash AS hash, user_id AS "userId", expires_at AS "expiresAt" FROM session',
    );
    for (const { hash, ...session } of rows) sessions.#byHash.set(hash, session);
    sessions.#life.every(60_000, () => sessions.#endOld());
    return sessions;
  }

  /** A new session and its token, which exists nowhere else. */
  async open(userId: string): Promise<{ session: Session; token: string }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#options.clock.now();
    const session = { id: newId('session'), userId, expiresAt: now + SESSION_MS };
    await this.#options.db.query(
      'INSERT INTO session (id, token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
      [session.id, hashOf(token), userId, now, session.expiresAt],
    );
    this.#byHash.set(hashOf(token), session);
    return { session, token };
  }

  /** The session of this token, or undefined when there is none or its time is over. Using it keeps it. */
  find(token: string): Session | undefined {
    const session = this.#byHash.get(hashOf(token));
    return session && this.#use(session) ? session : undefined;
  }

  /** Whether this session still holds, for what was opened with it and lives on; asking keeps it. */
  keep(sessionId: string): boolean {
    const session = [...this.#byHash.values()].find((s) => s.id === sessionId);
    return session !== undefined && this.#use(session);
  }

  /** Signs out. No error when it has ended already. */
  end(sessionId: string): Promise<void> {
    return this.#end((session) => session.id === sessionId);
  }

  /** Signs a user out everywhere, but for the session that he keeps. */
  endAllOf(userId: string, keep?: string): Promise<void> {
    return this.#end((session) => session.userId === userId && session.id !== keep);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  async #end(which: (session: Session) => boolean): Promise<void> {
    const ended = [...this.#byHash].filter(([, session]) => which(session));
    if (ended.length === 0) return;
    for (const [hash] of ended) this.#byHash.delete(hash);
    await this.#options.db.query('DELETE FROM session WHERE token_hash = ANY($1)', [
      ended.map(([hash]) => hash),
    ]);
    for (const [, session] of ended) this.events.emit('ended', session.id);
  }

  #use(session: Session): boolean {
    const now = this.#options.clock.now();
    if (session.expiresAt <= now) return false;
    if (session.expiresAt - now >= SESSION_MS / 2) return true;
    session.expiresAt = now + SESSION_MS;
    const written = this.#options.db.query('UPDATE session SET expires_at = $2 WHERE id = $1', [
      session.id,
      session.expiresAt,
    ]);
    written.catch(this.#options.onError);
    return true;
  }

  #endOld(): void {
    const now = this.#options.clock.now();
    this.#end((session) => session.expiresAt <= now).catch(this.#options.onError);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
