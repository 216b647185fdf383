/**
 * What we use of ARI's models and events, typed by hand from the `rest-api/*.json` that Asterisk 22 ships;
 * `ari-types.real.test.ts` compares them with those files.
 */
export type AriChannelState =
  | 'Down'
  | 'Rsrved'
  | 'OffHook'
  | 'Dialing'
  | 'Ring'
  | 'Ringing'
  | 'Up'
  | 'Busy'
  | 'Unknown';

export interface AriChannel {
  id: string;
  /** Such as `PJSIP/alice-0000002a`: technology, endpoint, serial number. */
  name: string;
  state: AriChannelState;
  caller: { name: string; number: string };
  dialplan: { context: string; exten: string; priority: number; app_name: string; app_data: string };
}

export interface AriBridge {
  id: string;
  name: string;
  channels: string[];
}

export interface AriEndpoint {
  technology: string;
  resource: string;
  state?: string;
}

export interface AriPlayback {
  id: string;
  target_uri: string;
  state: string;
}

/** A transfer that a phone asked for. `destination`: what was dialled; `protocol_id`: the dialog to be replaced (attended). */
export interface AriReferTo {
  requested_destination: { destination?: string; protocol_id?: string };
  /** The channel of that dialog, when it is one of this Asterisk. */
  destination_channel?: AriChannel;
}

/** Names of the fields of a model that we read, for the comparison. */
export const MODEL_FIELDS = {
  Channel: ['id', 'name', 'state', 'caller', 'dialplan'],
  Bridge: ['id', 'name', 'channels'],
  Endpoint: ['technology', 'resource', 'state'],
  Playback: ['id', 'target_uri', 'state'],
  StoredRecording: ['name', 'format'],
  RTPstat: ['txcount', 'rxcount', 'rxjitter', 'rxploss', 'txploss', 'rtt'],
  ReferTo: ['requested_destination', 'destination_channel'],
  ReferredBy: ['source_channel'],
  RequiredDestination: ['destination', 'protocol_id'],
} as const;

interface ChannelEvent<T extends string> {
  type: T;
  /** ISO 8601 with milliseconds and an offset without colon, such as `2026-01-05T09:00:00.123+0000`. */
  timestamp: string;
  channel: AriChannel;
}

interface Ending {
  /** Q.850 cause. */
  cause?: number;
  /** SIP status, where there was one. */
  tech_cause?: number;
}

export type AriEvent =
  | (ChannelEvent<'StasisStart'> & { args: string[] })
  | ChannelEvent<'StasisEnd'>
  | ChannelEvent<'ChannelStateChange'>
  | ChannelEvent<'ChannelDialplan'>
  | ChannelEvent<'ChannelHangupRequest'>
  | (ChannelEvent<'ChannelDestroyed'> & Ending)
  | (ChannelEvent<'ChannelDtmfReceived'> & { digit: string; duration_ms?: number })
  | ChannelEvent<'ChannelHold'>
  | ChannelEvent<'ChannelUnhold'>
  | (ChannelEvent<'ChannelEnteredBridge'> & { bridge: AriBridge })
  | (ChannelEvent<'ChannelLeftBridge'> & { bridge: AriBridge })
  | {
      type: 'ChannelTransfer';
      timestamp: string;
      refer_to: AriReferTo;
      referred_by: { source_channel: AriChannel };
    }
  | { type: 'Dial'; timestamp: string; peer: AriChannel; dialstatus: string }
  | { type: 'PlaybackFinished'; timestamp: string; playback: AriPlayback }
  | { type: 'EndpointStateChange'; timestamp: string; endpoint: AriEndpoint }
  | { type: 'ChannelUserevent'; timestamp: string; eventname: string }
  | { type: 'ApplicationReplaced'; timestamp: string };

/** The event types that we let Asterisk send: without this filter two thirds of the traffic is ChannelVarset. */
export const EVENT_TYPES: readonly AriEvent['type'][] = [
  'StasisStart',
  'StasisEnd',
  'ChannelStateChange',
  'ChannelDialplan',
  'ChannelHangupRequest',
  'ChannelDestroyed',
  'ChannelDtmfReceived',
  'ChannelHold',
  'ChannelUnhold',
  'ChannelEnteredBridge',
  'ChannelLeftBridge',
  'ChannelTransfer',
  'Dial',
  'PlaybackFinished',
  'EndpointStateChange',
  'ChannelUserevent',
  'ApplicationReplaced',
];

/** UTC milliseconds of an ARI timestamp, or `otherwise` when it is none. */
export function ariInstant(timestamp: string | undefined, otherwise: number): number {
  const at = Date.parse((timestamp ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? otherwise : at;
}
