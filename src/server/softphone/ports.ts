/** What the softphone (the CTI connector) offers to the API, and what it needs from its surroundings. */
import type { Emitter } from '../../lib/emitter.ts';
import type { AgentRules, ReasonKind } from '../../protocol/agent-rules.ts';
import type { Address } from '../../protocol/address.ts';
import type { DeviceControl, Role } from '../../protocol/api.ts';
import type { Downstream, PhoneCredentials, Upstream } from '../../protocol/socket.ts';
import type { RecordingState, SoftphoneState } from '../../protocol/softphone.ts';
import type { CodedError } from '../../protocol/errors.ts';
import type { LinkState, SwitchDirectory, TransferTarget } from '../telephony/ports.ts';

/** One page's connection as the softphone sees it; the API owns the socket, its parsing and its heartbeat. */
export interface TabConnection {
  userId: string;
  /** The sign-in that this page uses: browser phone credentials are made per sign-in. */
  sessionId: string;
  tabId: string;
  canAudio: boolean;
  canPop: boolean;
  /** Legs whose SIP session lives on in this page (`hello.legs`). */
  legs: readonly string[];
  /** Origin of the CRM's page around it. */
  hostOrigin?: string;
  send(message: Downstream): void;
}

export interface TabHandle {
  /** Validated messages after `hello`; never throws: errors go back as `result` or `bye`. */
  receive(message: Upstream): void;
  /** The socket closed or its heartbeat stopped. Idempotent. */
  close(): void;
}

/** Where the API hands over a page that said `hello`. */
export interface SoftphoneDoor {
  /** Sends `welcome`, `snapshot` and `phone`, then patches. A user who does not exist gets `bye`. */
  open(tab: TabConnection): TabHandle;
  /**
   * The whole state as it was last told to the pages: for a socket of `?format=xml`, which sends
   * `softphoneXml(state)` in place of each snapshot and patch. Undefined for a user who does not exist.
   */
  state(userId: string): SoftphoneState | undefined;
}

/** A device as the softphone shows it. */
export interface UserDevice {
  id: string;
  userId: string;
  kind: 'browser' | 'sip' | 'pbx';
  label: string;
  /** Its name on the switch; undefined for the browser phone, whose name is made per sign-in. */
  username?: string;
  /** How we can answer it. */
  control: DeviceControl;
  /** The platform that it is a device of. */
  platformId: string;
}

/** What an administrator sets, as far as the softphone shows it: `CallCenter` fits as it is. */
export interface SoftphoneSettings {
  user(id: string):
    | {
        id: string;
        name: string;
        locale: string;
        zone: string;
        country: string;
        roles: Role[];
        extension: string | null;
        profileId: string | null;
      }
    | undefined;
  users(): { id: string; name: string; roles: Role[]; extension: string | null; disabled: boolean }[];
  queue(id: string):
    | {
        id: string;
        label: string;
        dispositionRequired: boolean;
        agentRules?: Pick<AgentRules, 'wrapExtensions'>;
      }
    | undefined;
  queues(): { id: string; label: string; memberIds: string[] }[];
  /** Wrap-up codes of a queue, in the order to show them, also those that cannot be chosen any more. */
  dispositions(queueId: string): { id: string; label: string; active: boolean }[];
  reasons(): { id: string; label: string }[];
  /** What the user chooses among, and whether he must give one. */
  reasonChoices(
    userId: string,
    kind: ReasonKind,
  ): { required: boolean; reasons: { id: string; label: string }[] };
  device(id: string): UserDevice | undefined;
  /** The SIP phone with this name on the switch. */
  deviceNamed(username: string): UserDevice | undefined;
  devicesOf(userId: string): UserDevice[];
  chosenDevice(userId: string): UserDevice;
  chooseDevice(userId: string, deviceId: string): Promise<void>;
}

/** Which CRM serves whom: `CrmConnections` fits as it is. */
export interface ServingCrms {
  /** Id of the CRM that serves this user. */
  servingId(userId: string): string;
  /** Users with the same view see the same records. Without a user: what all see who have nothing else; undefined: there is no such view. */
  viewOf(userId?: string): string | undefined;
}

/** Whom a call can be given to without a number. */
export type ColleagueOrQueue = Exclude<TransferTarget, { kind: 'number' }>;

/** The telephone systems that agents use. */
export interface SoftphonePlatforms {
  switches: SwitchDirectory;
  /** A telephone system without a switch of ours: one that routes by itself. */
  mirrored?(platformId: string): { label: string; link: LinkState } | undefined;
  /** Queues of such telephone systems: who waits in them, and how many could take a call now. */
  targetQueues?(): { queueId: string; label: string; waiting: number; ready: number }[];
  /** Why a call of this user cannot be given to the colleague or queue, because one of them belongs to such a system. */
  unreachable?(userId: string, target: ColleagueOrQueue): CodedError | undefined;
  /** What people call a queue of such a telephone system, by our id of it. */
  queueLabel?(queueId: string): string | undefined;
  /** Where a browser phone of this platform connects to, and the relays that this user may use. */
  phone(platformId: string, userId: string): Pick<PhoneCredentials, 'path' | 'domain' | 'iceServers'>;
}

/** ISO 3166 code of the country where the user sits; undefined where no site is set. */
export type SiteCountryOf = (userId: string) => string | undefined;

/** What the called party sees when this user calls. */
export type CallerIdOf = (userId: string, to: Address) => Address;

/** On whose call what is being recorded: the recording service fits as it is. `legId` is the agent's leg on whose behalf it is done. */
export interface CallRecordings {
  readonly events: Emitter<{ changed: [conversationId: string, callId: string] }>;
  start(legId: string, userId: string): Promise<void>;
  pause(legId: string, userId: string): Promise<void>;
  resume(legId: string, userId: string): Promise<void>;
  stateOf(callId: string): { state: RecordingState };
}
