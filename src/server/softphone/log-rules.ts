/** What a call log is about and how long the agent talked: pure. */
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { Direction, RecordRef } from '../../protocol/facts.ts';
import type { Call, Conversation, Leg, Log } from '../telephony/model.ts';

const PEOPLE = new Set(['Contact', 'Lead']);
const THINGS = new Set(['Case', 'Account']);

/** Records offered to link at most. */
const MAX_CANDIDATES = 20;

/** What an agent's log may be linked to: `who` a person, `what` a case, an account or a record of a custom object. */
export type Links = Pick<Log, 'who' | 'what'>;
export type Link = Partial<Links>;

export function isPerson(record: RecordRef): boolean {
  return PEOPLE.has(record.object);
}

export function isThing(record: RecordRef): boolean {
  return THINGS.has(record.object) || record.object.endsWith('__c');
}

/** The links that a log begins with: the single match, and the case or account that the agent has open. */
export function firstLinks(match: RecordRef | undefined, open: RecordRef | undefined): Link {
  const who = match && isPerson(match) ? match : open && !match && isPerson(open) ? open : undefined;
  const what = open && isThing(open) ? open : match && isThing(match) ? match : undefined;
  return { ...(who ? { who } : {}), ...(what ? { what } : {}) };
}

/**
 * What opening `record` during the call adds: it fills what is empty, and a case takes the place of an account that was
 * filled in by itself. What the agent chose by hand stays.
 */
export function linkOpened(links: Links, record: RecordRef, byHand: { who: boolean; what: boolean }): Link {
  if (isPerson(record)) return links.who || byHand.who ? {} : { who: record };
  if (!isThing(record) || byHand.what) return {};
  const replaces = links.what?.object === 'Account' && record.object === 'Case';
  return links.what && !replaces ? {} : { what: record };
}

/** Records to choose `who` and `what` from: chosen ones, matches, pages visited during the call. */
export function candidatesOf(
  links: Links,
  matches: readonly RecordRef[],
  visited: readonly RecordRef[],
): RecordRef[] {
  const all = [links.who, links.what, ...matches, ...visited].filter(
    (record): record is RecordRef => record !== null,
  );
  const byId = new Map(
    all.filter((record) => isPerson(record) || isThing(record)).map((record) => [record.id, record]),
  );
  return [...byId.values()].slice(0, MAX_CANDIDATES);
}

export function subjectOf(direction: Direction, made: boolean): string {
  if (direction === 'internal') return 'Internal call';
  return made || direction === 'outbound' ? 'Outbound call' : 'Inbound call';
}

/** The call that the log is about: a consultation that became the customer's call is that one. */
export function callOfLog(conversation: Conversation, log: Pick<Log, 'callId' | 'legId'>): Call | undefined {
  return conversation.calls.get(conversation.legs.get(log.legId)?.callId ?? log.callId);
}

/** Milliseconds that the agent was connected with the other party, time on hold included. */
export function talkMs(conversation: Conversation, callId: string, userId: string, now: number): number {
  const of = (mine: boolean) =>
    [...conversation.legs.values()].filter(
      (leg) =>
        leg.callId === callId &&
        leg.connectedAt !== undefined &&
        (leg.joined || leg.replaces !== undefined) &&
        (leg.userId === userId) === mine,
    );
  const others = of(false);
  const spans = of(true).map((leg) => overlap(leg, others, now));
  return union(spans.filter(([from, to]) => to > from));
}

/** The log as the CRM gets it. */
export function callLogEntry(
  conversation: Conversation,
  call: Call,
  log: Log,
  disposition: string | null,
  now: number,
): CallLogEntry {
  return {
    conversationId: conversation.id,
    userId: log.userId,
    direction: call.direction,
    from: call.ani.value || call.ani.raw,
    to: call.dnis.value || call.dnis.raw,
    startedAt: call.startedAt,
    durationSeconds: Math.round(talkMs(conversation, call.id, log.userId, now) / 1_000),
    subject: subjectOf(call.direction, call.userId === log.userId),
    comments: log.comments,
    disposition,
    who: log.who,
    what: log.what,
  };
}

function overlap(mine: Leg, others: readonly Leg[], now: number): [from: number, to: number] {
  const from = Math.max(mine.connectedAt ?? now, Math.min(...others.map((leg) => leg.connectedAt ?? now)));
  const to = Math.min(mine.clearedAt ?? now, Math.max(...others.map((leg) => leg.clearedAt ?? now)));
  return [from, to];
}

/** Length of the union: a lost leg and the one in its place do not count twice. */
function union(spans: [number, number][]): number {
  let total = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return total;
}
