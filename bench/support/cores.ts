/** Processes, the cores they may use, and the time they used. Linux only. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Ticks of /proc/PID/stat in a second (USER_HZ is 100 on every Linux that we know). */
const TICKS = 100;

/** Lets all threads of a process, and what it starts from now on, run on one core only. */
export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
}

/** CPU milliseconds of a process and of its children that live. */
export function familyCpuMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const pids = children === '' ? [] : children.split(' ').map(Number);
  return [pid, ...pids].reduce((sum, one) => sum + cpuMs(one), 0);
}

/** CPU milliseconds that a process has used (proc(5): utime and stime). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
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
