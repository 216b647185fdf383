/**
 * The CRMs of the organisation: the built-in one and those that an administrator connected. They come, change and go at run time;
 * which of them serves a user is decided here and nowhere else: his call center's, if it names one, else the organisation's.
 *
 *     stored ── enabled ──► made ─► unknown ─► up ◄─► down        (asked again by itself while it is not up)
 *        ▲                   │         └─► signed-out ── an administrator signs in ──► made anew
 *        ├── disabled ───────┤  whom it serves has no CRM until another is chosen; what waits for it waits on
 *        └── removed ◄───────┘  refused while it serves somebody or something waits for it
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { must } from '../../lib/must.ts';
import { Serial } from '../../lib/serial.ts';
import {
  BUILTIN_CRM,
  type CrmChange,
  type CrmChoice,
  type CrmKindInfo,
  type MyCrm,
  type NewCrm,
  type ShownCrm,
} from '../../protocol/crm-connections.ts';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import { changedSettings, checkSettings, fieldsOf, type Settings } from '../../protocol/kind-settings.ts';
import type { Database } from '../store/database.ts';
import { absentConnector } from './absent-connector.ts';
import { ConnectedCrm } from './connected-crm.ts';
import { ConnectionsBook } from './connections-book.ts';
import { keyOf, type StoredCrm } from './connections-store.ts';
import type { AccountOwner, CrmConnector, CrmContext, CrmReport } from './connector.ts';
import type { AnyCrmKind } from './kind.ts';
import { SYSTEM_ACTOR, type Crm, type FigureBook } from './ports.ts';
import type { CrmDirectory } from './routed-crm.ts';
import { SignIns } from './sign-ins.ts';
import { testConnector } from './test-connector.ts';
import type { Vault } from './vault.ts';

export interface CrmConnectionsOptions {
  db: Database;
  clock: Clock;
  log: Logger;
  kinds: readonly AnyCrmKind[];
  builtIn: Crm;
  vault: Vault;
  /** ISO 3166 code: how numbers without a country are read. */
  country: string;
  /** The call center that a user belongs to. */
  callCenterOf(userId: string): string | undefined;
  /** The name that a user signs in with. */
  userName(userId: string): string | undefined;
  /** Writes of the outbox that wait for this CRM. */
  waiting(crmId: string): Promise<number>;
}

interface Entry {
  stored: StoredCrm;
  connector: CrmConnector;
  crm: ConnectedCrm;
}

/** What is not up is asked again so often, in milliseconds. */
const ASK_AGAIN_MS = 30_000;

export class CrmConnections implements CrmDirectory {
  readonly #o: CrmConnectionsOptions;
  readonly #signIns: SignIns;
  readonly #life: Lifecycle;
  readonly #writes = new Serial();
  readonly #entries = new Map<string, Entry>();
  readonly #began: number;
  #book!: ConnectionsBook;
  #accounts = new Map<string, Map<string, string>>();

  private constructor(options: CrmConnectionsOptions) {
    this.#o = options;
    this.#signIns = new SignIns(options.clock);
    this.#life = new Lifecycle(options.clock);
    this.#began = options.clock.now();
  }

  /** Makes every connection; nothing is asked of them before `start()`. The tables must be there (`crmConnectionMigrations`). */
  static async load(options: CrmConnectionsOptions): Promise<CrmConnections> {
    const connections = new CrmConnections(options);
    const { db, kinds, vault, waiting } = options;
    connections.#book = await ConnectionsBook.load({
      db,
      kinds,
      vault,
      waiting,
      onReload: (read) => connections.#write(() => connections.#follow(read)),
    });
    connections.#accounts = await connections.#book.store.accountNames();
    for (const stored of connections.#book.all()) await connections.#make(stored);
    return connections;
  }

  /** What is set, as it is kept: who has written to it otherwise has it reloaded, and what is other is made anew. */
  get book(): ConnectionsBook {
    return this.#book;
  }

  /** Asks those that are not up whether they are, now and again. */
  start(): void {
    this.#life.every(ASK_AGAIN_MS, () => this.#askAgain());
    this.#askAgain();
  }

  async close(): Promise<void> {
    await this.#life.close();
    await Promise.all([...this.#entries.values()].map(async ({ connector }) => connector.close?.()));
  }

  // ── Who is served by which ────────────────────────────────────────────────────────────────────────────────────────

  servingId(userId?: string): string {
    const user = userId === undefined || userId === SYSTEM_ACTOR.userId ? undefined : userId;
    const callCenter = user === undefined ? undefined : this.#o.callCenterOf(user);
    return this.#book.chosenFor(callCenter) ?? BUILTIN_CRM;
  }

  serving(userId?: string): Crm {
    return this.crm(this.servingId(userId));
  }

  /** Users with the same view see the same records. Where all have accounts of their own, there is no view that is nobody's. */
  viewOf(userId?: string): string | undefined {
    const id = this.servingId(userId);
    const own = this.#entries.get(id)?.connector.signIn?.ownAccounts ?? false;
    if (!own) return id;
    return userId === undefined ? undefined : `${id} ${userId}`;
  }

  /** One that is not there is there all the same, and answers nothing. */
  crm(id: string): Crm {
    if (id === BUILTIN_CRM) return this.#o.builtIn;
    return this.#entries.get(id)?.crm ?? this.#wrap(id, absentConnector('it was removed.'));
  }

  /** Where metric figures go; undefined where they are not written to a CRM. */
  figureBook(): { id: string; book: FigureBook } | undefined {
    const id = this.servingId();
    const { crm, stored } = this.#entries.get(id) ?? {};
    return crm && stored?.enabled && crm.missing().figures === undefined ? { id, book: crm } : undefined;
  }

  /** What the CRM has that serves everybody; undefined where that is the built-in one. */
  outsideObjects(): Promise<ObjectMeta[]> | undefined {
    return this.servingId() === BUILTIN_CRM ? undefined : this.serving().objects();
  }

  choice(): CrmChoice {
    return this.#book.choice();
  }

  /** @throws `bad-input` for a CRM that there is not. */
  choose(choice: CrmChoice): Promise<CrmChoice> {
    return this.#write(() => this.#book.choose(choice));
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────────────────

  kinds(): CrmKindInfo[] {
    return this.#o.kinds.map((kind) => ({
      kind: kind.kind,
      label: kind.label,
      help: kind.help,
      fields: fieldsOf(kind),
    }));
  }

  all(): ShownCrm[] {
    return [this.#builtIn(), ...[...this.#entries.values()].map((entry) => this.#show(entry))];
  }

  get(id: string): ShownCrm | undefined {
    if (id === BUILTIN_CRM) return this.#builtIn();
    const entry = this.#entries.get(id);
    return entry && this.#show(entry);
  }

  /** @throws `bad-input` for a setting that is wrong, `already-exists`, `too-many`. */
  add(input: NewCrm): Promise<ShownCrm> {
    return this.#write(async () => {
      const stored = await this.#book.add(input);
      await this.#make(stored);
      return must(this.get(stored.id), 'CRM');
    });
  }

  /** @throws `not-found`, `bad-input`, `already-exists`. */
  change(id: string, change: CrmChange): Promise<ShownCrm> {
    return this.#write(async () => {
      await this.#makeAnew(id, await this.#book.change(id, change));
      return must(this.get(id), 'CRM');
    });
  }

  /** Everybody's sign-in to it is forgotten. @throws `not-found`, `in-use` while it serves somebody or something waits for it. */
  remove(id: string): Promise<void> {
    return this.#write(async () => {
      await this.#book.remove(id);
      await this.#forget(id);
    });
  }

  /** Tries settings that are not saved. `id`: what is not given is taken from this connection, its sign-ins among it. */
  async test(kindName: string, settings: Settings, id?: string): Promise<CrmReport> {
    const kind = this.#book.kind(kindName);
    const stored = id === undefined ? undefined : this.#entries.get(id)?.stored;
    if (id !== undefined && stored?.kind !== kindName)
      throw new CodedError('not-found', { what: 'CRM of this kind' });
    const checked = checkSettings(kind, changedSettings(stored?.settings ?? {}, settings));
    return await testConnector(kind, checked, this.#context(id ?? 'test', stored?.label ?? kind.label));
  }

  // ── Signing in ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Where to send the browser. @throws `not-found`, `crm-not-capable`. */
  async beginSignIn(
    crmId: string,
    owner: AccountOwner,
    request: { byUserId: string; redirectUri: string },
  ): Promise<string> {
    const { connector, stored } = this.#mustBeAdded(crmId);
    if (!connector.signIn)
      throw new CodedError('crm-not-capable', {
        crm: stored.label,
        reason: 'nobody signs in to it, its settings are enough.',
      });
    return await this.#signIns.begin(connector.signIn, { crmId, owner, ...request });
  }

  /** The browser has come back. @throws `bad-input`, and what the CRM says. */
  async completeSignIn(
    state: string,
    code: string,
    byUserId: string,
  ): Promise<{ crmId: string; owner: AccountOwner }> {
    const begun = this.#signIns.take(state, byUserId);
    const { crmId, owner } = begun;
    const signIn = must(this.#mustBeAdded(crmId).connector.signIn, 'sign-in');
    const account = await this.#signIns.complete(signIn, begun, code);
    await this.#write(async () => {
      await this.#book.store.putAccount(crmId, owner, account);
      await this.#accountsChanged(crmId);
    });
    return { crmId, owner };
  }

  signOut(crmId: string, owner: AccountOwner): Promise<void> {
    return this.#write(async () => {
      this.#mustBeAdded(crmId);
      await this.#book.store.removeAccount(crmId, owner);
      await this.#accountsChanged(crmId);
    });
  }

  /** The CRM that serves this user, and his sign-in to it. */
  mine(userId: string): MyCrm {
    const id = this.servingId(userId);
    const shown = this.get(id) ?? { ...this.#builtIn(), id, label: id, kind: '' };
    const signIn = this.#entries.get(id)?.connector.signIn;
    return {
      id,
      label: shown.label,
      kind: shown.kind,
      account: !signIn ? 'none' : signIn.ownAccounts ? 'own' : 'shared',
      signedInAs: this.#accountName(id, { userId }) ?? null,
      missing: shown.missing,
    };
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One after the other: a change is made to what the one before it left. */
  #write<T>(work: () => Promise<T>): Promise<T> {
    return this.#writes.run('write', work);
  }

  /** What was written by somebody else is made as it is now. */
  async #follow(read: () => Promise<void>): Promise<void> {
    await read();
    const wanted = this.#book.all();
    const gone = [...this.#entries.keys()].filter((id) => !wanted.some((stored) => stored.id === id));
    for (const id of gone) await this.#forget(id);
    for (const stored of wanted)
      if (!isDeepStrictEqual(this.#entries.get(stored.id)?.stored, stored))
        await this.#makeAnew(stored.id, stored);
  }

  async #forget(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    this.#accounts.delete(id);
    await entry?.connector.close?.();
  }

  async #make(stored: StoredCrm): Promise<void> {
    const connector = await this.#connectorOf(stored);
    this.#entries.set(stored.id, { stored, connector, crm: this.#wrap(stored.label, connector) });
  }

  async #makeAnew(id: string, stored: StoredCrm): Promise<void> {
    await this.#entries.get(id)?.connector.close?.();
    await this.#make(stored);
    this.#ask(id);
  }

  async #connectorOf(stored: StoredCrm): Promise<CrmConnector> {
    if (!stored.enabled) return absentConnector('it is switched off.');
    try {
      const kind = this.#book.kind(stored.kind);
      const settings = checkSettings(kind, stored.settings);
      return await kind.create(settings, this.#context(stored.id, stored.label));
    } catch (error) {
      this.#o.log.error({ err: error, crmId: stored.id }, 'a CRM could not be made from its settings');
      return absentConnector(error instanceof Error ? error.message : String(error));
    }
  }

  #wrap(label: string, connector: CrmConnector): ConnectedCrm {
    const { clock, country } = this.#o;
    return new ConnectedCrm({ connector, label, clock, country });
  }

  #context(id: string, label: string): CrmContext {
    const { clock, log, country, userName } = this.#o;
    const accounts = this.#book.store.accountsOf(id);
    return { id, label, clock, country, log: log.child({ crmId: id }), accounts, userName };
  }

  #askAgain(): void {
    for (const [id, { crm }] of this.#entries) if (crm.health.state !== 'up') this.#ask(id);
  }

  /** How it went shows in its health. */
  #ask(id: string): void {
    const entry = this.#entries.get(id);
    if (entry?.stored.enabled) entry.crm.ping().catch(() => undefined);
  }

  /** Whoever has another account sees other records. */
  async #accountsChanged(crmId: string): Promise<void> {
    this.#accounts = await this.#book.store.accountNames();
    const entry = this.#entries.get(crmId);
    if (entry) await this.#makeAnew(crmId, entry.stored);
  }

  #accountName(crmId: string, owner: AccountOwner): string | undefined {
    return this.#accounts.get(crmId)?.get(keyOf(owner));
  }

  #builtIn(): ShownCrm {
    return {
      id: BUILTIN_CRM,
      kind: BUILTIN_CRM,
      label: 'Built-in CRM',
      enabled: true,
      settings: {},
      secretsSet: [],
      builtIn: true,
      state: 'up',
      since: this.#began,
      missing: { ...this.#o.builtIn.missing(SYSTEM_ACTOR) },
    };
  }

  #show({ stored, connector, crm }: Entry): ShownCrm {
    const { id, kind, label, enabled } = stored;
    const { state, problem, since } = crm.health;
    const usage = connector.usage?.();
    const users = [...(this.#accounts.get(id)?.keys() ?? [])].filter((userId) => userId !== '').length;
    const signIn = connector.signIn && {
      ownAccounts: connector.signIn.ownAccounts,
      organisation: this.#accountName(id, 'organisation') ?? null,
      users,
    };
    return {
      id,
      kind,
      label,
      enabled,
      ...this.#book.shown(stored),
      builtIn: false,
      state: enabled ? state : 'off',
      ...(problem !== undefined && enabled ? { problem } : {}),
      since,
      ...(usage ? { usage } : {}),
      missing: { ...crm.missing() },
      ...(signIn ? { signIn } : {}),
    };
  }

  #mustBeAdded(id: string): Entry {
    this.#book.must(id);
    return must(this.#entries.get(id), 'CRM');
  }
}
