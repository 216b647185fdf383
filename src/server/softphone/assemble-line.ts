/** The lines of a user's softphone in one conversation, from its model: pure. */

import { DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import type { Direction, RecordRef } from '../../protocol/facts.ts';
import type {
  EarlierNotes,
  Line,
  LogDraft,
  Party,
  Pop,
  RecordingState,
  Verb,
} from '../../protocol/softphone.ts';
import type { CallField } from '../../protocol/layouts.ts';
import {
  type Call,
  type Conversation,
  carrierOf,
  type Leg,
  type Log,
  liveLegs,
  type Match,
  type Offer,
} from '../telephony/model.ts';
import type { LinkState } from '../telephony/ports.ts';
import { type Can, disabled, ENABLED, lineActions, wrapActions } from './actions.ts';
import { callOfLog, candidatesOf, subjectOf } from './log-rules.ts';
import { choosableCodes, openLog, runningWrap } from './log-state.ts';
import { isMatchable } from './matching.ts';
import type { SoftphoneSettings } from './ports.ts';
import { consultationAbout, peerOf, queueOf, subjectOfCall, type UserCall, userCalls } from './user-calls.ts';

/** What a line needs beside the model. */
export interface LineContext {
  userId: string;
  settings: SoftphoneSettings;
  linkOf(platformId: string): LinkState;
  /** This leg of the user is answered from the page: by its phone, or by telling his telephone to answer. */
  answerable(leg: Leg, platformId: string): boolean;
  pop(conversationId: string): Pop | undefined;
  /** What his layout pops when he asks for it. */
  popChoice(conversation: Conversation): Line['popChoice'];
  /** What was found by the number, as far as his layout shows it. */
  match(conversation: Conversation): (Line['match'] & { callId: string }) | undefined;
  /** What his layout shows of calls of this type. */
  fields(conversation: Conversation, type: Direction): readonly CallField[];
  pending(lineId: string): Line['pending'];
  /** Records that the agent opened during the call. */
  visited(conversationId: string): readonly RecordRef[];
  /** What the telephone system can do on behalf of this leg of the user: true, or why not. */
  can(legId: string, platformId: string, verb: Verb): Can;
  recording(callId: string): RecordingState;
  /** What people call a queue, also one of a telephone system that routes by itself. */
  queueLabel(queueId: string): string;
}

/** The user's lines in this conversation: none when he has no leg, wrap-up or open log in it. */
export function assembleLines(conversation: Conversation, context: LineContext): Line[] {
  return userCalls(conversation, context.userId).flatMap(
    (mine) => assembleLine(conversation, mine, context) ?? [],
  );
}

function assembleLine(conversation: Conversation, mine: UserCall, context: LineContext): Line | undefined {
  const { userId } = context;
  const { call, leg, parent, lineId } = mine;
  const own = parent === undefined;
  const wrap = own ? runningWrap(conversation, userId) : undefined;
  const log = own ? openLog(conversation, userId) : undefined;
  if (!leg && !wrap && !log) return undefined;

  const legs = myLegs(conversation, call.id, userId);
  const state = stateOf(conversation, call, userId, leg, wrap !== undefined);
  const incoming =
    leg !== undefined && call.userId !== userId && (state === 'alerting' || state === 'initiated');
  const offer = own ? liveOffer(conversation, userId) : undefined;
  const answered = answeredAt(conversation, call, userId);
  const muted = leg?.muted ?? false;
  const draft = log && assembleLog(conversation, log, context);
  const pop = own ? context.pop(conversation.id) : undefined;
  const queue = queueOf(conversation, call, userId, context.queueLabel);
  const cause = leg ? undefined : (legs.at(-1)?.cause ?? call.cause);
  const ended = call.endedAt ?? (leg ? undefined : legs.at(-1)?.clearedAt);
  const match = context.match(conversation);
  const name = peerName(conversation, call, userId, context.settings, match);
  const popChoice = own ? context.popChoice(conversation) : undefined;
  const fields = context.fields(conversation, call.direction);
  const present = presentLegs(conversation, call.id);
  const talking = present.filter((one) => one.joined).length;
  const recording = context.recording(call.id);
  const actions = lineActions({
    state,
    incoming,
    answerable: leg !== undefined && context.answerable(leg, call.platformId),
    joined: leg?.joined ?? false,
    muted,
    live: leg !== undefined,
    parties: present.length,
    consultation: !own,
    consulted: own && consultationAbout(conversation, call.id, userId) !== undefined,
    recording,
    can: (verb) => (leg ? context.can(leg.id, call.platformId, verb) : true),
    link: context.linkOf(call.platformId),
  });
  const about = aboutOf(conversation, call, own, context);
  const handedBy = handedByOf(call, userId, context.settings);
  return {
    id: lineId,
    conversationId: conversation.id,
    callId: call.id,
    purpose: call.purpose === 'consult' ? 'consult' : 'call',
    ...(parent === undefined ? {} : { parent }),
    platformId: call.platformId,
    ...(leg ? { legId: carrierOf(leg) } : {}),
    direction: call.direction,
    dialled: call.userId === userId,
    ...(call.callback ? { callback: true } : {}),
    state,
    ...(cause ? { cause } : {}),
    t: {
      started: call.startedAt,
      ...(answered === undefined ? {} : { answered }),
      ...(leg?.heldSince === undefined ? {} : { heldSince: leg.heldSince }),
      ...(ended === undefined ? {} : { ended }),
      ...(wrap?.endsAt === undefined ? {} : { wrapEndsAt: wrap.endsAt }),
    },
    ...(offer ? { offer: { id: offer.offerId, deadline: offer.deadline } } : {}),
    peer: peerOf(call, userId),
    ...(name ? { peerName: name } : {}),
    ...(about ? { about } : {}),
    dnis: call.dnis,
    ...(call.direction === 'outbound' && fields.includes('ANI') ? { ani: call.ani } : {}),
    ...(queue ? { queue } : {}),
    parties: partiesOf(conversation, call, actions.drop, context),
    ...supervisesOf(conversation, leg, context.settings),
    conference: talking > 2,
    muted,
    recording,
    ...(handedBy ? { handedBy } : {}),
    earlier: own ? earlierNotes(conversation, userId, context.settings) : [],
    fields: (['ANI', 'DNIS', 'QUEUE'] as const).filter((field) => fields.includes(field)),
    data: shownData(conversation, fields),
    match: matchOf(conversation, call, userId, match),
    ...(pop ? { pop } : {}),
    ...(popChoice ? { popChoice } : {}),
    ...(draft ? { log: draft } : {}),
    pending: context.pending(lineId),
    actions,
    ...(wrap
      ? {
          wrap: wrapActions(
            wrap,
            {
              disposition: log?.disposition ?? null,
              required: dispositionRequired(log, context.settings),
            },
            wrapExtensions(wrap.queueId, context.settings),
          ),
        }
      : {}),
  };
}

/** For somebody who is asked: the customer that it is about, as the one who asks sees him. */
function aboutOf(
  conversation: Conversation,
  call: Call,
  own: boolean,
  { userId, settings, match }: LineContext,
): Line['about'] {
  const subject = subjectOfCall(conversation, call);
  if (!own || subject === call || call.userId === userId) return undefined;
  const name = peerName(conversation, subject, userId, settings, match(conversation));
  return { peer: peerOf(subject, userId), ...(name ? { peerName: name } : {}), dnis: subject.dnis };
}

/** Who asks me about the call, or gave it to me. */
function handedByOf(call: Call, userId: string, settings: SoftphoneSettings): Line['handedBy'] {
  const by = (id: string, how: 'blind' | 'attended') => ({
    userId: id,
    name: settings.user(id)?.name ?? '',
    how,
  });
  if (call.purpose === 'consult' && call.userId && call.userId !== userId) return by(call.userId, 'attended');
  const giver = call.transfer?.byUserId;
  return giver && giver !== userId ? by(giver, 'blind') : undefined;
}

/** What others wrote who had this conversation, the first first. */
function earlierNotes(
  conversation: Conversation,
  userId: string,
  settings: SoftphoneSettings,
): EarlierNotes[] {
  return [...conversation.logs.values()]
    .filter((log) => log.userId !== userId && (log.comments !== '' || log.disposition !== null))
    .sort((a, b) => a.openedAt - b.openedAt)
    .map((log) => {
      const disposition = log.queueId
        ? settings.dispositions(log.queueId).find(({ id }) => id === log.disposition)?.label
        : undefined;
      return {
        userId: log.userId,
        name: settings.user(log.userId)?.name ?? '',
        at: log.openedAt,
        comments: log.comments,
        ...(disposition ? { disposition } : {}),
      };
    });
}

function liveOffer(conversation: Conversation, userId: string): Offer | undefined {
  return [...conversation.offers.values()].find(
    (offer) => offer.userId === userId && offer.ended === undefined,
  );
}

/** Where there is none to choose none can be asked for. */
function dispositionRequired(
  log: Pick<Log, 'queueId' | 'disposition'> | undefined,
  settings: SoftphoneSettings,
): boolean {
  if (log?.queueId === undefined || !settings.queue(log.queueId)?.dispositionRequired) return false;
  return choosableCodes(log, settings).length > 0;
}

function wrapExtensions(queueId: string | undefined, settings: SoftphoneSettings): number {
  const rules =
    (queueId === undefined ? undefined : settings.queue(queueId)?.agentRules) ?? DEFAULT_AGENT_RULES;
  return rules.wrapExtensions;
}

/** When the user and the other party were first connected: reattaching changes nothing about it. */
export function answeredAt(conversation: Conversation, call: Call, userId: string): number | undefined {
  const mine = myLegs(conversation, call.id, userId).find((leg) => leg.joined);
  if (!mine) return undefined;
  const other = [...conversation.legs.values()].find(
    (leg) => leg.callId === call.id && leg.joined && leg.userId !== userId,
  );
  return (
    Math.max(mine.connectedAt ?? 0, call.direction === 'inbound' ? 0 : (other?.connectedAt ?? 0)) || undefined
  );
}

function myLegs(conversation: Conversation, callId: string, userId: string): Leg[] {
  return [...conversation.legs.values()].filter(
    (leg) => leg.callId === callId && leg.userId === userId && leg.role === 'agent',
  );
}

function stateOf(
  conversation: Conversation,
  call: Call,
  userId: string,
  leg: Leg | undefined,
  wrapping: boolean,
): Line['state'] {
  if (!leg) return wrapping ? 'wrap-up' : 'ended';
  if (leg.lost || (leg.replaces !== undefined && !leg.joined && leg.state !== 'held')) return 'reconnecting';
  if (leg.state === 'held') return 'held';
  if (call.userId === userId && !leg.joined)
    return otherAlerts(conversation, call, userId) ? 'alerting' : 'initiated';
  return leg.state === 'alerting' || leg.state === 'initiated' ? leg.state : 'connected';
}

function otherAlerts(conversation: Conversation, call: Call, userId: string): boolean {
  return liveLegs(conversation, call.id).some((leg) => leg.userId !== userId && leg.state === 'alerting');
}

/** Whoever is in the call, and not there to listen: a leg without sound does not count beside the one in its place. */
function presentLegs(conversation: Conversation, callId: string): Leg[] {
  return liveLegs(conversation, callId).filter(
    (leg, _index, all) =>
      leg.role !== 'supervisor' && (!leg.lost || !all.some((other) => other.replaces === leg.id)),
  );
}

function partiesOf(
  conversation: Conversation,
  call: Call,
  drop: Party['drop'],
  context: LineContext,
): Party[] {
  return presentLegs(conversation, call.id).map((leg) => {
    const me = leg.userId === context.userId;
    const name = partyName(conversation, call, leg, context);
    return {
      legId: leg.id,
      role: leg.role,
      me,
      ...(name ? { name } : {}),
      address: leg.address,
      state: leg.state,
      muted: leg.muted,
      drop: me ? disabled('wrong-state', {}, 'Hang up to leave the call yourself.') : drop,
    };
  });
}

function partyName(
  conversation: Conversation,
  call: Call,
  leg: Leg,
  { userId, settings, match }: LineContext,
): string | undefined {
  if (leg.userId) return settings.user(leg.userId)?.name;
  const customer = leg.address.value === peerOf(call, userId).value;
  return customer ? peerName(conversation, call, userId, settings, match(conversation)) : undefined;
}

/** The only record that matches, else what the caller's side says its name is; a colleague's own name. */
export function peerName(
  conversation: Conversation,
  call: Call,
  userId: string,
  settings: SoftphoneSettings,
  match: Pick<Match, 'callId' | 'records' | 'more'> | undefined,
): string | undefined {
  const colleague = [...conversation.legs.values()].find(
    (leg) => leg.callId === call.id && leg.role === 'agent' && leg.userId !== userId,
  );
  if (call.direction === 'internal') return colleague?.userId && settings.user(colleague.userId)?.name;
  const single =
    match?.callId === call.id && match.records.length === 1 && !match.more ? match.records[0] : undefined;
  return single?.name ?? call.callerName;
}

function matchOf(
  conversation: Conversation,
  call: Call,
  userId: string,
  match: ReturnType<LineContext['match']>,
): Line['match'] {
  const subject = call.userId === userId ? call : subjectOfCall(conversation, call);
  if (match?.callId === subject.id) return { status: match.status, records: match.records, more: match.more };
  const searching = subject.purpose === 'call' && isMatchable(peerOf(subject, userId));
  return { status: searching ? 'searching' : 'done', records: [], more: false };
}

/** The call data that the layout names, in its order. */
function shownData(conversation: Conversation, fields: readonly CallField[]): Line['data'] {
  const keys = fields.flatMap((field) => {
    if (field === 'data:*') return [...conversation.data.keys()];
    return field.startsWith('data:') ? [field.slice('data:'.length)] : [];
  });
  return [...new Set(keys)].flatMap((key) => {
    const item = conversation.data.get(key);
    return item ? [{ key, label: key, value: item.value, from: item.from }] : [];
  });
}

function refOf({ id, object, name, detail }: RecordRef): RecordRef {
  return { id, object, name, ...(detail ? { detail } : {}) };
}

function assembleLog(conversation: Conversation, log: Log, context: LineContext): LogDraft {
  const { settings } = context;
  const call = callOfLog(conversation, log);
  return {
    rev: log.rev,
    subject: call ? subjectOf(call.direction, log.userId === call.userId) : 'Call',
    comments: log.comments,
    disposition: log.disposition,
    dispositionRequired: dispositionRequired(log, settings),
    dispositions: choosableCodes(log, settings),
    who: log.who,
    what: log.what,
    candidates: candidatesOf(
      log,
      (context.match(conversation)?.records ?? []).map(refOf),
      context.visited(conversation.id),
    ),
    save: 'draft',
    edit: log.closedAt === undefined ? ENABLED : disabled('log-closed'),
  };
}

function supervisesOf(
  conversation: Conversation,
  leg: Leg | undefined,
  settings: SoftphoneSettings,
): Pick<Line, 'supervises'> {
  const { supervises } = leg ?? {};
  if (!supervises) return {};
  const userId = conversation.legs.get(supervises.legId)?.userId ?? '';
  return { supervises: { name: settings.user(userId)?.name ?? userId, mode: supervises.mode } };
}
