/** What a connector to an outside CRM is made with, in tests: accounts lie in memory, the user `ann` is called ann@acme.example. */
import { pino } from 'pino';
import { realClock } from '../../src/lib/clock.ts';
import type { AccountOwner, CrmAccount, CrmAccounts, CrmContext } from '../../src/server/crm/connector.ts';

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

export function crmContext(change: Partial<CrmContext> = {}): CrmContext {
  return {
    id: 'outside',
    label: 'The CRM',
    clock: realClock,
    log: pino({ level: 'silent' }),
    country: 'GB',
    accounts: new MemoryAccounts(),
    userName: (userId) => `${userId}@acme.example`,
    ...change,
  };
}
