/** The telephone system that the program brings: the private Asterisk, or the simulated switch where there is none. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import type { PrivateAsterisk } from '../bundled/asterisk.ts';
import { createAsterisk } from '../telephony/asterisk/asterisk.ts';
import { type FailedAuthentication, SecurityLog } from '../telephony/asterisk/security-log.ts';
import type { Provisioning, Switch } from '../telephony/ports.ts';
import { SimulatedExchange } from '../telephony/simulated/exchange.ts';
import { SimulatedProvisioning, SimulatedSwitch } from '../telephony/simulated/switch.ts';
import { createSpeech, type VoiceFor } from '../telephony/speech/speech.ts';
import { ofSwitch, type Platform } from './kind.ts';

export interface PrivatePlatform extends Platform {
  id: string;
  kind: 'private';
  label: string;
  switch: Switch;
  provisioning: Provisioning;
  /** Calls in without audio: the simulated exchange only. */
  simulate?: SimulatedExchange;
}

export interface PrivatePlatformOptions {
  /** The platform's id in the journal, in the state and of what belongs to it. */
  id: string;
  asterisk: PrivateAsterisk | undefined;
  /** SIP and audio stay on this address; undefined when phones of the network are let in. */
  mediaAddress: string | undefined;
  clock: Clock;
  log: Logger;
  /** The voice that speaks a language; see Speech. */
  voiceFor?: VoiceFor;
  /** A wrong SIP password of a plain phone. */
  onSipFailure(failure: FailedAuthentication): void;
}

export async function createPrivatePlatform(options: PrivatePlatformOptions): Promise<PrivatePlatform> {
  return options.asterisk ? asteriskPlatform(options, options.asterisk) : simulatedPlatform(options);
}

async function asteriskPlatform(
  { id, clock, log, mediaAddress, voiceFor, onSipFailure }: PrivatePlatformOptions,
  asterisk: PrivateAsterisk,
): Promise<PrivatePlatform> {
  const speech = createSpeech({
    dir: join(asterisk.address.soundsDir, 'speech'),
    clock,
    log,
    ...(voiceFor ? { voiceFor } : {}),
  });
  const { switch: node, provisioning } = createAsterisk({
    id,
    address: () => {
      const { ariUrl: url, ariUser: user, ariPassword: password } = asterisk.address;
      return { url, user, password };
    },
    manager: () => asterisk.address.manager,
    clock,
    log,
    speak: (text, language) => speech.speak(text, language),
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
    ...ofSwitch(node),
    id,
    kind: 'private',
    label: 'Asterisk',
    switch: node,
    provisioning,
    sip: () => ({ url: asterisk.address.wsUrl }),
    async close() {
      await security.close();
      await node.close();
      await speech.close();
    },
  };
}

function simulatedPlatform({ id, clock, log }: PrivatePlatformOptions): PrivatePlatform {
  const exchange = new SimulatedExchange({ clock, log, devicesRegisterThemselves: true });
  const node = new SimulatedSwitch({ id, exchange, clock, log });
  return {
    ...ofSwitch(node),
    id,
    kind: 'private',
    label: 'Simulated switch',
    switch: node,
    provisioning: new SimulatedProvisioning(node),
    simulate: exchange,
    async close() {
      await node.close();
      await exchange.close();
    },
  };
}
