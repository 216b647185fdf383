/** Joins the parts of agent scripts: what an administrator designs, what agents run, and their routes. */
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Api } from './api/api-types.ts';
import { scriptRunRoutes } from './api/script-runs.ts';
import { scriptRoutes } from './api/scripts.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { Crm } from './crm/ports.ts';
import type { ScriptCalls } from './scripts/ports.ts';
import { ScriptRuns } from './scripts/script-runs.ts';
import { Scripts } from './scripts/scripts.ts';
import type { Database } from './store/database.ts';

export interface ScriptServerOptions {
  db: Database;
  clock: Clock;
  log: Logger;
  callCenter: Pick<CallCenter, 'queues' | 'dispositions'>;
  crm: Crm;
  calls: ScriptCalls;
}

export interface ScriptServer {
  scripts: Scripts;
  runs: ScriptRuns;
  routes: ((api: Api) => void)[];
}

export async function createScripts(options: ScriptServerOptions): Promise<ScriptServer> {
  const { db, clock, log, callCenter, crm, calls } = options;
  const scripts = await Scripts.load({
    db,
    clock,
    objects: () => crm.objects(),
    hasDisposition: (label) =>
      callCenter
        .queues()
        .some((queue) =>
          callCenter.dispositions(queue.id).some((code) => code.label.toLowerCase() === label.toLowerCase()),
        ),
  });
  const runs = new ScriptRuns({
    db,
    clock,
    crm,
    scripts,
    calls,
    onError: (what, err, ids) => log.error({ err, ...ids }, what),
  });
  return {
    scripts,
    runs,
    routes: [(api) => scriptRoutes(api, { scripts }), (api) => scriptRunRoutes(api, { scripts, runs })],
  };
}
