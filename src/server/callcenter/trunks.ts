/**
 * Trunks and outbound routes as an administrator sets them. One trunk may stand in the configuration (`CROSSPOINT_TRUNK`): it is
 * listed after the others and cannot be changed here.
 */
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  OutboundRouteInput,
  type TrunkSettings as Settings,
  type TrunkInput,
  TrunkSettings,
} from '../../protocol/trunks.ts';
import type { Transactional } from '../store/database.ts';
import { DocumentTable, type Kept } from './document-table.ts';

export type Trunk = Kept<Settings>;
export type Route = Kept<OutboundRouteInput>;

/** Id of the trunk that stands in the configuration. */
export const CONFIGURED_TRUNK = 'trunk_configured';

export type TrunksEvents = {
  /** A trunk was added, changed or removed; read it anew. */
  changed: [id: string];
};

export interface TrunksOptions {
  db: Transactional;
  /** The trunk of the configuration. */
  configured?: Settings | undefined;
  onListenerError: (error: unknown, event: string) => void;
}

export class Trunks {
  readonly events: Emitter<TrunksEvents>;
  readonly #trunks: DocumentTable<Settings>;
  readonly #routes: DocumentTable<OutboundRouteInput>;
  readonly #configured: Trunk | undefined;

  private constructor({ db, configured, onListenerError }: TrunksOptions) {
    this.events = new Emitter(onListenerError);
    this.#configured = configured && { ...configured, id: CONFIGURED_TRUNK };
    this.#trunks = new DocumentTable({
      db,
      table: 'trunk',
      what: 'trunk',
      schema: TrunkSettings,
      onChanged: (id) => this.events.emit('changed', id),
    });
    this.#routes = new DocumentTable({
      db,
      table: 'outbound_route',
      what: 'outbound route',
      schema: OutboundRouteInput,
      onChanged: () => undefined,
    });
  }

  /** Reads everything. The tables must be there (`trunkMigrations`). */
  static async load(options: TrunksOptions): Promise<Trunks> {
    const trunks = new Trunks(options);
    await Promise.all([trunks.#trunks.load(), trunks.#routes.load()]);
    return trunks;
  }

  /** Reads everything anew, and tells of the trunks that are different. */
  async reload(): Promise<void> {
    const before = new Map(this.#trunks.all().map((trunk) => [trunk.id, JSON.stringify(trunk)]));
    await Promise.all([this.#trunks.load(), this.#routes.load()]);
    const after = new Map(this.#trunks.all().map((trunk) => [trunk.id, JSON.stringify(trunk)]));
    for (const id of new Set([...before.keys(), ...after.keys()]))
      if (before.get(id) !== after.get(id)) this.events.emit('changed', id);
  }

  /** In the order in which they are tried, the configuration's last. */
  all(): Trunk[] {
    return [...this.#trunks.all(), ...(this.#configured ? [this.#configured] : [])];
  }

  get(id: string): Trunk | undefined {
    return id === CONFIGURED_TRUNK ? this.#configured : this.#trunks.get(id);
  }

  hasPassword(id: string): boolean {
    return this.#trunks.hasSecret(id);
  }

  /** A secret: for the switch only. */
  async password(id: string): Promise<string | undefined> {
    return this.#trunks.secret(id);
  }

  /** @throws `already-exists`, `bad-input` for a registration without a password. */
  async add(input: TrunkInput, id = newId('trunk')): Promise<Trunk> {
    const { password, ...settings } = input;
    check(settings, password !== undefined);
    return this.#trunks.save(id, () => settings, password);
  }

  /** A password that is left out stays. @throws `not-found`, `already-exists`, `not-allowed` for the configuration's. */
  async change(id: string, patch: Partial<TrunkInput>): Promise<Trunk> {
    refuseConfigured(id);
    const { password, ...rest } = patch;
    return this.#trunks.save(
      id,
      () => {
        const settings = { ...withoutId(this.#trunks.must(id)), ...rest };
        check(settings, password !== undefined || this.hasPassword(id));
        return settings;
      },
      password,
    );
  }

  /** @param namedBySite labels of sites that name it. @throws `in-use` while a route, a site or a number names it. */
  async remove(id: string, namedBySite: () => string[]): Promise<void> {
    refuseConfigured(id);
    await this.#trunks.remove(id, () => {
      const route = this.#routes.all().find((r) => r.trunkIds.includes(id));
      if (route) return `the outbound route ${route.label} names it`;
      const [site] = namedBySite();
      return site && `the site ${site} names it`;
    });
  }

  /** The order to try them in where no route says otherwise. */
  reorder(ids: string[]): Promise<void> {
    return this.#trunks.reorder(ids);
  }

  routes(): Route[] {
    return this.#routes.all();
  }

  /** @throws `already-exists`, `bad-input` for a trunk that does not exist. */
  saveRoute(input: OutboundRouteInput, id = newId('route')): Promise<Route> {
    return this.#routes.save(id, () => this.#checkedRoute(input));
  }

  changeRoute(id: string, patch: Partial<OutboundRouteInput>): Promise<Route> {
    return this.#routes.save(id, () => this.#checkedRoute({ ...withoutId(this.#routes.must(id)), ...patch }));
  }

  removeRoute(id: string): Promise<void> {
    return this.#routes.remove(id);
  }

  reorderRoutes(ids: string[]): Promise<void> {
    return this.#routes.reorder(ids);
  }

  #checkedRoute(route: OutboundRouteInput): OutboundRouteInput {
    const stranger = route.trunkIds.find((id) => !this.get(id));
    if (stranger) throw new CodedError('bad-input', { detail: `trunkIds: there is no trunk ${stranger}` });
    return route;
  }
}

/** A document as it is stored. */
export function withoutId<T extends { id: string }>(kept: T): Omit<T, 'id'> {
  const { id, ...rest } = kept;
  return id ? rest : kept;
}

function refuseConfigured(id: string): void {
  if (id === CONFIGURED_TRUNK)
    throw new CodedError('bad-input', { detail: 'this trunk stands in the configuration: change it there' });
}

function check({ connection, transport, srtp }: Settings, hasPassword: boolean): void {
  if (srtp !== 'off' && transport !== 'tls')
    throw new CodedError('bad-input', {
      detail: 'srtp: its keys stand in the signalling, which only the transport tls keeps secret',
    });
  if (connection.kind === 'registration' && !hasPassword)
    throw new CodedError('bad-input', { detail: 'password: a trunk that registers needs one' });
  if (connection.kind === 'peer' && connection.host === undefined && connection.hosts.length === 0)
    throw new CodedError('bad-input', {
      detail: 'connection: a peer needs hosts that calls come from, a host that calls go to, or both',
    });
}
