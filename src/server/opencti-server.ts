/** Joins the parts that host Open CTI adapters: call centers, saved logs, actions, live traffic, and their routes. */
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { AdapterLeaders } from './api/adapter-leaders.ts';
import type { Api } from './api/api-types.ts';
import { Actions } from './api/opencti-actions.ts';
import { adapterRoutes } from './api/opencti-adapter.ts';
import { callCenterRoutes } from './api/opencti-call-centers.ts';
import { leaderRoutes } from './api/opencti-leader.ts';
import { AdapterLogs } from './api/opencti-save-log.ts';
import { AdapterTraffic } from './api/opencti-traffic.ts';
import type { Sessions } from './api/sessions.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { CallCenters } from './callcenter/call-centers.ts';
import type { Directories } from './callcenter/directories.ts';
import type { ScriptName } from './callcenter/describe-layout.ts';
import type { Layouts } from './callcenter/layouts.ts';
import type { Crm } from './crm/ports.ts';
import type { Database } from './store/database.ts';

export interface OpenCtiOptions {
  db: Database;
  clock: Clock;
  log: Logger;
  callCenter: CallCenter;
  layouts: Layouts;
  /** The name by which adapters know a script. */
  scriptName: ScriptName;
  directories: Directories;
  crm: Crm;
  sessions: Pick<Sessions, 'events'>;
  /** Folder of the actions that runApex runs; undefined: there are none. */
  actions: string | undefined;
  /** saveLog refuses fields that the object does not have. */
  strict: boolean;
}

export interface OpenCtiServer {
  callCenters: CallCenters;
  routes: ((api: Api) => void)[];
}

export async function createOpenCti(options: OpenCtiOptions): Promise<OpenCtiServer> {
  const {
    db,
    clock,
    log,
    callCenter,
    layouts,
    directories,
    crm,
    sessions,
    actions: folder,
    strict,
  } = options;
  const callCenters = await CallCenters.load({ db, callCenter });
  const leaders = new AdapterLeaders(clock);
  const traffic = new AdapterTraffic();
  const logs = new AdapterLogs({ db, crm, strict });
  const actions = new Actions({
    folder,
    clock,
    onError: (err, action) => log.warn({ err, action }, 'an action of an adapter failed'),
  });
  return {
    callCenters,
    routes: [
      (api) => leaderRoutes(api, { leaders, sessions, clock }),
      (api) => callCenterRoutes(api, { callCenters, traffic, callCenter }),
      (api) =>
        adapterRoutes(api, {
          callCenter,
          callCenters,
          directories,
          layouts,
          scriptName: options.scriptName,
          crm,
          logs,
          actions,
          traffic,
        }),
    ],
  };
}
