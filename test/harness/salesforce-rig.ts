/** The Salesforce connector on its double, with accounts that lie in memory. */
import { type Clock, realClock } from '../../src/lib/clock.ts';
import type { CrmConnector } from '../../src/server/crm/connector.ts';
import { salesforceKind } from '../../src/server/crm/salesforce/salesforce-kind.ts';
import { crmContext, MemoryAccounts } from './crm-context.ts';
import { SALESFORCE_CLIENT, SalesforceDouble } from './salesforce-double.ts';

export interface SalesforceRig {
  double: SalesforceDouble;
  accounts: MemoryAccounts;
  connector: CrmConnector;
}

/** With the organisation signed in, and these users. */
export async function salesforceRig(
  settings: object = {},
  users: readonly string[] = ['ann', 'bob'],
  clock: Clock = realClock,
): Promise<SalesforceRig> {
  const double = await SalesforceDouble.start();
  const accounts = new MemoryAccounts();
  for (const user of ['', ...users])
    accounts.kept.set(user, {
      externalId: user,
      name: user || 'admin',
      secrets: double.signIn(`${user || 'admin'}@acme.example`),
    });
  const connector = await salesforceKind.create(
    salesforceKind.settings.parse({
      loginUrl: double.url,
      clientId: SALESFORCE_CLIENT.id,
      clientSecret: SALESFORCE_CLIENT.secret,
      ...settings,
    }),
    crmContext({ id: 'salesforce', label: 'Salesforce', clock, accounts }),
  );
  return { double, accounts, connector };
}
