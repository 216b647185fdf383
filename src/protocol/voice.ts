import { z } from 'zod';

/**
 * The service-cloud-voice contract (package `@salesforce/scv-connector-base`): what a connector's page says through its message
 * port. Records of the vendor's are kept whole, for they go back to him with the next command: only what is shown is checked.
 */

const line = z.string().max(1_000).nullish().catch(undefined);
const flag = z.boolean().nullish().catch(undefined);

/** Whom a call is with, or an entry of the vendor's phone book. */
export const VoiceContact = z.looseObject({
  id: line,
  type: line,
  name: line,
  phoneNumber: line,
  extension: line,
  description: line,
  availability: line,
});
export type VoiceContact = z.infer<typeof VoiceContact>;

/** What may be done with a call, and how it stands. What is absent is allowed. */
export const VoiceCallInfo = z.looseObject({
  isOnHold: flag,
  isMuted: flag,
  isRecordingPaused: flag,
  queueName: line,
  acceptEnabled: flag,
  declineEnabled: flag,
  muteEnabled: flag,
  swapEnabled: flag,
  conferenceEnabled: flag,
  holdEnabled: flag,
  recordEnabled: flag,
  addCallerEnabled: flag,
  extensionEnabled: flag,
  showMuteButton: flag,
  showRecordButton: flag,
  showAddCallerButton: flag,
  showAddBlindTransferButton: flag,
  showMergeButton: flag,
  showSwapButton: flag,
  endCallDisabled: flag,
  removeParticipantVariant: line,
});
export type VoiceCallInfo = z.infer<typeof VoiceCallInfo>;

export const VoiceCall = z.looseObject({
  callId: z.string().min(1).max(255),
  /** Inbound, Outbound, Callback, AddParticipant, … */
  callType: line,
  /** ringing, connected, transferring, transferred, ended. */
  state: line,
  phoneNumber: line,
  contact: VoiceContact.nullish().catch(undefined),
  callInfo: VoiceCallInfo.nullish().catch(undefined),
  callAttributes: z
    .looseObject({ participantType: line, isOnHold: flag, parentId: line })
    .nullish()
    .catch(undefined),
  reason: line,
  isReplayedCall: flag,
});
export type VoiceCall = z.infer<typeof VoiceCall>;

export const VoicePhone = z.looseObject({ type: z.string().max(40), number: line });
export type VoicePhone = z.infer<typeof VoicePhone>;

/** What a connector's page sends. */
export const VendorMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('CONNECTOR_READY'),
    payload: z
      .looseObject({
        agentConfig: z
          .looseObject({
            PHONES: z.array(VoicePhone).nullish().catch(undefined),
            SELECTED_PHONE: VoicePhone.nullish().catch(undefined),
          })
          .nullish()
          .catch(undefined),
        capabilities: z.record(z.string().max(80), z.unknown()).nullish().catch(undefined),
        callInProgress: VoiceCall.nullish().catch(undefined),
      })
      .nullish(),
  }),
  z.object({
    type: z.literal('TELEPHONY_EVENT_DISPATCHED'),
    payload: z.object({ telephonyEventType: z.string().max(80), telephonyEventPayload: z.unknown() }),
  }),
  z.object({
    type: z.literal('LOG'),
    payload: z.looseObject({ eventType: line, isError: flag }),
  }),
]);
export type VendorMessage = z.infer<typeof VendorMessage>;
