/** Where a number that an agent dials leads, and what the called party sees (the smallest honest dial plan: one trunk). */
import type { Address } from '../protocol/address.ts';
import { CodedError } from '../protocol/errors.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { Destination } from './telephony/engine-core.ts';
import type { AgentDevice } from './telephony/ports.ts';

export interface DiallingOptions {
  callCenter: CallCenter;
  /** Host, with or without port, of the gateway for outside calls. */
  trunk: string | undefined;
  /** E.164, chosen by the administrator. */
  callerId: string | undefined;
  /** A colleague's device that can be rung now. */
  deviceOf(userId: string): AgentDevice | undefined;
}

/**
 * Emergency numbers go to the trunk before every other rule.
 * @throws CodedError `no-trunk`, `extension-unknown`, `own-extension`, `colleague-away` or `number-invalid`.
 */
export function resolveDestination(options: DiallingOptions, to: Address, userId: string): Destination {
  if (to.kind === 'service' || to.kind === 'e164') return outside(options, to);
  if (to.kind === 'extension') return colleague(options, to, userId);
  throw new CodedError('number-invalid', { number: to.raw });
}

/** Outside parties see one number of ours, colleagues the extension: nothing anonymous reaches a trunk. */
export function callerIdOf({ callCenter, callerId }: DiallingOptions, userId: string, to: Address): Address {
  const user = callCenter.user(userId);
  if (to.kind === 'extension' && user?.extension)
    return { kind: 'extension', raw: user.extension, value: user.extension };
  const number = callerId ?? callCenter.entries().find((entry) => entry.dnis.startsWith('+'))?.dnis;
  if (!number) throw new CodedError('no-caller-id');
  return { kind: 'e164', raw: number, value: number };
}

/** Undefined for a user who has none, or does not exist. */
export function extensionOf(callCenter: CallCenter, userId: string): Address | undefined {
  const extension = callCenter.user(userId)?.extension;
  return extension ? { kind: 'extension', raw: extension, value: extension } : undefined;
}

function outside({ trunk }: DiallingOptions, to: Address): Destination {
  if (!trunk) throw new CodedError('no-trunk');
  return { endpoint: { kind: 'sip', uri: `sip:${to.value}@${trunk}` }, role: 'external' };
}

function colleague({ callCenter, deviceOf }: DiallingOptions, to: Address, userId: string): Destination {
  const user = callCenter.userByExtension(to.value);
  if (user?.id === userId) throw new CodedError('own-extension', { number: to.value });
  if (!user || user.disabled) throw new CodedError('extension-unknown', { number: to.value });
  const device = deviceOf(user.id);
  if (!device) throw new CodedError('colleague-away', { name: user.name });
  return { endpoint: device.endpoint, role: 'agent', userId: user.id, deviceId: device.deviceId };
}
