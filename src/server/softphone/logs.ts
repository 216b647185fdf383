/**
 * The call logs: exactly one per conversation and agent that connected (DESIGN section 2).
 *
 *     legs joined ──► open ── edits ──► … ── wrap-up over, or no wrap-up and the agent's leg gone ──► closed, and in the
 *                      ▲                                                                           same transaction the
 *                      └──────────── the same agent is connected again ──────────────────────────── outbox has its write
 */
import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { CallLogEntry, type CrmRecord } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ConversationEvent, Recorded, RecordRef } from '../../protocol/facts.ts';
import type { Command } from '../../protocol/softphone.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import type { Sql } from '../store/database.ts';
import type { AlsoInTransaction } from '../store/journal.ts';
import { type OutboxHandler, replaceOutbox } from '../store/outbox.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Conversation, isLive, type Log, type Match } from '../telephony/model.ts';
import {
  callLogEntry,
  callOfLog,
  firstLinks,
  isPerson,
  isThing,
  type Link,
  linkOpened,
} from './log-rules.ts';
import { choosableCodes, openLog, runningWrap } from './log-state.ts';
import type { ServingCrms, SoftphoneSettings } from './ports.ts';

export const CALL_LOG_KIND = 'crm.call-log';

/** Routing begins a wrap-up within this many milliseconds after the agent's leg is gone, or there is none. */
const WRAP_BEGINS_WITHIN_MS = 500;

/** How long the CRM may take to say whose account a person belongs to, in milliseconds. */
const ACCOUNT_DEADLINE_MS = 2_000;

/** Pages remembered per call, the newest. */
const MAX_VISITED = 10;

export interface LogsOptions {
  conversations: Conversations;
  crm: Pick<Crm, 'read'>;
  crms: Pick<ServingCrms, 'servingId'>;
  settings: SoftphoneSettings;
  clock: Clock;
  life: Lifecycle;
  /** What was found by the number, as far as the user's layout searches it. */
  matchOf(conversation: Conversation, userId: string): Match | undefined;
  /** The CRM whose page writes this user's logs; undefined: our server does. */
  writerOf(userId: string): string | undefined;
  /** The record that the user has in front of him. */
  openRecord(userId: string): RecordRef | undefined;
  /** A log is closed and its write is in the outbox. */
  onClosed(conversation: Conversation, userId: string): void;
  onError: (what: string, error: unknown, ids: { conversationId?: string }) => void;
}

/** What of a log is changed; what is left out stays. */
export type LogEdit = Pick<
  Extract<Command, { verb: 'log.edit' }>,
  'comments' | 'disposition' | 'who' | 'what'
>;

interface Notes {
  visited: RecordRef[];
  byHand: { who: boolean; what: boolean };
}

export class Logs {
  readonly #o: LogsOptions;
  readonly #notes = new Map<string, Notes>();

  constructor(options: LogsOptions) {
    this.#o = options;
  }

  /** Records that the user opened during the conversation, newest first. */
  visited(conversationId: string, userId: string): readonly RecordRef[] {
    return this.#notes.get(keyOf(conversationId, userId))?.visited ?? [];
  }

  /** Listener of the conversations. */
  onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    switch (event.type) {
      case 'legs.joined':
        for (const legId of event.legIds) this.#joined(conversation, legId);
        return;
      case 'match.found':
        for (const log of conversation.logs.values()) this.#fill(conversation, log.userId);
        return;
      case 'leg.cleared':
      case 'call.ended':
        for (const userId of conversation.logs.keys()) this.#closeSoon(conversation.id, userId);
        return;
      case 'wrap.ended':
        return this.#closeIfDone(conversation.id, event.userId);
      case 'conversation.ended':
        for (const userId of conversation.logs.keys()) this.#notes.delete(keyOf(conversation.id, userId));
        return;
      default:
        return;
    }
  }

  /** After a restart: logs whose call ended meanwhile and that nobody wraps up are closed. */
  restore(): void {
    for (const conversation of this.#o.conversations.all()) {
      for (const leg of conversation.legs.values())
        if (leg.joined && leg.userId && isLive(leg) && !conversation.logs.has(leg.userId))
          this.#joined(conversation, leg.id);
      for (const userId of conversation.logs.keys()) this.#closeSoon(conversation.id, userId);
    }
  }

  /** The agent edits his log. @throws `no-such-line`, `log-closed`, `bad-input`. */
  edit(conversation: Conversation, userId: string, edit: LogEdit): void {
    const log = this.#mustBeOpen(conversation, userId);
    const { comments, disposition, who, what } = edit;
    if (disposition && !choosableCodes(log, this.#o.settings).some(({ id }) => id === disposition))
      throw new CodedError('bad-input', { detail: 'disposition: there is no such wrap-up code' });
    if (who && !isPerson(who))
      throw new CodedError('bad-input', { detail: 'who: must be a contact or a lead' });
    if (what && !isThing(what))
      throw new CodedError('bad-input', { detail: 'what: must be a case or an account' });
    const notes = this.#notesOf(conversation.id, userId);
    if (who !== undefined) notes.byHand.who = true;
    if (what !== undefined) notes.byHand.what = true;
    const given = Object.fromEntries(
      Object.entries({ comments, disposition, who, what }).filter(([, value]) => value !== undefined),
    );
    this.#o.conversations.record(conversation.id, [{ type: 'log.edited', userId, ...given }]);
  }

  /** The user has opened a record's page while he has an open log: it becomes a candidate and fills what is empty. */
  opened(conversation: Conversation, userId: string, record: RecordRef): void {
    if (!isPerson(record) && !isThing(record)) return;
    const notes = this.#notesOf(conversation.id, userId);
    notes.visited = [record, ...notes.visited.filter((r) => r.id !== record.id)].slice(0, MAX_VISITED);
    const log = openLog(conversation, userId);
    if (log) this.#link(conversation.id, log, linkOpened(log, record, notes.byHand));
  }

  #joined(conversation: Conversation, legId: string): void {
    const leg = conversation.legs.get(legId);
    if (!leg?.userId || leg.role !== 'agent' || openLog(conversation, leg.userId)) return;
    const { userId, callId } = leg;
    const queueId = [...conversation.offers.values()]
      .filter((offer) => offer.userId === userId && offer.callId === callId)
      .at(-1)?.queueId;
    // An observation: `restore` opens the log of a leg that talks and has none.
    this.#o.conversations.record(conversation.id, [
      { type: 'log.opened', userId, callId, legId, ...(queueId ? { queueId } : {}) },
    ]);
    this.#fill(conversation, userId);
  }

  /** Links what is known by itself: the single match, the open record, and the account of the matched person. */
  #fill(conversation: Conversation, userId: string): void {
    const log = openLog(conversation, userId);
    if (!log) return;
    const { byHand } = this.#notesOf(conversation.id, userId);
    const match = this.#o.matchOf(conversation, userId);
    const first = firstLinks(
      match?.records.length === 1 && !match.more ? match.records[0] : undefined,
      this.#o.openRecord(userId),
    );
    this.#link(conversation.id, log, {
      ...(first.who && !log.who && !byHand.who ? { who: first.who } : {}),
      ...(first.what && !log.what && !byHand.what ? { what: first.what } : {}),
    });
    // A record of the CRM around the page cannot be read from here.
    if (log.who?.object === 'Contact' && !log.what && !byHand.what && !this.#o.writerOf(userId))
      this.#fillAccount(conversation, userId, log.who);
  }

  #fillAccount(conversation: Conversation, userId: string, who: RecordRef): void {
    const actor: Actor = { userId, roles: this.#o.settings.user(userId)?.roles ?? [] };
    withDeadline(this.#o.clock, ACCOUNT_DEADLINE_MS, 'The CRM', this.#o.crm.read(actor, who.id)).then(
      (record) => {
        const account = accountOf(record);
        const log = openLog(conversation, userId);
        if (
          account &&
          log &&
          !log.what &&
          log.who?.id === who.id &&
          !this.#notesOf(conversation.id, userId).byHand.what
        )
          this.#link(conversation.id, log, { what: account });
      },
      (error: unknown) =>
        this.#o.onError('read the account of a matched person', error, { conversationId: conversation.id }),
    );
  }

  #link(conversationId: string, log: Log, link: Link): void {
    if (Object.keys(link).length > 0)
      this.#o.conversations.record(conversationId, [{ type: 'log.edited', userId: log.userId, ...link }]);
  }

  #closeSoon(conversationId: string, userId: string): void {
    this.#o.life.after(WRAP_BEGINS_WITHIN_MS, () => this.#closeIfDone(conversationId, userId));
  }

  /** Closes the log when the agent has neither a leg nor a wrap-up any more. */
  #closeIfDone(conversationId: string, userId: string): void {
    const conversation = this.#o.conversations.get(conversationId);
    const log = conversation && openLog(conversation, userId);
    const call = log && callOfLog(conversation, log);
    if (!conversation || !log || !call || runningWrap(conversation, userId) || hasLeg(conversation, userId))
      return;
    const label = this.#dispositionsOf(log).find(({ id }) => id === log.disposition)?.label ?? null;
    const now = this.#o.clock.now();
    const hostId = this.#o.writerOf(userId);
    const crmId = this.#o.crms.servingId(userId);
    const entry = callLogEntry(conversation, call, log, label, now);
    const body = { ...entry, crmId, ...(hostId === undefined ? {} : { hostId }) };
    const closed = this.#o.conversations.commit(conversationId, [{ type: 'log.closed', userId }], {
      also: (sql) =>
        replaceOutbox(sql, { kind: CALL_LOG_KIND, idemKey: keyOf(conversationId, userId), body }, now),
    });
    closed.then(
      () => this.#o.onClosed(conversation, userId),
      (error: unknown) => this.#o.onError('close a log', error, { conversationId }),
    );
  }

  #dispositionsOf(log: Log): { id: string; label: string }[] {
    return log.queueId ? this.#o.settings.dispositions(log.queueId) : [];
  }

  #mustBeOpen(conversation: Conversation, userId: string): Log {
    const log = conversation.logs.get(userId);
    if (!log) throw new CodedError('no-such-line');
    if (log.closedAt !== undefined) throw new CodedError('log-closed');
    return log;
  }

  #notesOf(conversationId: string, userId: string): Notes {
    const key = keyOf(conversationId, userId);
    const notes = this.#notes.get(key) ?? { visited: [], byHand: { who: false, what: false } };
    this.#notes.set(key, notes);
    return notes;
  }
}

/** The log's idempotency key everywhere: one log per conversation and agent. */
function keyOf(conversationId: string, userId: string): string {
  return `${conversationId}:${userId}`;
}

/** What became of a log's write: the Task, or the error after which it is tried again. */
export type LogOutcome = { ref: RecordRef } | { error: unknown };

/**
 * The outbox handler of `crm.call-log`: writes the Task, idempotent by conversation and user.
 * @param written told what became of it; gives what is to be noted with the mark that it is done.
 */
export function callLogHandler(
  sql: Sql,
  crm: Pick<Crm, 'writeCallLog'>,
  written: (entry: CallLogEntry, outcome: LogOutcome) => AlsoInTransaction,
): OutboxHandler {
  return async (_outboxKey, body) => {
    const entry = CallLogEntry.parse(body);
    const outcome = await crm.writeCallLog(keyOf(entry.conversationId, entry.userId), entry).then(
      (ref) => ({ ref }),
      (error: unknown) => ({ error }),
    );
    const note = written(entry, outcome);
    if (!('error' in outcome)) return note;
    await note(sql);
    throw outcome.error;
  };
}

function hasLeg(conversation: Conversation, userId: string): boolean {
  return [...conversation.legs.values()].some(
    (leg) => leg.userId === userId && leg.role === 'agent' && isLive(leg),
  );
}

function accountOf(record: CrmRecord): RecordRef | undefined {
  const id = record.fields['AccountId'];
  if (typeof id !== 'string' || id === '') return undefined;
  return { id, object: 'Account', name: record.names[id] ?? 'Account' };
}
