import { spawn } from 'node:child_process';
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

/**
 * Runs a program without a shell, so that any path may hold spaces, and resolves with its standard output.
 * Rejects with CommandError when it cannot be started, ends with another code than 0, or takes longer than `timeoutMs`.
 */
export function runCommand(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { env = process.env, cwd = '/', uid, gid, signal, timeoutMs = 600_000, onStatusLine } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...env, LC_ALL: 'C' },
      cwd,
      uid,
      gid,
      signal,
      timeout: timeoutMs,
      stdio: ['ignore', 'pipe', 'pipe', onStatusLine ? 'pipe' : 'ignore'],
    });
    let stdout = '';
    let all = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(-OUTPUT_LIMIT);
      all = (all + chunk.toString()).slice(-TAIL_CHARACTERS);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      all = (all + chunk.toString()).slice(-TAIL_CHARACTERS);
    });
    if (onStatusLine) createInterface({ input: child.stdio[3] as Readable }).on('line', onStatusLine);
    const fail = (outcome: string) => reject(new CommandError(command, outcome, all.trim()));
    child.on('error', (error) => fail(`could not run (${error.message})`));
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(stdout);
      else fail(killedBy ? `was ended by ${killedBy}` : `ended with ${code}`);
    });
  });
}
