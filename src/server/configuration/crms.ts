import { z } from 'zod';
import { BUILTIN_CRM, NewCrm } from '../../protocol/crm-connections.ts';
import { refuse } from '../callcenter/refuse.ts';
import type { ConnectionsBook } from '../crm/connections-book.ts';
import { maskedItems, namedSettings, newSettings, settingsChange } from './kind-settings.ts';
import { byLabel, idOf, nameOf, section } from './section.ts';
import type { Stores, Surroundings } from './stores.ts';

const CrmItem = NewCrm.omit({ id: true }).strict();
type CrmItem = z.output<typeof CrmItem>;

/** CRMs that are connected, by their ids. Who signs in to one signs in again elsewhere. */
export function crmsSection({ crmKinds }: Pick<Surroundings, 'crmKinds'>) {
  return section<CrmItem>({
    section: 'crms',
    item: CrmItem,
    list: ({ crms }) =>
      crms.all().map((stored) => ({ id: stored.id, name: stored.id, item: itemOf(crms, stored) })),
    add({ crms }, id, item) {
      const named = NewCrm.shape.id.safeParse(id);
      if (!named.success) refuse('', named.error.issues[0]?.message ?? '');
      return crms.add({ ...item, id, settings: newSettings(item.settings) });
    },
    change({ crms }, id, { kind, ...item }, before) {
      if (kind !== before.kind) refuse('kind', 'the kind of a CRM stays: connect another one');
      return crms.change(id, { ...item, settings: settingsChange(before.settings, item.settings) });
    },
    remove: ({ crms }, id) => crms.remove(id),
    ...maskedItems<CrmItem>(crmKinds),
  });
}

function itemOf(crms: ConnectionsBook, stored: ReturnType<ConnectionsBook['all']>[number]): CrmItem {
  const { kind, label, enabled } = stored;
  return { kind, label, enabled, settings: namedSettings(crms.shown(stored)) };
}

const ChoiceItem = z.object({ crm: z.string().max(80) }).strict();
const EVERYBODY = 'everybody';

/** Which CRM serves `everybody`, and which the users of `call center NAME`, where it is another one. */
export function crmChoiceSection({ callCenterNames }: Pick<Surroundings, 'callCenterNames'>) {
  const centers = () => [...callCenterNames()].map(([id, label]) => ({ id, label }));
  const choose = async ({ crms }: Stores, name: string, crm: string | null) => {
    const { organisation, callCenters } = crms.choice();
    if (name === EVERYBODY) return await crms.choose({ organisation: crm ?? BUILTIN_CRM, callCenters });
    const label = /^call center (.+)$/.exec(name)?.[1] ?? refuse('', 'for `everybody` or `call center NAME`');
    const callCenterId = idOf(centers(), byLabel, label, 'call center', '');
    const others = callCenters.filter((one) => one.callCenterId !== callCenterId);
    const chosen = crm === null ? others : [...others, { callCenterId, crmId: crm }];
    return await crms.choose({ organisation, callCenters: chosen });
  };
  const mustBe = ({ crms }: Stores, { crm }: z.output<typeof ChoiceItem>) => {
    const there = crm === BUILTIN_CRM || crms.all().some(({ id }) => id === crm);
    return there ? crm : refuse('crm', `there is no CRM ${crm}`);
  };
  return section<z.output<typeof ChoiceItem>>({
    section: 'crmChoice',
    item: ChoiceItem,
    list({ crms }) {
      const { organisation, callCenters } = crms.choice();
      const all = callCenters.map(({ callCenterId, crmId }) => ({
        name: `call center ${nameOf(centers(), byLabel, callCenterId)}`,
        crm: crmId,
      }));
      const everybody = organisation === BUILTIN_CRM ? [] : [{ name: EVERYBODY, crm: organisation }];
      return [...everybody, ...all].map(({ name, crm }) => ({ id: name, name, item: { crm } }));
    },
    add: async (stores, name, item) => choose(stores, name, mustBe(stores, item)),
    change: async (stores, name, item) => choose(stores, name, mustBe(stores, item)),
    remove: (stores, name) => choose(stores, name, null),
  });
}
