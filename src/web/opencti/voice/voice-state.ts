/**
 * What a connector has told of itself and its calls: a pure function of its events.
 *
 *     connecting ─┬─ SHOW_STORAGE_ACCESS ──► storage-access ─┐
 *                 ├─ SHOW_LOGIN ──► login ◄──────────────────┤ STORAGE_ACCESS_RESULT with showLogin
 *                 └─ CONNECTOR_READY ──► ready ◄─────────────┴── login, then CONNECTOR_READY
 *     ready ── LOGOUT_RESULT ──► login          no answer at all ──► failed
 *
 *     a call:         ringing ── CALL_CONNECTED ──► connected ── HANGUP ──► gone, wrap-up until it is done
 *     a participant:  transferring ── PARTICIPANT_CONNECTED ──► transferred ── PARTICIPANT_REMOVED ──► gone
 */
import { VoiceCall, VoiceContact, type VoicePhone } from '../../../protocol/voice.ts';
import { errorText } from './error-texts.ts';

export type VoicePhase = 'connecting' | 'storage-access' | 'login' | 'ready' | 'failed';

export interface VoiceState {
  phase: VoicePhase;
  /** Of the connector's page, in pixels, while it is shown; undefined: as high as there is room. */
  loginHeight: number | undefined;
  capabilities: Record<string, boolean>;
  phones: VoicePhone[];
  selectedPhone: VoicePhone | undefined;
  /** As the vendor names it; undefined until he has said it. */
  agentStatus: string | undefined;
  /** Calls and participants, the first one first. */
  calls: VoiceCall[];
  muted: boolean;
  recordingPaused: boolean;
  /** The call that ended last, until its wrap-up is done. */
  wrapUp: VoiceCall | undefined;
  /** The vendor's phone book, as far as it was searched. */
  contacts: VoiceContact[];
  /** What went wrong last. */
  error: { code: string; text: string } | undefined;
}

export const NEW_VOICE: VoiceState = {
  phase: 'connecting',
  loginHeight: undefined,
  capabilities: {},
  phones: [],
  selectedPhone: undefined,
  agentStatus: undefined,
  calls: [],
  muted: false,
  recordingPaused: false,
  wrapUp: undefined,
  contacts: [],
  error: undefined,
};

/** An event of the vendor's, and what it carries. */
export interface VoiceEvent {
  type: string;
  payload: unknown;
}

type Fields = Record<string, unknown>;
type Apply = (state: VoiceState, fields: Fields, payload: unknown) => VoiceState;

const EVENTS: Record<string, Apply> = {
  SHOW_STORAGE_ACCESS: (state) => ({ ...state, phase: 'storage-access' }),
  STORAGE_ACCESS_RESULT: (state, { success, showLogin, loginFrameHeight }) =>
    success === true
      ? {
          ...state,
          phase: showLogin === true ? 'login' : 'connecting',
          loginHeight: height(loginFrameHeight),
        }
      : fail(state, 'STORAGE_ACCESS_DENIED'),
  SHOW_LOGIN: (state, { loginFrameHeight, isSilentLogin }) => ({
    ...state,
    phase: isSilentLogin === true ? 'connecting' : 'login',
    loginHeight: height(loginFrameHeight),
  }),
  LOGIN_STARTED: (state) => ({ ...state, error: undefined }),
  LOGIN_RESULT: (state, { success }) =>
    success === true ? { ...state, phase: 'connecting', error: undefined } : fail(state, 'CAN_NOT_LOG_IN'),
  LOGOUT_RESULT: (state, { success, loginFrameHeight }) =>
    success === true
      ? { ...NEW_VOICE, phase: 'login', loginHeight: height(loginFrameHeight) }
      : fail(state, 'CAN_NOT_LOG_OUT'),

  QUEUED_CALL_STARTED: started,
  CALL_STARTED: started,
  CALL_CONNECTED: (state, _, payload) => put(state, payload, 'connected'),
  CALL_UPDATED: (state, fields, payload) => put(state, fields.call ?? payload),
  CALL_FAILED: (state) => fail(state, 'CALL_FAILED'),
  HANGUP: (state, _, payload) => hangUp(state, payload),
  PARTICIPANT_ADDED: (state, fields) => participant(state, fields, 'transferring'),
  PARTICIPANT_CONNECTED: (state, fields) => participant(state, fields, 'transferred'),
  PARTICIPANT_REMOVED: (state, _, payload) => removeParticipant(state, payload),
  MUTE_TOGGLE: (state, { isMuted }) => ({ ...state, muted: isMuted === true }),
  RECORDING_TOGGLE: (state, { isRecordingPaused }) => ({
    ...state,
    recordingPaused: isRecordingPaused === true,
  }),
  HOLD_TOGGLE: hold,
  SUPERVISOR_CALL_STARTED: (state, _, payload) => put(state, payload, 'ringing'),
  SUPERVISOR_CALL_CONNECTED: (state, _, payload) => put(state, payload, 'connected'),
  SUPERVISOR_BARGED_IN: (state, _, payload) => put(state, payload, 'connected'),
  SUPERVISOR_HANGUP: (state, _, payload) => remove(state, idsIn(payload)),

  AFTER_CALL_WORK_STARTED: (state) => ({ ...state, agentStatus: 'AfterCallWork' }),
  WRAP_UP_ENDED: (state) => ({ ...state, wrapUp: undefined }),

  SET_AGENT_STATUS: (state, { statusId }) => ({ ...state, agentStatus: text(statusId) ?? state.agentStatus }),
  GET_AGENT_STATUS: status,
  GET_AGENT_STATUS_RESULT: status,
  STATE_CHANGE: (state, { newVendorStateInfo }) => status(state, fieldsOf(newVendorStateInfo)),
  SET_AGENT_STATUS_RESULT: (state, { success }) =>
    success === true ? state : fail(state, 'CAN_NOT_SET_AGENT_STATUS'),
  AGENT_CONFIG_UPDATED: (state, { success }) =>
    success === false ? fail(state, 'CAN_NOT_SET_AGENT_CONFIG') : state,
  PHONE_CONTACTS: contacts,
  GET_CONTACTS_RESULT: contacts,
  ERROR: (state, { message, customError }) => {
    const custom = fieldsOf(customError);
    const code = text(message) ?? text(custom.labelName) ?? 'GENERIC_ERROR';
    return QUIET.includes(code) ? state : fail(state, code, text(custom.message));
  },
  WARNING: (state, { message }) => fail(state, text(message) ?? 'WARNING'),
  INFO: (state, { message }) => fail(state, text(message) ?? 'INFO'),
};

/** What nobody has asked for: many connectors have no phone book, and name no status. The live traffic has it. */
const QUIET = ['CAN_NOT_GET_AGENT_STATUS', 'CAN_NOT_GET_PHONE_CONTACTS'];

/** Events that only others than the panel look at: they change nothing here. */
const HEARD = ['MESSAGE', 'REMOTE_CONTROLLER', 'SIGNED_RECORDING_URL', 'UPDATE_AUDIO_STATS', 'AUDIO_STATS'];
const ALSO_HEARD = [
  'UPDATE_AUDIO_STATS_COMPLETED',
  'SHOW_TRANSFER_VIEW',
  'GET_AUDIO_DEVICES',
  'CALL_BARGED_IN',
  'AFTER_CONVERSATION_WORK_STARTED',
  'AFTER_CONVERSATION_WORK_ENDED',
];

/** Names of all events that are understood, for the tests and for the live traffic. */
export const VOICE_EVENTS = [...Object.keys(EVENTS), ...HEARD, ...ALSO_HEARD];

/** The state after an event; an unknown one changes nothing. */
export function applyVoiceEvent(state: VoiceState, { type, payload }: VoiceEvent): VoiceState {
  const apply = Object.hasOwn(EVENTS, type) ? EVENTS[type] : undefined;
  return apply ? apply(state, fieldsOf(payload), payload) : state;
}

/** The call that everything is about: the first that is no participant. */
export function mainCall({ calls }: VoiceState): VoiceCall | undefined {
  return calls.find((call) => !isParticipant(call)) ?? calls[0];
}

export function isParticipant({ callType }: VoiceCall): boolean {
  return callType?.toLowerCase() === 'addparticipant';
}

export function isInbound({ callType }: VoiceCall): boolean {
  return ['inbound', 'transfer', 'callback'].includes(callType?.toLowerCase() ?? '');
}

/** The number of a call, wherever the vendor has put it. */
export function numberOf({ phoneNumber, contact }: VoiceCall): string {
  return phoneNumber ?? contact?.phoneNumber ?? contact?.extension ?? '';
}

function started(state: VoiceState, _: Fields, payload: unknown): VoiceState {
  return { ...put(state, payload, 'ringing'), wrapUp: undefined, error: undefined };
}

/** Adds the call or changes it; what the vendor does not say again stays. `as` holds where he does not say its state. */
function put(state: VoiceState, payload: unknown, as?: string): VoiceState {
  const read = VoiceCall.safeParse(payload);
  if (!read.success) return state;
  const before = state.calls.find(({ callId }) => callId === read.data.callId);
  const { callId } = read.data;
  const now = as ?? read.data.state ?? before?.state;
  const call: VoiceCall = { ...before, ...defined(read.data), callId, state: now };
  const calls = before ? state.calls.map((one) => (one === before ? call : one)) : [...state.calls, call];
  const { isMuted, isRecordingPaused } = read.data.callInfo ?? {};
  return {
    ...state,
    calls,
    muted: isMuted ?? (before ? state.muted : false),
    recordingPaused: isRecordingPaused ?? (before ? state.recordingPaused : false),
  };
}

/** @param fields of the participant's event: no call, but parts of one. */
function participant(state: VoiceState, fields: Fields, as: string): VoiceState {
  const main = mainCall(state);
  const last = state.calls.findLast(isParticipant);
  const callId = text(fields.callId) ?? last?.callId;
  const rest =
    fields.initialCallHasEnded === true && main && !isParticipant(main)
      ? remove(state, [main.callId])
      : state;
  if (callId === undefined) return rest;
  const { phoneNumber, contact, callInfo, callAttributes } = fields;
  const call = { callId, callType: 'AddParticipant', phoneNumber, contact, callInfo, callAttributes };
  return put(rest, call, as);
}

function removeParticipant(state: VoiceState, payload: unknown): VoiceState {
  const ids = idsIn(payload);
  const last = state.calls.findLast(isParticipant);
  return remove(state, ids.length > 0 ? ids : last ? [last.callId] : []);
}

/** Without a call of the agent's own, nothing is left of a conference. No call named: all. */
function hangUp(state: VoiceState, payload: unknown): VoiceState {
  const named = idsIn(payload);
  const ids = named.length > 0 ? named : state.calls.map(({ callId }) => callId);
  const ended = state.calls.find((call) => ids.includes(call.callId) && !isParticipant(call));
  const left = remove(state, ids);
  const rest = left.calls.every(isParticipant) ? { ...left, calls: [] } : left;
  return { ...rest, error: undefined, wrapUp: ended?.state === 'connected' ? ended : rest.wrapUp };
}

function remove(state: VoiceState, ids: readonly string[]): VoiceState {
  return { ...state, calls: state.calls.filter(({ callId }) => !ids.includes(callId)) };
}

function hold(state: VoiceState, { isCustomerOnHold, isThirdPartyOnHold, calls }: Fields): VoiceState {
  const said = new Map(callsIn(calls).map((call) => [call.callId, call]));
  return {
    ...state,
    calls: state.calls.map((call) => {
      const now = said.get(call.callId);
      const held = now?.callAttributes?.isOnHold ?? now?.callInfo?.isOnHold;
      const whole = isParticipant(call) ? isThirdPartyOnHold : isCustomerOnHold;
      const isOnHold = held ?? (typeof whole === 'boolean' ? whole : call.callInfo?.isOnHold);
      return {
        ...call,
        ...(now && defined(now)),
        callId: call.callId,
        callInfo: { ...call.callInfo, ...now?.callInfo, isOnHold },
      };
    }),
  };
}

function status(state: VoiceState, { statusName, statusType, statusId }: Fields): VoiceState {
  return {
    ...state,
    agentStatus: text(statusType) ?? text(statusName) ?? text(statusId) ?? state.agentStatus,
  };
}

function contacts(state: VoiceState, { contacts: given }: Fields): VoiceState {
  const list = Array.isArray(given) ? (given as unknown[]) : [];
  return { ...state, contacts: list.flatMap(readContact) };
}

function fail(state: VoiceState, code: string, said?: string): VoiceState {
  return { ...state, error: { code, text: said ?? errorText(code) } };
}

/** Calls come alone, in a list, or in a map by their id. */
function callsIn(payload: unknown): VoiceCall[] {
  const alone = VoiceCall.safeParse(payload);
  if (alone.success) return [alone.data];
  if (typeof payload !== 'object' || payload === null) return [];
  return Object.values(payload).flatMap((one: unknown) => VoiceCall.safeParse(one).data ?? []);
}

function idsIn(payload: unknown): string[] {
  return callsIn(payload).map(({ callId }) => callId);
}

function fieldsOf(payload: unknown): Fields {
  return typeof payload === 'object' && payload !== null ? (payload as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function height(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? Math.min(value, 2_560) : undefined;
}

function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<T>;
}

function readContact(given: unknown): VoiceContact[] {
  const read = VoiceContact.safeParse(given);
  return read.success ? [read.data] : [];
}
