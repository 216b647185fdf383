/**
 * Puts the users' SIP phones on the switch: all at each start, one when it is added or its user changes, and takes one off for a
 * while when somebody guesses at its password.
 *
 *     absent ── add, start ──► on the switch ── wrong passwords ──► suspended ── time over ──► on the switch
 *        ▲                          └── removed, user disabled ──► absent          └── removed ──► absent
 */
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Device } from '../callcenter/model.ts';
import type { Provisioning } from '../telephony/ports.ts';

export interface PhoneProvisioningOptions {
  callCenter: CallCenter;
  provisioning: Provisioning;
  clock: Clock;
  onError: (error: unknown) => void;
}

export class PhoneProvisioning {
  readonly #options: PhoneProvisioningOptions;
  readonly #life: Lifecycle;
  /** Until when, by the device's name. */
  readonly #suspended = new Map<string, () => void>();

  constructor(options: PhoneProvisioningOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(
      options.callCenter.events.on('changed', (kind, id) =>
        kind === 'user' ? this.#userChanged(id) : undefined,
      ),
    );
  }

  /** Puts every phone on the switch; rejects with the switch's error. */
  async provisionAll(): Promise<void> {
    for (const device of this.#options.callCenter.sipDevices()) await this.put(device);
  }

  /** Puts one on the switch, or takes it off when its user is disabled. A suspended one stays away. */
  async put(device: Device): Promise<void> {
    const { callCenter, provisioning } = this.#options;
    const name = device.username;
    if (!name || this.#suspended.has(name)) return;
    const user = callCenter.user(device.userId);
    const password = await callCenter.devicePassword(device.id);
    if (!user || user.disabled || password === undefined) return await provisioning.remove(name);
    await provisioning.put({
      name,
      password,
      kind: 'phone',
      callerId: { number: user.extension ?? '', name: user.name },
    });
  }

  async remove(device: Device): Promise<void> {
    if (!device.username) return;
    this.#suspended.get(device.username)?.();
    this.#suspended.delete(device.username);
    await this.#options.provisioning.remove(device.username);
  }

  /** Takes the phone of this name off the switch for `ms` milliseconds. Nothing happens when there is none. */
  async suspend(name: string, ms: number): Promise<void> {
    const { callCenter, provisioning, onError } = this.#options;
    if (this.#suspended.has(name) || !callCenter.deviceNamed(name)) return;
    const cancel = this.#life.after(ms, () => {
      this.#suspended.delete(name);
      const device = callCenter.deviceNamed(name);
      if (device) this.put(device).catch(onError);
    });
    this.#suspended.set(name, cancel);
    await provisioning.remove(name);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  async #userChanged(userId: string): Promise<void> {
    for (const device of this.#options.callCenter.devicesOf(userId)) await this.put(device);
  }
}
