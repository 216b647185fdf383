/** What every command that touches data stands on: the log, the data folder, the private parts, the database. */
import type { Logger } from 'pino';
import { pino } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { CodedError } from '../protocol/errors.ts';
import { apiMigrations } from './api/schema.ts';
import { claimDataFolder } from './bundled/data-folder.ts';
import { type Parts, type PartsProgress, startParts } from './bundled/parts.ts';
import { callcenterMigrations } from './callcenter/schema.ts';
import { type Config, ConfigError } from './config.ts';
import { crmConnectionMigrations } from './crm/connections-schema.ts';
import { crmMigrations } from './crm/schema.ts';
import { crmFigureMigrations } from './crm-figures.ts';
import { flowMigrations } from './flows/schema.ts';
import { floorStateMigrations } from './floor/schema.ts';
import { historyMigrations } from './history/schema.ts';
import { recordingMigrations } from './recording/schema.ts';
import { voicemailMigrations } from './recording/voicemail-schema.ts';
import { platformMigrations } from './platforms/schema.ts';
import { routingMigrations } from './routing/schema.ts';
import { scriptMigrations } from './scripts/schema.ts';
import { type Closers, handleShutdown, type Shutdown } from './shutdown.ts';
import { softphoneMigrations } from './softphone/schema.ts';
import { speechMigrations } from './speech/settings.ts';
import { queueLogMigrations } from './history/queue-log-import.ts';
import { Database } from './store/database.ts';
import { HeldLock } from './store/held-lock.ts';
import { migrate } from './store/migrations.ts';
import { storeMigrations } from './store/schema.ts';

/** In the order in which their tables may refer to each other. */
export const MIGRATIONS = [
  ...storeMigrations,
  ...callcenterMigrations,
  ...crmMigrations,
  ...crmConnectionMigrations,
  ...crmFigureMigrations,
  ...routingMigrations,
  ...floorStateMigrations,
  ...recordingMigrations,
  ...voicemailMigrations,
  ...softphoneMigrations,
  ...scriptMigrations,
  ...flowMigrations,
  ...historyMigrations,
  ...queueLogMigrations,
  ...apiMigrations,
  ...platformMigrations,
  ...speechMigrations,
];

/** One life of this process. */
export interface Run {
  config: Config;
  clock: Clock;
  log: Logger;
  /** What has been opened is added here, and closed by `stop`. */
  closers: Closers;
  stop: Shutdown;
}

export interface Foundation {
  dataDir: string;
  parts: Parts;
  calls: Database;
  /** Connections of their own for what only reads, so that it never waits in the calls' way. */
  reports: Database;
  /** For imports alone: their statements take as long as they take. */
  importing: Database;
}

/** Opens the log and listens to signals. */
export async function beginRun(options: {
  config: Config;
  clock: Clock;
  say: (line: string) => void;
}): Promise<Run> {
  const { config, clock, say } = options;
  const log = await openLog(config);
  const closers: Closers = [];
  const stop = handleShutdown({ drainMs: config.drainMs, clock, log, closers, say });
  return { config, clock, log, closers, stop };
}

/**
 * Claims the data folder, starts the private parts and opens the database; what is open when it fails, `run.stop` closes.
 * @throws CodedError `folder-in-use`, `asterisk-unavailable`, `database-in-use` and what the parts' starts throw.
 */
export async function openFoundation(
  run: Run,
  options: { asterisk: boolean; onProgress?: (progress: PartsProgress) => void },
): Promise<Foundation> {
  const { config, clock, log, closers, stop } = run;
  const { dataDir, release } = await claimDataFolder(config.dataFolder);
  closers.push(release);
  const { host: sipHost, sipPort } = config;
  const parts = await startParts({
    dataDir,
    cacheDir: config.cacheFolder,
    postgres: config.databaseUrl === undefined,
    ...(options.asterisk ? { asterisk: { ...config.asterisk, sipHost, sipPort } } : {}),
    clock,
    log,
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  // What ran before us may carry calls: a start that fails leaves it as it was.
  closers.push(() => (stop.serving || !parts.adopted ? parts.stop() : parts.close()));
  if (options.asterisk && config.switchKind === 'asterisk' && !parts.asterisk)
    throw new CodedError('asterisk-unavailable', { reason: parts.asteriskMissing ?? 'no reason is known' });
  return { dataDir, parts, ...(await openDatabase(run, parts)) };
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

async function openDatabase(
  { config, clock, log, closers, stop }: Run,
  parts: Parts,
): Promise<{ calls: Database; reports: Database; importing: Database }> {
  const connection = config.databaseUrl ?? parts.postgres?.connection;
  if (connection === undefined) throw new ConfigError('There is no database: set DATABASE_URL.');
  const onError = (err: Error) => log.warn({ err }, 'a database connection broke');
  const calls = new Database({ connection, onError });
  closers.push(() => calls.close());
  const reports = new Database({ connection, onError, max: 3 });
  closers.push(() => reports.close());
  const importing = new Database({ connection, onError, max: 3, statementTimeoutMs: 0 });
  closers.push(() => importing.close());
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
  return { calls, reports, importing };
}
