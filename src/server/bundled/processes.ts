import { readFile } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';

/** Linux's mark of its own threads, which have process ids too (PF_KTHREAD). */
const KERNEL_THREAD = 0x20_0000;

/**
 * Whether process `pid` runs and its command line holds `mark` (a path that only the part we mean was given). A zombie
 * does not run, and a number that another program got meanwhile is not ours. One that is ending runs until its last
 * thread has let go of its sockets. Without /proc only the number is asked.
 */
export async function isRunning(pid: number, mark: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (process.platform !== 'linux') return true;
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (status === undefined || !mayRun(status)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return command === '' || command?.includes(mark) === true; // it is empty while the process is ending
}

/** Reads proc_pid_stat(5), whose second field, the name, may hold anything. */
function mayRun(status: string): boolean {
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  const [state, flags, threads] = [fields[0], Number(fields[6]), Number(fields[17])];
  if ((flags & KERNEL_THREAD) !== 0) return false;
  return (state !== 'Z' && state !== 'X') || threads > 1;
}

/** The first line of a file as a process id, or undefined. */
export async function readPid(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 1 ? pid : undefined;
}

/** Sends a signal; a process that is gone meanwhile is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until `done()` says true, asking every `everyMs`; false when `ms` milliseconds have passed before. */
export async function waitUntil(
  clock: Clock,
  ms: number,
  done: () => Promise<boolean> | boolean,
  everyMs = 20,
): Promise<boolean> {
  const until = clock.now() + ms;
  while (!(await done())) {
    if (clock.now() >= until) return false;
    await new Promise<void>((resolve) => clock.after(everyMs, resolve));
  }
  return true;
}

/** Ends a process: the polite signal, and after `graceMs` SIGKILL. Resolves when it is gone. */
export async function endProcess(
  clock: Clock,
  pid: number,
  mark: string,
  polite: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  const gone = async () => !(await isRunning(pid, mark));
  if (await gone()) return;
  sendSignal(pid, polite);
  if (await waitUntil(clock, graceMs, gone)) return;
  sendSignal(pid, 'SIGKILL');
  await waitUntil(clock, 5_000, gone);
}
