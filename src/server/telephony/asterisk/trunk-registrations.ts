/** The outbound registrations of trunks, asked of AMI: ARI does not tell of them. */
import type { AmiMessage } from '../ami/ami-message.ts';
import type { TrunkReport } from '../ports.ts';
import type { AsteriskManager } from './manager.ts';

export type RegistrationState = NonNullable<TrunkReport['registration']>;

/** By the name of their trunk. @throws as AsteriskManager.list. */
export async function askRegistrations(
  manager: Pick<AsteriskManager, 'list'>,
  deadlineMs: number,
): Promise<Map<string, RegistrationState>> {
  return readRegistrations(await manager.list('PJSIPShowRegistrationsOutbound', {}, deadlineMs));
}

/** From the events of `PJSIPShowRegistrationsOutbound`; its list has the accounts, too. */
export function readRegistrations(
  events: readonly Pick<AmiMessage, 'event' | 'get'>[],
): Map<string, RegistrationState> {
  return new Map(
    events
      .filter(({ event }) => event === 'OutboundRegistrationDetail')
      .map((detail) => [detail.get('ObjectName'), STATES[detail.get('Status')] ?? 'trying']),
  );
}

const STATES: Readonly<Record<string, RegistrationState>> = {
  Registered: 'registered',
  Rejected: 'refused',
};
