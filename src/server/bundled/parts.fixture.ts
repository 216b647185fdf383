/**
 * A program for parts.real.test.ts: starts the parts as the server would, says so in one line of JSON, and stays until it
 * is killed. Arguments: data folder, SIP port. The programs come from `CROSSPOINT_CACHE`.
 */
import { realClock } from '../../lib/clock.ts';
import { cacheFolder } from './cache-folder.ts';
import { claimDataFolder } from './data-folder.ts';
import { type Parts, startParts } from './parts.ts';

export interface FixtureReport {
  error?: string;
  ms?: number;
  postgres?: { pid: number; adopted: boolean; host: string };
  asterisk?: { pid: number; adopted: boolean; ariUrl: string; runDir: string };
}

const [dataDir = '', sipPort = ''] = process.argv.slice(2);
const quiet = () => {};
const log = { info: quiet, warn: quiet, error: quiet };

function describeParts({ postgres, asterisk, asteriskMissing }: Parts, ms: number): FixtureReport {
  if (!postgres || !asterisk) return { error: asteriskMissing ?? 'a part is missing' };
  return {
    ms,
    postgres: { pid: postgres.pid, adopted: postgres.adopted, host: postgres.connection.host },
    asterisk: {
      pid: asterisk.pid,
      adopted: asterisk.adopted,
      ariUrl: asterisk.address.ariUrl,
      runDir: asterisk.address.runDir,
    },
  };
}

async function run(): Promise<FixtureReport> {
  const began = performance.now();
  const claim = await claimDataFolder(dataDir);
  const asterisk = { sipHost: '127.0.0.1', sipPort: Number(sipPort) };
  const options = { dataDir: claim.dataDir, cacheDir: cacheFolder(), postgres: true, asterisk };
  const parts = await startParts({ ...options, clock: realClock, log });
  return describeParts(parts, Math.round(performance.now() - began));
}

const report = await run().catch((error: unknown): FixtureReport => ({ error: String(error) }));
process.stdout.write(`${JSON.stringify(report)}\n`);
if (report.error) process.exitCode = 1;
