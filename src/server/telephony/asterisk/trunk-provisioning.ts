import type { Clock } from '../../../lib/clock.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { AmiRefusal } from '../ami/ami-connection.ts';
import type { DeadlineOption, ProvisionedTrunk, TrunkReport } from '../ports.ts';
import type { AriLink } from './ari-link.ts';
import { AriError } from './ari-rest.ts';
import type { AriEndpoint } from './ari-types.ts';
import { carryOut, DEADLINE_MS } from './commands.ts';
import type { AsteriskManager } from './manager.ts';
import type { DeviceOptions } from './device-config.ts';
import { askRegistrations, type RegistrationState } from './trunk-registrations.ts';
import {
  checkTrunk,
  QUALIFY_SECONDS,
  QUALIFY_TIMEOUT_SECONDS,
  TRUNK_TYPES,
  type TrunkObject,
  trunkObjects,
} from './trunk-config.ts';

/** A provider that answers at all does so within this many milliseconds. */
const GOODBYE_MS = 1_000;

export interface TrunkOptions extends DeviceOptions {
  clock: Clock;
  /** AMI: ARI does not tell of registrations. Without it they are `unknown`. */
  manager: Pick<AsteriskManager, 'configured' | 'list' | 'events'>;
  /** A trunk that Asterisk did not take when it was put again after a connection. */
  onTrunkRefused?: (name: string, error: Error) => void;
}

/**
 * Trunks in Asterisk's memory (ARI's dynamic configuration): endpoint, aor, auth, identify and registration objects. What is
 * wanted is kept here and put on every connection, unless Asterisk has it as it is.
 */
export class TrunkProvisioning {
  readonly #link: AriLink;
  readonly #options: TrunkOptions;
  readonly #wanted = new Map<string, ProvisionedTrunk>();
  /** Removed while the link was down: to be removed from Asterisk when it is back. */
  readonly #unwanted = new Set<string>();
  /** When a trunk was made in Asterisk: until it has been asked, being offline means nothing. */
  readonly #madeAt = new Map<string, number>();

  constructor(link: AriLink, options: TrunkOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Keeps the trunk and puts it now. While the link is down it rejects with `switch-down`, and puts it later. */
  async put(trunk: ProvisionedTrunk, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    checkTrunk(trunk);
    this.#wanted.set(trunk.name, trunk);
    this.#unwanted.delete(trunk.name);
    await carryOut(this.#link, () => this.#put(trunk, deadlineMs), true);
  }

  /** Forgets the trunk and removes it now; live calls on it go on. */
  async remove(name: string, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    this.#wanted.delete(name);
    this.#unwanted.add(name);
    await carryOut(this.#link, () => this.#remove(name, deadlineMs), true);
    this.#unwanted.delete(name);
  }

  async reports({ deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<TrunkReport[]> {
    const endpoints = await carryOut(this.#link, () =>
      this.#link.request('listEndpoints', { tech: 'PJSIP' }, deadlineMs),
    );
    const states = new Map((endpoints as AriEndpoint[]).map(({ resource, state }) => [resource, state]));
    const known = await this.#registrations(deadlineMs);
    return [...this.#wanted.values()].map(({ name, connection }) => ({
      name,
      ...(connection.kind === 'registration' ? { registration: known.get(name) ?? 'unknown' } : {}),
      ...(connection.kind === 'peer' && !connection.host ? {} : this.#reachable(name, states.get(name))),
    }));
  }

  onChanged(listener: () => void): () => void {
    return this.#options.manager.events.on('registry', listener);
  }

  /** None while there is no trunk that registers, nor an AMI to ask. */
  async #registrations(deadlineMs: number): Promise<ReadonlyMap<string, RegistrationState>> {
    const { manager } = this.#options;
    const some = [...this.#wanted.values()].some(({ connection }) => connection.kind === 'registration');
    if (!some || !manager.configured) return new Map();
    try {
      return await askRegistrations(manager, deadlineMs);
    } catch (error) {
      // AMI is away or its user may not ask: OPTIONS still tells whether the trunk answers
      if (error instanceof CodedError || error instanceof AmiRefusal) return new Map();
      throw error;
    }
  }

  /** Part of reconciling. A trunk that cannot be put (a host name that does not resolve) holds nothing else up. */
  async restore(deadlineMs: number): Promise<void> {
    for (const name of this.#unwanted) await this.#remove(name, deadlineMs);
    this.#unwanted.clear();
    for (const trunk of this.#wanted.values()) {
      try {
        await this.#put(trunk, deadlineMs);
      } catch (error) {
        if (!(error instanceof CodedError || error instanceof AriError)) throw error;
        this.#options.onTrunkRefused?.(trunk.name, error);
      }
    }
  }

  /**
   * A change in place would add to lists (`match`) and keep fields that are not wanted any more: what is not the same is made
   * anew.
   */
  async #put(trunk: ProvisionedTrunk, deadlineMs: number): Promise<void> {
    const objects = trunkObjects(trunk, this.#options);
    const wanted = objects.find(({ type }) => type === 'endpoint')?.fields.at(-1)?.value;
    if (wanted !== undefined && (await this.#digestThere(trunk.name, deadlineMs)) === wanted) return;
    await this.#remove(trunk.name, deadlineMs);
    this.#madeAt.set(trunk.name, this.#options.clock.now());
    for (const object of objects) await this.#create(object, deadlineMs);
  }

  #reachable(name: string, state: string | undefined): { reachable?: boolean } {
    if (state === 'online') return { reachable: true };
    const { qualifySeconds = QUALIFY_SECONDS, clock } = this.#options;
    const askedBy = (this.#madeAt.get(name) ?? 0) + (qualifySeconds + QUALIFY_TIMEOUT_SECONDS + 1) * 1_000;
    return state === 'offline' && clock.now() >= askedBy ? { reachable: false } : {};
  }

  /** What the endpoint that Asterisk has says of its configuration. */
  async #digestThere(id: string, deadlineMs: number): Promise<string | undefined> {
    try {
      const values = { configClass: 'res_pjsip', objectType: 'endpoint', id };
      const fields = (await this.#link.request('getDynamic', values, deadlineMs)) as TrunkObject['fields'];
      return fields.find(({ attribute }) => attribute === 'accountcode')?.value;
    } catch (error) {
      if (error instanceof AriError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #create({ type, id, fields }: TrunkObject, deadlineMs: number): Promise<void> {
    const values = { configClass: 'res_pjsip', objectType: type, id, fields };
    try {
      await this.#link.request('putDynamic', values, deadlineMs);
    } catch (error) {
      if (!(error instanceof AriError)) throw error;
      await this.#remove(id, deadlineMs);
      const detail = `Asterisk does not take the ${type} of this trunk: is every host name right, and is the type in its sorcery.conf?`;
      throw new CodedError('bad-input', { detail });
    }
  }

  /** The registration first: Asterisk says goodbye to the provider with the password, which is not taken away before that. */
  async #remove(id: string, deadlineMs: number): Promise<void> {
    for (const objectType of TRUNK_TYPES) {
      const was = await this.#delete(objectType, id, deadlineMs);
      if (was && objectType === 'registration') await this.#goodbye();
    }
  }

  /** Until AMI tells of a registration that ended, at most GOODBYE_MS. */
  async #goodbye(): Promise<void> {
    const { clock, manager } = this.#options;
    await new Promise<void>((resolve) => {
      const said = () => {
        stop();
        cancel();
        resolve();
      };
      const stop = manager.events.on('registry', said);
      const cancel = clock.after(GOODBYE_MS, said);
    });
  }

  /** False when it was not there, or stands in a file. */
  async #delete(objectType: string, id: string, deadlineMs: number): Promise<boolean> {
    try {
      await this.#link.request('deleteDynamic', { configClass: 'res_pjsip', objectType, id }, deadlineMs);
      return true;
    } catch (error) {
      if (error instanceof AriError && [403, 404].includes(error.status)) return false;
      throw error;
    }
  }
}
