/**
 * The private Asterisk of one data folder: started or adopted, watched, restarted when it dies, left running when only we die.
 *
 *     starting ──ARI answers──► up ──process gone, or ARI silent for 30 s──► down ──back-off──► starting
 *        │ fails                 │                                            │
 *        ▼                       └──────────── close() or stop() ─────────────┴──► closed
 *     rejects (the first time), or down again (later)
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import type { Emitter } from '../../lib/emitter.ts';
import { type Account, makeSocketFolder } from './account.ts';
import { AMI_USER, ARI_READ_USER, ARI_USER, type AsteriskSettings } from './asterisk-config.ts';
import {
  ariAnswers,
  countChannels,
  endAsterisk,
  hasSameFiles,
  launchAsterisk,
  runningAsterisk,
  LOGS,
} from './asterisk-process.ts';
import {
  applyWishes,
  type AsteriskWishes,
  recallSettings,
  rememberSettings,
  settleSettings,
} from './asterisk-settings.ts';
import type { Log } from './log.ts';
import { LogFiles } from './log-files.ts';
import { waitUntil } from './processes.ts';
import { Watchdog, type WatchdogEvents } from './watchdog.ts';

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
  /** AMI on loopback; undefined in an Asterisk that was started before there was one. */
  manager?: { host: string; port: number; user: string; secret: string };
  /** SIP over WebSocket (subprotocol `sip`), on loopback, to be proxied to browsers. */
  wsUrl: string;
  sipHost: string;
  sipPort: number;
  /** UDP ports for audio, both included. */
  rtp: { start: number; end: number };
  /** Holds etc, lib, log, spool and sounds. */
  runDir: string;
  /** Finished recordings. */
  recordingDir: string;
  /** A folder that it can read, for sounds that we make. */
  soundsDir: string;
  /** One line per security event, such as a wrong SIP password. */
  securityLog: string;
}

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
  await endForGood(settings, pid, clock);
  return true;
}

async function endForGood(settings: AsteriskSettings, pid: number, clock: Clock): Promise<void> {
  await endAsterisk(settings, pid, clock);
  await rm(settings.socketDir, { recursive: true, force: true });
}

export class PrivateAsterisk {
  /** True when it ran already and was taken over with its calls. */
  readonly adopted: boolean;
  readonly #clock: Clock;
  readonly #watchdog: Watchdog<Running>;
  readonly #logs: LogFiles;

  constructor(options: StartAsteriskOptions, socketDir: string, first: Running) {
    const { clock, log } = options;
    this.#clock = clock;
    this.adopted = first.adopted;
    this.#logs = new LogFiles({ folder: join(first.settings.runDir, 'log'), names: LOGS, clock, log });
    this.#watchdog = new Watchdog({
      name: 'Asterisk',
      clock,
      log,
      first,
      isDown: downReason(clock),
      relaunch: async ({ settings, pid }) => {
        await endAsterisk(settings, pid, clock);
        return launch(options, socketDir);
      },
    });
  }

  /**
   * `down` with the reason when it died, `up` when it runs again: calls and devices of before are gone then, and
   * `address` may be another.
   */
  get events(): Emitter<WatchdogEvents<Running>> {
    return this.#watchdog.events;
  }

  get pid(): number {
    return this.#watchdog.current.pid;
  }

  /** Whether it ran and answered when last looked at. */
  get up(): boolean {
    return this.#watchdog.up;
  }

  get address(): AsteriskAddress {
    const {
      ariPort,
      ariPassword,
      readPassword = '',
      ami,
      sipHost,
      sipPort,
      rtpStart: start,
      rtpEnd: end,
      runDir,
    } = this.#watchdog.current.settings;
    return {
      ariUrl: `http://127.0.0.1:${ariPort}/ari`,
      ariUser: ARI_USER,
      ariPassword,
      readUser: ARI_READ_USER,
      readPassword,
      ...(ami
        ? { manager: { host: '127.0.0.1', port: ami.port, user: AMI_USER, secret: ami.password } }
        : {}),
      wsUrl: `ws://127.0.0.1:${ariPort}/ws`,
      sipHost,
      sipPort,
      rtp: { start, end },
      runDir,
      recordingDir: join(runDir, 'spool/recording'),
      soundsDir: join(runDir, 'sounds'),
      securityLog: join(runDir, 'log/security'),
    };
  }

  /** Stops watching and leaves Asterisk and its calls as they are. Idempotent. */
  async close(): Promise<void> {
    await this.#logs.close();
    await this.#watchdog.close();
  }

  /** Stops watching and ends Asterisk. Idempotent. */
  async stop(): Promise<void> {
    await this.close();
    const { settings, pid } = this.#watchdog.current;
    await endForGood(settings, pid, this.#clock);
  }
}

/** Gone, or there and silent on ARI for so long that nobody can use it. Asks ARI seldom, the process often. */
function downReason(clock: Clock): (running: Running) => Promise<string | undefined> {
  let askedAt = clock.now();
  let answeredAt = askedAt;
  return async ({ settings, pid }) => {
    if ((await runningAsterisk(settings)) !== pid) {
      askedAt = answeredAt = clock.now();
      return 'its process is gone';
    }
    if (clock.now() - askedAt < PING_MS) return undefined;
    askedAt = clock.now();
    if (await ariAnswers(settings)) answeredAt = clock.now();
    if (clock.now() - answeredAt < SILENT_MS) return undefined;
    answeredAt = clock.now();
    return 'ARI is silent';
  };
}
