/** A call center with pages: CallWorld plus the softphone, a CRM made of a map, and pages whose phones are the exchange's. */
import { applyPatch, type Operation } from 'rfc6902';
import { afterEach, beforeEach, expect } from 'vitest';
import { Emitter } from '../../src/lib/emitter.ts';
import type { Address } from '../../src/protocol/address.ts';
import type { Role } from '../../src/protocol/api.ts';
import type { CallLogEntry, CrmRecord } from '../../src/protocol/crm.ts';
import { CodedError, type ErrorBody } from '../../src/protocol/errors.ts';
import type { JoinedHost } from '../../src/protocol/crm-hosts.ts';
import type { RecordRef } from '../../src/protocol/facts.ts';
import { CALL_LOG_KIND } from '../../src/server/softphone/logs.ts';
import type { Downstream, PhoneCredentials } from '../../src/protocol/socket.ts';
import type { Line, RecordingState, SoftphoneState } from '../../src/protocol/softphone.ts';
import { Directories } from '../../src/server/callcenter/directories.ts';
import { Layouts } from '../../src/server/callcenter/layouts.ts';
import type { Crm } from '../../src/server/crm/ports.ts';
import { isCrmRefusal } from '../../src/server/crm/ports.ts';
import { ProjectionRunner } from '../../src/server/history/projections.ts';
import type {
  ColleagueOrQueue,
  CallRecordings,
  ServingCrms,
  SoftphoneSettings,
  TabHandle,
  UserDevice,
} from '../../src/server/softphone/ports.ts';
import { Softphone } from '../../src/server/softphone/softphone.ts';
import { Journal } from '../../src/server/store/journal.ts';
import { Outbox } from '../../src/server/store/outbox.ts';
import type { AgentDevice, PersonalCallSettings } from '../../src/server/telephony/ports.ts';
import type { SimulatedParty } from '../../src/server/telephony/simulated/party.ts';
import { CallWorld, type WorldOptions } from './call-world.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';

type CommandInput = { verb: string; lineId?: string; commandId?: string; [key: string]: unknown };

/** Who calls Ann. */
export const CALLER = '+442079460958';

/** Agents, and what their colleagues dial. */
const EXTENSIONS: Record<string, string> = { ann: '801', bob: '802', cem: '803' };
const AGENTS = Object.keys(EXTENSIONS);

let commands = 0;

/** One open page as the browser would have it: a mirror of the state, and a phone that registers and picks up. */
export class FakePage {
  readonly received: Downstream[] = [];
  state: SoftphoneState | undefined;
  credentials: PhoneCredentials | null | undefined;
  readonly #world: SoftphoneWorld;
  readonly #handle: TabHandle;

  constructor(
    world: SoftphoneWorld,
    readonly userId: string,
    readonly tabId: string,
    options: {
      legs?: string[];
      canAudio?: boolean;
      canPop?: boolean;
      sessionId?: string;
      phone?: boolean;
    } = {},
  ) {
    this.#world = world;
    const { legs = [], canAudio = true, canPop = true, sessionId = `session-${userId}` } = options;
    this.#handle = world.softphone.open({
      userId,
      sessionId,
      tabId,
      canAudio,
      canPop,
      legs,
      send: (message) => this.#receive(message, options.phone ?? true),
    });
  }

  #receive(message: Downstream, phone: boolean): void {
    this.received.push(message);
    if (message.type === 'snapshot') this.state = structuredClone(message.state);
    if (message.type === 'patch') this.#patch(message);
    if (message.type === 'phone.answer')
      this.#world.exchange.device(this.credentials?.username ?? '').answer();
    if (message.type === 'phone') {
      this.credentials = message.credentials;
      if (message.credentials && phone) this.register();
    }
  }

  #patch(message: Extract<Downstream, { type: 'patch' }>): void {
    if (!this.state || message.rev !== this.state.rev + 1) throw new Error('a revision is missing');
    const problems = applyPatch(this.state, structuredClone(message.ops) as Operation[]).filter(
      (p) => p !== null,
    );
    if (problems.length > 0) throw new Error(`the patch does not fit: ${String(problems[0])}`);
    this.state.rev = message.rev;
    this.state.serverNow = message.serverNow;
  }

  register(): void {
    const { username, password } = this.credentials ?? { username: '', password: '' };
    const registered = this.#world.exchange.device(username).register(password);
    this.#handle.receive({ type: 'phone', registered });
  }

  /** What became of the command. */
  async command(command: CommandInput): Promise<true | ErrorBody> {
    const commandId = command.commandId ?? `command-${++commands}`;
    this.#handle.receive({ type: 'command', command: { ...command, commandId } as never });
    for (let waited = 0; waited < 200; waited++) {
      const result = this.received.find((m) => m.type === 'result' && m.commandId === commandId);
      if (result?.type === 'result') return result.ok ? true : result.error;
      await this.#world.pass(50);
    }
    throw new Error(`no result of ${command.verb}`);
  }

  focus(record?: RecordRef | null): void {
    this.#handle.receive({ type: 'focus', focused: true, ...(record === undefined ? {} : { record }) });
  }

  /** The only line. */
  get line(): Line {
    const [line, ...more] = this.state?.lines ?? [];
    if (!line || more.length > 0) throw new Error(`there are ${this.state?.lines.length} lines`);
    return line;
  }

  /** The page is closed; its phone goes with it unless told otherwise (a mere cut of the socket). */
  close(phoneToo = true): void {
    this.#handle.close();
    if (phoneToo && this.credentials) this.#world.exchange.device(this.credentials.username).unregister();
  }
}

/** A recording service without sound. */
export class FakeRecordings implements CallRecordings {
  readonly events = new Emitter<{ changed: [conversationId: string, callId: string] }>((error) => {
    throw error;
  });
  readonly asked: string[] = [];
  readonly #states = new Map<string, RecordingState>();

  start(legId: string, userId: string): Promise<void> {
    this.asked.push(`start ${legId} ${userId}`);
    return Promise.resolve();
  }

  pause(legId: string, userId: string): Promise<void> {
    this.asked.push(`pause ${legId} ${userId}`);
    return Promise.resolve();
  }

  resume(legId: string, userId: string): Promise<void> {
    this.asked.push(`resume ${legId} ${userId}`);
    return Promise.resolve();
  }

  stateOf(callId: string): { state: RecordingState } {
    return { state: this.#states.get(callId) ?? 'off' };
  }

  /** The service says that this call is recorded now, or is not any more. */
  becomes(conversationId: string, callId: string, state: RecordingState): void {
    this.#states.set(callId, state);
    this.events.emit('changed', conversationId, callId);
  }
}

export class SoftphoneWorld extends CallWorld {
  readonly database: TestDatabase;
  readonly records: (RecordRef & { number: string; accountId?: string })[] = [];
  readonly written: { key: string; entry: CallLogEntry }[] = [];
  /** An outside CRM in place of the map; it serves everybody. */
  outside: (ServingCrms & { crm: Crm }) | undefined;
  crmFails = false;
  /** The CRM does not answer at all. */
  crmHangs = false;
  /** What records; it only notes what it was asked. */
  readonly recordings = new FakeRecordings();
  readonly sipPhones: UserDevice[] = [];
  /** CRMs around pages. */
  readonly hosts: (JoinedHost & { origin: string })[] = [];
  readonly chosen = new Map<string, string>();
  dispositionRequired = false;
  logoutReasonRequired = false;
  /** The wrap-up code "Fax sent" can be chosen. */
  faxActive = false;
  /** Where every user sits. */
  siteCountry: string | undefined;
  /** Of telephone systems that route by themselves. */
  queuesElsewhere: { queueId: string; label: string; waiting: number; ready: number }[] = [];
  /** Why a call of the user cannot be given to the target, because of such a system. */
  unreachable: (userId: string, target: ColleagueOrQueue) => CodedError | undefined = () => undefined;
  /** Of every user. */
  roles: Role[] = ['agent'];
  /** False: pages have no phone, the exchange stands in for it. */
  browserPhones = true;
  /** What an administrator sets; the standard one at first. */
  layouts!: Layouts;
  directories!: Directories;
  /** Who calls Ann, from `ring` on. */
  caller!: SimulatedParty;
  softphone!: Softphone;
  history!: ProjectionRunner;
  outbox!: Outbox;

  protected constructor(options: WorldOptions, database: TestDatabase) {
    super(options);
    this.database = database;
  }

  static async with(
    database: TestDatabase,
    agents: string[],
    options: { browserPhones?: boolean; outside?: SoftphoneWorld['outside'] } = {},
  ): Promise<SoftphoneWorld> {
    const journal: WorldOptions['journal'] = (clock) =>
      new Journal({
        db: database.db,
        clock,
        onError: (error) => world.errors.push(`journal: ${String(error)}`),
      });
    const world: SoftphoneWorld = new SoftphoneWorld({ agents, db: database.db, journal }, database);
    world.browserPhones = options.browserPhones ?? true;
    world.outside = options.outside;
    await world.startProcess();
    return world;
  }

  override device(userId: string): AgentDevice | undefined {
    return this.softphone.device(userId);
  }

  /** EXTENSIONS are agents; other numbers are outside. */
  protected override resolve(to: Address): ReturnType<CallWorld['resolve']> {
    const userId = Object.entries(EXTENSIONS).find(([, extension]) => extension === to.value)?.[0];
    const endpoint = userId === undefined ? undefined : this.device(userId)?.endpoint;
    if (userId === undefined || endpoint?.kind !== 'device') return super.resolve(to);
    return { endpoint, role: 'agent', userId };
  }

  protected override extensionOf(userId: string): Address {
    const extension = EXTENSIONS[userId] ?? userId;
    return { kind: 'extension', raw: extension, value: extension };
  }

  protected override personalOf(userId: string): PersonalCallSettings {
    return this.softphone.callSettings(userId);
  }

  protected override async joinMore(): Promise<void> {
    const onError = (what: string, error: unknown) =>
      void this.errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    if (this.browserPhones) Object.assign(this.node, { capabilities: { audio: true, browserPhone: true } });
    this.directories = await Directories.load({
      db: this.database.db,
      country: 'GB',
      callCenterExists: () => false,
      objects: () => this.#crm().objects(),
    });
    this.layouts = await Layouts.load({
      db: this.database.db,
      clock: this.clock,
      userExists: (id) => AGENTS.includes(id),
      isActiveScript: (id) => id === 'script_active',
      profileExists: () => false,
      objects: () => Promise.reject(new Error('not asked')),
      onListenerError: (error) => onError('layouts', error),
    });
    this.softphone = new Softphone({
      acd: this.routing,
      callerIdOf: (userId) => ({ kind: 'extension', raw: userId, value: userId }),
      clock: this.clock,
      conversations: this.conversations,
      crm: this.outside?.crm ?? (this.#crm() as never),
      crms: this.outside ?? { servingId: () => 'builtin', viewOf: () => 'builtin' },
      db: this.database.db,
      engine: this.engine,
      platforms: {
        switches: this.switches,
        phone: (_platformId, userId) => ({
          path: '/sip',
          domain: 'example.test',
          iceServers: [{ urls: ['turn:t'], username: userId, credential: 'c' }],
        }),
        targetQueues: () => this.queuesElsewhere,
        queueLabel: (queueId) => this.queuesElsewhere.find((queue) => queue.queueId === queueId)?.label,
        unreachable: (userId, target) => this.unreachable(userId, target),
      },
      recordings: this.recordings,
      settings: this.#settings(),
      layouts: this.layouts,
      directories: this.directories.seenBy(() => undefined),
      siteCountryOf: () => this.siteCountry,
      hostAt: (origin) => this.hosts.find((host) => host.origin === origin),
      onLogClosed: () => this.outbox.wake(),
      onLogWriter: () => void this.outbox.hurry(CALL_LOG_KIND),
      onError,
    });
    this.history = new ProjectionRunner({
      db: this.database.db,
      journal: this.journal,
      clock: this.clock,
      onError: (error) => onError('history', error),
    });
    this.outbox = new Outbox({
      db: this.database.db,
      clock: this.clock,
      handlers: { 'crm.call-log': this.softphone.callLogHandler() },
      isPermanent: isCrmRefusal,
      onTried: () => undefined,
    });
    await this.softphone.restore();
    this.history.start();
    this.outbox.start();
  }

  override async stop(): Promise<void> {
    await this.softphone.close();
    await this.outbox.close();
    await super.stop();
    await this.history.close();
  }

  page(
    userId: string,
    tabId = `${userId}-tab-1`,
    options: ConstructorParameters<typeof FakePage>[3] = {},
  ): FakePage {
    return new FakePage(this, userId, tabId, options);
  }

  /** An agent with a page, ready. */
  async agent(userId: string, tabId?: string): Promise<FakePage> {
    const page = this.page(userId, tabId);
    await this.pass(50);
    await page.command({ verb: 'agent.state', state: 'ready' });
    return page;
  }

  /** Ann is ready and rings for a caller. */
  async ring() {
    const page = await this.agent('ann');
    this.caller = await this.call('100', CALLER);
    return { page, caller: this.caller };
  }

  /** Ann talks to a caller. */
  async talk() {
    const { page, caller } = await this.ring();
    expect(await page.command({ verb: 'answer', lineId: page.line.id })).toBe(true);
    await this.pass(60);
    return { page, caller };
  }

  #crm() {
    return {
      objects: () =>
        Promise.resolve([
          {
            name: 'Contact',
            label: 'Contact',
            labelPlural: 'Contacts',
            prefix: '003',
            nameField: 'Name',
            fields: ['Phone', 'Fax'].map((name) => ({
              name,
              label: name,
              type: 'phone' as const,
              required: false,
              readOnly: false,
              inList: true,
            })),
            related: [],
          },
        ]),
      search: (_actor: unknown, text: string) => {
        if (this.crmFails) return Promise.reject(new CodedError('timeout', { what: 'The CRM' }));
        if (this.crmHangs) return new Promise<never>(() => undefined);
        const records = this.records.filter(({ name }) => name.toLowerCase().startsWith(text.toLowerCase()));
        return Promise.resolve({
          records: records.map(({ id, object, name }) => ({ id, object, name })),
          more: false,
        });
      },
      match: (_actor: unknown, number: string) => {
        if (this.crmFails) return Promise.reject(new Error('the CRM is down'));
        if (this.crmHangs) return new Promise<never>(() => undefined);
        return Promise.resolve({
          records: this.records
            .filter((r) => r.number === number)
            .map(({ id, object, name }) => ({ id, object, name })),
          more: false,
        });
      },
      read: (_actor: unknown, id: string): Promise<CrmRecord> => {
        const record = this.records.find((r) => r.id === id);
        if (!record) return Promise.reject(new Error(`no record ${id}`));
        const { object, name, accountId } = record;
        return Promise.resolve({
          id,
          object,
          name,
          fields: { AccountId: accountId ?? null, Phone: record.number },
          names: accountId ? { [accountId]: 'Acme' } : {},
          createdAt: 0,
          updatedAt: 0,
          rev: 1,
        });
      },
      writeCallLog: (key: string, entry: CallLogEntry): Promise<RecordRef> => {
        if (this.crmFails) return Promise.reject(new Error('the CRM is down'));
        this.written.push({ key, entry });
        return Promise.resolve({ id: '00T000000000001', object: 'Task', name: entry.subject });
      },
    };
  }

  #settings(): SoftphoneSettings {
    const browser = (userId: string): UserDevice => ({
      id: `browser:${userId}`,
      userId,
      kind: 'browser',
      control: 'browser',
      label: 'Browser phone',
      platformId: 'sim',
    });
    const device = (id: string) =>
      id.startsWith('browser:') ? browser(id.slice(8)) : this.sipPhones.find((d) => d.id === id);
    return {
      user: (id) =>
        id === 'nobody'
          ? undefined
          : {
              id,
              name: id,
              locale: 'en-GB',
              zone: 'Europe/London',
              country: 'GB',
              roles: this.roles,
              extension: EXTENSIONS[id] ?? null,
              profileId: null,
            },
      users: () =>
        AGENTS.map((id) => ({
          id,
          name: id,
          roles: this.roles,
          extension: EXTENSIONS[id] ?? null,
          disabled: false,
        })),
      queue: (id) => ({ id, label: `Queue ${id}`, dispositionRequired: this.dispositionRequired }),
      queues: () => [{ id: 'sales', label: 'Queue sales', memberIds: [...AGENTS] }],
      dispositions: () => [
        { id: 'd1', label: 'Sold', active: true },
        { id: 'd2', label: 'Call back', active: true },
        { id: 'd3', label: 'Fax sent', active: this.faxActive },
      ],
      reasons: () => [
        { id: 'lunch', label: 'Lunch' },
        { id: 'no-answer', label: 'Did not answer' },
        { id: 'shift', label: 'End of shift' },
      ],
      reasonChoices: (_userId, kind) =>
        kind === 'not-ready'
          ? { required: true, reasons: [{ id: 'lunch', label: 'Lunch' }] }
          : { required: this.logoutReasonRequired, reasons: [{ id: 'shift', label: 'End of shift' }] },
      device,
      deviceNamed: (username) => this.sipPhones.find((d) => d.username === username),
      devicesOf: (userId) => [browser(userId), ...this.sipPhones.filter((d) => d.userId === userId)],
      chosenDevice: (userId) => device(this.chosen.get(userId) ?? '') ?? browser(userId),
      chooseDevice: (userId, deviceId) => {
        this.chosen.set(userId, deviceId);
        return Promise.resolve();
      },
    };
  }
}

/** For a test file: a world with Ann and Bob for each test, in a database of its own; afterwards no error may be left in it. */
export function worldForEachTest(
  use: (world: SoftphoneWorld) => void,
  options: { browserPhones?: boolean; agents?: string[] } = {},
): void {
  let world: SoftphoneWorld;
  beforeEach(async () => {
    world = await SoftphoneWorld.with(await testDatabase(), options.agents ?? ['ann', 'bob'], options);
    use(world);
  });
  afterEach(async () => {
    await world.stop();
    await world.database.drop();
    expect(world.errors).toEqual([]);
  });
}
