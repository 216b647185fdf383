/** A user's softphone state from what others own: pure, so that a reload, a second tab and another device show the same. */
import type { Role } from '../../protocol/api.ts';
import type { Action, Line, Notice, RequestedState, SoftphoneState } from '../../protocol/softphone.ts';
import type { AgentView } from '../routing/ports.ts';
import type { Conversation } from '../telephony/model.ts';
import { dialAction, stateAction, type UserFacts } from './actions.ts';
import { assembleLines, type LineContext } from './assemble-line.ts';
import type { SoftphoneSettings } from './ports.ts';

export interface StateInput extends LineContext {
  epoch: string;
  now: number;
  /** The one of the user's device first. */
  platforms: SoftphoneState['platforms'];
  agent: AgentView;
  conversations: readonly Conversation[];
  phone: {
    /** The chosen device can be rung. */
    registered: boolean;
    isRegistered(kind: 'browser' | 'sip' | 'pbx', username: string): boolean;
    audioTab?: string;
    problem?: string;
  };
  /** What is parked on these platforms, with this button. */
  parked(platformIds: ReadonlySet<string>, pickUp: Action): SoftphoneState['parked'];
  personal: SoftphoneState['settings'];
  previous: SoftphoneState['previous'];
  notices: readonly Notice[];
  /** Where the user sits, when that is known. */
  siteCountry: string | undefined;
}

/** `rev` is 0: whoever sends the state numbers it. @throws when the user does not exist. */
export function assembleState(input: StateInput): SoftphoneState {
  const { settings, agent, userId, phone } = input;
  const user = settings.user(userId);
  if (!user) throw new Error(`there is no user ${userId}`);
  const lines = allLines(input);
  const device = settings.chosenDevice(userId);
  const facts = userFacts(input, lines, user.roles);
  const reason = agent.requested.reason;
  const dial = dialAction(facts);
  return {
    v: 1,
    rev: 0,
    epoch: input.epoch,
    serverNow: input.now,
    user: {
      id: user.id,
      name: user.name,
      locale: user.locale,
      zone: user.zone,
      country: user.country,
      ...(input.siteCountry ? { siteCountry: input.siteCountry } : {}),
      roles: [...user.roles],
    },
    platforms: input.platforms,
    agent: {
      shown: agent.shown,
      since: agent.since,
      ...(reason ? { reason: reasonLabel(reason, settings) } : {}),
      requested: { state: agent.requested.state, ...(reason ? { reason } : {}) },
      ...pendingOf(input),
      choices: CHOICES.map(({ state, label }) => choice(state, label, facts, input)),
    },
    phone: {
      deviceId: device.id,
      kind: device.kind,
      label: device.label,
      devices: settings.devicesOf(userId).map(({ id, kind, label, control, username = '' }) => ({
        id,
        kind,
        label,
        control,
        registered: phone.isRegistered(kind, username),
      })),
      ...(phone.audioTab ? { audioTab: phone.audioTab } : {}),
      registered: phone.registered,
      ...(phone.problem ? { problem: phone.problem } : {}),
    },
    lines,
    dial,
    parked: input.parked(new Set(input.platforms.map(({ id }) => id)), dial),
    settings: input.personal,
    previous: input.previous,
    notices: [...input.notices],
  };
}

/** What he is to be after the call, or when the telephone system that rules over his state has confirmed it. */
function pendingOf({ agent, settings, platforms }: StateInput): Pick<SoftphoneState['agent'], 'pending'> {
  const { pending, authority } = agent;
  if (!pending) return {};
  const { state, reason, since } = pending;
  const platform = platforms.find(({ id }) => id === authority)?.label ?? 'the telephone system';
  return {
    pending: {
      state,
      ...(reason ? { reason: reasonLabel(reason, settings) } : {}),
      since,
      ...(authority === undefined ? {} : { platform }),
    },
  };
}

/** Of ours by its id; another's reason is its own words. */
function reasonLabel(reason: string, settings: SoftphoneSettings): string {
  return settings.reasons().find(({ id }) => id === reason)?.label ?? reason;
}

/** In the order in which the conversations began, a consultation after what it is about; ended ones stay until their log is closed. */
function allLines(input: LineContext & { conversations: readonly Conversation[] }): Line[] {
  return [...input.conversations]
    .sort((a, b) => a.startedAt - b.startedAt || a.id.localeCompare(b.id))
    .flatMap((conversation) => assembleLines(conversation, input));
}

/** What the agent's own buttons depend on. */
function userFacts(input: StateInput, lines: readonly Line[], roles: readonly Role[]): UserFacts {
  const { registered, problem } = input.phone;
  const live = lines.filter((line) => line.legId !== undefined);
  return {
    mayCall: roles.some((role) => role !== 'administrator'),
    requested: input.agent.requested.state,
    registered,
    ...(problem ? { problem } : {}),
    link: input.platforms[0]?.link ?? 'down',
    ringing:
      input.agent.offer !== undefined ||
      live.some((line) => line.state === 'alerting' || line.state === 'initiated'),
    lines: live.length,
  };
}

const CHOICES: { state: RequestedState; label: string }[] = [
  { state: 'ready', label: 'Ready' },
  { state: 'not-ready', label: 'Not ready' },
  { state: 'logged-out', label: 'Logged out' },
];

function choice(
  state: RequestedState,
  label: string,
  facts: UserFacts,
  { settings, userId }: StateInput,
): SoftphoneState['agent']['choices'][number] {
  const { required, reasons } =
    state === 'ready' ? { required: false, reasons: [] } : settings.reasonChoices(userId, state);
  return { state, label, action: stateAction(state, facts), reasonRequired: required, reasons };
}
