import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  signal?: AbortSignal;
  /** Kills the program after this many milliseconds; default 600,000. */
  timeoutMs?: number;
  /** Called with each line that the program writes to its file descriptor 3. */
  onStatusLine?: (line: string) => void;
  /** What the program reads from its standard input; default: nothing. */
  input?: Uint8Array;
  /** Others go before it: for work that must not be in the way of calls. */
  background?: boolean;
}

/** A program that could not be started or ended with something else than 0. `output` is the end of what it wrote. */
export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly outcome: string,
    readonly output: string,
  ) {
    super(`${command} ${outcome}${output ? `: ${output}` : ''}`);
    this.name = 'CommandError';
  }
}

/** Enough to explain a failure, little enough to put in a log line. */
const TAIL_CHARACTERS = 2_000;
/** More than any of our programs writes; a run-away one cannot fill the memory. */
const OUTPUT_LIMIT = 1_000_000;
const BYTES_LIMIT = 32_000_000;

/**
 * Runs a program without a shell, so that any path may hold spaces, and resolves with the end of its standard output, as text.
 * Rejects with CommandError when it cannot be started, ends with another code than 0, or takes longer than `timeoutMs`.
 */
export async function runCommand(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const bytes = await runForBytes(command, args, options);
  return Buffer.from(bytes).toString().slice(-OUTPUT_LIMIT);
}

/** The same, with all that it writes, as it is. One that writes more than 32 MB is ended. */
export function runForBytes(command: string, args: string[], options: RunOptions = {}): Promise<Uint8Array> {
  const { env = process.env, cwd = '/', uid, gid, signal, timeoutMs = 600_000 } = options;
  const { onStatusLine, input, background } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...env, LC_ALL: 'C' },
      cwd,
      uid,
      gid,
      signal,
      timeout: timeoutMs,
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe', onStatusLine ? 'pipe' : 'ignore'],
    });
    const written: Buffer[] = [];
    let bytes = 0;
    let tail = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      written.push(chunk);
      bytes += chunk.length;
      if (bytes > BYTES_LIMIT) child.kill('SIGKILL');
      tail = (tail + chunk.toString()).slice(-TAIL_CHARACTERS);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-TAIL_CHARACTERS);
    });
    if (onStatusLine) createInterface({ input: child.stdio[3] as Readable }).on('line', onStatusLine);
    child.stdin?.on('error', () => undefined); // it ended before it had read everything: its code says whether that is wrong
    child.stdin?.end(input);
    if (background && child.pid !== undefined) giveWay(child.pid);
    const fail = (outcome: string) => reject(new CommandError(command, outcome, tail.trim()));
    child.on('error', (error) => fail(`could not run (${error.message})`));
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(Buffer.concat(written));
      else fail(killedBy ? `was ended by ${killedBy}` : `ended with ${code}`);
    });
  });
}

function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // it has ended already
  }
}
