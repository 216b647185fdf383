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
