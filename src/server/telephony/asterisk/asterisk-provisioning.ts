import { CodedError } from '../../../protocol/errors.ts';
import type {
  DeadlineOption,
  ProvisionedDevice,
  ProvisionedTrunk,
  Provisioning,
  TrunkReport,
} from '../ports.ts';
import type { AriLink } from './ari-link.ts';
import { AriError } from './ari-rest.ts';
import type { AriEndpoint } from './ari-types.ts';
import { carryOut, DEADLINE_MS } from './commands.ts';
import { checkDevice, deviceObjects, type SorceryObject } from './device-config.ts';
import { TrunkProvisioning, type TrunkOptions } from './trunk-provisioning.ts';

/** The endpoint by which calls to any SIP address leave; nothing is ever identified as it. */
export const PEER_ENDPOINT = 'crosspoint-peer';

/**
 * Devices in Asterisk's memory (ARI's dynamic configuration). A restarted Asterisk has lost them, so what is wanted is
 * kept here and put again on every connection.
 */
export class AsteriskProvisioning implements Provisioning {
  readonly #link: AriLink;
  readonly #options: TrunkOptions;
  readonly #trunks: TrunkProvisioning;
  readonly #wanted = new Map<string, ProvisionedDevice>();
  /** Removed while the link was down: to be removed from Asterisk when it is back. */
  readonly #unwanted = new Set<string>();
  /** Registered devices whose endpoint is made anew. */
  readonly #remaking = new Set<string>();
  #transfers = true;

  constructor(link: AriLink, options: TrunkOptions) {
    this.#link = link;
    this.#options = options;
    this.#trunks = new TrunkProvisioning(link, options);
  }

  /** Keeps the device and puts it now. While the link is down it rejects with `switch-down`, and puts it later. */
  async put(device: ProvisionedDevice, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    checkDevice(device);
    if (device.name === PEER_ENDPOINT)
      throw new CodedError('bad-input', { detail: 'this device name is taken' });
    this.#wanted.set(device.name, { ...device });
    this.#unwanted.delete(device.name);
    await carryOut(this.#link, () => this.#putDevice(device, deadlineMs), true);
  }

  /** Forgets the device and removes it now. While the link is down it rejects with `switch-down`, and removes it later. */
  async remove(name: string, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    this.#wanted.delete(name);
    this.#unwanted.add(name);
    await carryOut(this.#link, () => this.#removeObjects(name, deadlineMs), true);
  }

  putTrunk(trunk: ProvisionedTrunk, options?: DeadlineOption): Promise<void> {
    return this.#trunks.put(trunk, options);
  }

  removeTrunk(name: string, options?: DeadlineOption): Promise<void> {
    return this.#trunks.remove(name, options);
  }

  trunkReports(options?: DeadlineOption): Promise<TrunkReport[]> {
    return this.#trunks.reports(options);
  }

  /** When the state of a registration is another; only where AMI's user may read that. */
  onTrunksChanged(listener: () => void): () => void {
    return this.#trunks.onChanged(listener);
  }

  /**
   * What Asterisk's word on a registration is worth: an endpoint that is made anew is offline for a moment, and online as soon
   * as it is there again.
   */
  believes(name: string, online: boolean): boolean {
    if (online) this.#remaking.delete(name);
    return online || !this.#remaking.has(name);
  }

  async registered({ deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<string[]> {
    return carryOut(this.#link, () => this.#online(deadlineMs));
  }

  /** Puts the endpoint that is always there. Comes before all else on a new connection. */
  putPeer(deadlineMs: number): Promise<void> {
    return this.#putObjects(PEER_ENDPOINT, [peerObject(this.#options)], deadlineMs);
  }

  /**
   * Puts everything that is wanted again; resolves with the names that are registered. Part of reconciling.
   * @param transfers whether this Asterisk leaves a phone's REFER to us.
   */
  async restore(deadlineMs: number, transfers: boolean): Promise<string[]> {
    this.#transfers = transfers;
    for (const name of this.#unwanted) await this.#removeObjects(name, deadlineMs);
    for (const device of this.#wanted.values()) await this.#putDevice(device, deadlineMs);
    await this.#trunks.restore(deadlineMs);
    return this.#online(deadlineMs);
  }

  /**
   * A change of an endpoint adds to its access list, and copies what was in it wrongly: one that has a list is made anew.
   * An Asterisk that we adopted may have lists from before.
   */
  async #putDevice(device: ProvisionedDevice, deadlineMs: number): Promise<void> {
    const objects = deviceObjects(device, { ...this.#options, transfers: this.#transfers });
    if (device.kind === 'phone' && (await this.#hasAccessList(device.name, deadlineMs))) {
      this.#remaking.add(device.name);
      await this.#delete('endpoint', device.name, deadlineMs);
    }
    await this.#putObjects(device.name, objects, deadlineMs);
  }

  async #hasAccessList(name: string, deadlineMs: number): Promise<boolean> {
    try {
      const values = { configClass: 'res_pjsip', objectType: 'endpoint', id: name };
      const fields = (await this.#link.request('getDynamic', values, deadlineMs)) as SorceryObject['fields'];
      return fields.some(({ attribute, value }) => attribute === 'acl' && value !== '');
    } catch (error) {
      if (error instanceof AriError && error.status === 404) return false;
      throw error;
    }
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
    this.#remaking.delete(name);
  }

  async #delete(objectType: string, id: string, deadlineMs: number): Promise<void> {
    try {
      await this.#link.request('deleteDynamic', { configClass: 'res_pjsip', objectType, id }, deadlineMs);
    } catch (error) {
      if (!(error instanceof AriError && error.status === 404)) throw error;
    }
  }
}

function peerObject({ mediaAddress }: TrunkOptions): SorceryObject {
  const bind = mediaAddress ? { media_address: mediaAddress, bind_rtp_to_media_address: 'yes' } : {};
  const values = {
    context: 'crosspoint-leg',
    disallow: 'all',
    allow: 'ulaw,alaw,g722',
    identify_by: 'ip',
    direct_media: 'no',
    allow_transfer: 'no',
    rtp_symmetric: 'yes',
    // a 183 without SDP is ringing, not something to be heard
    ignore_183_without_sdp: 'yes',
    send_connected_line: 'no',
    ...bind,
  };
  return {
    type: 'endpoint',
    fields: Object.entries(values).map(([attribute, value]) => ({ attribute, value })),
  };
}
