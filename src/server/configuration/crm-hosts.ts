import { z } from 'zod';
import { SECRET_PLACEHOLDER } from '../../protocol/configuration.ts';
import { CrmHostFields, CrmHostInput } from '../../protocol/crm-hosts.ts';
import { refuse } from '../callcenter/refuse.ts';
import { idOf, nameOf, section } from './section.ts';
import type { Stores } from './stores.ts';

const HostItem = CrmHostFields.omit({ label: true, users: true })
  .extend({
    users: z.record(z.string(), z.string()).default({}),
    /** Of a page that is there it stays as it is. */
    key: CrmHostInput.shape.key,
  })
  .strict();
type HostItem = z.output<typeof HostItem>;

/** CRM pages that the softphone may live in. `users`: user names here by names in that CRM. */
export const crmHosts = section<HostItem>({
  section: 'crmHosts',
  item: HostItem,
  list: ({ crmHosts: all, callCenter }) =>
    all.all().map(({ id, label, users, hasKey, ...rest }) => ({
      id,
      name: label,
      item: {
        ...rest,
        users: Object.fromEntries(
          users.map(({ externalId, userId }) => [
            externalId,
            nameOf(callCenter.users(), (user) => user.username, userId),
          ]),
        ),
        ...(hasKey && rest.signInKey !== 'none' ? { key: SECRET_PLACEHOLDER } : {}),
      },
    })),
  add(stores, label, item) {
    const { key, signInKey } = item;
    if (signInKey !== 'none' && (key === undefined || key === SECRET_PLACEHOLDER))
      refuse('key', 'a new CRM page needs the key that signs in its place');
    return stores.crmHosts.add({ label, ...hostInput(stores, item) });
  },
  change: (stores, id, item) => stores.crmHosts.change(id, hostInput(stores, item)),
  remove: (stores, id) => stores.crmHosts.remove(id),
  settled: (item) => (item.signInKey === 'none' ? item : { ...item, key: SECRET_PLACEHOLDER }),
  shown: ({ key, ...rest }) =>
    key === undefined || key === SECRET_PLACEHOLDER ? rest : { ...rest, key: 'set anew' },
});

function hostInput({ callCenter }: Stores, { users, key, ...rest }: HostItem) {
  const userId = (name: string) => idOf(callCenter.users(), (one) => one.username, name, 'user', 'users');
  return {
    ...rest,
    users: Object.entries(users).map(([externalId, name]) => ({ externalId, userId: userId(name) })),
    ...(key === undefined || key === SECRET_PLACEHOLDER ? {} : { key }),
  };
}
