/** A floor's telephones by SIPp: callers at a rate, and one program that is every agent's phone and lifts at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/**
 * The namespace is ours, and below 32768 the kernel gives no port away: on one that Asterisk or PostgreSQL had got by chance
 * SIPp ended at once, and the whole step counted as failed calls.
 */
const CALLERS_PORT = 6_100;
export const PHONES_PORT = 6_050;
const CALLERS_MEDIA_PORT = 30_000;
const AGENTS_MEDIA_PORT = 32_000;
/** Callers of the next step come from another port: what Asterisk still says to the last ones is not for them. */
const CALLERS_PORTS = 50;
/** How long after the last caller's time is over SIPp still waits for calls: then it ends them itself, as failed. */
const LAST_ONES_MS = 5_000;
/** What SIPp ends with when calls were made: all went as written, or one at least did not. */
const CALLS_WERE_MADE = [0, 1];

export interface LoadOptions {
  /** Where the switch takes SIP by UDP. */
  sipPort: number;
  /** What is dialled. */
  to: string;
  /** Calls per second. */
  rate: number;
  calls: number;
  /** How long a caller stays after he was answered. */
  holdMs: number;
  /** The callers speak; the agents' phones send back what they hear. */
  sound: boolean;
}

export interface LoadResult {
  failed: number;
  /** Milliseconds from each caller's INVITE to the ACK at the agent's phone that took him. */
  setupMs: number[];
}

export class AgentPhones {
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  /** At PHONES_PORT. */
  static start(): AgentPhones {
    const folder = mkdtempSync(join(tmpdir(), 'bench-agents-'));
    const child = sipp(folder, join(HERE, 'load-agent.xml'), PHONES_PORT, AGENTS_MEDIA_PORT, ['-rtp_echo']);
    child.once('exit', (code) => {
      if (code !== null) throw new Error(`the agents' SIPp ended with ${code}:\n${said(folder)}`);
    });
    return new AgentPhones(folder, child);
  }

  /** When the call of each caller's number was up, epoch milliseconds. */
  up(): Map<string, number> {
    return times(this.#folder, 'up');
  }

  async stop(): Promise<void> {
    await end(this.#child);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Calls, and resolves when the last one is over. No number calls twice. Rejects when SIPp cannot call at all. */
export async function load(phones: AgentPhones, options: LoadOptions): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-callers-'));
  try {
    const numbers = Array.from({ length: options.calls }, nextNumber);
    writeFileSync(join(folder, 'numbers.csv'), `SEQUENTIAL\n${numbers.join('\n')}\n`);
    const scenario = join(folder, 'caller.xml');
    writeFileSync(scenario, callerScenario(folder, options.sound));
    const port = CALLERS_PORT + (steps++ % CALLERS_PORTS);
    const child = sipp(folder, scenario, port, CALLERS_MEDIA_PORT, [
      '-inf',
      join(folder, 'numbers.csv'),
      '-s',
      options.to,
      '-r',
      String(options.rate),
      '-m',
      String(options.calls),
      '-d',
      String(options.holdMs),
      '-timeout',
      `${Math.ceil(options.calls / options.rate + (options.holdMs + LAST_ONES_MS) / 1_000)}s`,
      `127.0.0.1:${options.sipPort}`,
    ]);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code === null || !CALLS_WERE_MADE.includes(code))
      throw new Error(`the callers' SIPp ended with ${code}:\n${said(folder)}`);
    const [sent, up] = [times(folder, 'sent'), phones.up()];
    const setupMs = numbers.flatMap((number) => {
      const [from, to] = [sent.get(number), up.get(number)];
      return from !== undefined && to !== undefined ? [to - from] : [];
    });
    return { failed: options.calls - Math.min(setupMs.length, succeeded(folder)), setupMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let steps = 0;
let serial = 0;
function nextNumber(): string {
  return `442079${String(serial++).padStart(6, '0')}`;
}

/** A second of a 400 Hz tone in µ-law, played again and again. */
function callerScenario(folder: string, sound: boolean): string {
  const text = readFileSync(join(HERE, 'load-caller.xml'), 'utf8');
  if (!sound) return text.replace(/^ *SOUND$/m, '');
  const period = [0xff, 0x9e, 0x92, 0x8e, 0x8c, 0x8c, 0x8e, 0x92, 0x9e, 0xff];
  const wave = [...period, ...period.map((sample) => sample & 0x7f)];
  writeFileSync(
    join(folder, 'tone.ul'),
    Buffer.from(Array.from({ length: 8_000 }, (_, n) => wave[n % wave.length] ?? 0)),
  );
  const play = `<nop><action><exec rtp_stream="${join(folder, 'tone.ul')},-1,0,PCMU/8000"/></action></nop>`;
  return text.replace(/^ *SOUND$/m, play);
}

function sipp(
  folder: string,
  scenario: string,
  port: number,
  mediaPort: number,
  more: string[],
): ChildProcess {
  const args = ['-sf', scenario, '-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1'];
  const media = ['-mp', String(mediaPort)];
  const traces = [
    '-trace_logs',
    '-log_file',
    join(folder, 'calls.log'),
    '-trace_stat',
    '-stf',
    join(folder, 'stat.csv'),
  ];
  return spawn('sipp', [...args, ...media, ...traces, '-fd', '1', '-nostdin', '-l', '2000', ...more], {
    cwd: folder,
    stdio: ['ignore', 'ignore', openSync(join(folder, 'said'), 'w')],
  });
}

/** The end of what SIPp had to say. */
function said(folder: string): string {
  return readFileSync(join(folder, 'said'), 'utf8').slice(-1_000);
}

/** Lines such as `up 442079000001 2026-01-05\t09:00:00.123456\t1767603600.123456`. */
function times(folder: string, word: string): Map<string, number> {
  const path = join(folder, 'calls.log');
  if (!existsSync(path)) return new Map();
  const line = new RegExp(`^${word} (\\d+) .*\\t(\\d+\\.\\d+)$`);
  return new Map(
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((text): [string, number][] => {
        const [, number, at] = line.exec(text.trim()) ?? [];
        return number !== undefined && at !== undefined ? [[number, Number(at) * 1_000]] : [];
      }),
  );
}

/** SIPp's own count of calls that went as written. */
function succeeded(folder: string): number {
  const [head = '', ...rows] = readFileSync(join(folder, 'stat.csv'), 'utf8').trim().split('\n');
  const column = head.split(';').indexOf('SuccessfulCall(C)');
  return Number(rows.at(-1)?.split(';')[column] ?? 0);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
