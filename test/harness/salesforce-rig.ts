/** The Salesforce connector on its double, with accounts that lie in memory. */
import { pino } from 'pino';
import { type Clock, realClock } from '../../src/lib/clock.ts';
import type { AccountOwner, CrmAccount, CrmAccounts, CrmConnector } from '../../src/server/crm/connector.ts';
import { salesforceKind } from '../../src/server/crm/salesforce/salesforce-kind.ts';
import { SALESFORCE_CLIENT, SalesforceDouble } from './salesforce-double.ts';

export class MemoryAccounts implements CrmAccounts {
  readonly kept = new Map<string, CrmAccount>();

  get(owner: AccountOwner): Promise<CrmAccount | undefined> {
    return Promise.resolve(this.kept.get(keyOf(owner)));
  }

  renew(owner: AccountOwner, secrets: Record<string, string>): Promise<void> {
    const account = this.kept.get(keyOf(owner));
    if (account) this.kept.set(keyOf(owner), { ...account, secrets });
    return Promise.resolve();
  }
}

function keyOf(owner: AccountOwner): string {
  return owner === 'organisation' ? '' : owner.userId;
}

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
    { id: 'salesforce', label: 'Salesforce', clock, log: pino({ level: 'silent' }), country: 'GB', accounts },
  );
  return { double, accounts, connector };
}
