/** Which button is enabled and, if not, why: pure, one place, the same for the page and for the command that arrives. */
import { CodedError, ERROR_CODES, type ErrorCode, sentenceOf } from '../../protocol/errors.ts';
import type { Action, Line, RecordingState, RequestedState, Verb } from '../../protocol/softphone.ts';
import { type LinkState, MAX_PARTIES } from '../telephony/ports.ts';

export const ENABLED: Action = { enabled: true };

/** A button that is not: its code and sentence, or one that fits better. */
export function disabled(code: ErrorCode, data: Record<string, string> = {}, text?: string): Action {
  return { enabled: false, reason: code, text: text ?? sentenceOf(code, data) };
}

/** Throws the button's reason, so that a command and its button cannot disagree. */
export function refuseUnless(action: Action): void {
  if (action.enabled) return;
  const refusal = new CodedError(action.reason as ErrorCode);
  refusal.message = action.text;
  throw refusal;
}

/** Whether the telephone system can: if not the reason, with a sentence of its own where it has said one. */
export type Can = true | ErrorCode | { code: ErrorCode; text: string };

/** What the buttons of a line depend on. */
export interface LineFacts {
  state: Line['state'];
  /** It rings and I am the one who answers. */
  incoming: boolean;
  /** The device can be answered from here. */
  answerable: boolean;
  /** My leg is connected with the other party. */
  joined: boolean;
  muted: boolean;
  /** I have a leg that the switch has. */
  live: boolean;
  /** How many are in the call, I included. */
  parties: number;
  /** It is my consultation about another line of mine. */
  consultation: boolean;
  /** A consultation of mine is about this line. */
  consulted: boolean;
  recording: RecordingState;
  /** What the telephone system, the device and the settings allow: true, or the code of what is missing. */
  can(verb: Verb): Can;
  link: LinkState;
}

/**
 * One action for each verb. What is said first: the telephone system is away (only of what could be done else), the call's
 * state, what the telephone system cannot do.
 */
export function lineActions(line: LineFacts): Record<Verb, Action> {
  const wrong = disabled('wrong-state', { state: line.state });
  const allow = (when: boolean) => (when ? ENABLED : wrong);
  const ringing = line.incoming && line.live;
  const talking = line.state === 'connected' && line.joined;
  const mine = talking || (line.state === 'held' && line.live);
  const actions: Record<Verb, Action> = {
    answer: ringing ? answer(line) : wrong,
    decline: allow(ringing),
    hangup: allow(line.live && !line.incoming),
    hold: allow(talking),
    retrieve: allow(line.state === 'held'),
    mute: allow(mine && !line.muted),
    unmute: allow(mine && line.muted),
    dtmf: allow(talking),
    transfer: mine ? handOver(line) : wrong,
    consult: mine ? consult(line) : wrong,
    complete: atConsultation(line, line.live ? ENABLED : wrong),
    cancel: atConsultation(line, line.live ? ENABLED : wrong),
    conference: atConsultation(line, line.joined ? ENABLED : NOT_ANSWERED),
    drop: mine && line.parties > 2 ? ENABLED : mine ? NO_CONFERENCE : wrong,
    park: mine ? park(line) : wrong,
    record: allow(talking && (line.recording === 'off' || line.recording === 'failed')),
    'record.pause': allow(mine && line.recording === 'on'),
    'record.resume': allow(mine && line.recording === 'paused'),
  };
  const capable = mapActions(actions, (action, verb) => withCapability(action, verb, line));
  return line.link === 'up' ? capable : withoutSwitch(capable);
}

const NOT_ANSWERED = disabled('wrong-state', {}, 'Wait until the call is answered, or cancel.');
const NO_CONFERENCE = disabled('wrong-state', {}, 'There are only two of you: hang up instead.');

function answer(line: LineFacts): Action {
  return line.answerable ? ENABLED : disabled('not-capable', {}, 'Lift the handset of your phone.');
}

/** What gives the caller away: not while somebody is asked about him. */
function handOver(line: LineFacts): Action {
  if (line.consulted || line.consultation) return disabled('consulting');
  return line.parties > 2 ? disabled('wrong-state', { state: 'a conference' }) : ENABLED;
}

function consult(line: LineFacts): Action {
  if (line.consulted || line.consultation) return disabled('consulting');
  return line.parties >= MAX_PARTIES ? disabled('too-many', { limit: `${MAX_PARTIES} parties` }) : ENABLED;
}

function park(line: LineFacts): Action {
  return handOver(line);
}

function atConsultation(line: LineFacts, action: Action): Action {
  return line.consultation ? action : disabled('wrong-state', {}, 'You have asked nobody about this call.');
}

/** Whether calls are recorded at all is said in every state: pages then show no such button. */
function withCapability(action: Action, verb: Verb, line: LineFacts): Action {
  const can = line.can(verb);
  if (can === true) return action;
  if (!action.enabled && !verb.startsWith('record')) return action;
  return typeof can === 'string' ? disabled(can) : disabled(can.code, {}, can.text);
}

function mapActions(
  actions: Record<Verb, Action>,
  map: (action: Action, verb: Verb) => Action,
): Record<Verb, Action> {
  const entries = Object.entries(actions).map(([verb, action]) => [verb, map(action, verb as Verb)]);
  return Object.fromEntries(entries) as Record<Verb, Action>;
}

/** While the telephone system is not connected no button of a call works; the call itself goes on. */
function withoutSwitch(actions: Record<Verb, Action>): Record<Verb, Action> {
  const down = disabled('switch-down');
  return mapActions(actions, (action) => (action.enabled ? down : action));
}

/** @param maxExtensions how often more time may be taken. */
export function wrapActions(
  wrap: { endsAt?: number; extensions?: number },
  log: { disposition: string | null; required: boolean },
  maxExtensions = Number.POSITIVE_INFINITY,
): { finish: Action; extend: Action } {
  return {
    finish: log.required && log.disposition === null ? disabled('disposition-required') : ENABLED,
    extend: moreTime(wrap, maxExtensions),
  };
}

function moreTime(
  { endsAt, extensions = 0 }: { endsAt?: number; extensions?: number },
  most: number,
): Action {
  if (endsAt === undefined) return disabled('wrong-state', { state: 'without a time limit' });
  if (extensions < most) return ENABLED;
  return disabled(
    'too-many',
    {},
    most === 0 ? 'This queue gives no more time.' : 'You have taken all the time that the queue gives.',
  );
}

/** What dialling and the agent's states depend on. */
export interface UserFacts {
  /** His roles let him take and make calls: an administrator alone sets up, and does not talk. */
  mayCall: boolean;
  requested: RequestedState;
  /** His phone can be rung now; else `problem` says what is wrong. */
  registered: boolean;
  problem?: string;
  link: LinkState;
  /** A call rings at him, or one of his own is not answered yet. */
  ringing: boolean;
  /** How many calls he has. */
  lines: number;
}

/** The most calls one user can have at a time. */
export const MAX_LINES = 4;

/** Dialling needs a free line, a phone and an agent who is there; a call that he talks on goes on hold. */
export function dialAction(user: UserFacts): Action {
  if (!user.mayCall) return disabled('not-allowed');
  if (user.link !== 'up') return disabled('switch-down');
  if (user.ringing) return disabled('busy');
  if (user.lines >= MAX_LINES) return disabled('too-many', { limit: `${MAX_LINES} calls` });
  if (!user.registered) return noPhone(user);
  if (user.requested === 'logged-out')
    return disabled('agent-not-ready', {}, 'You are logged out. Choose Ready or Not ready first.');
  return ENABLED;
}

export function stateAction(to: RequestedState, user: UserFacts): Action {
  if (!user.mayCall) return disabled('not-allowed');
  if (to === 'ready' && !user.registered) return noPhone(user);
  return ENABLED;
}

function noPhone({ problem }: UserFacts): Action {
  return disabled('no-phone', { detail: problem ? wordsOf(problem) : 'It is being connected.' });
}

/** What a page reports is a code of the catalogue, or a sentence already. */
function wordsOf(problem: string): string {
  const code = ERROR_CODES.find((one) => one === problem);
  return code ? sentenceOf(code) : problem;
}
