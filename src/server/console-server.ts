/** Puts the console of the built-in CRM together: list views, what was viewed last, imports. */
import type { Clock } from '../lib/clock.ts';
import type { Api } from './api/api-types.ts';
import { importRoutes } from './api/imports.ts';
import { listViewRoutes } from './api/list-views.ts';
import type { BuiltinCrm } from './crm/builtin/builtin-crm.ts';
import { ImportJobs } from './crm/import/import-jobs.ts';
import { ListViews } from './crm/list-views.ts';
import type { Database } from './store/database.ts';

export interface ConsoleOptions {
  db: Database;
  /** Connections for imports alone, whose statements may take long. */
  importing: Database;
  clock: Clock;
  crm: BuiltinCrm;
  /** ISO 3166. */
  country: string;
  /** Told of an import that failed for a reason of ours. */
  onError: (error: unknown) => void;
}

export interface ConsoleServer {
  views: ListViews;
  routes: ((api: Api) => void)[];
  /** Undoes an import that is at work. Idempotent. */
  close(): Promise<void>;
}

export async function createConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const { db, importing, clock, crm, country, onError } = options;
  const objects = () => crm.objects();
  const views = new ListViews({ db, clock, objects });
  const imports = await ImportJobs.load({ db: importing, clock, objects, country, onError });
  return {
    views,
    routes: [
      (api) => listViewRoutes(api, { views, crm, viewed: crm }),
      (api) => importRoutes(api, { imports }),
    ],
    close: () => imports.close(),
  };
}
