/** `crosspoint/telephony`: what the author of a connector needs, and nothing more (docs/connectors.md). */
export { backoff } from '../lib/backoff.ts';
export { type Clock, realClock } from '../lib/clock.ts';
export { DeadlineError, withDeadline } from '../lib/deadline.ts';
export { Emitter, type EventMap } from '../lib/emitter.ts';
export { newId } from '../lib/ids.ts';
export { Lifecycle } from '../lib/lifecycle.ts';
export type { Address } from '../protocol/address.ts';
export { CodedError, type ErrorCode } from '../protocol/errors.ts';
export type { ClearCause } from '../protocol/facts.ts';
export type {
  Connector,
  ConnectorContext,
  ConnectorLog,
  CreateConnector,
  CreatePbx,
} from '../server/telephony/connector.ts';
export type {
  ForeignPbx,
  ForeignPbxEvents,
  PbxCaller,
  PbxParty,
  PbxQueue,
  PbxQueues,
} from '../server/telephony/mirror/foreign-pbx.ts';
export type {
  Consultation,
  PartyControl,
  PbxTarget,
  Shown,
} from '../server/telephony/mirror/party-control.ts';
export type {
  AnswerBy,
  Arrival,
  AudioTap,
  AudioTapEvents,
  CallVerb,
  DeadlineOption,
  Endpoint,
  FallbackTreatment,
  LegInfo,
  LegQuality,
  LinkState,
  Media,
  Originate,
  PlatformMember,
  ProvisionedDevice,
  ProvisionedTrunk,
  Provisioning,
  Switch,
  SwitchAbility,
  SwitchCapabilities,
  SwitchEvents,
  SwitchFact,
  SwitchRecording,
  SwitchSnapshot,
  TrunkEndpoint,
  TrunkReport,
} from '../server/telephony/ports.ts';
export { checkHeaders } from '../server/telephony/sip-headers.ts';
