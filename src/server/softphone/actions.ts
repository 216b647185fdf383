/** Which button is enabled and, if not, why: pure, one place, the same for the page and for the command that arrives. */
import { CodedError, ERROR_CODES, type ErrorCode } from '../../protocol/errors.ts';
import type { Action, Line, RequestedState, Verb } from '../../protocol/softphone.ts';
import type { LinkState } from '../telephony/ports.ts';

export const ENABLED: Action = { enabled: true };

/** A button that is not: its code and sentence, or one that fits better. */
export function disabled(code: ErrorCode, data: Record<string, string> = {}, text?: string): Action {
  return { enabled: false, reason: code, text: text ?? new CodedError(code, data).message };
}

/** Throws the button's reason, so that a command and its button cannot disagree. */
export function refuseUnless(action: Action): void {
  if (action.enabled) return;
  const refusal = new CodedError(action.reason as ErrorCode);
  refusal.message = action.text;
  throw refusal;
}

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
  link: LinkState;
}

export function lineActions(line: LineFacts): Record<Verb, Action> {
  const wrong = disabled('wrong-state', { state: line.state });
  const allow = (when: boolean) => (when ? ENABLED : wrong);
  const ringing = line.incoming && line.live;
  const talking = line.state === 'connected' && line.joined;
  const actions: Record<Verb, Action> = {
    answer: ringing ? answer(line) : wrong,
    decline: allow(ringing),
    hangup: allow(line.live && !line.incoming),
    hold: allow(talking),
    retrieve: allow(line.state === 'held'),
    mute: allow((talking || line.state === 'held') && !line.muted),
    unmute: allow((talking || line.state === 'held') && line.muted),
    dtmf: allow(talking),
  };
  return line.link === 'up' ? actions : withoutSwitch(actions);
}

function answer(line: LineFacts): Action {
  return line.answerable ? ENABLED : disabled('not-capable', {}, 'Answer on your phone.');
}

/** While the telephone system is not connected no button of a call works; the call itself goes on. */
function withoutSwitch(actions: Record<Verb, Action>): Record<Verb, Action> {
  const down = disabled('switch-down');
  return Object.fromEntries(
    Object.entries(actions).map(([verb, action]) => [verb, action.enabled ? down : action]),
  ) as Record<Verb, Action>;
}

export function wrapActions(
  wrap: { endsAt?: number },
  log: { disposition: string | null; required: boolean },
): { finish: Action; extend: Action } {
  return {
    finish: log.required && log.disposition === null ? disabled('disposition-required') : ENABLED,
    extend: wrap.endsAt === undefined ? disabled('wrong-state', { state: 'without a time limit' }) : ENABLED,
  };
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
  /** He has a call, or an offer rings. */
  busy: boolean;
}

/** One line at a time: dialling needs a free line, a phone and an agent who is there. */
export function dialAction(user: UserFacts): Action {
  if (!user.mayCall) return disabled('not-allowed');
  if (user.link !== 'up') return disabled('switch-down');
  if (user.busy) return disabled('busy');
  if (!user.registered) return noPhone(user);
  if (user.requested === 'logged-out')
    return disabled('agent-not-ready', {}, 'You are logged out. Choose Ready or Not ready first.');
  return ENABLED;
}

export function stateAction(to: RequestedState, user: UserFacts): Action {
  if (!user.mayCall) return disabled('not-allowed');
  if (to === 'ready' && !user.registered) return noPhone(user);
  if (to === 'logged-out' && user.busy) return disabled('busy');
  return ENABLED;
}

function noPhone({ problem }: UserFacts): Action {
  return disabled('no-phone', { detail: problem ? sentenceOf(problem) : 'It is being connected.' });
}

/** What a page reports is a code of the catalogue, or a sentence already. */
function sentenceOf(problem: string): string {
  const code = ERROR_CODES.find((one) => one === problem);
  return code ? new CodedError(code).message : problem;
}
