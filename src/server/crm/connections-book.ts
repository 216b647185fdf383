/**
 * Which CRMs an organisation has connected, and which of them serves whom, as it is set: checked, and written. What of it lives is
 * made by `CrmConnections`; in a transaction nothing is.
 */
import { readableId } from '../../lib/ids.ts';
import { BUILTIN_CRM, type CrmChange, type CrmChoice, type NewCrm } from '../../protocol/crm-connections.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  changedSettings,
  checkSettings,
  kindNamed,
  type Settings,
  secretNames,
  withoutSecrets,
} from '../../protocol/kind-settings.ts';
import type { Transactional } from '../store/database.ts';
import { ConnectionsStore, type StoredCrm } from './connections-store.ts';
import type { AnyCrmKind } from './kind.ts';
import type { Vault } from './vault.ts';

export interface ConnectionsBookOptions {
  db: Transactional;
  kinds: readonly AnyCrmKind[];
  vault: Vault;
  /** Writes of the outbox that wait for this CRM. */
  waiting(crmId: string): Promise<number>;
  /** Others have written: `read` takes it in. Left out: nothing follows from it. */
  onReload?(read: () => Promise<void>): Promise<void>;
}

/** CRMs that an organisation may have. */
const MAX_CONNECTIONS = 20;

export class ConnectionsBook {
  readonly store: ConnectionsStore;
  readonly #o: ConnectionsBookOptions;
  #all = new Map<string, StoredCrm>();
  #choices = new Map<string, string>();

  private constructor(options: ConnectionsBookOptions) {
    this.#o = options;
    this.store = new ConnectionsStore(options.db, options.vault);
  }

  /** Reads everything. The tables must be there (`crmConnectionMigrations`). */
  static async load(options: ConnectionsBookOptions): Promise<ConnectionsBook> {
    const book = new ConnectionsBook(options);
    await book.#read();
    return book;
  }

  /** The same as a transaction sees it: what it writes there nobody is told. */
  in(db: Transactional): Promise<ConnectionsBook> {
    const { kinds, vault, waiting } = this.#o;
    return ConnectionsBook.load({ db, kinds, vault, waiting });
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    const read = () => this.#read();
    await (this.#o.onReload?.(read) ?? read());
  }

  /** With their secrets. */
  all(): StoredCrm[] {
    return [...this.#all.values()];
  }

  /** What may be shown of it, and the names of the secrets that are set. */
  shown({ kind, settings }: StoredCrm): { settings: Settings; secretsSet: string[] } {
    const known = this.#o.kinds.find((one) => one.kind === kind);
    return withoutSecrets(known, settings);
  }

  get kinds(): readonly AnyCrmKind[] {
    return this.#o.kinds;
  }

  /** @throws `bad-input`. */
  kind(name: string): AnyCrmKind {
    return kindNamed(this.#o.kinds, name);
  }

  /** @throws `bad-input` for a setting that is wrong, `already-exists`, `too-many`. */
  async add(input: NewCrm): Promise<StoredCrm> {
    if (this.#all.size >= MAX_CONNECTIONS)
      throw new CodedError('too-many', { limit: `${MAX_CONNECTIONS} CRMs` });
    const kind = this.kind(input.kind);
    const id = input.id ?? readableId(input.label, 'crm', (one) => this.#isTaken(one));
    if (this.#isTaken(id)) throw new CodedError('already-exists', { what: 'CRM', field: 'id' });
    const settings = checkSettings(kind, changedSettings({}, input.settings));
    const { label, enabled } = input;
    return await this.#write({ id, kind: kind.kind, label, settings, enabled });
  }

  /** @throws `not-found`, `bad-input`, `already-exists`. */
  async change(id: string, change: CrmChange): Promise<StoredCrm> {
    const before = this.must(id);
    const settings = change.settings
      ? checkSettings(this.kind(before.kind), changedSettings(before.settings, change.settings))
      : before.settings;
    return await this.#write({ ...before, ...change, settings });
  }

  /** Everybody's sign-in to it is forgotten. @throws `not-found`, `in-use` while it serves somebody or something waits for it. */
  async remove(id: string): Promise<void> {
    this.must(id);
    if ([...this.#choices.values()].includes(id))
      throw new CodedError('in-use', { detail: 'the organisation or a call center uses this CRM' });
    const waiting = await this.#o.waiting(id);
    if (waiting > 0)
      throw new CodedError('in-use', { detail: `${waiting} writes wait for it in the outbox` });
    await this.store.remove(id);
    this.#all.delete(id);
  }

  /** What this call center names, else what the organisation does; undefined: its own. */
  chosenFor(callCenterId: string | undefined): string | undefined {
    const own = callCenterId === undefined ? undefined : this.#choices.get(callCenterId);
    return own ?? this.#choices.get('');
  }

  choice(): CrmChoice {
    const callCenters = [...this.#choices].filter(([id]) => id !== '');
    return {
      organisation: this.#choices.get('') ?? BUILTIN_CRM,
      callCenters: callCenters.map(([callCenterId, crmId]) => ({ callCenterId, crmId })),
    };
  }

  /** @throws `bad-input` for a CRM that there is not. */
  async choose(choice: CrmChoice): Promise<CrmChoice> {
    const choices = new Map(choice.callCenters.map(({ callCenterId, crmId }) => [callCenterId, crmId]));
    if (choice.organisation !== BUILTIN_CRM) choices.set('', choice.organisation);
    const unknown = [...choices.values()].find((id) => id !== BUILTIN_CRM && !this.#all.has(id));
    if (unknown !== undefined)
      throw new CodedError('bad-input', { field: 'organisation', detail: `there is no CRM ${unknown}` });
    await this.store.writeChoices(choices);
    this.#choices = choices;
    return this.choice();
  }

  /** @throws `not-found`, `bad-input` for the built-in one. */
  must(id: string): StoredCrm {
    if (id === BUILTIN_CRM) throw new CodedError('bad-input', { detail: 'this CRM is part of the program' });
    const stored = this.#all.get(id);
    if (!stored) throw new CodedError('not-found', { what: 'CRM' });
    return stored;
  }

  #isTaken(id: string): boolean {
    return id === BUILTIN_CRM || this.#all.has(id);
  }

  async #read(): Promise<void> {
    this.#choices = await this.store.choices();
    this.#all = new Map((await this.store.connections()).map((stored) => [stored.id, stored]));
  }

  async #write(stored: StoredCrm): Promise<StoredCrm> {
    // Of a kind that is not known it could not be told what is secret.
    await this.store.write(stored, secretNames(this.kind(stored.kind)));
    this.#all.set(stored.id, stored);
    return stored;
  }
}
