import type { Clock } from '../../../lib/clock.ts';
import type { AmiAddress } from '../ami/ami-connection.ts';
import { AriLink, type AriLog } from './ari-link.ts';
import type { AriAddress } from './ari-rest.ts';
import type { Speak } from './asterisk-media.ts';
import { AsteriskProvisioning } from './asterisk-provisioning.ts';
import { AsteriskManager } from './manager.ts';
import { AsteriskSwitch } from './asterisk-switch.ts';
import type { TrunkOptions } from './trunk-provisioning.ts';

export interface AsteriskOptions extends Omit<TrunkOptions, 'manager'> {
  /** The platform's id. */
  id: string;
  /** Where ARI is; asked anew at every connection. */
  address: () => AriAddress;
  /** Name of the Stasis application that the dialplan calls; `crosspoint` in the configuration that we generate. */
  app?: string;
  clock: Clock;
  log: AriLog;
  speak: Speak;
  /** Where AMI is, for recording, SIP NOTIFY and the state of registrations; left out, these are declared missing or unknown. Asked anew at every connection. */
  manager?: () => AmiAddress | undefined;
  /** `http` keeps requests off the event WebSocket; default `auto`. */
  rest?: 'auto' | 'http';
}

export interface Asterisk {
  switch: AsteriskSwitch;
  provisioning: AsteriskProvisioning;
  /** Whether requests go over the event WebSocket now. */
  restOverSocket(): boolean;
}

/** One Asterisk as Switch and Provisioning over one connection. Nothing happens before `switch.start()`. */
export function createAsterisk(options: AsteriskOptions): Asterisk {
  const { id, address, app = 'crosspoint', clock, log, speak, rest } = options;
  const manager = new AsteriskManager({ address: options.manager ?? (() => undefined), clock, log });
  const link: AriLink = new AriLink({ address, app, clock, log, rest }, () => asterisk.reconcile());
  const onTrunkRefused = (trunk: string, err: Error) =>
    log.warn({ err, trunk }, 'Asterisk did not take a trunk');
  const provisioning = new AsteriskProvisioning(link, { onTrunkRefused, ...options, manager });
  const asterisk: AsteriskSwitch = new AsteriskSwitch(link, provisioning, { id, clock, log, speak, manager });
  return { switch: asterisk, provisioning, restOverSocket: () => link.restOverSocket };
}
