import { open } from 'node:fs/promises';
import type { Clock } from '../../../lib/clock.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import type { AriLog } from './ari-link.ts';

/** Somebody tried to be an account and could not prove it. */
export interface FailedAuthentication {
  /** SIP user name that was tried: chosen by the attacker, so never trusted or shown unescaped. */
  account: string;
  /** IP address, without port. */
  remoteAddress: string;
  /**
   * The answer to a challenge that went to this address was wrong: the address is real. Everything else may come in a
   * single datagram with an invented sender.
   */
  proven: boolean;
  /** UTC milliseconds, by Asterisk's clock. */
  at: number;
}

export interface SecurityLogOptions {
  /** The file that logger.conf writes level `security` to. Need not exist yet. */
  path: string;
  clock: Clock;
  log: AriLog;
  onFailure: (failure: FailedAuthentication) => void;
  /** How often the file is looked at, milliseconds; default 500. */
  everyMs?: number;
}

/** https://docs.asterisk.org/Deployment/Security/Asterisk-Security-Event-Logger: what counts as a failed attempt. */
const FAILURES = new Set(['ChallengeResponseFailed', 'InvalidPassword', 'InvalidAccountID', 'FailedACL']);
const ANSWERED = new Set(['ChallengeResponseFailed', 'InvalidPassword']);
const MAX_READ = 1_000_000;
const MAX_LINE = 10_000;

/**
 * Follows Asterisk's security log from its end, also when it is cut or replaced (log rotation), and reports failed SIP
 * authentications. Browsers come through our own proxy, from 127.0.0.1: their attempts are counted there.
 */
export class SecurityLog {
  readonly #options: SecurityLogOptions;
  readonly #life: Lifecycle;
  #inode: number | undefined;
  #offset = 0;
  #rest = '';
  #reading: Promise<void> | undefined;

  constructor(options: SecurityLogOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
  }

  /** Begins after what is in the file now. */
  async start(): Promise<void> {
    await this.#skipToEnd();
    this.#life.every(this.#options.everyMs ?? 500, () => void this.look());
  }

  /** Idempotent; nothing is reported afterwards. */
  async close(): Promise<void> {
    await this.#life.close();
    await this.#reading;
  }

  async #skipToEnd(): Promise<void> {
    const stat = await withFile(this.#options.path, (file) => file.stat());
    this.#inode = stat?.ino;
    this.#offset = stat?.size ?? 0;
  }

  /** Reads what is new; the timer does it. Resolves when it is reported. */
  look(): Promise<void> {
    this.#reading ??= this.#read()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'the security log cannot be read'))
      .finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(): Promise<void> {
    const text = await withFile(this.#options.path, async (file) => {
      const { ino, size } = await file.stat();
      if (ino !== this.#inode || size < this.#offset) {
        this.#inode = ino;
        this.#offset = 0;
        this.#rest = '';
      }
      const length = Math.min(size - this.#offset, MAX_READ);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, this.#offset);
      this.#offset += bytesRead;
      return buffer.toString('utf8', 0, bytesRead);
    });
    if (text) this.#take(text);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) {
      const failure = failedAuthentication(line, this.#options.clock.now());
      if (failure && !this.#life.closed) this.#options.onFailure(failure);
    }
  }
}

/** The failed authentication that a line of the security log tells of, or undefined. */
export function failedAuthentication(line: string, now: number): FailedAuthentication | undefined {
  // The event's name stands before anything that a caller chose; the address is taken from the last one that is said,
  // since an account may hold quotes and a false address of its own.
  const event = /SecurityEvent="(\w+)",EventTV="([^"]+)"/.exec(line);
  if (!event || !FAILURES.has(event[1] ?? '')) return undefined;
  const addresses = [...line.matchAll(/RemoteAddress="IPV[46]\/[A-Z]+\/([0-9a-fA-F.:]+)\/\d+"/g)];
  const remoteAddress = addresses.at(-1)?.[1];
  const account = /AccountID="(.*?)",SessionID="/.exec(line)?.[1] ?? '';
  const at = Date.parse((event[2] ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return remoteAddress
    ? {
        account: account.slice(0, 128),
        remoteAddress,
        proven: ANSWERED.has(event[1] ?? ''),
        at: Number.isNaN(at) ? now : at,
      }
    : undefined;
}

async function withFile<T>(
  path: string,
  work: (file: Awaited<ReturnType<typeof open>>) => Promise<T>,
): Promise<T | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    return file && (await work(file));
  } finally {
    await file?.close();
  }
}
