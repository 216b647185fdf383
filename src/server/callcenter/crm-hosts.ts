/** The CRMs whose pages may frame the softphone, as an administrator sets them. None: only our own pages may. */
import { newId } from '../../lib/ids.ts';
import { type CrmHost, type CrmHostInput, CrmHostSettings, type HostKind } from '../../protocol/crm-hosts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Transactional } from '../store/database.ts';
import { DocumentTable } from './document-table.ts';
import { withoutId } from './trunks.ts';

/** Shorter ones can be guessed from a signed context (RFC 7518 section 3.2). */
const MIN_SECRET = 32;

export interface CrmHostsOptions {
  db: Transactional;
  userExists: (id: string) => boolean;
}

export class CrmHosts {
  readonly #o: CrmHostsOptions;
  readonly #table: DocumentTable<CrmHostSettings>;

  private constructor(options: CrmHostsOptions) {
    this.#o = options;
    this.#table = new DocumentTable({
      db: options.db,
      table: 'crm_host',
      what: 'CRM page',
      schema: CrmHostSettings,
      onChanged: () => undefined,
    });
  }

  /** Reads everything. The table must be there (`crmHostMigrations`). */
  static async load(options: CrmHostsOptions): Promise<CrmHosts> {
    const hosts = new CrmHosts(options);
    await hosts.#table.load();
    return hosts;
  }

  /** Reads everything anew. */
  reload(): Promise<void> {
    return this.#table.load();
  }

  all(): CrmHost[] {
    return this.#table.all().map((host) => ({ ...host, hasKey: this.#table.hasSecret(host.id) }));
  }

  get(id: string): CrmHost | undefined {
    return this.all().find((host) => host.id === id);
  }

  /** The CRM whose page has this origin. */
  at(origin: string | undefined): CrmHost | undefined {
    return this.all().find((host) => origin !== undefined && host.origins.includes(origin));
  }

  /** Every origin whose pages may frame the softphone; of these kinds only, where some are named. */
  origins(kinds?: readonly HostKind[]): string[] {
    const named = this.all().filter((host) => !kinds || kinds.includes(host.kind));
    return [...new Set(named.flatMap((host) => host.origins))];
  }

  /** The key that signs contexts of this CRM, for checking them only. */
  key(id: string): Promise<string | undefined> {
    return this.#table.secret(id);
  }

  /** @throws `already-exists`, `bad-input`. */
  async add({ key, ...settings }: CrmHostInput): Promise<CrmHost> {
    const id = newId('crmhost');
    await this.#table.save(id, () => this.#checked(id, settings, key, false), key);
    return this.#must(id);
  }

  /** A key that is left out stays. @throws `not-found`, `already-exists`, `bad-input`. */
  async change(id: string, { key, ...patch }: Partial<CrmHostInput>): Promise<CrmHost> {
    const make = () => {
      const before = this.#table.must(id);
      const kind = patch.signInKey ?? before.signInKey;
      const keeps = kind === before.signInKey && this.#table.hasSecret(id);
      return this.#checked(id, { ...withoutId(before), ...patch }, key, keeps);
    };
    await this.#table.save(id, make, key);
    return this.#must(id);
  }

  /** @throws `not-found`. */
  remove(id: string): Promise<void> {
    return this.#table.remove(id);
  }

  #must(id: string): CrmHost {
    return { ...this.#table.must(id), hasKey: this.#table.hasSecret(id) };
  }

  #checked(id: string, settings: CrmHostSettings, key: string | undefined, hasKey: boolean): CrmHostSettings {
    const other = this.all().find((host) => host.id !== id && host.origins.some(isIn(settings.origins)));
    if (other) refuse(`origins: ${other.label} has one of these already`);
    const stranger = settings.users.find(({ userId }) => !this.#o.userExists(userId));
    if (stranger) refuse(`users: there is no user ${stranger.userId}`);
    const ids = settings.users.map(({ externalId }) => externalId.toLowerCase());
    if (new Set(ids).size !== ids.length) refuse('users: each name in the CRM once');
    checkKey(settings, key, hasKey);
    return settings;
  }
}

function checkKey({ signInKey }: CrmHostSettings, key: string | undefined, hasKey: boolean): void {
  if (signInKey === 'none') return;
  if (key === undefined && !hasKey) refuse('key: the key that signs is needed');
  if (key === undefined) return;
  if (signInKey === 'secret' && key.length < MIN_SECRET) refuse(`key: at least ${MIN_SECRET} characters`);
  if (signInKey === 'public-key' && !/^-----BEGIN PUBLIC KEY-----[\s\S]+-----END PUBLIC KEY-----$/.test(key))
    refuse('key: a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----');
}

function isIn(origins: readonly string[]): (origin: string) => boolean {
  return (origin) => origins.includes(origin);
}

function refuse(detail: string): never {
  throw new CodedError('bad-input', { detail });
}
