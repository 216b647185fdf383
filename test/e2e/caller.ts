/** A customer on the telephone network: SIPp does his SIP, an RtpEar his sound. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './product.ts';
import { RtpEar } from '../harness/rtp-ear.ts';

const SCENARIOS = fileURLToPath(new URL('../sip', import.meta.url));

export interface CallerOptions {
  scenario: 'caller-talks-then-hangs-up' | 'caller-talks-until-hung-up';
  sipPort: number;
  /** The dialled number. */
  to: string;
  number: string;
  name?: string;
  /** How long he talks before he hangs up. */
  talkMs?: number;
  /** After how long he gives the whole scenario up, in seconds. Default 50. */
  patienceS?: number;
}

export class Caller {
  readonly ear: RtpEar;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #exit: Promise<number | null>;
  #output = '';

  private constructor(ear: RtpEar, child: ChildProcess, folder: string) {
    this.ear = ear;
    this.#process = child;
    this.#folder = folder;
    child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#exit = once(child, 'exit').then(([code]) => code as number | null);
  }

  /** Calls now. */
  static async call(options: CallerOptions): Promise<Caller> {
    const ear = await RtpEar.open('127.0.0.1');
    ear.answerWith(440);
    const folder = mkdtempSync(join(tmpdir(), 'sipp-'));
    const child = spawn(
      'sipp',
      [
        ...option('sf', join(SCENARIOS, `${options.scenario}.xml`)),
        ...option('s', options.to),
        ...option('i', '127.0.0.1'),
        ...option('p', String(await freePort())),
        ...option('m', '1'),
        ...option('d', String(options.talkMs ?? 5_000)),
        ...option('timeout', `${options.patienceS ?? 50}s`),
        ...key('ear_port', String(ear.port)),
        ...key('caller', options.number),
        ...key('caller_name', options.name ?? ''),
        '-nostdin',
        '-timeout_error',
        '-trace_err',
        `127.0.0.1:${options.sipPort}`,
      ],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return new Caller(ear, child, folder);
  }

  /** The scenario's end; rejects when it did not go as written. */
  async finished(): Promise<void> {
    const code = await this.#exit;
    if (code !== 0) throw new Error(`SIPp ended with ${code}:\n${this.#output.slice(-3_000)}`);
  }

  /** Ends what is left of it. Idempotent. */
  async close(): Promise<void> {
    this.ear.close();
    if (this.#process.exitCode === null) this.#process.kill('SIGKILL');
    await this.#exit;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function option(name: string, value: string): string[] {
  return [`-${name}`, value];
}

/** A word of the scenario, such as `[ear_port]`. */
function key(name: string, value: string): string[] {
  return ['-key', name, value];
}
