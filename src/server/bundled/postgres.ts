/**
 * The private PostgreSQL of one data folder: started or adopted, watched, restarted when it dies, left running when only
 * we die. The states are the watchdog's.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import type { Emitter } from '../../lib/emitter.ts';
import { type Account, makeSocketFolder, socketFolder } from './account.ts';
import type { Log } from './log.ts';
import {
  answersFor,
  endPostgres,
  initialise,
  launchPostgres,
  type PostgresConnection,
  type PostgresPlace,
  postgresConnection,
  queryOnce,
  runningPostgres,
} from './postgres-process.ts';
import type { PostgresProgram } from './postgres-program.ts';
import { waitUntil } from './processes.ts';
import { Watchdog, type WatchdogEvents } from './watchdog.ts';

export interface StartPostgresOptions {
  /** Crosspoint's data folder, absolute. */
  dataDir: string;
  program: PostgresProgram;
  /** The user it runs as; undefined: ours, which must not be root. */
  account?: Account;
  clock: Clock;
  log: Log;
}

/** Made if there is none. */
const DATABASE = 'crosspoint';
/** One that runs already may still be recovering from a crash. */
const ADOPT_MS = 30_000;

interface Running {
  pid: number;
  adopted: boolean;
}

/** Starts or adopts. Rejects with `database-failed` or `folder-unusable`. */
export async function startPostgres(options: StartPostgresOptions): Promise<PrivatePostgres> {
  const { dataDir, account } = options;
  const socketDir = await makeSocketFolder(dataDir, 'postgres', account);
  const place = { runDir: join(dataDir, 'postgres'), socketDir };
  const first = (await adopt(place, options)) ?? (await launch(place, options));
  await createDatabase(postgresConnection(place, 'postgres'), DATABASE);
  return new PrivatePostgres(place, options, first);
}

async function adopt(
  place: PostgresPlace,
  { clock, log }: StartPostgresOptions,
): Promise<Running | undefined> {
  const pid = await runningPostgres(place);
  if (pid === undefined) return undefined;
  if (await waitUntil(clock, ADOPT_MS, () => answersFor(place))) return { pid, adopted: true };
  log.warn({ pid }, 'the PostgreSQL of this folder does not answer and is ended');
  await endPostgres(place, pid, clock);
  return undefined;
}

async function launch(place: PostgresPlace, options: StartPostgresOptions): Promise<Running> {
  const { program, account, clock } = options;
  await initialise(place, program, account);
  return { pid: await launchPostgres(place, { program, account, clock }), adopted: false };
}

/** Ends the PostgreSQL of a data folder if one runs. Resolves with whether one did. */
export async function stopPostgres(dataDir: string, clock: Clock): Promise<boolean> {
  const place = { runDir: join(dataDir, 'postgres'), socketDir: socketFolder(dataDir, 'postgres') };
  const pid = await runningPostgres(place);
  if (pid === undefined) return false;
  await endForGood(place, pid, clock);
  return true;
}

async function endForGood(place: PostgresPlace, pid: number, clock: Clock): Promise<void> {
  await endPostgres(place, pid, clock);
  await rm(place.socketDir, { recursive: true, force: true });
}

async function createDatabase(server: PostgresConnection, name: string): Promise<void> {
  const found = await queryOnce(server, `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (found.length === 0) await queryOnce(server, `CREATE DATABASE ${name}`);
}

export class PrivatePostgres {
  /** True when it ran already. */
  readonly adopted: boolean;
  /** For `pg` and the store. The same after a restart. */
  readonly connection: PostgresConnection;
  readonly #place: PostgresPlace;
  readonly #clock: Clock;
  readonly #watchdog: Watchdog<Running>;

  constructor(place: PostgresPlace, options: StartPostgresOptions, first: Running) {
    const { clock, log } = options;
    this.adopted = first.adopted;
    this.connection = postgresConnection(place, DATABASE);
    this.#place = place;
    this.#clock = clock;
    this.#watchdog = new Watchdog({
      name: 'PostgreSQL',
      clock,
      log,
      first,
      isDown: async ({ pid }) => ((await runningPostgres(place)) === pid ? undefined : 'its process is gone'),
      relaunch: () => launch(place, options),
    });
  }

  /** `down` with the reason when it died, `up` when it answers again. */
  get events(): Emitter<WatchdogEvents<Running>> {
    return this.#watchdog.events;
  }

  get pid(): number {
    return this.#watchdog.current.pid;
  }

  get up(): boolean {
    return this.#watchdog.up;
  }

  /** Stops watching and leaves the server running. Idempotent. */
  close(): Promise<void> {
    return this.#watchdog.close();
  }

  /** Stops watching and ends the server; end your connections before. Idempotent. */
  async stop(): Promise<void> {
    await this.close();
    await endForGood(this.#place, this.pid, this.#clock);
  }
}
