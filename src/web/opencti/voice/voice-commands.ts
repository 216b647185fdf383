/** What the desktop can say to a connector, and what may be said in a state: the vendor's capabilities and CallInfo decide. */
import type { VoiceCall, VoiceContact, VoicePhone } from '../../../protocol/voice.ts';
import { isInbound, isParticipant, mainCall, type VoiceState } from './voice-state.ts';

/** A message to the connector, as the contract has it. */
export type VoiceCommand =
  | { type: 'ACCEPT_CALL' | 'DECLINE_CALL' | 'MUTE' | 'UNMUTE' | 'HOLD' | 'RESUME'; call: VoiceCall }
  | { type: 'PAUSE_RECORDING' | 'RESUME_RECORDING' | 'WRAP_UP_CALL'; call: VoiceCall }
  | { type: 'SUPERVISE_CALL' | 'SUPERVISOR_BARGE_IN' | 'SUPERVISOR_DISCONNECT'; call: VoiceCall }
  | { type: 'END_CALL'; call: VoiceCall; agentStatus: string }
  | { type: 'SWAP_PARTICIPANTS'; callToHold: VoiceCall; callToResume: VoiceCall }
  | { type: 'CONFERENCE'; calls: VoiceCall[] }
  | { type: 'ADD_PARTICIPANT'; contact: VoiceContact; call: VoiceCall; isBlindTransfer: boolean }
  | { type: 'DIAL'; contact: VoiceContact; params: string[] }
  | { type: 'SEND_DIGITS'; digits: string }
  | {
      type: 'GET_PHONE_CONTACTS' | 'GET_CONTACTS';
      filter: { contains: string; limit: number; offset: number };
    }
  | {
      type: 'SET_AGENT_STATUS';
      agentStatus: string;
      statusInfo: Record<string, string>;
      enqueueNextState: boolean;
    }
  | { type: 'SET_AGENT_CONFIG'; config: { selectedPhone: VoicePhone } }
  | { type: 'GET_SIGNED_RECORDING_URL'; recordingUrl: string; vendorCallKey: string; callId: string }
  | { type: 'AGENT_AVAILABLE'; isAvailable: boolean }
  | { type: 'AGENT_WORK_EVENT'; agentWork: { workItemId: string; workId: string; workEvent: string } }
  | { type: 'MESSAGE'; message: unknown }
  | { type: 'GET_AGENT_STATUS' | 'LOGOUT' | 'DOWNLOAD_VENDOR_LOGS' | 'GET_AUDIO_DEVICES' };

/** Events that answer a command; ERROR and INFO answer each. Without an entry a command has no answer. */
export const ANSWERS: Partial<Record<VoiceCommand['type'], string[]>> = {
  ACCEPT_CALL: ['CALL_CONNECTED', 'CALL_STARTED'],
  DECLINE_CALL: ['HANGUP'],
  END_CALL: ['HANGUP', 'PARTICIPANT_REMOVED'],
  MUTE: ['MUTE_TOGGLE'],
  UNMUTE: ['MUTE_TOGGLE'],
  HOLD: ['HOLD_TOGGLE'],
  RESUME: ['HOLD_TOGGLE'],
  SWAP_PARTICIPANTS: ['HOLD_TOGGLE'],
  CONFERENCE: ['HOLD_TOGGLE'],
  PAUSE_RECORDING: ['RECORDING_TOGGLE'],
  RESUME_RECORDING: ['RECORDING_TOGGLE'],
  ADD_PARTICIPANT: ['PARTICIPANT_ADDED', 'PARTICIPANT_REMOVED'],
  DIAL: ['CALL_STARTED', 'QUEUED_CALL_STARTED', 'CALL_FAILED'],
  GET_PHONE_CONTACTS: ['PHONE_CONTACTS'],
  GET_CONTACTS: ['GET_CONTACTS_RESULT'],
  SET_AGENT_STATUS: ['SET_AGENT_STATUS_RESULT'],
  GET_AGENT_STATUS: ['GET_AGENT_STATUS_RESULT'],
  SET_AGENT_CONFIG: ['AGENT_CONFIG_UPDATED'],
  GET_SIGNED_RECORDING_URL: ['SIGNED_RECORDING_URL'],
  GET_AUDIO_DEVICES: ['GET_AUDIO_DEVICES'],
  LOGOUT: ['LOGOUT_RESULT'],
  SUPERVISE_CALL: ['SUPERVISOR_CALL_STARTED', 'SUPERVISOR_CALL_CONNECTED'],
  SUPERVISOR_BARGE_IN: ['SUPERVISOR_BARGED_IN'],
  SUPERVISOR_DISCONNECT: ['SUPERVISOR_HANGUP'],
};

export type VoiceVerb =
  | 'accept'
  | 'decline'
  | 'mute'
  | 'hold'
  | 'record'
  | 'add'
  | 'transfer'
  | 'digits'
  | 'swap'
  | 'merge'
  | 'remove'
  | 'end';

export interface VoiceButton {
  verb: VoiceVerb;
  label: string;
  enabled: boolean;
  /** What it says; undefined where it opens something first. */
  command: VoiceCommand | undefined;
}

/** The buttons of a call, in their order. */
export function voiceButtons(state: VoiceState, call: VoiceCall): VoiceButton[] {
  if (isParticipant(call)) return participantButtons(call);
  if (call.state === 'ringing') return isInbound(call) ? offerButtons(call) : [endButton(call)];
  return [...talkButtons(state, call), ...conferenceButtons(state, call), endButton(call)];
}

function offerButtons(call: VoiceCall): VoiceButton[] {
  const { acceptEnabled, declineEnabled } = call.callInfo ?? {};
  return [
    button('accept', 'Accept', acceptEnabled !== false, { type: 'ACCEPT_CALL', call }),
    button('decline', 'Decline', declineEnabled !== false, { type: 'DECLINE_CALL', call }),
  ];
}

function talkButtons({ capabilities, muted, recordingPaused }: VoiceState, call: VoiceCall): VoiceButton[] {
  const info = call.callInfo ?? {};
  const held = info.isOnHold === true;
  const found: (VoiceButton | false)[] = [
    capabilities.MUTE === true &&
      info.showMuteButton !== false &&
      button('mute', muted ? 'Unmute' : 'Mute', info.muteEnabled !== false, {
        type: muted ? 'UNMUTE' : 'MUTE',
        call,
      }),
    button('hold', held ? 'Resume' : 'Hold', info.holdEnabled !== false, {
      type: held ? 'RESUME' : 'HOLD',
      call,
    }),
    capabilities.RECORD === true &&
      info.showRecordButton !== false &&
      button(
        'record',
        recordingPaused ? 'Resume recording' : 'Pause recording',
        info.recordEnabled !== false,
        {
          type: recordingPaused ? 'RESUME_RECORDING' : 'PAUSE_RECORDING',
          call,
        },
      ),
    info.showAddCallerButton !== false &&
      button('add', 'Add caller', info.addCallerEnabled !== false, undefined),
    capabilities.BLIND_TRANSFER === true &&
      info.showAddBlindTransferButton !== false &&
      button('transfer', 'Transfer', info.addCallerEnabled !== false, undefined),
    capabilities.DIAL_PAD !== true && button('digits', 'Keypad', info.extensionEnabled !== false, undefined),
  ];
  return found.filter((one) => one !== false);
}

function conferenceButtons(state: VoiceState, call: VoiceCall): VoiceButton[] {
  const other = state.calls.find((one) => one.callId !== call.callId);
  if (!other) return [];
  const info = call.callInfo ?? {};
  const { capabilities } = state;
  const [callToHold, callToResume] = info.isOnHold === true ? [other, call] : [call, other];
  const found: (VoiceButton | false)[] = [
    capabilities.SWAP === true &&
      info.showSwapButton !== false &&
      button('swap', 'Swap', info.swapEnabled !== false, {
        type: 'SWAP_PARTICIPANTS',
        callToHold,
        callToResume,
      }),
    capabilities.MERGE === true &&
      info.showMergeButton !== false &&
      button('merge', 'Merge', info.conferenceEnabled !== false, {
        type: 'CONFERENCE',
        calls: [call, other],
      }),
  ];
  return found.filter((one) => one !== false);
}

function participantButtons(call: VoiceCall): VoiceButton[] {
  const { removeParticipantVariant: variant, isOnHold } = call.callInfo ?? {};
  const held = isOnHold === true;
  const remove = variant !== 'NEVER' && !(variant === 'ALWAYS_EXCEPT_ON_HOLD' && held);
  return [
    button(
      'hold',
      held ? 'Resume' : 'Hold',
      call.callInfo?.holdEnabled !== false && call.state === 'transferred',
      {
        type: held ? 'RESUME' : 'HOLD',
        call,
      },
    ),
    button('remove', 'Remove', remove, { type: 'END_CALL', call, agentStatus: 'Online' }),
  ];
}

function endButton(call: VoiceCall): VoiceButton {
  const command: VoiceCommand = { type: 'END_CALL', call, agentStatus: 'AfterCallWork' };
  return button('end', 'End call', call.callInfo?.endCallDisabled !== true, command);
}

function button(
  verb: VoiceVerb,
  label: string,
  enabled: boolean,
  command: VoiceCommand | undefined,
): VoiceButton {
  return { verb, label, enabled, command };
}

/** Adds somebody to the call that goes on, or gives it to him; calls him where there is none. */
export function callContact(state: VoiceState, contact: VoiceContact, blind: boolean): VoiceCommand {
  const call = mainCall(state);
  if (!call) return { type: 'DIAL', contact, params: [] };
  return { type: 'ADD_PARTICIPANT', contact, call, isBlindTransfer: blind };
}

/** A number as the contract's contact. */
export function numberContact(phoneNumber: string): VoiceContact {
  return { type: 'PhoneNumber', phoneNumber };
}
