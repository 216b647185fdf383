/** Builds the one telephone system of this process: the private Asterisk, or the simulated switch where there is none. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { PrivateAsterisk } from './bundled/asterisk.ts';
import type { Provisioning, Switch } from './telephony/ports.ts';
import { createAsterisk } from './telephony/asterisk/asterisk.ts';
import { type FailedAuthentication, SecurityLog } from './telephony/asterisk/security-log.ts';
import { SimulatedExchange } from './telephony/simulated/exchange.ts';
import { SimulatedProvisioning, SimulatedSwitch } from './telephony/simulated/switch.ts';
import { createSpeech } from './telephony/speech/speech.ts';

export interface Platform {
  id: string;
  label: string;
  switch: Switch;
  provisioning: Provisioning;
  /** Address of the switch's SIP WebSocket; undefined without one. */
  sipUrl(): string | undefined;
  /** Calls in without audio: the simulated exchange only. */
  simulate?: SimulatedExchange;
  close(): Promise<void>;
}

export interface PlatformOptions {
  asterisk: PrivateAsterisk | undefined;
  /** SIP and audio stay on this address; undefined when phones of the network are let in. */
  mediaAddress: string | undefined;
  clock: Clock;
  log: Logger;
  /** A wrong SIP password of a plain phone. */
  onSipFailure(failure: FailedAuthentication): void;
}

/** The platform's id in the journal and in the state. */
const ID = 'private';

export async function createPlatform(options: PlatformOptions): Promise<Platform> {
  return options.asterisk ? asteriskPlatform(options, options.asterisk) : simulatedPlatform(options);
}

async function asteriskPlatform(
  { clock, log, mediaAddress, onSipFailure }: PlatformOptions,
  asterisk: PrivateAsterisk,
): Promise<Platform> {
  const speech = createSpeech({ dir: join(asterisk.address.soundsDir, 'speech'), clock, log });
  const { switch: node, provisioning } = createAsterisk({
    id: ID,
    address: () => {
      const { ariUrl: url, ariUser: user, ariPassword: password } = asterisk.address;
      return { url, user, password };
    },
    clock,
    log,
    speak: (text) => speech.speak(text),
    ...(mediaAddress ? { mediaAddress } : {}),
  });
  const security = new SecurityLog({
    path: asterisk.address.securityLog,
    clock,
    log,
    onFailure: onSipFailure,
  });
  await security.start();
  return {
    id: ID,
    label: 'Asterisk',
    switch: node,
    provisioning,
    sipUrl: () => asterisk.address.wsUrl,
    async close() {
      await security.close();
      await node.close();
      await speech.close();
    },
  };
}

function simulatedPlatform({ clock, log }: PlatformOptions): Platform {
  const exchange = new SimulatedExchange({ clock, log, devicesRegisterThemselves: true });
  const node = new SimulatedSwitch({ id: ID, exchange, clock, log });
  return {
    id: ID,
    label: 'Simulated switch',
    switch: node,
    provisioning: new SimulatedProvisioning(node),
    sipUrl: () => undefined,
    simulate: exchange,
    async close() {
      await node.close();
      await exchange.close();
    },
  };
}
