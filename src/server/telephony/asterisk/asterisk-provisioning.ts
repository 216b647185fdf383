import { CodedError } from '../../../protocol/errors.ts';
import type { DeadlineOption, ProvisionedDevice, Provisioning } from '../ports.ts';
import type { AriLink } from './ari-link.ts';
import { AriError } from './ari-rest.ts';
import type { AriEndpoint } from './ari-types.ts';
import { carryOut, DEADLINE_MS } from './commands.ts';
import { checkDevice, type DeviceOptions, deviceObjects, type SorceryObject } from './device-config.ts';

/** The endpoint by which calls to any SIP address leave; nothing is ever identified as it. */
export const PEER_ENDPOINT = 'crosspoint-peer';

/**
 * Devices in Asterisk's memory (ARI's dynamic configuration). A restarted Asterisk has lost them, so what is wanted is
 * kept here and put again on every connection.
 */
export class AsteriskProvisioning implements Provisioning {
  readonly #link: AriLink;
  readonly #options: DeviceOptions;
  readonly #wanted = new Map<string, ProvisionedDevice>();
  /** Removed while the link was down: to be removed from Asterisk when it is back. */
  readonly #unwanted = new Set<string>();

  constructor(link: AriLink, options: DeviceOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Keeps the device and puts it now. While the link is down it rejects with `switch-down`, and puts it later. */
  async put(device: ProvisionedDevice, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    checkDevice(device);
    if (device.name === PEER_ENDPOINT)
      throw new CodedError('bad-input', { detail: 'this device name is taken' });
    this.#wanted.set(device.name, { ...device });
    this.#unwanted.delete(device.name);
    const objects = deviceObjects(device, this.#options);
    await carryOut(this.#link, () => this.#putObjects(device.name, objects, deadlineMs), true);
  }

  /** Forgets the device and removes it now. While the link is down it rejects with `switch-down`, and removes it later. */
  async remove(name: string, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    this.#wanted.delete(name);
    this.#unwanted.add(name);
    await carryOut(this.#link, () => this.#removeObjects(name, deadlineMs), true);
  }

  async registered({ deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<string[]> {
    return carryOut(this.#link, () => this.#online(deadlineMs));
  }

  /** Puts everything that is wanted again; resolves with the names that are registered. Part of reconciling. */
  async restore(deadlineMs: number): Promise<string[]> {
    for (const name of this.#unwanted) await this.#removeObjects(name, deadlineMs);
    await this.#putObjects(PEER_ENDPOINT, [peerObject(this.#options)], deadlineMs);
    for (const device of this.#wanted.values()) {
      await this.#putObjects(device.name, deviceObjects(device, this.#options), deadlineMs);
    }
    return this.#online(deadlineMs);
  }

  async #online(deadlineMs: number): Promise<string[]> {
    const endpoints = (await this.#link.request(
      'listEndpoints',
      { tech: 'PJSIP' },
      deadlineMs,
    )) as AriEndpoint[];
    return endpoints.filter((e) => e.state === 'online').map((e) => e.resource);
  }

  async #putObjects(id: string, objects: SorceryObject[], deadlineMs: number): Promise<void> {
    for (const { type, fields } of objects) await this.#putObject(type, id, fields, deadlineMs);
  }

  /** Asterisk 22 cannot change an endpoint that has `set_var` (500, it stumbles over its own copy): that is made anew. */
  async #putObject(
    objectType: SorceryObject['type'],
    id: string,
    fields: SorceryObject['fields'],
    deadlineMs: number,
  ): Promise<void> {
    const values = { configClass: 'res_pjsip', objectType, id, fields };
    try {
      await this.#link.request('putDynamic', values, deadlineMs);
    } catch (error) {
      if (!(error instanceof AriError && error.status === 500)) throw error;
      await this.#delete(objectType, id, deadlineMs);
      await this.#link.request('putDynamic', values, deadlineMs);
    }
  }

  async #removeObjects(name: string, deadlineMs: number): Promise<void> {
    for (const objectType of ['endpoint', 'aor', 'auth']) await this.#delete(objectType, name, deadlineMs);
    this.#unwanted.delete(name);
  }

  async #delete(objectType: string, id: string, deadlineMs: number): Promise<void> {
    try {
      await this.#link.request('deleteDynamic', { configClass: 'res_pjsip', objectType, id }, deadlineMs);
    } catch (error) {
      if (!(error instanceof AriError && error.status === 404)) throw error;
    }
  }
}

function peerObject({ mediaAddress }: DeviceOptions): SorceryObject {
  const bind = mediaAddress ? { media_address: mediaAddress, bind_rtp_to_media_address: 'yes' } : {};
  const values = {
    context: 'crosspoint-leg',
    disallow: 'all',
    allow: 'ulaw,alaw,g722',
    identify_by: 'ip',
    direct_media: 'no',
    allow_transfer: 'no',
    rtp_symmetric: 'yes',
    send_connected_line: 'no',
    ...bind,
  };
  return {
    type: 'endpoint',
    fields: Object.entries(values).map(([attribute, value]) => ({ attribute, value })),
  };
}
