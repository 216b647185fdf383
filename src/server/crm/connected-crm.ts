/**
 * An outside CRM as the rest of the program has it: every call has a deadline, numbers are compared by us, what was found is
 * remembered for a moment, and how the connection does shows from the calls themselves.
 *
 *     unknown ── a call answered ──► up ◄─┐            signed-out: nobody signs in by himself, an administrator does
 *        └────── a call failed ────► down ┘ by the next call that is answered
 */
import type { Clock } from '../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../lib/deadline.ts';
import type {
  CallLogEntry,
  CrmRecord,
  FieldValue,
  FigureRow,
  ObjectMeta,
  RecordingLink,
  RecordPage,
  SearchResult,
} from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import { Brief } from './brief.ts';
import type { CrmCall, CrmConnector } from './connector.ts';
import { type NumberQuery, numberQuery } from './number-query.ts';
import {
  type Actor,
  type Crm,
  type CrmAbility,
  type CrmMissing,
  type FigureBook,
  type MatchOptions,
  type SearchOptions,
  SYSTEM_ACTOR,
} from './ports.ts';

export interface ConnectedCrmOptions {
  connector: CrmConnector;
  /** Its label, for errors. */
  label: string;
  clock: Clock;
  /** ISO 3166 code: how numbers without a country are read. */
  country: string;
  /** Told of each change of `health`. */
  onHealth?: (health: CrmHealth) => void;
}

export interface CrmHealth {
  state: 'unknown' | 'up' | 'down' | 'signed-out';
  /** What it said last, while it is not up. */
  problem?: string;
  /** UTC milliseconds since when `state` holds. */
  since: number;
}

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 50;
const LOOK_MS = 2_000;
const WORK_MS = 20_000;
const MAX_TEXT = 200;
const PING_MS = 10_000;
/** What was found by a number or described is taken for true so long, in milliseconds. */
const MATCH_AGE_MS = 20_000;
const META_AGE_MS = 300_000;

/** What the console of the built-in CRM has beyond this. */
const ELSEWHERE = 'lists are looked at in that CRM itself.';

export class ConnectedCrm implements Crm, FigureBook {
  readonly #o: ConnectedCrmOptions;
  readonly #matches: Brief<SearchResult>;
  readonly #metas: Brief<ObjectMeta[]>;
  #health: CrmHealth;

  constructor(options: ConnectedCrmOptions) {
    this.#o = options;
    const { clock } = options;
    this.#matches = new Brief({ clock, ageMs: MATCH_AGE_MS, max: 500 });
    this.#metas = new Brief({ clock, ageMs: META_AGE_MS, max: 200 });
    this.#health = { state: 'unknown', since: clock.now() };
  }

  get health(): CrmHealth {
    return this.#health;
  }

  /** Whether it answers at all, as the organisation. Rejects like every other call. */
  async ping(): Promise<void> {
    await this.#ask(undefined, PING_MS, (call) => this.#o.connector.ping(call));
  }

  missing(): CrmMissing {
    return { ...this.#o.connector.missing, lists: ELSEWHERE, remove: ELSEWHERE };
  }

  objects(actor?: Actor): Promise<ObjectMeta[]> {
    const userId = userOf(actor);
    return this.#metas.get(userId ?? '', () =>
      this.#do(actor, 'read', WORK_MS, (call) => this.#o.connector.objects?.(call)),
    );
  }

  match(actor: Actor, number: string, options: MatchOptions = {}): Promise<SearchResult> {
    const query = numberQuery(number, options.country ?? this.#o.country);
    if (!query) return Promise.resolve({ records: [], more: false });
    const limit = limitOf(options);
    return this.#matches.get(`${userOf(actor) ?? ''} ${query.e164 ?? query.digits} ${limit}`, () =>
      this.#match(actor, query, limit, options.deadlineMs ?? LOOK_MS),
    );
  }

  async #match(actor: Actor, query: NumberQuery, limit: number, deadlineMs: number): Promise<SearchResult> {
    const found = await this.#do(actor, 'match', deadlineMs, (call) =>
      this.#o.connector.match?.(call, query, limit),
    );
    const hits = found.records.filter(({ numbers }) => numbers.some((text) => query.isWritten(text)));
    return {
      records: hits.slice(0, limit).map(({ record }) => record),
      more: found.more || hits.length > limit,
    };
  }

  async search(actor: Actor, text: string, options: SearchOptions = {}): Promise<SearchResult> {
    const limit = limitOf(options);
    const { objects } = options;
    const found = await this.#do(actor, 'search', options.deadlineMs ?? LOOK_MS, (call) =>
      this.#o.connector.search?.(call, text.slice(0, MAX_TEXT), { limit, ...(objects ? { objects } : {}) }),
    );
    return {
      records: found.records.slice(0, limit),
      more: found.more || found.records.length > limit,
    };
  }

  read(actor: Actor, id: string): Promise<CrmRecord> {
    return this.#do(actor, 'read', WORK_MS, (call) => this.#o.connector.read?.(call, id));
  }

  async create(actor: Actor, object: string, fields: Record<string, FieldValue>): Promise<CrmRecord> {
    const made = await this.#do(actor, 'write', WORK_MS, (call) =>
      this.#o.connector.create?.(call, object, fields),
    );
    this.#matches.forget();
    return made;
  }

  async update(
    actor: Actor,
    id: string,
    fields: Record<string, FieldValue>,
    rev?: number,
  ): Promise<CrmRecord> {
    const changed = await this.#do(actor, 'write', WORK_MS, (call) =>
      this.#o.connector.update?.(call, id, fields, rev),
    );
    this.#matches.forget();
    return changed;
  }

  list(): Promise<RecordPage> {
    return this.#cannot('lists');
  }

  related(): Promise<RecordPage> {
    return this.#cannot('lists');
  }

  activity(): Promise<RecordPage> {
    return this.#cannot('lists');
  }

  remove(): Promise<void> {
    return this.#cannot('remove');
  }

  writeCallLog(idemKey: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#do({ userId: entry.userId, roles: [] }, 'call-log', WORK_MS, (call) =>
      this.#o.connector.writeCallLog?.(call, idemKey, entry),
    );
  }

  attachRecording(link: RecordingLink): Promise<void> {
    const { conversationId, userId } = link;
    return this.#do({ userId, roles: [] }, 'recording-link', WORK_MS, (call) =>
      this.#o.connector.attachRecording?.(call, `${conversationId}:${userId}`, link),
    );
  }

  writeFigures(rows: readonly FigureRow[]): Promise<void> {
    return this.#do(undefined, 'figures', WORK_MS, (call) => this.#o.connector.writeFigures?.(call, rows));
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What the method answers, on behalf of the actor; `method` has nothing to say where the connector has no such method. */
  #do<T>(
    actor: Actor | undefined,
    ability: CrmAbility,
    deadlineMs: number,
    method: (call: CrmCall) => Promise<T> | undefined,
  ): Promise<T> {
    if (this.missing()[ability] !== undefined) return this.#cannot(ability);
    return this.#ask(userOf(actor), deadlineMs, (call) => method(call) ?? this.#cannot(ability));
  }

  async #ask<T>(
    userId: string | undefined,
    deadlineMs: number,
    method: (call: CrmCall) => Promise<T>,
  ): Promise<T> {
    const { clock, label } = this.#o;
    const abort = new AbortController();
    try {
      const answer = await withDeadline(clock, deadlineMs, label, method({ userId, signal: abort.signal }));
      this.#noteHealth({ state: 'up' });
      return answer;
    } catch (error) {
      abort.abort();
      const coded = this.#toCoded(error);
      this.#noteHealth(healthAfter(coded, userId));
      throw coded;
    }
  }

  #toCoded(error: unknown): CodedError {
    const { label } = this.#o;
    if (error instanceof DeadlineError) return new CodedError('timeout', { what: label });
    if (error instanceof CodedError) {
      return error.code.startsWith('crm-')
        ? new CodedError(error.code, { ...error.data, crm: label })
        : error;
    }
    const detail = error instanceof Error ? error.message.slice(0, 300).replace(/\.?$/, '.') : 'no reason.';
    return new CodedError('crm-unavailable', { crm: label, detail });
  }

  #noteHealth(next: Pick<CrmHealth, 'state' | 'problem'> | undefined): void {
    if (!next) return;
    const changed = next.state !== this.#health.state;
    if (!changed && next.problem === this.#health.problem) return;
    this.#health = { ...next, since: changed ? this.#o.clock.now() : this.#health.since };
    this.#o.onHealth?.(this.#health);
  }

  #cannot(ability: CrmAbility): Promise<never> {
    const reason = this.missing()[ability] ?? 'the connector does not offer it.';
    return Promise.reject(new CodedError('crm-not-capable', { crm: this.#o.label, reason }));
  }
}

/** What a refusal says of the connection: one of the record or of one user's sign-in says that it answers. */
function healthAfter(
  { code, message }: CodedError,
  userId: string | undefined,
): Pick<CrmHealth, 'state' | 'problem'> | undefined {
  switch (code) {
    case 'timeout':
    case 'crm-unavailable':
    case 'crm-limit':
      return { state: 'down', problem: message };
    case 'crm-sign-in':
      return userId === undefined ? { state: 'signed-out', problem: message } : undefined;
    case 'crm-not-capable':
      return undefined;
    default:
      return { state: 'up' };
  }
}

/** Calls come in before it is known whose they are: then it is asked as the organisation. */
function userOf(actor: Actor | undefined): string | undefined {
  return actor?.userId === SYSTEM_ACTOR.userId ? undefined : actor?.userId;
}

function limitOf({ limit = DEFAULT_LIMIT }: MatchOptions): number {
  return Math.min(MAX_LIMIT, Math.max(1, Math.floor(limit)));
}
