/** `npm start` in a clone, as a user types it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Started {
  /** SIGTERM, and until everything has ended. */
  stop(): Promise<void>;
}

/** A folder that the private parts' user can reach into. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-bench-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Resolves when the program says that it is ready. Its data lies beside the clone. */
export async function startByNpm(
  clone: string,
  ports: { page: number; sip: number },
  patienceMs: number,
): Promise<Started> {
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...(process.env.CROSSPOINT_CACHE ? { CROSSPOINT_CACHE: process.env.CROSSPOINT_CACHE } : {}),
      CROSSPOINT_DATA: join(clone, '..', 'data'),
      CROSSPOINT_PORT: String(ports.page),
      CROSSPOINT_SIP_PORT: String(ports.sip),
      CROSSPOINT_DRAIN_SECONDS: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await untilReady(child, patienceMs);
  return {
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function untilReady(child: ChildProcess, patienceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      reject(new Error(`not ready after ${patienceMs} ms:\n${output}`));
    }, patienceMs);
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes('Crosspoint is ready')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`npm start ended with ${code}:\n${output}`));
    });
  });
}
