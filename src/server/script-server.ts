/** Joins the parts of agent scripts: what an administrator designs, what agents run, and their routes. */
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Api } from './api/api-types.ts';
import { scriptRunRoutes } from './api/script-runs.ts';
import { scriptRoutes } from './api/scripts.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { LayoutSet } from './callcenter/layouts.ts';
import type { Crm } from './crm/ports.ts';
import type { ScriptCalls } from './scripts/ports.ts';
import { ScriptRuns } from './scripts/script-runs.ts';
import { Scripts } from './scripts/scripts.ts';
import type { Database } from './store/database.ts';

export interface LoadScriptsOptions {
  db: Database;
  clock: Clock;
  callCenter: Pick<CallCenter, 'hasDisposition'>;
  crm: Pick<Crm, 'objects'>;
  /** The layouts that may pop scripts. */
  layouts: () => LayoutSet;
}

/** What an administrator has designed. */
export function loadScripts({ db, clock, callCenter, crm, layouts }: LoadScriptsOptions): Promise<Scripts> {
  return Scripts.load({
    db,
    clock,
    objects: () => crm.objects(),
    hasDisposition: (label) => callCenter.hasDisposition(label),
    usedBy: (id) => layouts().popping(id),
  });
}

export interface ScriptServerOptions {
  db: Database;
  clock: Clock;
  log: Logger;
  scripts: Scripts;
  crm: Crm;
  calls: ScriptCalls;
}

/** The routes of scripts and of their runs. */
export function scriptServer({ log, ...options }: ScriptServerOptions): ((api: Api) => void)[] {
  const { scripts } = options;
  const runs = new ScriptRuns({ ...options, onError: (what, err, ids) => log.error({ err, ...ids }, what) });
  return [(api) => scriptRoutes(api, { scripts }), (api) => scriptRunRoutes(api, { runs })];
}
