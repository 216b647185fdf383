/** Which devices the simulated exchange knows, and which of them are registered. */
import type { Endpoint, ProvisionedDevice, ProvisionedTrunk, TrunkReport } from '../ports.ts';
import { type DeviceActions, SimulatedDevice } from './device.ts';

export class DeviceRegistry {
  readonly #provisioned = new Map<string, ProvisionedDevice>();
  readonly #devices = new Map<string, SimulatedDevice>();
  readonly #outside = new Map<string, SimulatedDevice>();
  readonly #trunks = new Map<string, ProvisionedTrunk>();
  readonly #deadTrunks = new Set<string>();
  readonly #changed: (name: string, registered: boolean) => void;
  readonly #actions: DeviceActions;
  /** Provisioned devices register at once, without a phone doing it. */
  readonly #registerThemselves: boolean;

  constructor(options: {
    changed(name: string, registered: boolean): void;
    calls: Pick<DeviceActions, 'answer' | 'reject'>;
    registerThemselves: boolean;
  }) {
    this.#changed = options.changed;
    this.#registerThemselves = options.registerThemselves;
    this.#actions = {
      ...options.calls,
      register: (device, password) => this.#register(device, password),
      unregister: (device) => this.#set(device, false),
    };
  }

  /** The phone of this name: made on first use, not registered. */
  device(name: string): SimulatedDevice {
    return take(this.#devices, name, () => new SimulatedDevice(name, false, this.#actions));
  }

  /** The phone behind an outside number or SIP address: always reachable. */
  outside(address: string): SimulatedDevice {
    return take(this.#outside, address, () => new SimulatedDevice(address, true, this.#actions));
  }

  reach(endpoint: Endpoint): SimulatedDevice {
    if (endpoint.kind === 'device') return this.device(endpoint.name);
    // a phone that never registers: calls to it are unreachable
    if (endpoint.kind === 'trunk' && this.#deadTrunks.has(endpoint.trunk))
      return new SimulatedDevice(endpoint.number, false, this.#actions);
    return this.outside(endpoint.kind === 'sip' ? endpoint.uri : endpoint.number);
  }

  put(device: ProvisionedDevice): void {
    this.#provisioned.set(device.name, device);
    if (this.#registerThemselves) this.#set(this.device(device.name), true);
  }

  remove(name: string): void {
    this.#provisioned.delete(name);
    this.#set(this.device(name), false);
  }

  putTrunk(trunk: ProvisionedTrunk): void {
    this.#trunks.set(trunk.name, trunk);
  }

  removeTrunk(name: string): void {
    this.#trunks.delete(name);
  }

  get trunkReports(): TrunkReport[] {
    return [...this.#trunks.values()].map(({ name, connection }) => {
      const up = !this.#deadTrunks.has(name);
      const registration = up ? 'registered' : 'trying';
      return { name, reachable: up, ...(connection.kind === 'registration' ? { registration } : {}) };
    });
  }

  /** The network behind a trunk goes away or comes back, whether or not the trunk was put. */
  setTrunk(name: string, up: boolean): void {
    if (up) this.#deadTrunks.delete(name);
    else this.#deadTrunks.add(name);
  }

  get registered(): string[] {
    return [...this.#devices.values()].filter((device) => device.registered).map((device) => device.name);
  }

  /** A restart: nothing is known and nobody is registered; nobody is told. */
  forget(): void {
    this.#provisioned.clear();
    this.#trunks.clear();
    for (const device of this.#devices.values()) device.registered = false;
  }

  #register(device: SimulatedDevice, password: string | undefined): boolean {
    const known = this.#provisioned.get(device.name);
    if (password !== undefined && known?.password !== password) return false;
    this.#set(device, true);
    return true;
  }

  #set(device: SimulatedDevice, registered: boolean): void {
    if (device.registered === registered) return;
    device.registered = registered;
    this.#changed(device.name, registered);
  }
}

function take<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
