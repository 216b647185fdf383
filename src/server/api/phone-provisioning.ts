/**
 * Puts the users' SIP phones on the switch: all at each start, one when it is added or its user changes, and closes one for a
 * while to an address from which somebody guesses at its password.
 *
 *     absent ── add, start ──► on the switch ── wrong passwords ──► closed to an address ── time over ──► on the switch
 *        ▲                          │                                    │
 *        └── removed, user disabled ┴────────────────────────────────────┘
 */
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Device } from '../callcenter/model.ts';
import type { Provisioning, SwitchDirectory } from '../telephony/ports.ts';

export interface PhoneProvisioningOptions {
  callCenter: CallCenter;
  /** Each phone is put on its own platform's switch. */
  switches: SwitchDirectory;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** Addresses that a phone is closed to at once: an attacker with more of them cannot make its access list ever longer. */
const MAX_REFUSALS = 50;

export class PhoneProvisioning {
  readonly #options: PhoneProvisioningOptions;
  readonly #life: Lifecycle;
  /** By the device's name: the addresses it is closed to, each with what cancels the timer that opens it again. */
  readonly #refusals = new Map<string, Map<string, () => void>>();

  constructor(options: PhoneProvisioningOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(options.switches.events.on('added', ({ id }) => this.#added(id)));
    this.#life.add(
      options.callCenter.events.on('changed', (kind, id) =>
        kind === 'user' ? this.#userChanged(id) : undefined,
      ),
    );
  }

  /**
   * Puts every phone on its switch: a switch that starts anew has lost what the process before this one has put there. Resolves
   * when those of this platform are there, and rejects with its switch's error; others are not waited for.
   */
  async start(platformId: string): Promise<void> {
    const { switches, callCenter } = this.#options;
    for (const { id } of switches.all()) if (id !== platformId) this.#added(id);
    for (const device of callCenter.sipDevices())
      if (device.platformId === platformId) await this.put(device);
  }

  /** Puts one on the switch, or takes it off when its user is disabled. */
  async put(device: Device): Promise<void> {
    const { callCenter } = this.#options;
    const name = device.username;
    const provisioning = this.#provisioning(device);
    if (!name || !provisioning) return;
    const user = callCenter.user(device.userId);
    const password = await callCenter.devicePassword(device.id);
    if (!user || user.disabled || password === undefined) return await provisioning.remove(name);
    await provisioning.put({
      name,
      password,
      kind: 'phone',
      callerId: { number: user.extension ?? '', name: user.name },
      refusedFrom: [...(this.#refusals.get(name)?.keys() ?? [])],
    });
  }

  async remove(device: Device): Promise<void> {
    if (!device.username) return;
    for (const cancel of this.#refusals.get(device.username)?.values() ?? []) cancel();
    this.#refusals.delete(device.username);
    await this.#provisioning(device)?.remove(device.username);
  }

  /** Closes the phone of this name to an address for `ms` milliseconds. Nothing happens when there is no such phone. */
  async refuse(name: string, address: string, ms: number): Promise<void> {
    const device = this.#options.callCenter.deviceNamed(name);
    const refused = this.#refusals.get(name) ?? new Map<string, () => void>();
    if (!device || refused.has(address) || refused.size >= MAX_REFUSALS) return;
    refused.set(
      address,
      this.#life.after(ms, () => this.#admit(name, address)),
    );
    this.#refusals.set(name, refused);
    await this.put(device);
  }

  #admit(name: string, address: string): void {
    this.#refusals.get(name)?.delete(address);
    const device = this.#options.callCenter.deviceNamed(name);
    if (device) this.put(device).catch(this.#options.onError);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  /** A platform came, or came anew: it knows none of its phones. One that is not connected yet gets them when it is. */
  #added(platformId: string): void {
    for (const device of this.#options.callCenter.sipDevices()) {
      if (device.platformId !== platformId) continue;
      this.put(device).catch((error: unknown) => {
        if (!(error instanceof CodedError && error.code === 'switch-down')) this.#options.onError(error);
      });
    }
  }

  #provisioning({ platformId }: Device): Provisioning | undefined {
    return this.#options.switches.get(platformId)?.provisioning;
  }

  async #userChanged(userId: string): Promise<void> {
    for (const device of this.#options.callCenter.devicesOf(userId)) await this.put(device);
  }
}
