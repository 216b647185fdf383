/**
 * The trunks as they stand on their switches: pushed when they are set, put again when a switch is added, asked for their state
 * every few seconds, and with the calls that are on them now.
 *
 *     set or changed ──► put on its platform ──► trying ──► ready
 *                             │                     └─────► failed (in words)
 *                             └ refused: failed; a switch that is not connected gets it when it is
 */
import type { Clock } from '../lib/clock.ts';
import { Lifecycle } from '../lib/lifecycle.ts';
import { Serial } from '../lib/serial.ts';
import { CodedError } from '../protocol/errors.ts';
import type { TrunkStatus } from '../protocol/trunks.ts';
import type { Trunk, Trunks } from './callcenter/trunks.ts';
import type { ProvisionedTrunk, SwitchDirectory, SwitchEntry, TrunkReport } from './telephony/ports.ts';

export interface TrunkBoardOptions {
  trunks: Trunks;
  switches: SwitchDirectory;
  clock: Clock;
  /** Calls that are on the trunk now. */
  callsOn(trunkId: string): number;
  onError: (what: string, error: unknown, ids: { trunkId?: string; platformId?: string }) => void;
  /** Milliseconds between two looks at the trunks' states. Default 5,000. */
  everyMs?: number;
}

export class TrunkBoard {
  readonly #o: TrunkBoardOptions;
  readonly #life: Lifecycle;
  readonly #serial = new Serial();
  readonly #reports = new Map<string, TrunkReport>();
  /** Why the switch did not take a trunk, in words. */
  readonly #refused = new Map<string, string>();
  /** What ends listening to a platform's trunks. */
  readonly #listening = new Map<string, () => void>();
  /** The platform that a trunk was put on. */
  readonly #putOn = new Map<string, string>();

  constructor(options: TrunkBoardOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  /** Puts every trunk, and keeps them so. */
  start(): void {
    const { trunks, switches, everyMs = 5_000 } = this.#o;
    this.#life.add(trunks.events.on('changed', (id) => this.#push(id)));
    this.#life.add(switches.events.on('added', (entry) => this.#added(entry)));
    this.#life.add(switches.events.on('removed', ({ id }) => this.#forget(id)));
    this.#life.every(everyMs, () => this.#look());
    for (const entry of switches.all()) this.#added(entry);
  }

  async close(): Promise<void> {
    await this.#life.close();
    for (const id of this.#listening.keys()) this.#forget(id);
    await this.#serial.idle();
  }

  status(trunkId: string): TrunkStatus {
    const trunk = this.#o.trunks.get(trunkId);
    const calls = this.#o.callsOn(trunkId);
    if (!trunk?.enabled) return { state: 'disabled', text: 'Switched off.', calls };
    const link = this.#o.switches.get(trunk.platformId)?.switch.link;
    if (link === undefined)
      return { state: 'unknown', text: `There is no telephone system ${trunk.platformId}.`, calls };
    if (link !== 'up') return { state: 'unknown', text: 'Its telephone system is not connected.', calls };
    const refused = this.#refused.get(trunkId);
    if (refused !== undefined) return { state: 'failed', text: refused, calls };
    return { ...describeTrunk(trunk, this.#reports.get(trunkId)), calls };
  }

  /** Whether calls may be sent to it now: what is not known is tried. */
  usable(trunkId: string): boolean {
    const { state } = this.status(trunkId);
    return state !== 'disabled' && state !== 'failed';
  }

  /** Looks at the states now. */
  async look(): Promise<void> {
    for (const { id, provisioning, switch: node } of this.#o.switches.all()) {
      if (node.link !== 'up' || !provisioning) continue;
      try {
        for (const report of await provisioning.trunkReports()) this.#reports.set(report.name, report);
      } catch (error) {
        this.#o.onError('ask for the state of trunks', error, { platformId: id });
      }
    }
  }

  #added({ id, provisioning }: SwitchEntry): void {
    this.#forget(id);
    const stop = provisioning.onTrunksChanged?.(() => this.#look());
    if (stop) this.#listening.set(id, stop);
    this.#pushAll(id);
  }

  #forget(platformId: string): void {
    this.#listening.get(platformId)?.();
    this.#listening.delete(platformId);
  }

  #look(): void {
    void this.#serial.run('look', () => this.look());
  }

  #pushAll(platformId: string): void {
    for (const trunk of this.#o.trunks.all()) if (trunk.platformId === platformId) this.#push(trunk.id);
  }

  #push(id: string): void {
    this.#serial
      .run(id, () => this.#put(id))
      .catch((error: unknown) => this.#o.onError('put a trunk on its switch', error, { trunkId: id }));
  }

  async #put(id: string): Promise<void> {
    const { trunks, switches } = this.#o;
    const trunk = trunks.get(id);
    const was = this.#putOn.get(id);
    this.#reports.delete(id);
    this.#refused.delete(id);
    if (was !== undefined && (!trunk?.enabled || trunk.platformId !== was)) {
      this.#putOn.delete(id);
      await ignoringDown(switches.get(was)?.provisioning?.removeTrunk(id));
    }
    if (!trunk?.enabled) return;
    const provisioning = switches.get(trunk.platformId)?.provisioning;
    if (!provisioning) return;
    this.#putOn.set(id, trunk.platformId);
    try {
      await ignoringDown(provisioning.putTrunk(toProvision(trunk, (await trunks.password(id)) ?? '')));
    } catch (error) {
      this.#refused.set(id, error instanceof CodedError ? error.message : 'The telephone system refused it.');
      throw error;
    }
    this.#look();
  }
}

/** A switch that is not connected keeps what it is asked, and does it when it is. */
async function ignoringDown(work: Promise<void> | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'switch-down')) throw error;
  }
}

/** A trunk as the switch needs it. */
export function toProvision(trunk: Trunk, password: string): ProvisionedTrunk {
  const { connection } = trunk;
  const base = {
    name: trunk.id,
    transport: trunk.transport,
    ...(trunk.srtp === 'off' ? {} : { srtp: trunk.srtp }),
    codecs: trunk.codecs,
    callerIdFormat: trunk.callerIdFormat,
  };
  if (connection.kind === 'peer') return { ...base, connection };
  const { expiry: expirySeconds, realm, ...rest } = connection;
  return { ...base, connection: { ...rest, ...(realm ? { realm } : {}), password, expirySeconds } };
}

/** Asterisk tells a connection that failed as a registration that was refused, and says in its log only why. */
function noTls(name: string): string {
  return `No connection by TLS to ${name}: wrong port, or its certificate has expired, is not for ${name}, or is of an authority that is not trusted (docs/trunks.md); if it answers no OPTIONS, user and password may be wrong as well.`;
}

/** What a report means, in words. */
export function describeTrunk(
  { connection, transport }: Pick<Trunk, 'connection' | 'transport'>,
  report: TrunkReport | undefined,
): Omit<TrunkStatus, 'calls'> {
  const { registration, reachable } = report ?? {};
  const facts = {
    ...(registration ? { registration } : {}),
    ...(reachable === undefined ? {} : { reachable }),
  };
  const say = (state: TrunkStatus['state'], text: string) => ({ state, text, ...facts });
  if (!report) return say('trying', 'Not asked yet.');
  const name = connection.kind === 'registration' ? connection.registrar : (connection.host ?? '');
  const unheard = reachable === undefined ? registration === 'refused' : !reachable;
  if (transport === 'tls' && unheard && registration !== 'registered') return say('failed', noTls(name));
  if (registration === 'refused')
    return say('failed', `${name} refused the registration: check user, password and realm.`);
  if (registration === 'trying') return say('trying', `Not registered at ${name} yet.`);
  if (registration === 'registered') return say('ready', `Registered at ${name}.`);
  if (connection.kind === 'peer' && !connection.host) return say('ready', 'Takes calls in only.');
  if (reachable === true) return say('ready', `${name} answers.`);
  if (reachable === false) return say('failed', `${name} does not answer (SIP OPTIONS).`);
  return say('trying', `${name} has not answered yet.`);
}
