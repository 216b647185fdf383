/** Processes, the cores they may use, and the time they used. Linux only. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Ticks of /proc/PID/stat in a second (USER_HZ is 100 on every Linux that we know). */
const TICKS = 100;

/** Lets all threads of a process, and what it starts from now on, run on one core only. */
export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
}

/** CPU milliseconds of a process and of its children, those that have ended among them. */
export function familyCpuMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const pids = children === '' ? [] : children.split(' ').map(Number);
  return pids.reduce((sum, one) => sum + cpuMs(one), timesOf(pid, 4));
}

/** CPU milliseconds that a process has used. */
export function cpuMs(pid: number): number {
  return timesOf(pid, 2);
}

/** The first so many of proc(5)'s utime, stime, cutime and cstime, in milliseconds: the latter two of children that were waited for. */
function timesOf(pid: number, count: 2 | 4): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 11 + count).reduce((sum, field) => sum + Number(field), 0);
  return (ticks * 1_000) / TICKS;
}

/**
 * Of the time since `before` in which this thread could run, the share in which it had a core: below 1 when others wanted the core,
 * too (proc(5): schedstat). Both are of the main thread.
 */
export function shareOfCore(before: CoreTime): number {
  const { ran, waited } = coreTime();
  const [mine, others] = [ran - before.ran, waited - before.waited];
  return mine / (mine + others);
}

/** Nanoseconds that the main thread ran on a core, and that it waited for one. */
export interface CoreTime {
  ran: number;
  waited: number;
}

export function coreTime(): CoreTime {
  const [ran, waited] = readFileSync('/proc/self/schedstat', 'utf8').split(' ').map(Number);
  return { ran: ran ?? 0, waited: waited ?? 0 };
}
