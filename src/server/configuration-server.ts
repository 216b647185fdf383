/** Joins what an administrator sets to one file: what is exported, tried and applied. */
import type { Clock } from '../lib/clock.ts';
import type { Api } from './api/api-types.ts';
import { configurationRoutes } from './api/configuration.ts';
import { Configuration } from './configuration/configuration.ts';
import type { Stores, Surroundings } from './configuration/stores.ts';
import type { CrmConnections } from './crm/connections.ts';
import type { FlowServer } from './flow-server.ts';
import { whatBelongsTo } from './outside-lines.ts';
import type { Platforms } from './platforms/platforms.ts';
import type { Database } from './store/database.ts';

type Own = 'crms' | 'platforms' | OfFlows;
type OfFlows = 'flows' | 'flowSecrets' | 'flowRecordings';

export interface ConfigurationServerOptions
  extends Omit<Stores, Own>,
    Pick<Surroundings, 'country' | 'vault'> {
  db: Database;
  clock: Clock;
  crms: Pick<CrmConnections, 'book' | 'outsideObjects'>;
  flowServer: Pick<FlowServer, OfFlows>;
  platforms: Pick<Platforms, 'book'>;
  openCti: { callCenters: { all(): { id: string; displayName: string }[] } };
}

export function createConfiguration(options: ConfigurationServerOptions): Configuration {
  const { db, clock, country, vault, crms, flowServer, platforms, openCti, ...stores } = options;
  const { flows, flowSecrets, flowRecordings } = flowServer;
  return new Configuration({
    db,
    live: { ...stores, flows, flowSecrets, flowRecordings, crms: crms.book, platforms: platforms.book },
    surroundings: {
      clock,
      country,
      vault,
      flowRecordings,
      callCenterNames: () => new Map(openCti.callCenters.all().map((one) => [one.id, one.displayName])),
      outsideObjects: () => crms.outsideObjects(),
      crmKinds: crms.book.kinds,
      crmsIn: (tx) => crms.book.in(tx),
      platformKinds: platforms.book.kinds,
      platformsIn: (tx, staged) =>
        platforms.book.in(tx, (id) => whatBelongsTo(id, staged.callCenter, staged)),
    },
  });
}

export function configurationServer(options: ConfigurationServerOptions): ((api: Api) => void)[] {
  const configuration = createConfiguration(options);
  return [(api) => configurationRoutes(api, { configuration })];
}
