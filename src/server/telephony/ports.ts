/**
 * The ports of a telephone system (DESIGN section 4). Methods are asynchronous, take ids that the caller chose and plain
 * data, and end within `deadlineMs` (default 5,000) with a result or a CodedError, so that a function call today can be a
 * message to another process tomorrow. Facts come up as events; the switch is the truth about legs.
 */
import type { Emitter } from '../../lib/emitter.ts';
import type { Address } from '../../protocol/address.ts';
import type { DeviceControl } from '../../protocol/api.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { ClearCause } from '../../protocol/facts.ts';

/** An outside number by a trunk, written as this trunk wants it. */
export interface TrunkEndpoint {
  kind: 'trunk';
  trunk: string;
  number: string;
  platformId?: string;
  /** The number that this trunk is to show, in place of the leg's own. */
  callerId?: string;
  /** Tried one after the other, as the same leg, when this one is down, full or congested (`withTrunks`). */
  otherwise?: readonly TrunkEndpoint[];
  /** It goes past every limit. */
  emergency?: true;
  /** Of an emergency call: where the caller is, as value of the SIP header Geolocation (RFC 6442). */
  geolocation?: string;
}

/** Where a leg's audio goes. */
export type Endpoint =
  /**
   * A device that was provisioned under this name, on this switch or, where `platformId` says so, on another one that is
   * reached through a link between the two (platforms/links.ts).
   */
  | { kind: 'device'; name: string; platformId?: string }
  /** An outside number, by the trunk of this name; of another platform's where `platformId` says so. */
  | TrunkEndpoint
  /** Any SIP address, such as `sip:100@127.0.0.1:5070`: tests and peers. */
  | { kind: 'sip'; uri: string };

/** What a party hears from us. */
export type Media =
  | { kind: 'sound'; name: string } // one that the switch ships, such as `queue-thankyou`
  /** Spoken by a speech engine, cached. `language`: BCP 47, default `en`. */
  | { kind: 'text'; text: string; language?: string }
  | { kind: 'file'; path: string } // 8 kHz mono WAV on this machine
  | { kind: 'tone'; name: 'ring' | 'busy' | 'congestion' };

/** What the switch does by itself with a leg when we have been silent for too long. */
export type FallbackTreatment = 'apology' | 'hangup';

export interface Originate {
  legId: string;
  endpoint: Endpoint;
  /** What the called device shows: number and name. */
  callerId: { number: string; name: string };
  /**
   * True lets the device answer at once, in the way that `answerBy` names: the called leg is told its id in the SIP header
   * `X-Crosspoint-Leg`, by which a browser phone knows it.
   */
  autoAnswer: boolean;
  /** How the device can be answered from here; `autoAnswer` uses it. Default `auto-answer-header`. */
  answerBy?: AnswerBy;
  /** Further SIP headers of the INVITE: `X-` names of at most 40 characters, printable ASCII values of at most 500. */
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds it may ring; then the leg is cleared with `no-answer`. */
  ringMs: number;
}

/**
 * How a ringing device takes the call without anybody touching it. `auto-answer-header`: told so in the INVITE (Call-Info
 * `answer-after=0` and Alert-Info; our browser phone by a header of its own). `talk-event`: told so while it rings (SIP NOTIFY
 * with `Event: talk`). `none`: it cannot.
 */
export type AnswerBy = 'auto-answer-header' | 'talk-event' | 'none';

/** What is asked of the switch for a device that is controlled like this. */
export function answerByOf(control: DeviceControl): AnswerBy {
  if (control === 'browser' || control === 'auto-answer') return 'auto-answer-header';
  return control === 'talk-event' ? 'talk-event' : 'none';
}

export interface DeadlineOption {
  deadlineMs?: number;
}

export interface LegInfo {
  legId: string;
  state: 'alerting' | 'connected' | 'initiated';
  /** `in`: it called us. */
  direction: 'in' | 'out';
  bridgeId?: string;
  /** Set for legs that arrived: everything that `leg.arrived` says. */
  arrival?: Arrival;
}

export interface SwitchSnapshot {
  legs: LegInfo[];
  bridges: { bridgeId: string; legIds: string[] }[];
  /** Recordings that the switch has: those that go on, and finished ones that nobody has deleted. */
  recordings: SwitchRecording[];
}

export interface SwitchRecording {
  recordingId: string;
  legId: string;
  state: 'recording' | 'paused' | 'finished';
}

export interface Arrival {
  /** Which door it came through: `trunk:NAME`, `device:NAME`, `web:NAME` (a visitor's browser) or `public`. */
  entry: string;
  ani: string;
  dnis: string;
  callerName?: string;
}

/** What the switch says. `at` is the switch's clock, UTC milliseconds. */
export type SwitchFact =
  | ({ type: 'leg.arrived'; legId: string; at: number } & Arrival)
  | { type: 'leg.alerting'; legId: string; at: number }
  /** A leg that we made hears something of its destination before the answer (SIP 183 with SDP): bridge it to let that be heard. */
  | { type: 'leg.early-media'; legId: string; at: number }
  | { type: 'leg.connected'; legId: string; at: number }
  /** The phone itself put the call on hold or took it back (re-INVITE). */
  | { type: 'leg.held'; legId: string; at: number }
  | { type: 'leg.retrieved'; legId: string; at: number }
  | { type: 'leg.digit'; legId: string; at: number; digit: string }
  /** The leg is gone, or the switch's fallback took it (`cause` fallback). Each leg that existed says this once. */
  | { type: 'leg.cleared'; legId: string; at: number; cause: ClearCause }
  | {
      type: 'playback.finished';
      legId: string;
      playbackId: string;
      at: number;
      outcome: 'done' | 'stopped' | 'failed';
    }
  /**
   * The phone asked us to transfer its call (SIP REFER), and waits for transferProgress(). `to` is what was dialled, without
   * domain; `replacesLegId` is set when it wants to be replaced in a second call of its own (attended transfer): that leg.
   */
  | { type: 'leg.transfer-requested'; legId: string; at: number; to: string; replacesLegId?: string }
  /** The last sample is in the file: it was stopped, or the leg ended. Comes once, after `leg.cleared` in the second case. */
  | {
      type: 'recording.finished';
      legId: string;
      recordingId: string;
      at: number;
      outcome: 'done' | 'failed';
    }
  /** A provisioned device registered or went away. */
  | { type: 'device.registration'; name: string; at: number; registered: boolean };

export type LinkState = 'up' | 'reconciling' | 'down';

export type SwitchEvents = {
  fact: [fact: SwitchFact];
  /** `up` comes after every (re)connection: reconcile with list() then. */
  link: [link: LinkState];
};

export interface SwitchCapabilities {
  /** Calls carry sound. */
  audio: boolean;
  /** Browser phones can register. */
  browserPhone: boolean;
  /**
   * What this switch cannot do, with the reason in words for an administrator; absent: it can do everything. A command that needs
   * it rejects with `not-capable`. Known when the link is up; may be another after a reconnection.
   */
  missing?: Readonly<Partial<Record<SwitchAbility, string>>>;
}

export type SwitchAbility =
  | 'record'
  | 'supervise'
  | 'open-audio'
  | 'quality'
  /** `answerBy: 'talk-event'` and talk(). */
  | 'talk-event'
  /** A phone's own transfer button: `leg.transfer-requested`. */
  | 'transfer-request';

/** How well a leg's audio travels between the phone and the switch, over the whole call so far. */
export interface LegQuality {
  /** Mean variation of the delay of what arrives from the phone, milliseconds. */
  jitterMs: number;
  /** Share of lost packets, 0 to 1, of the worse direction. */
  lossRatio: number;
  /** Round trip to the phone, milliseconds; 0 when the phone does not report. */
  rttMs: number;
  /** Mean opinion score 1 to 4.5 of what is heard, by the E-model (ITU-T G.107, simplified). */
  mos: number;
}

export type AudioTapEvents = {
  /** What the leg says: 16-bit little-endian PCM, 8 kHz, mono, 20 ms (320 bytes) each. Nothing comes while nothing is said. */
  frame: [frame: Uint8Array];
  /** It ended: closed, or the leg is gone, or the switch let go. Comes once. */
  closed: [];
};

/** One leg's audio in our hands. */
export interface AudioTap {
  readonly audioId: string;
  readonly events: Emitter<AudioTapEvents>;
  /** Says this to the leg, and to nobody else: PCM as in `frame`, any length; it is played at its own pace. */
  write(pcm: Uint8Array): void;
  /** Throws away what was written and has not been heard yet. */
  flush(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * One node that holds legs and bridges. A command on a leg that is gone rejects with `no-such-line`; while the link is
 * down every command rejects with `switch-down`.
 */
export interface Switch {
  readonly id: string;
  readonly capabilities: SwitchCapabilities;
  readonly events: Emitter<SwitchEvents>;
  readonly link: LinkState;
  /** Connects and keeps connecting; resolves when the link is up the first time or rejects after `deadlineMs`. */
  start(options?: DeadlineOption): Promise<void>;
  /** Ends our end only: legs stay as they are. */
  close(): Promise<void>;

  list(options?: DeadlineOption): Promise<SwitchSnapshot>;
  originate(request: Originate, options?: DeadlineOption): Promise<void>;
  answer(legId: string, options?: DeadlineOption): Promise<void>;
  /** Refuses a leg that arrived and is not answered. */
  reject(
    legId: string,
    cause: 'busy' | 'rejected' | 'not-found' | 'congestion',
    options?: DeadlineOption,
  ): Promise<void>;
  hangup(legId: string, options?: DeadlineOption): Promise<void>;
  /** Lets the leg's caller hear ringing before it is answered (SIP 180). */
  ring(legId: string, options?: DeadlineOption): Promise<void>;
  /** Connects these legs' sound. The bridge is made when it does not exist; music under a leg ends. Idempotent. */
  bridge(bridgeId: string, legIds: string[], options?: DeadlineOption): Promise<void>;
  /** Takes the leg out of whatever bridge it is in; no error when it is in none. */
  unbridge(legId: string, options?: DeadlineOption): Promise<void>;
  /** Ends the bridge, not its legs. No error when it is gone. */
  endBridge(bridgeId: string, options?: DeadlineOption): Promise<void>;
  /** Silences what this leg says (`in`), for everybody. */
  mute(legId: string, on: boolean, options?: DeadlineOption): Promise<void>;
  startMusic(legId: string, options?: DeadlineOption): Promise<void>;
  stopMusic(legId: string, options?: DeadlineOption): Promise<void>;
  /** Plays the media in order; `playback.finished` once at the end. */
  play(legId: string, playbackId: string, media: Media[], options?: DeadlineOption): Promise<void>;
  stopPlay(legId: string, playbackId: string, options?: DeadlineOption): Promise<void>;
  sendDigits(legId: string, digits: string, options?: DeadlineOption): Promise<void>;
  /** Lets a ringing phone answer (SIP NOTIFY `Event: talk`); one that is connected is taken off hold by many phones. */
  talk(legId: string, options?: DeadlineOption): Promise<void>;
  /**
   * Records the leg from now on until it ends or the recording is stopped, wherever the leg is bridged. The switch writes the
   * file: it goes on without us. Left channel: what the leg says; right: what it hears.
   * @throws `wrong-state`: it is not connected; `already-exists`: it is being recorded, or the id is in use.
   */
  startRecording(legId: string, recordingId: string, options?: DeadlineOption): Promise<void>;
  /** While paused the file gets silence, so that its time stays the call's. @throws `not-found`: it is not being recorded. */
  pauseRecording(recordingId: string, paused: boolean, options?: DeadlineOption): Promise<void>;
  /** Ends it; `recording.finished` follows. No error when it has ended. @throws `not-found`: the switch has none of this id. */
  stopRecording(recordingId: string, options?: DeadlineOption): Promise<void>;
  /**
   * The file: 16-bit PCM WAV, 8 kHz, two channels. To be asked for after `recording.finished`.
   * @throws `not-found`: the switch has none of this id; `wrong-state`: it goes on.
   */
  readRecording(recordingId: string, options?: DeadlineOption): Promise<AsyncIterable<Uint8Array>>;
  /** Deletes the file of a finished recording. No error when there is none. @throws `wrong-state`: it goes on. */
  deleteRecording(recordingId: string, options?: DeadlineOption): Promise<void>;
  /**
   * Lets one leg hear all that another leg says and hears; with `whisper` what the supervisor says is heard by that leg, and by
   * nobody else, on top of what it hears anyway (a switch may need something there to add it to: a party that is not muted). The supervisor's leg is in no bridge; asked again it changes mode or leg. Ends with either leg.
   */
  supervise(
    supervisorLegId: string,
    legId: string,
    mode: 'listen' | 'whisper',
    options?: DeadlineOption,
  ): Promise<void>;
  /** The supervisor's leg stays, in silence. No error when it supervises nobody. */
  endSupervision(supervisorLegId: string, options?: DeadlineOption): Promise<void>;
  /** Taps and injects a connected leg's audio (speech recognition, an assistant). Ends with the connection to the switch. */
  openAudio(legId: string, audioId: string, options?: DeadlineOption): Promise<AudioTap>;
  /** Undefined while nothing is known: no audio yet. */
  quality(legId: string, options?: DeadlineOption): Promise<LegQuality | undefined>;
  /** Tells the phone that asked for a transfer how it goes; after `done` the phone hangs up by itself. */
  transferProgress(
    legId: string,
    progress: 'trying' | 'done' | 'failed',
    options?: DeadlineOption,
  ): Promise<void>;
  /** Arms (or renews) what the switch does after `ms` without another armFallback; 0 disarms. */
  armFallback(
    legId: string,
    ms: number,
    treatment: FallbackTreatment,
    options?: DeadlineOption,
  ): Promise<void>;
}

export interface ProvisionedDevice {
  /** SIP user name; also the name in Endpoint and Arrival.entry. Letters, digits, `-`. */
  name: string;
  password: string;
  /** `browser`: WebRTC over our SIP WebSocket. `phone`: plain SIP by UDP or TCP. `visitor`: a browser that may only call in. */
  kind: 'browser' | 'phone' | 'visitor';
  /** What the others see when it calls. */
  callerId: { number: string; name: string };
  /** A visitor may dial this number only. */
  onlyDial?: string;
  /** IP addresses from which nobody may use this device: somebody there guesses at its password. */
  refusedFrom?: readonly string[];
}

/** A way to other telephone systems: a provider's account, or a peer that is known by its address. */
export interface ProvisionedTrunk {
  /** Also the name in Endpoint and Arrival.entry. Letters, digits, `-`, `_`. */
  name: string;
  connection:
    | {
        kind: 'registration';
        registrar: string;
        port: number;
        user: string;
        password: string;
        /** Of the digest challenge; undefined: any. */
        realm?: string;
        expirySeconds: number;
        /** Where calls come from, besides the registrar: addresses, networks, host names. */
        hosts: readonly string[];
      }
    | {
        kind: 'peer';
        /** Where calls come from; empty: it takes none in. */
        hosts: readonly string[];
        /** Where calls go; undefined: it takes none out. */
        host?: string;
        port: number;
      };
  transport: 'udp' | 'tcp' | 'tls';
  /** Audio by SRTP with keys in SDP (RFC 4568); undefined: plain. Goes with `tls` only. */
  srtp?: 'optional' | 'required';
  /** Names such as `alaw`, in the order of preference. */
  codecs: readonly string[];
  /** Which header says our number. */
  callerIdFormat: 'from' | 'pai' | 'both';
}

/** What the switch says of a trunk now. */
export interface TrunkReport {
  name: string;
  /** Of one that registers; `unknown` where the switch does not say. */
  registration?: 'registered' | 'trying' | 'refused' | 'unknown';
  /** It answers OPTIONS; undefined where it is not asked, or has not been yet. */
  reachable?: boolean;
}

/** Users' devices and trunks, pushed at run time. A switch that lost them (restart) gets them anew at each `link` up. */
export interface Provisioning {
  /** A trunk that is put again is changed; live calls on it go on. */
  putTrunk(trunk: ProvisionedTrunk, options?: DeadlineOption): Promise<void>;
  removeTrunk(name: string, options?: DeadlineOption): Promise<void>;
  /** One for each trunk that was put. */
  trunkReports(options?: DeadlineOption): Promise<TrunkReport[]>;
  /** Tells when a report may be another by now; without it they are asked for from time to time only. */
  onTrunksChanged?(listener: () => void): () => void;
  put(device: ProvisionedDevice, options?: DeadlineOption): Promise<void>;
  remove(name: string, options?: DeadlineOption): Promise<void>;
  /** Names of the devices that are registered now. */
  registered(options?: DeadlineOption): Promise<string[]>;
}

/** A device of a user as call control needs it. */
export interface AgentDevice {
  deviceId: string;
  platformId: string;
  endpoint: Endpoint;
  address: Address;
  /** How we can answer it for the user. */
  control: DeviceControl;
}

/** A call that an agent asks for. */
export interface MakeCall {
  userId: string;
  device: AgentDevice;
  /** What the called party sees. */
  from: Address;
  to: Address;
  callerName: string;
}

/** Where a call can be transferred to, or who can be consulted. A directory entry is one of these by the time it comes here. */
export type TransferTarget =
  | { kind: 'user'; userId: string }
  | { kind: 'queue'; queueId: string }
  | { kind: 'number'; number: Address };

export interface TransferRequest {
  target: TransferTarget;
  /** What an outside target sees; a colleague sees the customer's number. */
  from: Address;
}

/** What can be done with a leg. */
export const CALL_VERBS = [
  'answer',
  'hangup',
  'hold',
  'retrieve',
  'mute',
  'dtmf',
  'consult',
  'complete',
  'cancel',
  'conference',
  'transfer',
  'drop',
  'park',
] as const;
export type CallVerb = (typeof CALL_VERBS)[number];

/** Per verb: possible now, or the code of the reason why not. */
export type CallCapabilities = Record<CallVerb, true | ErrorCode>;

/**
 * Call control (CSTA's services, ECMA-269), per leg: `legId` is the agent's leg on whose behalf it is done. Our engine
 * implements it once over any Switch; a PBX that is reached by AMI or CSTA implements it itself. Every command rejects with
 * `no-such-line` when the leg is over, `wrong-state` when it cannot be done now, `switch-down` while its platform is away,
 * `not-capable` when the platform never can. What it changes comes as events.
 */
export interface CallControl {
  /**
   * Calls `to` for the agent: his device first, then the other party. An agent who has a connected leg on this platform gets
   * no second one: the call that he has is held, and its leg carries the new one too.
   * @throws `draining`, `switch-down`, and what the dial plan refuses with.
   */
  makeCall(request: MakeCall, conversationId: string): Promise<{ callId: string; legId: string }>;
  /** Answers a leg that rings. @throws `not-capable` when only the phone itself can. */
  answer(legId: string): Promise<void>;
  /** The agent leaves the call: with two parties it ends for both, a conference of others goes on. */
  hangup(legId: string): Promise<void>;
  /** The others get music when only one of them is left, the agent silence. */
  hold(legId: string): Promise<void>;
  /** Takes the call back; the user's other talking leg is put on hold (so this is also how lines are swapped). */
  retrieve(legId: string): Promise<void>;
  /** Silences what the agent says. */
  mute(legId: string, on: boolean): Promise<void>;
  /** Keys pressed by the agent, sent to the other parties (RFC 4733). */
  sendDigits(legId: string, digits: string): Promise<void>;
  /**
   * Holds the call and calls the target. The consultation is a call of its own in the same conversation (purpose `consult`,
   * parentCall); returns it and the agent's leg in it, which is what the next three commands take.
   */
  consult(legId: string, request: TransferRequest): Promise<{ callId: string; legId: string }>;
  /** The agent leaves; who he consulted, or who is still being rung, gets the first call. */
  completeTransfer(consultLegId: string): Promise<void>;
  /** Ends the consultation and takes the first call back. */
  cancelConsult(consultLegId: string): Promise<void>;
  /** Merges the consultation into the first call. @throws `too-many` beyond MAX_PARTIES. */
  conference(consultLegId: string): Promise<void>;
  /**
   * Blind transfer: the agent leaves at once. A target that does not answer: back to who transferred if he is free, else to
   * the queue from which the call came (priority 100), else an apology and the end.
   */
  transfer(legId: string, request: TransferRequest): Promise<void>;
  /** Hangs up another party of the agent's call. */
  drop(legId: string, partyLegId: string): Promise<void>;
  /** Parks the other party and leaves; returns the slot (701 and up, per platform). After a time it comes back to who parked. */
  park(legId: string): Promise<{ slot: string }>;
  /** The user takes the call out of the slot. @throws `not-found` when nothing is parked there. */
  pickUp(slot: string, userId: string, device: AgentDevice): Promise<{ callId: string; legId: string }>;
  /** What can be done with this leg now, synchronously, by the model. */
  capabilities(legId: string): CallCapabilities;
}

/** A conference has this many parties at most, its agent included. */
export const MAX_PARTIES = 8;

/** What a user has chosen for calls to himself. */
export interface PersonalCallSettings {
  /** Do not disturb: direct calls find him busy. Queues are asked by his agent state alone. */
  dnd: boolean;
  forward: {
    always?: Address;
    busy?: Address;
    noAnswer?: Address;
    /** Milliseconds until a call that is not answered is forwarded; default 20,000. */
    noAnswerMs?: number;
  };
  /** A second direct call may ring while he talks. */
  callWaiting: boolean;
  /** His calls are answered by themselves. */
  autoAnswer: boolean;
  /** One leg of his stands and carries call after call. */
  nailedUp: boolean;
}

export interface PersonalSettings {
  of(userId: string): PersonalCallSettings;
}

/** For who has chosen nothing. */
export const NO_PERSONAL_SETTINGS: PersonalCallSettings = {
  dnd: false,
  forward: {},
  callWaiting: false,
  autoAnswer: false,
  nailedUp: false,
};

/** A connected telephone system that holds legs. */
export interface SwitchEntry {
  /** The platform's id: what calls, devices and numbers name. */
  id: string;
  label: string;
  switch: Switch;
  provisioning: Provisioning;
}

export type SwitchDirectoryEvents = {
  /** Not started yet, or already up: listen, and ask for its link. */
  added: [entry: SwitchEntry];
  /** It is closed next; one whose settings changed is removed and added in one go. */
  removed: [entry: SwitchEntry];
};

/** The switches that there are now: they come and go at run time. `followSwitches` listens to all of them. */
export interface SwitchDirectory {
  get(id: string): SwitchEntry | undefined;
  all(): readonly SwitchEntry[];
  readonly events: Emitter<SwitchDirectoryEvents>;
}

/** A member of a platform's queue. */
export interface PlatformMember {
  /** The device that rings, such as `PJSIP/201`. */
  device: string;
  name: string;
  paused: boolean;
  /** In the platform's own words; empty without one. */
  reason: string;
  penalty: number;
  /** Its phone is in a call, of a queue or not. */
  inCall: boolean;
  ringing: boolean;
  /** It was added at run time and can be taken out; others can be paused only. */
  removable: boolean;
  /** Milliseconds after a call in which it gets no other. */
  wrapMs: number;
}

/** A caller in a platform's queue. */
export interface PlatformCaller {
  legId: string;
  /** From 1. */
  position: number;
  number: Address;
  name?: string;
  /** UTC milliseconds. */
  since: number;
}

export interface PlatformQueue {
  /** Its id here: the platform's and its name. */
  id: string;
  name: string;
  /** What people call it; its name where nothing else is set. */
  label: string;
  members: PlatformMember[];
  /** Who waits, the first first. */
  waiting: PlatformCaller[];
}

/** The Acd role of a platform with queues of its own: it rules, we follow. */
export interface PlatformAcd {
  readonly events: Emitter<{ changed: [] }>;
  queues(): PlatformQueue[];
  /** The device can be rung now, as far as the platform knows. */
  reachable(device: string): boolean;
  /** The platform has such a device at all. */
  knows(device: string): boolean;
  /** In every queue of which the device is a member. */
  setPaused(device: string, paused: boolean, reason: string): Promise<void>;
  /** Makes it a member of these queues; one that is already stays as it is. */
  logIn(device: string, name: string, queueNames: readonly string[]): Promise<void>;
  /** Takes it out of every queue that lets it go; resolves with their names. */
  logOut(device: string): Promise<string[]>;
}
