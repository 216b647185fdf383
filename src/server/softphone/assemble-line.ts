/** One line of a user's softphone, from the conversation's model: pure. */
import type { Address } from '../../protocol/address.ts';
import type { Line, LogDraft, Party, Pop } from '../../protocol/softphone.ts';
import {
  agentLeg,
  type Call,
  type Conversation,
  isLive,
  type Leg,
  liveLegs,
  type Log,
  type Offer,
} from '../telephony/model.ts';
import type { LinkState } from '../telephony/ports.ts';
import { disabled, ENABLED, lineActions, wrapActions } from './actions.ts';
import { candidatesOf, subjectOf } from './log-rules.ts';
import { isMatchable } from './matching.ts';
import type { SoftphoneSettings } from './ports.ts';
import type { RecordRef } from '../../protocol/facts.ts';

/** What a line needs beside the model. */
export interface LineContext {
  userId: string;
  settings: SoftphoneSettings;
  linkOf(platformId: string): LinkState;
  /** The device of this id is answered from the page. */
  answerable(deviceId: string | undefined): boolean;
  pop(conversationId: string): Pop | undefined;
  pending(conversationId: string): Line['pending'];
  /** Records that the agent opened during the call. */
  visited(conversationId: string): readonly RecordRef[];
}

/** The user's line in this conversation, or undefined when he has no leg, wrap-up or open log in it. */
export function assembleLine(conversation: Conversation, context: LineContext): Line | undefined {
  const { userId } = context;
  const call = callOf(conversation, userId);
  if (!call) return undefined;
  const mine = myLegs(conversation, call.id, userId);
  const live = mine.filter(isLive);
  const leg = agentLeg(conversation, call.id, userId) ?? live.at(-1);
  const wrap = runningWrap(conversation, userId);
  const log = openLog(conversation, userId);
  if (!leg && !wrap && !log) return undefined;

  const state = stateOf(conversation, call, userId, leg, wrap !== undefined);
  const link = context.linkOf(call.platformId);
  const incoming =
    leg !== undefined && call.userId !== userId && (state === 'alerting' || state === 'initiated');
  const offer = liveOffer(conversation, userId);
  const answered = answeredAt(conversation, call, userId);
  const muted = leg?.muted ?? false;
  const draft = log && assembleLog(conversation, log, context);
  const pop = context.pop(conversation.id);
  const queue = queueOf(conversation, call, userId, context.settings);
  const cause = leg ? undefined : (mine.at(-1)?.cause ?? call.cause);
  const ended = call.endedAt ?? (leg ? undefined : mine.at(-1)?.clearedAt);
  const name = peerName(conversation, call, userId, context.settings);
  return {
    id: conversation.id,
    callId: call.id,
    platformId: call.platformId,
    ...(leg ? { legId: leg.id } : {}),
    direction: call.direction,
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
    dnis: call.dnis,
    ...(queue ? { queue } : {}),
    parties: partiesOf(conversation, call, context),
    muted,
    data: [...conversation.data].map(([key, { value, from }]) => ({ key, label: key, value, from })),
    match: matchOf(conversation, call, userId),
    ...(pop ? { pop } : {}),
    ...(draft ? { log: draft } : {}),
    pending: context.pending(conversation.id),
    actions: lineActions({
      state,
      incoming,
      answerable: context.answerable(leg?.deviceId),
      joined: leg?.joined ?? false,
      muted,
      live: leg !== undefined,
      link,
    }),
    ...(wrap
      ? {
          wrap: wrapActions(wrap, {
            disposition: log?.disposition ?? null,
            required: dispositionRequired(log, context.settings),
          }),
        }
      : {}),
  };
}

/** The user's call in the conversation: the one he has a leg in, else the one that he wraps up or logs. */
export function callOf(conversation: Conversation, userId: string): Call | undefined {
  const legs = [...conversation.legs.values()].filter((leg) => leg.userId === userId && leg.role === 'agent');
  const callId =
    legs.filter(isLive).at(-1)?.callId ??
    runningWrap(conversation, userId)?.callId ??
    openLog(conversation, userId)?.callId;
  return callId === undefined ? undefined : conversation.calls.get(callId);
}

/** The other party as this user sees it. */
export function peerOf(call: Call, userId: string): Address {
  return call.direction !== 'inbound' && call.userId === userId ? call.dnis : call.ani;
}

export function openLog(conversation: Conversation, userId: string): Log | undefined {
  const log = conversation.logs.get(userId);
  return log && log.closedAt === undefined ? log : undefined;
}

export function runningWrap(
  conversation: Conversation,
  userId: string,
): { callId: string; endsAt?: number } | undefined {
  const wrap = conversation.wraps.get(userId);
  return wrap && wrap.endedAt === undefined ? wrap : undefined;
}

function liveOffer(conversation: Conversation, userId: string): Offer | undefined {
  return [...conversation.offers.values()].find(
    (offer) => offer.userId === userId && offer.ended === undefined,
  );
}

function dispositionRequired(log: Pick<Log, 'queueId'> | undefined, settings: SoftphoneSettings): boolean {
  return log?.queueId !== undefined && (settings.queue(log.queueId)?.dispositionRequired ?? false);
}

/** When the user and the other party were first connected: reattaching changes nothing about it. */
function answeredAt(conversation: Conversation, call: Call, userId: string): number | undefined {
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

function partiesOf(conversation: Conversation, call: Call, { userId, settings }: LineContext): Party[] {
  const legs = liveLegs(conversation, call.id).filter(
    (leg, _index, all) => !leg.lost || !all.some((other) => other.replaces === leg.id),
  );
  return legs.map((leg) => {
    const name = leg.userId
      ? settings.user(leg.userId)?.name
      : peerName(conversation, call, userId, settings);
    return {
      legId: leg.id,
      role: leg.role,
      me: leg.userId === userId,
      ...(name ? { name } : {}),
      address: leg.address,
      state: leg.state,
    };
  });
}

/** The only record that matches, else what the caller's side says its name is. */
export function peerName(
  conversation: Conversation,
  call: Call,
  userId: string,
  settings: SoftphoneSettings,
): string | undefined {
  const colleague = [...conversation.legs.values()].find(
    (leg) => leg.callId === call.id && leg.role === 'agent' && leg.userId !== userId,
  );
  if (call.direction === 'internal') return colleague?.userId && settings.user(colleague.userId)?.name;
  const match = conversation.match;
  const single =
    match?.callId === call.id && match.records.length === 1 && !match.more ? match.records[0] : undefined;
  return single?.name ?? call.callerName;
}

function queueOf(
  conversation: Conversation,
  call: Call,
  userId: string,
  settings: SoftphoneSettings,
): Line['queue'] {
  const offer = [...conversation.offers.values()]
    .filter((o) => o.userId === userId && o.callId === call.id)
    .at(-1);
  const stay = offer && conversation.queueStays.get(offer.itemId);
  if (!offer || !stay) return undefined;
  return {
    id: stay.queueId,
    label: settings.queue(stay.queueId)?.label ?? stay.queueId,
    waitedMs: Math.max(0, offer.madeAt - stay.enteredAt),
  };
}

function matchOf(conversation: Conversation, call: Call, userId: string): Line['match'] {
  const match = conversation.match;
  if (match?.callId === call.id) return { status: match.status, records: match.records, more: match.more };
  return { status: isMatchable(peerOf(call, userId)) ? 'searching' : 'done', records: [], more: false };
}

function assembleLog(conversation: Conversation, log: Log, context: LineContext): LogDraft {
  const { settings } = context;
  const call = conversation.calls.get(log.callId);
  return {
    rev: log.rev,
    subject: call ? subjectOf(call.direction, log.userId === call.userId) : 'Call',
    comments: log.comments,
    disposition: log.disposition,
    dispositionRequired: dispositionRequired(log, settings),
    dispositions: log.queueId
      ? settings.dispositions(log.queueId).map(({ id, label }) => ({ id, label }))
      : [],
    who: log.who,
    what: log.what,
    candidates: candidatesOf(log, conversation.match?.records ?? [], context.visited(conversation.id)),
    save: 'draft',
    edit: log.closedAt === undefined ? ENABLED : disabled('log-closed'),
  };
}
