/**
 * The composition root: reads the configuration, has the private parts ready, builds everything, serves, and drains.
 *
 *     start ─► parts ─► database ─► telephony ─► pages ─► ready ── SIGTERM ──► draining ─► parts stopped ─► exit
 *
 * `fetch` downloads what a start needs; `stop` ends what a crash left running; `reset-password USER` prints a new password;
 * `doctor asterisk` looks at an Asterisk and says what is wrong; `rebuild-history` makes the tables of past calls anew from the journal.
 */
import { loadScripts, scriptServer } from './script-server.ts';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realClock } from '../lib/clock.ts';
import { must } from '../lib/must.ts';
import { CodedError } from '../protocol/errors.ts';
import { businessHoursRoutes } from './api/business-hours.ts';
import { callSettingsRoutes } from './api/call-settings.ts';
import { generatedCertificate, readCertificate } from './api/certificate.ts';
import { createApi } from './api/create-api.ts';
import { stateTimeRoutes } from './api/state-times.ts';
import { transferTargetRoutes } from './api/transfer-targets.ts';
import { crmConnectionRoutes } from './api/crm-connections.ts';
import { crmRoutes } from './api/crm.ts';
import { crmObjectRoutes } from './api/crm-objects.ts';
import { directoryRoutes } from './api/directories.ts';
import { layoutRoutes } from './api/layouts.ts';
import { simulationRoutes } from './api/simulations.ts';
import { iceServersFor } from './api/ice-servers.ts';
import { emergencyMessageRoutes } from './api/emergency-messages.ts';
import { profileRoutes } from './api/profiles.ts';
import { PhoneProvisioning } from './api/phone-provisioning.ts';
import { Sessions } from './api/sessions.ts';
import { SipGuard } from './api/sip-guard.ts';
import { SIP_PATH } from './api/sip-proxy.ts';
import { installationIn } from './api/system.ts';
import { VisitorCalls } from './api/visitor-calls.ts';
import { fetchParts, type Parts, stopLeftovers } from './bundled/parts.ts';
import { SpeechPrograms } from './bundled/speech-programs.ts';
import { type CallCenterServer, startCallCenter } from './call-center-server.ts';
import { BusinessHoursBook } from './callcenter/business-hours.ts';
import { CallCenter } from './callcenter/call-center.ts';
import { CrmHosts } from './callcenter/crm-hosts.ts';
import { Directories } from './callcenter/directories.ts';
import { EmergencyMessages } from './callcenter/emergency-messages.ts';
import { Layouts } from './callcenter/layouts.ts';
import { PRIVATE_PLATFORM } from './callcenter/model.ts';
import { Profiles } from './callcenter/profiles.ts';
import { WaitingBook } from './callcenter/waiting-book.ts';
import { type DemoUser, demoUsers, replaceDemoPasswords, seedCallCenter } from './callcenter/seed.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createConsole } from './console-server.ts';
import { configurationServer } from './configuration-server.ts';
import { BuiltinCrm } from './crm/builtin/builtin-crm.ts';
import { Metadata } from './crm/builtin/metadata.ts';
import { seedCrm } from './crm/builtin/seed.ts';
import { CrmConnections } from './crm/connections.ts';
import { CRM_KINDS } from './crm/kinds.ts';
import { RoutedCrm } from './crm/routed-crm.ts';
import { Vault } from './crm/vault.ts';
import { runDoctor } from './doctor.ts';
import { beginRun, type Foundation, openFoundation, type Run } from './foundation.ts';
import { createFlowServer } from './flow-server.ts';
import { loadFloorSettings } from './floor-server.ts';
import { configuredDay } from './simulation-day.ts';
import { SimulationJobs } from './simulator/simulation-jobs.ts';
import { ProjectionRunner } from './history/projections.ts';
import { createOpenCti } from './opencti-server.ts';
import { createSpeechServer, fetchSpeechEngines, type SpeechServer } from './speech-server.ts';
import { loadOutsideLines, whatBelongsTo } from './outside-lines.ts';
import { PLATFORM_KINDS } from './platforms/kinds.ts';
import { Platforms, type PlatformsOptions } from './platforms/platforms.ts';
import { createPrivatePlatform, type PrivatePlatform } from './platforms/private.ts';
import { resetPassword } from './reset-password.ts';
import { softphoneXml } from './softphone/xml.ts';
import type { Database } from './store/database.ts';
import { withTrunks } from './telephony/trunking.ts';
import { mustSwitch } from './telephony/switches.ts';
import { Journal } from './store/journal.ts';
import { pageAddress, progressPrinter, welcome } from './welcome.ts';

/** This file is `dist/server/main.js` when it runs. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const clock = realClock;
/** Where browser phones connect. The domain is also the realm that they see, and never resolved. */
const BROWSER_SIP = { path: SIP_PATH, domain: 'crosspoint.invalid' };

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const [command = 'start', name] = process.argv.slice(2);
  const config = readConfig({ env: process.env, root: ROOT, uid: process.getuid?.() });
  switch (command) {
    case 'fetch':
      await fetchParts({
        cacheDir: config.cacheFolder,
        asterisk: config.asterisk,
        onProgress: progressPrinter(say),
      });
      await fetchSpeechEngines(config, say);
      return say('Everything is here: npm start needs no network now.');
    case 'stop': {
      const ended = await stopLeftovers(config.dataFolder, clock);
      return say(
        ended.asterisk || ended.postgres
          ? 'What was left running has been stopped.'
          : 'Nothing was left running.',
      );
    }
    case 'reset-password':
      if (name === undefined) throw new ConfigError('Whose password? Use npm start -- reset-password USER.');
      return newPassword(config, name);
    case 'rebuild-history':
      return rebuildHistory(config);
    case 'doctor':
      process.exitCode = await runDoctor(process.argv.slice(3), process.env, {
        say,
        complain: (line) => process.stderr.write(`${line}\n`),
      });
      return;
    case 'start':
      return start(config);
    default:
      throw new ConfigError(
        `There is no command ${command}: use npm start, npm run fetch, npm run stop, npm run doctor, npm start -- reset-password USER or npm start -- rebuild-history.`,
      );
  }
}

async function start(config: Config): Promise<void> {
  const began = clock.now();
  const run = await beginRun({ config, clock, say });
  try {
    await checkPageAddress(config);
    if (config.tls?.files) await readCertificate(config.tls.files);
    const foundation = await openFoundation(run, {
      asterisk: config.switchKind !== 'simulated',
      onProgress: progressPrinter(say),
    });
    const { callCenter, users } = await serve(run, foundation);
    run.stop.drains(callCenter);
    const { asterisk, asteriskMissing } = foundation.parts;
    const rtp = asterisk ? { rtp: asterisk.address.rtp } : {};
    const seconds = (clock.now() - began) / 1_000;
    for (const line of welcome({ config, users, asteriskMissing, ...rtp, seconds })) say(line);
  } catch (error) {
    await run.stop.everything();
    throw error;
  }
}

/** Runs `work` on the database alone: nobody may be served from this folder meanwhile. */
async function withDatabase(
  config: Config,
  work: (run: Run, foundation: Foundation) => Promise<void>,
): Promise<void> {
  const run = await beginRun({ config: { ...config, drainMs: 0 }, clock, say });
  try {
    await work(run, await openFoundation(run, { asterisk: false }));
  } finally {
    await run.stop.everything();
  }
}

function newPassword(config: Config, username: string): Promise<void> {
  return withDatabase(config, async ({ log, closers }, { calls: db }) => {
    const onListenerError = (err: unknown) => log.error({ err }, 'a listener of the settings failed');
    const callCenter = await CallCenter.load({ db, country: config.country, onListenerError });
    const sessions = await Sessions.load({ db, clock, onError: onListenerError });
    closers.push(() => sessions.close());
    say(`The password of ${username} is now ${await resetPassword(callCenter, sessions, username)}`);
  });
}

function rebuildHistory(config: Config): Promise<void> {
  return withDatabase(config, async ({ log, closers }, { calls, reports }) => {
    const onError = (err: unknown) => log.error({ err }, 'history could not be rebuilt');
    const journal = new Journal({ db: calls, clock, onError });
    const projections = new ProjectionRunner({ db: reports, journal, clock, onError });
    closers.push(() => projections.close());
    await projections.rebuild();
    say('The history of calls has been made anew from the journal.');
  });
}

interface Served {
  callCenter: CallCenterServer;
  users: DemoUser[];
}

async function serve(
  run: Run,
  { calls: db, reports, importing, parts, dataDir }: Foundation,
): Promise<Served> {
  const { config, log, closers } = run;
  const { country } = config;
  const settings = await CallCenter.load({
    db,
    country,
    onListenerError: logged(run, 'a listener of the settings failed'),
  });
  const users = await seed(config, settings, db);
  const sessions = await Sessions.load({
    db,
    clock,
    onError: logged(run, 'a listener of the sessions failed'),
  });
  const outsideLines = await loadOutsideLines({
    db,
    config,
    callCenter: settings,
    onListenerError: logged(run, 'a listener of the trunks failed'),
  });
  const vault = await Vault.open(join(dataDir, 'crm.key'));
  const speech = await createSpeechServer({
    db,
    programs: await SpeechPrograms.find({ cacheDir: config.cacheFolder, ...config.asterisk }),
    dataDir,
    vault,
    clock,
    log,
  });
  const { platforms, own, phones } = await connectPlatforms(run, db, {
    parts,
    speech,
    dataDir,
    settings,
    guard: (node) => withTrunks(node, () => must(outsideLines.rules, 'trunk rules'), clock),
    liveCalls: (id) => callCenter.liveCalls(id),
    usedBy: (id) => whatBelongsTo(id, settings, outsideLines),
  });
  const visitorCalls = visitors(run, db, settings, own);
  const metadata = await Metadata.load({
    db,
    clock,
    usedBy: (object, field) =>
      layouts.now().showing(object, field) ?? (field && desk.views.naming(object, field)),
    onListenerError: logged(run, 'a listener of the objects failed'),
  });
  const builtinCrm = new BuiltinCrm({
    db,
    lists: reports,
    clock,
    country,
    objects: () => metadata.now(),
    rightsOf: ({ userId }) => profiles.of(userId)?.objects,
    userNames: async (ids) => Object.fromEntries(ids.map((id) => [id, settings.user(id)?.name ?? ''])),
  });
  const desk = await createConsole({
    db,
    importing,
    clock,
    crm: builtinCrm,
    country,
    onError: logged(run, 'an import failed'),
  });
  const crms = await CrmConnections.load({
    db,
    clock,
    log,
    kinds: CRM_KINDS,
    builtIn: builtinCrm,
    vault,
    country,
    callCenterOf: (userId) => openCti.callCenters.of(userId)?.id,
    userName: (userId) => settings.user(userId)?.username,
    waiting: (crmId) => callCenter.outbox.waiting({ crmId }),
  });
  const crm = new RoutedCrm(crms);
  const directories = await Directories.load({
    db,
    country,
    callCenterExists: (id) => openCti.callCenters.find(id) !== undefined,
    objects: () => crm.objects(),
  });
  const profiles = await Profiles.load({
    db,
    callCenter: settings,
    classExists: (id) => outsideLines.dialRights.classes().some((one) => one.id === id),
    usedBy: (id) => layouts.now().holdingFor(id),
  });
  outsideLines.dialRights.useProfiles((userId) => profiles.of(userId)?.classId ?? undefined);
  const hours = await BusinessHoursBook.load({ db, callCenter: settings, country });
  const waitingBook = await WaitingBook.load({ db, callCenter: settings });
  const emergencyMessages = await EmergencyMessages.load({ db, callCenter: settings });
  const scripts = await loadScripts({ db, clock, callCenter: settings, crm, layouts: () => layouts.now() });
  const flowServer = await createFlowServer({
    recogniser: (language) => speech.engines.recogniser(language),
    db,
    clock,
    dataDir,
    vault,
    callCenter: settings,
    hours,
    scripts,
    crm,
    country,
    allowedHosts: config.flowHosts,
  });
  closers.push(() => flowServer.close());
  const layouts: Layouts = await Layouts.load({
    db,
    clock,
    userExists: (id) => settings.user(id) !== undefined,
    profileExists: (id) => profiles.get(id) !== undefined,
    objects: () => crm.objects(),
    isActiveScript: (id) => scripts.get(id)?.active === true,
    onListenerError: logged(run, 'a listener of the layouts failed'),
  });
  const floorSettings = await loadFloorSettings({
    db,
    callCenter: settings,
    onListenerError: logged(run, 'a listener of the floor failed'),
  });
  const crmHosts = await CrmHosts.load({ db, userExists: (id) => settings.user(id) !== undefined });
  const openCti = await createOpenCti({
    db,
    clock,
    log,
    callCenter: settings,
    layouts,
    scriptName: (id) => scripts.get(id)?.name ?? id,
    directories,
    crm,
    sessions,
    actions: config.openCti.actions,
    strict: config.openCti.strict,
  });
  const callCenter = await startCallCenter({
    config,
    dataDir,
    db,
    reports,
    clock,
    log,
    callCenter: settings,
    crm,
    crms,
    layouts,
    crmHosts,
    hours,
    emergencyMessages,
    profiles,
    directories: directories.seenBy((userId) => openCti.callCenters.of(userId)?.id),
    platforms,
    outsideLines,
    flowServer,
    floorSettings,
    waitingBook,
    sip: BROWSER_SIP,
  });
  closers.push(
    () => speech.close(),
    () => callCenter.close(),
    () => desk.close(),
    () => crms.close(),
    () => phones.close(),
    () => visitorCalls.close(),
    () => sessions.close(),
  );
  sessions.events.on('ended', (sessionId) => callCenter.softphone.endSession(sessionId));
  await phones.start(PRIVATE_PLATFORM);

  const simulations = new SimulationJobs({
    clock,
    onError: (what, err, ids) => log.error({ err, ...ids }, what),
  });
  closers.push(() => simulations.close());
  const { ringMs, wrapMs, tls } = config;
  crms.start();
  const api = await createApi({
    db,
    clock,
    log,
    callCenter: settings,
    sessions,
    outbox: callCenter.outbox,
    door: callCenter.softphone,
    softphoneXml,
    switch: own.switch,
    phones,
    platforms,
    views: callCenter.mirrors,
    visitorCalls,
    ...outsideLines,
    trunkStatus: (id) => callCenter.trunkBoard.status(id),
    sipUpstream: (platformId) => platforms.sip(platformId),
    registrar: (platformId) =>
      platforms.platform(platformId)?.registrar?.() ?? {
        domain: new URL(pageAddress(config)).hostname,
        port: config.sipPort,
      },
    queueDefaults: { ringMs, wrapMs },
    installation: installationIn(ROOT, dataDir, clock.now()),
    pages: `${ROOT}dist/web`,
    adapterOrigins: () => openCti.callCenters.origins(),
    crmHosts,
    ...(tls ? { certificate: await certificateFor(tls, dataDir) } : {}),
    cookie: `crosspoint_${config.port}`,
    draining: () => run.stop.begun,
    routes: [
      (server) => crmRoutes(server, { crm }),
      (server) => crmObjectRoutes(server, { metadata }),
      (server) => crmConnectionRoutes(server, { crms }),
      ...configurationServer({
        db,
        clock,
        country,
        vault,
        crms,
        openCti,
        flowServer,
        platforms,
        ...outsideLines,
        ...floorSettings,
        callCenter: settings,
        recordingRules: callCenter.recording.rules,
        waiting: waitingBook,
        speech: speech.settings,
        profiles,
        hours,
        layouts,
        directories,
        metadata,
        scripts,
        emergencyMessages,
        crmHosts,
      }),
      (server) => layoutRoutes(server, { layouts }),
      (server) => businessHoursRoutes(server, { hours }),
      (server) => emergencyMessageRoutes(server, { messages: emergencyMessages, clock }),
      (server) => profileRoutes(server, { profiles }),
      (server) => directoryRoutes(server, { directories }),
      (server) =>
        transferTargetRoutes(server, {
          search: (userId, text) => callCenter.softphone.transferTargets(userId, text),
        }),
      (server) =>
        stateTimeRoutes(server, {
          clock,
          stateTimes: callCenter.stateTimes,
          reasonLabel: (id) => settings.reason(id)?.label,
        }),
      (server) =>
        callSettingsRoutes(server, {
          callCenter: settings,
          settings: callCenter.softphone.personalSettings,
        }),
      ...flowServer.routes,
      (server) =>
        simulationRoutes(server, {
          simulations,
          configuredDay: (midnight) => configuredDay({ callCenter: settings, sql: reports }, midnight),
        }),
      ...callCenter.recording.routes,
      ...callCenter.floor.routes(sessions),
      ...callCenter.waiting.routes,
      ...openCti.routes,
      ...desk.routes,
      ...speech.routes,
      ...scriptServer({ db, clock, log, scripts, crm, calls: callCenter.softphone.scripted }),
    ],
    recordings: () => callCenter.recording.backlog(),
  });
  closers.push(() => api.close());
  await listen(api, config);
  return { callCenter, users };
}

/** Demo data where there is none. Returns the users whose passwords may be printed. */
async function seed(config: Config, settings: CallCenter, db: Database): Promise<DemoUser[]> {
  const { office, country, locale, zone, ringMs, wrapMs } = config;
  const made = await seedCallCenter(settings, { office, country, locale, zone, ringMs, wrapMs });
  await seedCrm(db, { now: clock.now(), owners: settings.users().map((user) => user.id) });
  return office ? [...made, ...(await replaceDemoPasswords(settings))] : demoUsers(settings);
}

interface Connected {
  platforms: Platforms;
  /** The program's own platform, as everybody is to see its switch. */
  own: PrivatePlatform;
  phones: PhoneProvisioning;
}

/** The telephone systems and the phones on them: who guesses at a password is kept out by the account's own entry. */
async function connectPlatforms(
  run: Run,
  db: Database,
  {
    parts,
    dataDir,
    settings,
    speech,
    ...usage
  }: { parts: Parts; dataDir: string; settings: CallCenter; speech: SpeechServer } & Pick<
    PlatformsOptions,
    'guard' | 'liveCalls' | 'usedBy'
  >,
): Promise<Connected> {
  const { config, log } = run;
  const voiceFor = (language: string) => speech.engines.voiceFor(language);
  const guard = new SipGuard({
    clock,
    refuse: (name, address, ms) => phones.refuse(name, address, ms),
    onBlocked: (_account, address) =>
      log.warn({ address }, 'a SIP account is closed to an address for a while after wrong passwords'),
    onError: logged(run, 'a SIP account could not be closed to an address'),
  });
  const platform = await createPrivatePlatform({
    id: PRIVATE_PLATFORM,
    asterisk: parts.asterisk,
    mediaAddress: config.office ? undefined : config.host,
    clock,
    log,
    voiceFor,
    onSipFailure: (failure) => guard.recordSipFailure(failure),
  });
  const platforms = await Platforms.load({
    db,
    clock,
    log,
    kinds: PLATFORM_KINDS,
    builtIn: { ...platform, platform },
    folder: join(dataDir, 'platforms'),
    voiceFor,
    ...usage,
  });
  const phones = new PhoneProvisioning({
    callCenter: settings,
    switches: platforms.switches,
    clock,
    onError: logged(run, 'a SIP phone could not be put on the switch'),
  });
  const own = { ...platform, switch: mustSwitch(platforms.switches, platform.id) };
  return { platforms, own, phones };
}

function logged({ log }: Run, what: string): (err: unknown) => void {
  return (err) => log.error({ err }, what);
}

function certificateFor(
  tls: NonNullable<Config['tls']>,
  dataDir: string,
): ReturnType<typeof readCertificate> {
  return tls.files ? readCertificate(tls.files) : generatedCertificate(dataDir, clock.now());
}

function visitors(run: Run, db: Database, settings: CallCenter, platform: PrivatePlatform): VisitorCalls {
  const { config } = run;
  return new VisitorCalls({
    db,
    callCenter: settings,
    switch: platform.switch,
    provisioning: platform.provisioning,
    clock,
    country: config.country,
    sip: BROWSER_SIP,
    iceServersFor: (userId, now) => iceServersFor(config.ice, userId, now),
    ...(platform.simulate ? { simulate: platform.simulate } : {}),
    onError: logged(run, 'a web call'),
  });
}

/** Before anything is started: the page's address must be free. */
async function checkPageAddress(config: Config): Promise<void> {
  const probe = createServer();
  await listen(
    {
      listen: ({ host, port }) =>
        new Promise<void>((resolve, reject) => probe.once('error', reject).listen(port, host, resolve)),
    },
    config,
  );
  await new Promise((resolve) => probe.close(resolve));
}

async function listen(
  server: { listen(options: { host: string; port: number }): Promise<unknown> },
  { host, port }: Config,
): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      throw new CodedError('port-taken', { port, host, setting: 'CROSSPOINT_PORT' });
    throw error;
  }
}

main().catch((error: unknown) => {
  const known = error instanceof ConfigError || error instanceof CodedError;
  process.stderr.write(
    `${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});
