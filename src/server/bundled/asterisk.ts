/**
 * The private Asterisk of one data folder: started or adopted, watched, restarted when it dies, left running when only we die.
 *
 *     starting ──ARI answers──► up ──process gone, or ARI silent for 30 s──► down ──back-off──► starting
 *        │ fails                 │                                            │
 *        ▼                       └──────────── close() or stop() ─────────────┴──► closed
 *     rejects (the first time), or down again (later)
 */
import { join } from 'node:path';
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { type Account, makeSocketFolder } from './account.ts';
import { ARI_READ_USER, ARI_USER, type AsteriskSettings } from './asterisk-config.ts';
import {
  ariAnswers,
  countChannels,
  endAsterisk,
  hasSameFiles,
  launchAsterisk,
  runningAsterisk,
} from './asterisk-process.ts';
import {
  applyWishes,
  type AsteriskWishes,
  recallSettings,
  rememberSettings,
  settleSettings,
} from './asterisk-settings.ts';
import type { Log } from './log.ts';
import { waitUntil } from './processes.ts';

export interface StartAsteriskOptions extends AsteriskWishes {
  /** The user it runs as; undefined: ours. */
  account?: Account;
  clock: Clock;
  log: Log;
}

/** Where to reach it. May change with a restart: read it again at each `up`. */
export interface AsteriskAddress {
  /** `http://127.0.0.1:PORT/ari` */
  ariUrl: string;
  ariUser: string;
  ariPassword: string;
  /** An ARI user who may look and change nothing. */
  readUser: string;
  readPassword: string;
  /** SIP over WebSocket (subprotocol `sip`), on loopback, to be proxied to browsers. */
  wsUrl: string;
  sipHost: string;
  sipPort: number;
  /** Holds etc, lib, log, spool and sounds. */
  runDir: string;
  /** Finished recordings. */
  recordingDir: string;
  /** A folder that it can read, for sounds that we make. */
  soundsDir: string;
  /** One line per security event, such as a wrong SIP password. */
  securityLog: string;
}

export type AsteriskEvents = {
  /** It answers (again). `restarted`: calls and devices of before are gone. */
  up: [address: AsteriskAddress];
  down: [reason: string];
};

const WATCH_MS = 500;
const PING_MS = 5_000;
const SILENT_MS = 30_000;
const ADOPT_MS = 5_000;

/** Starts or adopts. Rejects with `port-taken`, `folder-unusable` or `asterisk-failed`. */
export async function startAsterisk(options: StartAsteriskOptions): Promise<PrivateAsterisk> {
  const socketDir = await makeSocketFolder(options.dataDir, 'asterisk', options.account);
  const running = (await adopt(options)) ?? (await launch(options, socketDir));
  return new PrivateAsterisk(options, socketDir, running);
}

interface Running {
  settings: AsteriskSettings;
  pid: number;
  adopted: boolean;
}

async function launch(options: StartAsteriskOptions, socketDir: string): Promise<Running> {
  const settings = await settleSettings(options, socketDir);
  await rememberSettings(options.dataDir, settings);
  const pid = await launchAsterisk(settings, options.program, options.account, options.clock);
  return { settings, pid, adopted: false };
}

/** The one that runs on this data folder already, unless it is deaf, or idle and configured otherwise: those it ends. */
async function adopt({ clock, log, ...wishes }: StartAsteriskOptions): Promise<Running | undefined> {
  const settings = await recallSettings(wishes.dataDir);
  const pid = settings && (await runningAsterisk(settings));
  if (!settings || pid === undefined) return undefined;
  if (!(await waitUntil(clock, ADOPT_MS, () => ariAnswers(settings), 100))) {
    log.warn({ pid }, 'the Asterisk of this folder does not answer and is ended');
    await endAsterisk(settings, pid, clock);
    return undefined;
  }
  if (await hasSameFiles(applyWishes(wishes, settings))) return { settings, pid, adopted: true };
  const channels = await countChannels(settings);
  if (channels > 0) {
    log.warn(
      { pid, channels },
      'Asterisk has calls and keeps its old settings until it is restarted without any',
    );
    return { settings, pid, adopted: true };
  }
  log.info({ pid }, 'Asterisk has no calls and is restarted with new settings');
  await endAsterisk(settings, pid, clock);
  return undefined;
}

/** Ends the Asterisk of a data folder if one runs. Resolves with whether one did. */
export async function stopAsterisk(dataDir: string, clock: Clock): Promise<boolean> {
  const settings = await recallSettings(dataDir);
  const pid = settings && (await runningAsterisk(settings));
  if (!settings || pid === undefined) return false;
  await endAsterisk(settings, pid, clock);
  return true;
}

export class PrivateAsterisk {
  readonly events: Emitter<AsteriskEvents>;
  /** True when it ran already and was taken over with its calls. */
  readonly adopted: boolean;
  readonly #options: StartAsteriskOptions;
  readonly #socketDir: string;
  readonly #life: Lifecycle;
  #running: Running | undefined;
  #last: Running;
  #answeredAt: number;
  #checking = false;
  #restarts: Promise<void> = Promise.resolve();

  constructor(options: StartAsteriskOptions, socketDir: string, running: Running) {
    const { clock, log } = options;
    this.events = new Emitter((error, event) =>
      log.error({ err: error, event }, 'an Asterisk listener failed'),
    );
    this.adopted = running.adopted;
    this.#options = options;
    this.#socketDir = socketDir;
    this.#running = running;
    this.#last = running;
    this.#answeredAt = clock.now();
    this.#life = new Lifecycle(clock);
    this.#life.every(WATCH_MS, () => void this.#watch());
    this.#life.every(PING_MS, () => void this.#ping());
  }

  get pid(): number {
    return this.#last.pid;
  }

  /** Whether it ran and answered when last looked at. */
  get up(): boolean {
    return this.#running !== undefined;
  }

  get address(): AsteriskAddress {
    const { ariPort, ariPassword, readPassword = '', sipHost, sipPort, runDir } = this.#last.settings;
    return {
      ariUrl: `http://127.0.0.1:${ariPort}/ari`,
      ariUser: ARI_USER,
      ariPassword,
      readUser: ARI_READ_USER,
      readPassword,
      wsUrl: `ws://127.0.0.1:${ariPort}/ws`,
      sipHost,
      sipPort,
      runDir,
      recordingDir: join(runDir, 'spool/recording'),
      soundsDir: join(runDir, 'sounds'),
      securityLog: join(runDir, 'log/security'),
    };
  }

  /** Stops watching and leaves Asterisk and its calls as they are. Idempotent. */
  async close(): Promise<void> {
    await this.#life.close();
    await this.#restarts;
  }

  /** Stops watching and ends Asterisk. Idempotent. */
  async stop(): Promise<void> {
    await this.close();
    const { settings, pid } = this.#last;
    await endAsterisk(settings, pid, this.#options.clock);
  }

  async #watch(): Promise<void> {
    const running = this.#running;
    if (!running || this.#checking) return;
    this.#checking = true;
    const alive = (await runningAsterisk(running.settings).catch(() => undefined)) === running.pid;
    this.#checking = false;
    if (this.#life.closed || this.#running !== running) return;
    if (!alive) this.#lost(running, 'its process is gone');
    else if (this.#options.clock.now() - this.#answeredAt > SILENT_MS) this.#lost(running, 'ARI is silent');
  }

  async #ping(): Promise<void> {
    const running = this.#running;
    if (running && (await ariAnswers(running.settings))) this.#answeredAt = this.#options.clock.now();
  }

  #lost(running: Running, reason: string): void {
    this.#running = undefined;
    this.#options.log.error({ pid: running.pid }, `Asterisk is down: ${reason}; it is restarted`);
    this.events.emit('down', reason);
    this.#restart(0);
  }

  #restart(attempt: number): void {
    if (this.#life.closed) return;
    this.#restarts = this.#relaunch().catch((error: unknown) => {
      this.#options.log.error({ err: error, attempt }, 'Asterisk could not be restarted yet');
      this.#life.after(backoff(attempt, 500, 15_000), () => this.#restart(attempt + 1));
    });
  }

  async #relaunch(): Promise<void> {
    const { clock, log } = this.#options;
    await endAsterisk(this.#last.settings, this.#last.pid, clock);
    const running = await launch(this.#options, this.#socketDir);
    this.#last = running;
    this.#answeredAt = clock.now();
    this.#running = running;
    log.info({ pid: running.pid }, 'Asterisk is up again');
    if (!this.#life.closed) this.events.emit('up', this.address);
  }
}
