/** Where a number that an agent dials leads, and what the called party sees: the dial plan with what is known now put in. */
import { type Address, parseAddress, asEmergencyIn, UNKNOWN_ADDRESS } from '../protocol/address.ts';
import { CodedError } from '../protocol/errors.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { type CallerIds, type DialPlan, planCall, type Way } from './callcenter/dial-plan.ts';
import type { OutsideLines } from './outside-lines.ts';
import type { Destination } from './telephony/engine-core.ts';
import type { PhoneUser } from './telephony/phone-directory.ts';
import { type AgentDevice, answerByOf, type TrunkEndpoint } from './telephony/ports.ts';

export interface DiallingOptions {
  callCenter: CallCenter;
  lines: OutsideLines;
  /** ISO 3166 code: home, where no site says otherwise. */
  country: string;
  /** E.164: the configuration's number for calls that have no other. */
  callerId: string | undefined;
  /** A colleague's device that can be rung now, or the caller's own. */
  deviceOf(userId: string): AgentDevice | undefined;
  /** As far as is known the trunk answers. */
  usable(trunkId: string): boolean;
  /** It has room for one more call. */
  hasRoom(trunkId: string): boolean;
}

/**
 * Emergency numbers, also those of the caller's site, go before every other rule.
 * @throws CodedError `extension-unknown`, `own-extension`, `colleague-away`, or one of `planCall`.
 */
export function resolveDestination(options: DiallingOptions, to: Address, userId: string): Destination {
  const dialled = asDialled(options, to, userId);
  if (dialled.kind === 'extension') return colleague(options, dialled, userId);
  const { emergency, ways } = planFor(options, dialled, userId);
  const [first, ...others] = ways.map((way) => endpointOf(way, emergency));
  if (!first) throw new CodedError('no-trunk');
  return { endpoint: { ...first, otherwise: others }, role: 'external' };
}

/**
 * Where a number outside is reached to which one of ours leads: on behalf of nobody, so by the rights of everybody.
 * @throws CodedError `number-invalid` for what is no number outside, or one of `planCall`.
 */
export function resolveOutside(options: DiallingOptions, to: Address, platformId: string): Destination {
  if (to.kind !== 'e164') throw new CodedError('number-invalid', { number: to.raw });
  const { dialRights } = options.lines;
  const { ways } = planCall(planOf(options), {
    to,
    platformId,
    country: options.country,
    callerIds: { callCenter: dialRights.defaults().callerId ?? options.callerId },
    class: dialRights.classOf(),
  });
  const [first, ...others] = ways.map((way) => endpointOf(way, false));
  if (!first) throw new CodedError('no-trunk');
  return { endpoint: { ...first, otherwise: others }, role: 'external' };
}

/**
 * A number at which a caller asks to be called back, as it is called: outside, none of ours, and allowed to everybody.
 * @throws CodedError `number-invalid`, or one of `planCall`.
 */
export function callableNumber(
  options: DiallingOptions,
  number: string,
  platformId: string,
  country: string,
): Address {
  const address = parseAddress(number, country);
  if (options.callCenter.entryFor(address.value)) throw new CodedError('number-invalid', { number });
  try {
    resolveOutside(options, address, platformId);
  } catch (error) {
    // Lines that are full now need not be when it is his turn.
    if (!(error instanceof CodedError) || error.code !== 'trunks-full') throw error;
  }
  return address;
}

/** Outside parties see one number of ours, colleagues the extension: nothing anonymous reaches a trunk. */
export function callerIdOf(options: DiallingOptions, userId: string, to: Address): Address {
  const user = options.callCenter.user(userId);
  const dialled = asDialled(options, to, userId);
  if (dialled.kind === 'extension' && user?.extension)
    return { kind: 'extension', raw: user.extension, value: user.extension };
  const number = planFor(options, dialled, userId).ways[0]?.callerId ?? '';
  return { kind: 'e164', raw: number, value: number };
}

/** Undefined for a user who has none, or does not exist. */
export function extensionOf(callCenter: CallCenter, userId: string): Address | undefined {
  const extension = callCenter.user(userId)?.extension;
  return extension ? { kind: 'extension', raw: extension, value: extension } : undefined;
}

/** Whose telephone of this name it is; undefined for a name that is nobody's, or of a user who is disabled. */
export function phoneUser(callCenter: CallCenter, platformId: string, name: string): PhoneUser | undefined {
  const device = callCenter.deviceNamed(name);
  const user = device && callCenter.user(device.userId);
  if (!user || user.disabled || device.platformId !== platformId) return undefined;
  const address = extensionOf(callCenter, user.id) ?? UNKNOWN_ADDRESS;
  return { userId: user.id, deviceId: device.id, address };
}

/** A number that calls help at the caller's site is that, whatever it may be elsewhere. */
export function asDialled({ lines }: DiallingOptions, to: Address, userId: string): Address {
  return asEmergencyIn(to, lines.dialRights.siteOf(userId)?.country);
}

function planFor(options: DiallingOptions, to: Address, userId: string) {
  const { lines, callCenter, country } = options;
  const site = lines.dialRights.siteOf(userId);
  return planCall(planOf(options), {
    to,
    platformId: options.deviceOf(userId)?.platformId ?? callCenter.chosenDevice(userId).platformId,
    country: site?.country ?? country,
    callerIds: callerIdsOf(options, userId),
    class: lines.dialRights.classOf(userId),
    site,
  });
}

function planOf({ callCenter, lines, usable, hasRoom }: DiallingOptions): DialPlan {
  return {
    trunks: lines.trunks.all(),
    routes: lines.trunks.routes(),
    entries: callCenter.entries(),
    usable,
    hasRoom,
  };
}

/** The queue's number is that of the one queue that he is a member of: in several, none of them speaks for him. */
function callerIdsOf({ callCenter, lines, callerId }: DiallingOptions, userId: string): CallerIds {
  const { dialRights } = lines;
  const [queue, ...more] = callCenter.queues().filter(({ memberIds }) => memberIds.includes(userId));
  return {
    agent: dialRights.ofUser(userId).callerId ?? undefined,
    queue: queue && more.length === 0 ? dialRights.callerIdOfQueue(queue.id) : undefined,
    callCenter: dialRights.defaults().callerId ?? callerId,
  };
}

function endpointOf({ trunkId, number, callerId, geolocation }: Way, emergency: boolean): TrunkEndpoint {
  return {
    kind: 'trunk',
    trunk: trunkId,
    number,
    callerId,
    ...(emergency ? { emergency } : {}),
    ...(geolocation ? { geolocation } : {}),
  };
}

function colleague({ callCenter, deviceOf }: DiallingOptions, to: Address, userId: string): Destination {
  const user = callCenter.userByExtension(to.value);
  if (user?.id === userId) throw new CodedError('own-extension', { number: to.value });
  if (!user || user.disabled) throw new CodedError('extension-unknown', { number: to.value });
  return resolveUser({ callCenter, deviceOf }, user.id);
}

/** The user's phone. @throws CodedError `extension-unknown` for one who is not there (any more), `colleague-away`. */
export function resolveUser(
  { callCenter, deviceOf }: Pick<DiallingOptions, 'callCenter' | 'deviceOf'>,
  userId: string,
): Destination {
  const user = callCenter.user(userId);
  if (!user || user.disabled) throw new CodedError('extension-unknown', { number: user?.extension ?? '' });
  const device = deviceOf(userId);
  if (!device) throw new CodedError('colleague-away', { name: user.name });
  const answerBy = answerByOf(device.control);
  return { endpoint: device.endpoint, role: 'agent', userId, deviceId: device.deviceId, answerBy };
}
