/**
 * The one place that has the private parts ready: fetches, starts or adopts both at once, and stops them in order.
 * It knows nothing of calls.
 */
import { access, constants } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { checkReachable, partsAccount } from './account.ts';
import { type PrivateAsterisk, startAsterisk, stopAsterisk } from './asterisk.ts';
import { asteriskFolder, fetchAsterisk } from './asterisk-fetch.ts';
import {
  type AsteriskProgram,
  asteriskVersion,
  installedProgram,
  programInFolder,
} from './asterisk-program.ts';
import { checkUnclaimed } from './data-folder.ts';
import type { Log } from './log.ts';
import { type PrivatePostgres, startPostgres, stopPostgres } from './postgres.ts';
import { preparePostgres } from './postgres-program.ts';

export interface PartsProgress {
  part: 'asterisk' | 'postgres' | 'speech';
  /** A sentence for people. */
  text: string;
  /** How far a download is, 0 to 100. */
  percent?: number;
}

export interface AsteriskPlan {
  /** `ASTERISK_BIN`: the program to run instead of Debian's. */
  bin?: string;
  /** Address of a Debian archive instead of the one that this machine's apt uses. */
  mirror?: string;
  /** Debian suites to try in this order. */
  suites?: string[];
  sipHost: string;
  sipPort: number;
  ariPort?: number;
  /** PEM file of the authorities that SIP over TLS trusts. */
  authorities?: string;
  rtp?: { start: number; end: number };
}

export interface FetchPartsOptions {
  /** Where programs lie, shared by clones: `cacheFolder()`. */
  cacheDir: string;
  asterisk: Pick<AsteriskPlan, 'bin' | 'mirror' | 'suites'>;
  onProgress?: (progress: PartsProgress) => void;
  signal?: AbortSignal;
}

export interface StartPartsOptions extends Omit<FetchPartsOptions, 'asterisk'> {
  /** A claimed data folder. */
  dataDir: string;
  /** False when `DATABASE_URL` names another PostgreSQL. */
  postgres: boolean;
  /** Undefined when no Asterisk of ours is wanted. */
  asterisk?: AsteriskPlan;
  clock: Clock;
  log: Log;
}

/** What runs. */
export interface Parts {
  postgres?: PrivatePostgres;
  asterisk?: PrivateAsterisk;
  /** Why there is no Asterisk although one is wanted: a sentence that says what to do. */
  asteriskMissing?: string;
  /** One of them ran already. */
  readonly adopted: boolean;
  /** Stops watching and leaves both running. */
  close(): Promise<void>;
  /** Ends Asterisk, then PostgreSQL. */
  stop(): Promise<void>;
}

/** Downloads and unpacks everything that a start needs, so that none needs the network afterwards. */
export async function fetchParts(options: FetchPartsOptions): Promise<void> {
  await preparePostgres(options.cacheDir);
  await findAsterisk(options);
}

/**
 * Rejects with the reason when a part that can be had does not start; what was started by then is stopped again,
 * what ran before goes on.
 * An Asterisk that cannot be had here is no error: see `asteriskMissing`.
 */
export async function startParts(options: StartPartsOptions): Promise<Parts> {
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const beginning = beginPostgres(options);
  beginning.catch((error: unknown) => failed.abort(error)); // a download is not waited for in vain
  const [postgres, asterisk] = await Promise.allSettled([beginning, beginAsterisk({ ...options, signal })]);
  const parts = new RunningParts(
    postgres.status === 'fulfilled' ? postgres.value : undefined,
    asterisk.status === 'fulfilled' ? asterisk.value.running : undefined,
    asterisk.status === 'fulfilled' ? asterisk.value.missing : undefined,
  );
  const failure = [postgres, asterisk].find((outcome) => outcome.status === 'rejected');
  if (!failure) return parts;
  // One that ran before us may carry calls.
  await (parts.adopted ? parts.close() : parts.stop());
  throw failure.reason;
}

/** Ends what a crashed Crosspoint left running. Rejects with `folder-in-use` while a live one holds the folder. */
export async function stopLeftovers(
  dataDir: string,
  clock: Clock,
): Promise<{ asterisk: boolean; postgres: boolean }> {
  await checkUnclaimed(dataDir);
  const asterisk = await stopAsterisk(dataDir, clock);
  return { asterisk, postgres: await stopPostgres(dataDir, clock) };
}

class RunningParts implements Parts {
  constructor(
    readonly postgres: PrivatePostgres | undefined,
    readonly asterisk: PrivateAsterisk | undefined,
    readonly asteriskMissing: string | undefined,
  ) {}

  get adopted(): boolean {
    return (this.asterisk?.adopted || this.postgres?.adopted) ?? false;
  }

  async close(): Promise<void> {
    await Promise.all([this.asterisk?.close(), this.postgres?.close()]);
  }

  async stop(): Promise<void> {
    try {
      await this.asterisk?.stop();
    } finally {
      await this.postgres?.stop();
    }
  }
}

async function beginPostgres(options: StartPartsOptions): Promise<PrivatePostgres | undefined> {
  const { postgres: wanted, dataDir, cacheDir, clock, log, onProgress = () => {} } = options;
  if (!wanted) return undefined;
  onProgress({ part: 'postgres', text: 'Starting PostgreSQL' });
  const program = await preparePostgres(cacheDir);
  const account = await partsAccount();
  await checkReachable(program.postgres, account);
  const postgres = await startPostgres({ dataDir, program, account, clock, log });
  onProgress({ part: 'postgres', text: postgres.adopted ? 'PostgreSQL was running' : 'PostgreSQL is ready' });
  return postgres;
}

interface AsteriskOutcome {
  running?: PrivateAsterisk;
  missing?: string;
}

async function beginAsterisk(options: StartPartsOptions): Promise<AsteriskOutcome> {
  const { asterisk: plan, dataDir, clock, log, onProgress = () => {} } = options;
  if (!plan) return {};
  const { sipHost, sipPort, ariPort, authorities, rtp } = plan;
  try {
    const program = await findAsterisk({ ...options, asterisk: plan });
    onProgress({ part: 'asterisk', text: 'Starting Asterisk' });
    const account = await partsAccount();
    await checkReachable(program.command, account);
    const running = await startAsterisk({
      sipHost,
      sipPort,
      ariPort,
      ...(authorities ? { authorities } : {}),
      rtp,
      dataDir,
      program,
      account,
      clock,
      log,
    });
    onProgress({ part: 'asterisk', text: running.adopted ? 'Asterisk was running' : 'Asterisk is ready' });
    return { running };
  } catch (error) {
    if (error instanceof CodedError && error.code === 'asterisk-unavailable')
      return { missing: error.message };
    throw error;
  }
}

/** The program that `ASTERISK_BIN` names, which must be a 22 or newer; else Debian's, fetched when it is not there yet. */
async function findAsterisk({
  cacheDir,
  asterisk,
  onProgress,
  signal,
}: FetchPartsOptions): Promise<AsteriskProgram> {
  if (asterisk.bin) return checkInstalled(asterisk.bin, signal);
  const dir = asteriskFolder(cacheDir);
  await fetchAsterisk({
    dir,
    mirror: asterisk.mirror,
    suites: asterisk.suites,
    signal,
    onProgress: (text, percent) => onProgress?.({ part: 'asterisk', text, percent }),
  });
  return programInFolder(dir);
}

async function checkInstalled(bin: string, signal?: AbortSignal): Promise<AsteriskProgram> {
  const program = installedProgram(bin);
  try {
    await access(bin, constants.X_OK);
    const version = await asteriskVersion(program, signal);
    if (Number.parseInt(version, 10) >= 22) return program;
    throw new Error(`it is version ${version}, and 22 or newer is needed`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CodedError('asterisk-failed', { reason: `ASTERISK_BIN is ${bin}: ${reason}` });
  }
}
