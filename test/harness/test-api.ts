/** The HTTP server on a database of its own, with everything beyond it played: for tests of routes and sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { pino } from 'pino';
import { VirtualClock } from '../../src/lib/clock.ts';
import { Emitter } from '../../src/lib/emitter.ts';
import type { Role } from '../../src/protocol/api.ts';
import type { Downstream, Upstream } from '../../src/protocol/socket.ts';
import type { SoftphoneState } from '../../src/protocol/softphone.ts';
import type { Api } from '../../src/server/api/api-types.ts';
import { type ApiDeps, createApi } from '../../src/server/api/create-api.ts';
import { type FloorSettings, loadFloorSettings } from '../../src/server/floor-server.ts';
import { floorStateMigrations } from '../../src/server/floor/schema.ts';
import { routingMigrations } from '../../src/server/routing/schema.ts';
import { queueLogMigrations } from '../../src/server/history/queue-log-import.ts';
import { PhoneProvisioning } from '../../src/server/api/phone-provisioning.ts';
import { apiMigrations } from '../../src/server/api/schema.ts';
import { Sessions } from '../../src/server/api/sessions.ts';
import { VisitorCalls } from '../../src/server/api/visitor-calls.ts';
import { BusinessHoursBook } from '../../src/server/callcenter/business-hours.ts';
import { Profiles } from '../../src/server/callcenter/profiles.ts';
import { CallCenter } from '../../src/server/callcenter/call-center.ts';
import { CrmHosts } from '../../src/server/callcenter/crm-hosts.ts';
import { Directories } from '../../src/server/callcenter/directories.ts';
import { Layouts } from '../../src/server/callcenter/layouts.ts';
import { DialRights } from '../../src/server/callcenter/dial-rights.ts';
import { callcenterMigrations } from '../../src/server/callcenter/schema.ts';
import { seedCallCenter } from '../../src/server/callcenter/seed.ts';
import { Trunks } from '../../src/server/callcenter/trunks.ts';
import { businessHoursRoutes } from '../../src/server/api/business-hours.ts';
import { emergencyMessageRoutes } from '../../src/server/api/emergency-messages.ts';
import { EmergencyMessages } from '../../src/server/callcenter/emergency-messages.ts';
import { profileRoutes } from '../../src/server/api/profiles.ts';
import { configurationRoutes } from '../../src/server/api/configuration.ts';
import type { Configuration } from '../../src/server/configuration/configuration.ts';
import { createConfiguration } from '../../src/server/configuration-server.ts';
import { crmObjectRoutes } from '../../src/server/api/crm-objects.ts';
import { BuiltinCrm } from '../../src/server/crm/builtin/builtin-crm.ts';
import { Metadata } from '../../src/server/crm/builtin/metadata.ts';
import { crmConnectionMigrations } from '../../src/server/crm/connections-schema.ts';
import { CrmConnections } from '../../src/server/crm/connections.ts';
import { CRM_KINDS } from '../../src/server/crm/kinds.ts';
import { crmMigrations } from '../../src/server/crm/schema.ts';
import { type ConsoleServer, createConsole } from '../../src/server/console-server.ts';
import { SpeechProgramsDouble } from './speech-programs-double.ts';
import { createSpeechServer, type SpeechServer } from '../../src/server/speech-server.ts';
import { Vault } from '../../src/server/crm/vault.ts';
import { createFlowServer, type FlowServer } from '../../src/server/flow-server.ts';
import { flowMigrations } from '../../src/server/flows/schema.ts';
import { createOpenCti, type OpenCtiServer } from '../../src/server/opencti-server.ts';
import { loadScripts, scriptServer } from '../../src/server/script-server.ts';
import type { Scripts } from '../../src/server/scripts/scripts.ts';
import type { ScriptCall, ScriptCalls } from '../../src/server/scripts/ports.ts';
import { scriptMigrations } from '../../src/server/scripts/schema.ts';
import { crmConnectionRoutes } from '../../src/server/api/crm-connections.ts';
import { directoryRoutes } from '../../src/server/api/directories.ts';
import { layoutRoutes } from '../../src/server/api/layouts.ts';
import { simulationRoutes } from '../../src/server/api/simulations.ts';
import { configuredDay } from '../../src/server/simulation-day.ts';
import { SimulationJobs } from '../../src/server/simulator/simulation-jobs.ts';
import { recordingMigrations } from '../../src/server/recording/schema.ts';
import { voicemailMigrations } from '../../src/server/recording/voicemail-schema.ts';
import { WaitingBook } from '../../src/server/callcenter/waiting-book.ts';
import { waitingRoutes } from '../../src/server/api/waiting.ts';
import type { Callback, CallbackChange } from '../../src/protocol/waiting.ts';
import { CodedError } from '../../src/protocol/errors.ts';
import { ofSwitch } from '../../src/server/platforms/kind.ts';
import { PLATFORM_KINDS } from '../../src/server/platforms/kinds.ts';
import { Platforms } from '../../src/server/platforms/platforms.ts';
import { platformMigrations } from '../../src/server/platforms/schema.ts';
import { speechMigrations } from '../../src/server/speech/settings.ts';
import type { TabConnection } from '../../src/server/softphone/ports.ts';
import { Outbox } from '../../src/server/store/outbox.ts';
import { storeMigrations } from '../../src/server/store/schema.ts';
import type {
  Arrival,
  LegInfo,
  ProvisionedDevice,
  ProvisionedTrunk,
  Switch,
  SwitchEvents,
} from '../../src/server/telephony/ports.ts';
import { FloorDouble } from './floor-double.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';
import { RecordingsDouble } from './recordings-double.ts';

const fail = (error: unknown) => {
  throw error;
};

/** A page that said hello, as the softphone got it. */
export interface OpenedTab {
  tab: TabConnection;
  received: Upstream[];
  closed: boolean;
  send(message: Downstream): void;
}

export class TestApi {
  readonly clock = new VirtualClock();
  readonly tabs: OpenedTab[] = [];
  /** What is on the switch, by name. */
  readonly provisioned = new Map<string, ProvisionedDevice>();
  readonly provisionedTrunks = new Map<string, ProvisionedTrunk>();
  readonly hungUp: string[] = [];
  readonly arrivals: Arrival[] = [];
  readonly switch = {
    events: new Emitter<SwitchEvents>(fail),
    link: 'up' as const,
    capabilities: { audio: true, browserPhone: true },
    legs: [] as LegInfo[],
    list: async () => ({ legs: this.switch.legs, bridges: [], recordings: [] }),
    hangup: async (legId: string) => {
      this.hungUp.push(legId);
    },
  };
  readonly provisioning = {
    put: async (device: ProvisionedDevice) => {
      this.provisioned.set(device.name, device);
    },
    remove: async (name: string) => {
      this.provisioned.delete(name);
    },
    registered: async () => [],
    putTrunk: async (trunk: ProvisionedTrunk) => {
      this.provisionedTrunks.set(trunk.name, trunk);
    },
    removeTrunk: async (name: string) => {
      this.provisionedTrunks.delete(name);
    },
    trunkReports: async () => [],
  };
  platforms!: Platforms;
  speech!: SpeechServer;
  /** What the offline engines of speech answer, and how often they were fetched. */
  readonly speechPrograms = new SpeechProgramsDouble();
  /** By platform. */
  readonly liveCalls = new Map<string, number>();
  readonly uses = new Map<string, string>();
  draining = false;
  sipUrl: string | undefined;
  /** Lines of the log, parsed. */
  readonly log: Record<string, unknown>[] = [];
  softphoneState: SoftphoneState | undefined;
  scripts!: Scripts;
  /** Calls that scripts are run for, by conversation: everybody's. */
  readonly scripted = new Map<string, ScriptCall>();
  readonly callData: Record<string, string> = {};
  disposition: string | undefined;
  readonly scriptedCalls: ScriptCalls = {
    scriptCall: (_userId, conversationId) => this.scripted.get(conversationId),
    setCallData: (_conversationId, data) => void Object.assign(this.callData, data),
    setDisposition: (_userId, _conversationId, label) => {
      this.disposition = label;
      return 'set';
    },
  };

  private constructor(
    readonly database: TestDatabase,
    readonly callCenter: CallCenter,
  ) {}

  api!: Api;
  trunks!: Trunks;
  dialRights!: DialRights;
  layouts!: Layouts;
  hours!: BusinessHoursBook;
  emergencyMessages!: EmergencyMessages;
  flowServer!: FlowServer;
  configuration!: Configuration;
  profiles!: Profiles;
  metadata!: Metadata;
  crmHosts!: CrmHosts;
  directories!: Directories;
  openCti!: OpenCtiServer;
  console!: ConsoleServer;
  crms!: CrmConnections;
  /** Writes that wait, by CRM. */
  readonly waiting = new Map<string, number>();
  readonly #vaultFolder = mkdtempSync(join(tmpdir(), 'cp-vault-'));
  sessions!: Sessions;
  phones!: PhoneProvisioning;
  visitorCalls!: VisitorCalls;
  recording!: RecordingsDouble;
  floorSettings!: FloorSettings;
  floor!: FloorDouble;
  waitingBook!: WaitingBook;
  /** Customers who are to be called back, and what was asked about them. */
  readonly callbacks = new Map<string, Callback>();
  readonly askedOfCallbacks: unknown[] = [];

  static async create(more: Partial<ApiDeps> = {}): Promise<TestApi> {
    const database = await testDatabase([
      ...storeMigrations,
      ...callcenterMigrations,
      ...crmMigrations,
      ...crmConnectionMigrations,
      ...recordingMigrations,
      ...routingMigrations,
      ...floorStateMigrations,
      ...voicemailMigrations,
      ...apiMigrations,
      ...platformMigrations,
      ...speechMigrations,
      ...scriptMigrations,
      ...flowMigrations,
      ...queueLogMigrations,
    ]);
    const { db } = database;
    const callCenter = await CallCenter.load({ db, country: 'GB', onListenerError: fail });
    await seedCallCenter(callCenter, {
      office: false,
      country: 'GB',
      locale: 'en-GB',
      zone: 'Europe/London',
      ringMs: 20_000,
      wrapMs: 30_000,
    });
    const test = new TestApi(database, callCenter);
    await test.#assemble(more);
    return test;
  }

  #callbackDesk() {
    const must = (id: string) => {
      const callback = this.callbacks.get(id);
      if (!callback) throw new CodedError('not-found', { what: 'callback' });
      return callback;
    };
    return {
      all: () => [...this.callbacks.values()],
      get: (id: string) => this.callbacks.get(id),
      change: async (id: string, change: CallbackChange, userId: string) => {
        this.askedOfCallbacks.push([change, userId]);
        return must(id);
      },
      callNow: async (id: string, userId: string) => {
        this.askedOfCallbacks.push(['now', userId]);
        return must(id);
      },
      cancel: async (id: string) => {
        must(id);
        this.callbacks.delete(id);
      },
    };
  }

  async #assemble(more: Partial<ApiDeps>): Promise<void> {
    this.recording = await RecordingsDouble.create(this.database.db, this.callCenter, this.clock);
    const { database, callCenter, clock, provisioning } = this;
    const { db } = database;
    this.trunks = await Trunks.load({ db, onListenerError: fail });
    this.dialRights = await DialRights.load({
      db,
      owns: (number) => callCenter.entries().some(({ dnis }) => dnis === number),
      trunkExists: (id) => this.trunks.get(id) !== undefined,
    });
    this.floorSettings = await loadFloorSettings({ db, callCenter, onListenerError: fail });
    this.profiles = await Profiles.load({
      db,
      callCenter,
      classExists: (id) => this.dialRights.classes().some((one) => one.id === id),
      usedBy: (id) => this.layouts.now().holdingFor(id),
    });
    this.hours = await BusinessHoursBook.load({ db, callCenter, country: 'GB' });
    this.emergencyMessages = await EmergencyMessages.load({ db, callCenter });
    this.metadata = await Metadata.load({
      db,
      clock,
      usedBy: (object, field) =>
        this.layouts.now().showing(object, field) ?? (field && this.console.views.naming(object, field)),
      onListenerError: fail,
    });
    this.directories = await Directories.load({
      db,
      country: 'GB',
      callCenterExists: () => false,
      objects: async () => [...this.metadata.now().all],
    });
    this.scripts = await loadScripts({
      db,
      clock,
      callCenter,
      crm: new BuiltinCrm({ db, clock, country: 'GB' }),
      layouts: () => this.layouts.now(),
    });
    this.layouts = await Layouts.load({
      db,
      clock,
      userExists: (id) => callCenter.user(id) !== undefined,
      profileExists: (id) => this.profiles.get(id) !== undefined,
      objects: async () => [...this.metadata.now().all],
      isActiveScript: (id) => this.scripts.get(id)?.active === true,
      onListenerError: fail,
    });
    this.waitingBook = await WaitingBook.load({ db, callCenter });
    this.sessions = await Sessions.load({ db, clock, onError: fail });
    const crm = new BuiltinCrm({ db, clock, country: 'GB', objects: () => this.metadata.now() });
    this.console = await createConsole({ db, importing: db, clock, crm, country: 'GB', onError: fail });
    this.openCti = await createOpenCti({
      db,
      clock,
      log: pino({ level: 'silent' }),
      callCenter,
      layouts: this.layouts,
      scriptName: (id) => this.scripts.get(id)?.name ?? id,
      directories: this.directories,
      crm,
      sessions: this.sessions,
      actions: undefined,
      strict: false,
    });
    this.crms = await this.newCrms();
    this.crmHosts = await CrmHosts.load({ db, userExists: (id) => callCenter.user(id) !== undefined });
    this.flowServer = await createFlowServer({
      db,
      clock,
      dataDir: this.#vaultFolder,
      vault: await this.#vault(),
      callCenter,
      hours: this.hours,
      scripts: this.scripts,
      crm,
      country: 'GB',
      recogniser: (language) => this.speech.engines.recogniser(language),
      allowedHosts: [],
    });
    this.speech = await createSpeechServer({
      db,
      programs: this.speechPrograms,
      dataDir: this.#vaultFolder,
      vault: await this.#vault(),
      clock,
      log: pino({ level: 'silent' }),
    });
    const node = this.switch as unknown as Switch;
    this.platforms = await Platforms.load({
      db,
      clock,
      log: pino({ level: 'silent' }),
      kinds: PLATFORM_KINDS,
      builtIn: {
        id: 'private',
        kind: 'private',
        label: 'Own',
        platform: {
          ...ofSwitch(node),
          provisioning,
          start: async () => undefined,
          close: async () => undefined,
        },
      },
      folder: '/nowhere',
      liveCalls: (id) => this.liveCalls.get(id) ?? 0,
      usedBy: (id) => this.uses.get(id),
    });
    this.configuration = createConfiguration({
      db,
      clock,
      country: 'GB',
      vault: await this.#vault(),
      crms: this.crms,
      openCti: this.openCti,
      flowServer: this.flowServer,
      platforms: this.platforms,
      ...this.floorSettings,
      callCenter,
      recordingRules: this.recording.rules,
      waiting: this.waitingBook,
      speech: this.speech.settings,
      trunks: this.trunks,
      dialRights: this.dialRights,
      profiles: this.profiles,
      hours: this.hours,
      layouts: this.layouts,
      directories: this.directories,
      metadata: this.metadata,
      scripts: this.scripts,
      emergencyMessages: this.emergencyMessages,
      crmHosts: this.crmHosts,
    });
    this.phones = new PhoneProvisioning({
      callCenter,
      switches: this.platforms.switches,
      clock,
      onError: fail,
    });
    this.visitorCalls = this.newVisitorCalls();
    const log = pino({ level: 'debug' }, { write: (line) => this.log.push(JSON.parse(line)) });
    this.floor = await FloorDouble.create({ db, clock, callCenter, settings: this.floorSettings });
    this.api = await createApi({
      db,
      clock,
      callCenter,
      log,
      sessions: this.sessions,
      outbox: new Outbox({ db, clock, handlers: {}, onTried: () => undefined }),
      door: { open: (tab) => this.#open(tab), state: () => this.softphoneState },
      softphoneXml: (state) => `<softphone rev="${state.rev}"/>`,
      switch: this.switch,
      phones: this.phones,
      visitorCalls: this.visitorCalls,
      sipUpstream: (platformId) =>
        this.sipUrl === undefined || platformId !== 'private' ? undefined : { url: this.sipUrl },
      registrar: () => ({ domain: '192.0.2.1', port: 5060 }),
      platforms: this.platforms,
      views: { queues: () => undefined, phone: () => undefined, queueLabel: () => undefined },
      queueDefaults: { ringMs: 20_000, wrapMs: 30_000 },
      installation: { version: '0.0.0', startedAt: clock.now(), dataDir: '/' },
      pages: '/nowhere',
      adapterOrigins: () => this.openCti.callCenters.origins(),
      crmHosts: this.crmHosts,
      trunks: this.trunks,
      dialRights: this.dialRights,
      trunkStatus: () => ({ state: 'trying', text: 'Not asked yet.', calls: 0 }),
      cookie: 'crosspoint',
      recordings: () => this.recording.recordings.backlog(),
      draining: () => this.draining,
      ...more,
      routes: [
        ...this.recording.routes,
        (server) =>
          waitingRoutes(server, {
            callCenter,
            waiting: this.waitingBook,
            callbacks: this.#callbackDesk(),
          }),
        ...this.flowServer.routes,
        ...this.floor.server.routes(this.sessions),
        (api) =>
          simulationRoutes(api, {
            simulations: new SimulationJobs({ clock, onError: fail }),
            configuredDay: (midnight) => configuredDay({ callCenter, sql: db }, midnight),
          }),
        (api) => layoutRoutes(api, this),
        (api) => crmObjectRoutes(api, this),
        (api) => configurationRoutes(api, this),
        (api) => businessHoursRoutes(api, this),
        (api) => emergencyMessageRoutes(api, { messages: this.emergencyMessages, clock }),
        (api) => profileRoutes(api, this),
        (api) => directoryRoutes(api, this),
        (api) => crmConnectionRoutes(api, this),
        ...this.openCti.routes,
        ...this.console.routes,
        ...this.speech.routes,
        ...scriptServer({
          db,
          clock,
          log: pino({ level: 'silent' }),
          scripts: this.scripts,
          crm: new BuiltinCrm({ db, clock, country: 'GB' }),
          calls: this.scriptedCalls,
        }),
        ...(more.routes ?? []),
      ],
    });
  }

  /** Another one on the same database and key, as the next process would have. */
  async newCrms(): Promise<CrmConnections> {
    const { db } = this.database;
    const { clock } = this;
    return CrmConnections.load({
      db,
      clock,
      log: pino({ level: 'silent' }),
      kinds: CRM_KINDS,
      builtIn: new BuiltinCrm({ db, clock, country: 'GB' }),
      vault: await this.#vault(),
      country: 'GB',
      callCenterOf: (userId) => this.openCti.callCenters.of(userId)?.id,
      userName: (userId) => this.callCenter.user(userId)?.username,
      waiting: (crmId) => Promise.resolve(this.waiting.get(crmId) ?? 0),
    });
  }

  #vault(): Promise<Vault> {
    return Vault.open(join(this.#vaultFolder, 'crm.key'));
  }

  /** Another one on the same database and switch, as the next process would have. */
  newVisitorCalls(): VisitorCalls {
    return new VisitorCalls({
      db: this.database.db,
      callCenter: this.callCenter,
      provisioning: this.provisioning,
      clock: this.clock,
      switch: this.switch,
      country: 'GB',
      sip: { path: '/sip', domain: 'crosspoint' },
      iceServersFor: () => [{ urls: ['stun:stun.example'] }],
      simulate: { arrive: (arrival) => this.arrivals.push(arrival) },
      onError: fail,
    });
  }

  #open(tab: TabConnection): { receive(message: Upstream): void; close(): void } {
    const opened: OpenedTab = { tab, received: [], closed: false, send: (message) => tab.send(message) };
    this.tabs.push(opened);
    return {
      receive: (message) => opened.received.push(message),
      close: () => {
        opened.closed = true;
      },
    };
  }

  /** A bearer token of a user who has this role only. */
  async tokenOf(role: Role): Promise<string> {
    const username = `only-${role}`;
    const { country, locale, zone } = { country: 'GB', locale: 'en-GB', zone: 'Europe/London' };
    const input = { username, name: username, roles: [role], country, locale, zone, extension: null };
    const user = this.callCenter.userByName(username) ?? (await this.callCenter.addUser(input, 'no hash'));
    return (await this.sessions.open(user.id)).token;
  }

  /** Signs a demo user in as a browser does: the cookie to send. */
  async cookieOf(username: string): Promise<string> {
    const user = this.callCenter.userByName(username);
    const { token } = await this.sessions.open(user?.id ?? '');
    return `crosspoint=${token}`;
  }

  /** A request with a bearer token. */
  call(
    method: InjectOptions['method'],
    url: string,
    token?: string,
    payload?: object,
  ): ReturnType<Api['inject']> {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    return this.api.inject({ method, url, headers, payload }) as ReturnType<Api['inject']>;
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.floor.server.close();
    await this.console.close();
    await this.platforms.close();
    await this.crms.close();
    await this.speech.close();
    rmSync(this.#vaultFolder, { recursive: true });
    await this.sessions.close();
    await this.phones.close();
    await this.visitorCalls.close();
    await this.database.drop();
    rmSync(this.#vaultFolder, { recursive: true, force: true });
  }
}
