/**
 * The composition root: reads the configuration, has the private parts ready, builds everything, serves, and drains.
 *
 *     start ─► parts ─► database ─► telephony ─► pages ─► ready ── SIGTERM ──► draining ─► parts stopped ─► exit
 *
 * `fetch` downloads what a start needs; `stop` ends what a crash left running; `reset-password USER` prints a new password.
 */
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { pino } from 'pino';
import { realClock } from '../lib/clock.ts';
import { CodedError } from '../protocol/errors.ts';
import { apiMigrations } from './api/schema.ts';
import { createApi } from './api/create-api.ts';
import { generatedCertificate, readCertificate } from './api/certificate.ts';
import { crmRoutes } from './api/crm.ts';
import { iceServersFor } from './api/ice-servers.ts';
import { PhoneProvisioning } from './api/phone-provisioning.ts';
import { Sessions } from './api/sessions.ts';
import { SipGuard } from './api/sip-guard.ts';
import { SIP_PATH } from './api/sip-proxy.ts';
import { VisitorCalls } from './api/visitor-calls.ts';
import { claimDataFolder } from './bundled/data-folder.ts';
import { fetchParts, type Parts, startParts, stopLeftovers } from './bundled/parts.ts';
import { type CallCenterServer, startCallCenter } from './call-center-server.ts';
import { CallCenter } from './callcenter/call-center.ts';
import { callcenterMigrations } from './callcenter/schema.ts';
import { type DemoUser, demoUsers, replaceDemoPasswords, seedCallCenter } from './callcenter/seed.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { BuiltinCrm } from './crm/builtin/builtin-crm.ts';
import { seedCrm } from './crm/builtin/seed.ts';
import { crmMigrations } from './crm/schema.ts';
import { historyMigrations } from './history/schema.ts';
import { createPlatform, type Platform } from './platform.ts';
import { routingMigrations } from './routing/schema.ts';
import { resetPassword } from './reset-password.ts';
import { type Closers, handleShutdown, type Shutdown } from './shutdown.ts';
import { softphoneMigrations } from './softphone/schema.ts';
import { softphoneXml } from './softphone/xml.ts';
import { Database } from './store/database.ts';
import { HeldLock } from './store/held-lock.ts';
import { migrate } from './store/migrations.ts';
import { storeMigrations } from './store/schema.ts';
import { pageAddress, progressPrinter, welcome } from './welcome.ts';

/** This file is `dist/server/main.js` when it runs. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const clock = realClock;
/** Also the realm that browsers see; never resolved. */
const SIP_DOMAIN = 'crosspoint.invalid';

/** In the order in which their tables may refer to each other. */
const MIGRATIONS = [
  ...storeMigrations,
  ...callcenterMigrations,
  ...crmMigrations,
  ...routingMigrations,
  ...softphoneMigrations,
  ...historyMigrations,
  ...apiMigrations,
];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const onProgress = progressPrinter(say);

async function main(): Promise<void> {
  const [command = 'start', name] = process.argv.slice(2);
  const config = readConfig({ env: process.env, root: ROOT, uid: process.getuid?.() });
  switch (command) {
    case 'fetch':
      await fetchParts({ cacheDir: config.cacheFolder, asterisk: config.asterisk, onProgress });
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
    case 'start':
      return start(config);
    default:
      throw new ConfigError(
        `There is no command ${command}: use npm start, npm run fetch, npm run stop or npm start -- reset-password USER.`,
      );
  }
}

async function start(config: Config): Promise<void> {
  const began = clock.now();
  const log = await openLog(config);
  const closers: Closers = [];
  const stop = handleShutdown({ drainMs: config.drainMs, clock, log, closers, say });
  try {
    await checkPageAddress(config);
    if (config.tls?.files) await readCertificate(config.tls.files);
    const claim = await claimDataFolder(config.dataFolder);
    closers.push(() => claim.release());
    const parts = await startParts({
      dataDir: claim.dataDir,
      cacheDir: config.cacheFolder,
      postgres: config.databaseUrl === undefined,
      ...(config.switchKind === 'simulated'
        ? {}
        : { asterisk: { ...config.asterisk, sipHost: config.host, sipPort: config.sipPort } }),
      clock,
      log,
      onProgress,
    });
    // What ran before us may carry calls: a start that fails leaves it as it was.
    let served = false;
    closers.push(() => (served || !parts.adopted ? parts.stop() : parts.close()));
    refuseWithoutAsterisk(config, parts);
    const db = await openDatabase(config, parts, log, closers, stop);
    const server = await serve(config, claim.dataDir, parts, db, log, closers, stop);
    served = true;
    stop.drains(server.callCenter);
    for (const line of welcome({
      config,
      users: server.users,
      asteriskMissing: parts.asteriskMissing,
      ...(parts.asterisk ? { rtp: parts.asterisk.address.rtp } : {}),
      seconds: (clock.now() - began) / 1_000,
    }))
      say(line);
  } catch (error) {
    await stop.everything();
    throw error;
  }
}

/** JSON, one line each; for a person at a terminal, text. */
async function openLog(config: Config): Promise<Logger> {
  const options = { level: config.logLevel, redact: ['*.password', '*.secret', '*.token'] };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }));
  const { build: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
    }),
  );
}

/** With the database alone: nobody may be served from this folder meanwhile. */
async function newPassword(config: Config, username: string): Promise<void> {
  const log = await openLog(config);
  const closers: Closers = [];
  const stop = handleShutdown({ drainMs: 0, clock, log, closers, say });
  try {
    const { dataDir, release } = await claimDataFolder(config.dataFolder);
    closers.push(release);
    const postgres = config.databaseUrl === undefined;
    const parts = await startParts({ dataDir, cacheDir: config.cacheFolder, postgres, clock, log });
    closers.push(() => parts.stop());
    const { calls: db } = await openDatabase(config, parts, log, closers, stop);
    const onListenerError = (err: unknown) => log.error({ err }, 'a listener of the settings failed');
    const callCenter = await CallCenter.load({ db, country: config.country, onListenerError });
    const sessions = await Sessions.load({ db, clock, onError: onListenerError });
    closers.push(() => sessions.close());
    say(`The password of ${username} is now ${await resetPassword(callCenter, sessions, username)}`);
  } finally {
    await stop.everything();
  }
}

function refuseWithoutAsterisk(config: Config, parts: Parts): void {
  if (config.switchKind === 'asterisk' && !parts.asterisk)
    throw new CodedError('asterisk-unavailable', { reason: parts.asteriskMissing ?? 'no reason is known' });
}

async function openDatabase(
  config: Config,
  parts: Parts,
  log: Logger,
  closers: Closers,
  stop: Shutdown,
): Promise<{ calls: Database; reports: Database }> {
  const connection = config.databaseUrl ?? parts.postgres?.connection;
  if (connection === undefined) throw new ConfigError('There is no database: set DATABASE_URL.');
  const onError = (err: Error) => log.warn({ err }, 'a database connection broke');
  const calls = new Database({ connection, onError });
  closers.push(() => calls.close());
  const reports = new Database({ connection, onError, max: 3 });
  closers.push(() => reports.close());
  const lock = await HeldLock.take({
    db: calls,
    clock,
    onBroken: () => log.warn({}, 'the connection that holds the lock on the database broke; it is made anew'),
    onLost: () => {
      log.fatal('the lock on the database is lost: another process has taken over');
      void stop.everything().finally(() => process.exit(1));
    },
  });
  if (!lock) throw new CodedError('database-in-use');
  closers.push(() => lock.release());
  const applied = await migrate(calls, MIGRATIONS);
  if (applied.length > 0) log.info({ applied }, 'the database has been brought up to date');
  return { calls, reports };
}

interface Served {
  callCenter: CallCenterServer;
  users: DemoUser[];
}

async function serve(
  config: Config,
  dataDir: string,
  parts: Parts,
  { calls: db, reports }: { calls: Database; reports: Database },
  log: Logger,
  closers: Closers,
  stop: Shutdown,
): Promise<Served> {
  const { country, locale, zone, ringMs, wrapMs, office } = config;
  const onError = (what: string) => (err: unknown) => log.error({ err }, what);
  const settings = await CallCenter.load({
    db,
    country,
    onListenerError: onError('a listener of the settings failed'),
  });
  const made = await seedCallCenter(settings, { office, country, locale, zone, ringMs, wrapMs });
  await seedCrm(db, { now: clock.now(), owners: settings.users().map((user) => user.id) });
  const users = office ? [...made, ...(await replaceDemoPasswords(settings))] : demoUsers(settings);

  const guard = new SipGuard({
    clock,
    refuse: (name, address, ms) => phones.refuse(name, address, ms),
    onBlocked: (_account, address) =>
      log.warn({ address }, 'a SIP account is closed to an address for a while after wrong passwords'),
    onError: onError('a SIP account could not be closed to an address'),
  });
  const platform = await createPlatform({
    asterisk: parts.asterisk,
    mediaAddress: office ? undefined : config.host,
    clock,
    log,
    onSipFailure: (failure) => guard.recordSipFailure(failure),
  });
  const { provisioning } = platform;
  const phones = new PhoneProvisioning({
    callCenter: settings,
    provisioning,
    clock,
    onError: onError('a SIP phone could not be put on the switch'),
  });
  const crm = new BuiltinCrm({
    db,
    clock,
    country,
    userNames: async (ids) => Object.fromEntries(ids.map((id) => [id, settings.user(id)?.name ?? ''])),
  });
  const sip = { path: SIP_PATH, domain: SIP_DOMAIN };
  const sessions = await Sessions.load({ db, clock, onError: onError('a listener of the sessions failed') });
  const visitorCalls = visitors(db, config, settings, platform, onError('a web call'));

  const callCenter = await startCallCenter({
    config,
    db,
    reports,
    clock,
    log,
    callCenter: settings,
    crm,
    platform,
    sip,
  });
  closers.push(
    () => callCenter.close(),
    () => phones.close(),
    () => visitorCalls.close(),
    () => sessions.close(),
  );
  sessions.events.on('ended', (sessionId) => callCenter.softphone.endSession(sessionId));
  await phones.provisionAll();

  const api = await createApi({
    db,
    clock,
    log,
    callCenter: settings,
    sessions,
    outbox: callCenter.outbox,
    door: callCenter.softphone,
    softphoneXml,
    switch: platform.switch,
    phones,
    visitorCalls,
    sipUrl: () => platform.sipUrl(),
    sip: { domain: new URL(pageAddress(config)).hostname, port: config.sipPort },
    queueDefaults: { ringMs, wrapMs },
    pages: `${ROOT}dist/web`,
    ...(config.tls
      ? {
          certificate: await (config.tls.files
            ? readCertificate(config.tls.files)
            : generatedCertificate(dataDir, clock.now())),
        }
      : {}),
    cookie: `crosspoint_${config.port}`,
    draining: () => stop.begun,
    routes: [(server) => crmRoutes(server, { crm })],
  });
  closers.push(() => api.close());
  await listen(api, config);
  return { callCenter, users };
}

function visitors(
  db: Database,
  config: Config,
  settings: CallCenter,
  platform: Platform,
  onError: (error: unknown) => void,
): VisitorCalls {
  return new VisitorCalls({
    db,
    callCenter: settings,
    switch: platform.switch,
    provisioning: platform.provisioning,
    clock,
    country: config.country,
    sip: { path: SIP_PATH, domain: SIP_DOMAIN },
    iceServersFor: (userId, now) => iceServersFor(config.ice, userId, now),
    ...(platform.simulate ? { simulate: platform.simulate } : {}),
    onError,
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
