import { z } from 'zod';
import { SECRET_PLACEHOLDER } from '../../protocol/configuration.ts';
import {
  ClassOfServiceInput,
  OutboundRouteInput,
  SiteInput,
  TrunkInput,
  TrunkSettings,
  UserDialling,
} from '../../protocol/trunks.ts';
import { CONFIGURED_TRUNK } from '../callcenter/trunks.ts';
import { byLabel, idOf, nameOf, platformOf, section } from './section.ts';
import type { Stores } from './stores.ts';

const position = z.number().int().min(1).max(100_000);

const TrunkItem = TrunkSettings.omit({ label: true, platformId: true })
  .extend({ platform: z.string().max(80), position, password: TrunkInput.shape.password })
  .strict();
type TrunkItem = z.output<typeof TrunkItem>;

/** The trunk of the program's own settings is not in the file. */
export const trunks = section<TrunkItem>({
  section: 'trunks',
  item: TrunkItem,
  list: ({ trunks: all }) =>
    all
      .all()
      .filter(({ id }) => id !== CONFIGURED_TRUNK)
      .map(({ id, label, platformId, ...rest }, index) => ({
        id,
        name: label,
        item: {
          ...rest,
          platform: platformId,
          position: index + 1,
          ...(all.hasPassword(id) ? { password: SECRET_PLACEHOLDER } : {}),
        },
      })),
  add: (stores, label, item) => stores.trunks.add({ label, ...trunkInput(stores, item) }),
  change: (stores, id, item) => stores.trunks.change(id, trunkInput(stores, item)),
  remove: ({ trunks: all, dialRights }, id) =>
    all.remove(id, () =>
      dialRights
        .sites()
        .filter((site) => site.trunkId === id)
        .map(byLabel),
    ),
  reorder: ({ trunks: all }, ids) => all.reorder(ids),
  settled: (item) => (item.password === undefined ? item : { ...item, password: SECRET_PLACEHOLDER }),
  shown: ({ password, ...rest }) =>
    password === undefined || password === SECRET_PLACEHOLDER ? rest : { ...rest, password: 'set anew' },
});

/** Fields that a trunk may have and does not in the file go. */
function trunkInput(stores: Stores, { platform, position: _position, password, ...rest }: TrunkItem) {
  const nothing = { maxCalls: undefined, callsPerSecond: undefined, callerId: undefined };
  return {
    ...nothing,
    ...rest,
    platformId: platformOf(stores, platform, 'platform'),
    ...(password === undefined || password === SECRET_PLACEHOLDER ? {} : { password }),
  } as Omit<TrunkInput, 'label'>;
}

const RouteItem = OutboundRouteInput.omit({ label: true, trunkIds: true })
  .extend({ position, trunks: z.array(z.string()).min(1).max(20) })
  .strict();

export const outboundRoutes = section<z.output<typeof RouteItem>>({
  section: 'outboundRoutes',
  item: RouteItem,
  list: ({ trunks: all }) =>
    all.routes().map(({ id, label, trunkIds, ...rest }, index) => ({
      id,
      name: label,
      item: { ...rest, position: index + 1, trunks: trunkIds.map((one) => nameOf(all.all(), byLabel, one)) },
    })),
  add: (stores, label, item) => stores.trunks.saveRoute({ label, ...routeInput(stores, item) }),
  change: (stores, id, item) => stores.trunks.changeRoute(id, routeInput(stores, item)),
  remove: (stores, id) => stores.trunks.removeRoute(id),
  reorder: (stores, ids) => stores.trunks.reorderRoutes(ids),
});

function routeInput(
  { trunks: all }: Stores,
  { position: _position, trunks: names, ...rest }: z.output<typeof RouteItem>,
) {
  return { ...rest, trunkIds: names.map((name) => idOf(all.all(), byLabel, name, 'trunk', 'trunks')) };
}

const SiteItem = SiteInput.omit({ label: true, trunkId: true })
  .extend({ trunk: z.string().optional() })
  .strict();
type SiteItem = z.output<typeof SiteItem>;

export const sites = section<SiteItem>({
  section: 'sites',
  item: SiteItem,
  list: ({ dialRights, trunks: all }) =>
    dialRights.sites().map(({ id, label, trunkId, ...rest }) => ({
      id,
      name: label,
      item: { ...rest, ...(trunkId ? { trunk: nameOf(all.all(), byLabel, trunkId) } : {}) },
    })),
  add: (stores, label, item) => stores.dialRights.addSite({ label, ...siteInput(stores, item) } as SiteInput),
  change: (stores, id, item) => stores.dialRights.changeSite(id, siteInput(stores, item)),
  remove: (stores, id) => stores.dialRights.removeSite(id),
});

function siteInput({ trunks: all }: Stores, { trunk, ...rest }: SiteItem): Partial<SiteInput> {
  const nothing = { elin: undefined, geolocation: undefined };
  const trunkId = trunk === undefined ? undefined : idOf(all.all(), byLabel, trunk, 'trunk', 'trunk');
  return { ...nothing, ...rest, trunkId } as Partial<SiteInput>;
}

const ClassItem = ClassOfServiceInput.omit({ label: true }).strict();

export const classesOfService = section<z.output<typeof ClassItem>>({
  section: 'classesOfService',
  item: ClassItem,
  list: ({ dialRights }) => dialRights.classes().map(({ id, label, ...item }) => ({ id, name: label, item })),
  add: ({ dialRights }, label, item) => dialRights.addClass({ label, ...item }),
  change: ({ dialRights }, id, item) => dialRights.changeClass(id, item),
  remove: ({ dialRights }, id) => dialRights.removeClass(id),
});

const DiallingItem = z
  .object({
    site: z.string().nullable().default(null),
    class: z.string().nullable().default(null),
    callerId: UserDialling.shape.callerId.default(null),
  })
  .strict();
type DiallingItem = z.output<typeof DiallingItem>;

const NOTHING: UserDialling = { siteId: null, classId: null, callerId: null };
const EVERYBODY = 'everybody';

/** `everybody`, `user NAME` and `queue NAME`, for whom something is set. */
export const dialling = section<DiallingItem>({
  section: 'dialling',
  item: DiallingItem,
  list(stores) {
    const { dialRights, callCenter } = stores;
    const all = [
      { id: EVERYBODY, name: EVERYBODY, set: dialRights.defaults() },
      ...callCenter.users().map((user) => ({
        id: `user ${user.id}`,
        name: `user ${user.username}`,
        set: dialRights.ofUser(user.id),
      })),
      ...callCenter.queues().map((queue) => ({
        id: `queue ${queue.id}`,
        name: `queue ${queue.label}`,
        set: { ...NOTHING, callerId: dialRights.callerIdOfQueue(queue.id) ?? null },
      })),
    ];
    return all
      .filter(({ set }) => set.siteId ?? set.classId ?? set.callerId)
      .map(({ id, name, set }) => ({
        id,
        name,
        item: {
          site: set.siteId && nameOf(dialRights.sites(), byLabel, set.siteId),
          class: set.classId && nameOf(dialRights.classes(), byLabel, set.classId),
          callerId: set.callerId,
        },
      }));
  },
  add: (stores, name, item) => setDialling(stores, idOfDialling(stores, name), diallingOf(stores, item)),
  change: (stores, id, item) => setDialling(stores, id, diallingOf(stores, item)),
  remove: (stores, id) => setDialling(stores, id, NOTHING),
});

function idOfDialling({ callCenter }: Stores, name: string): string {
  const [, kind, whose = ''] = /^(user|queue) (.+)$/.exec(name) ?? [];
  if (kind === 'user') return `user ${idOf(callCenter.users(), (one) => one.username, whose, 'user', '')}`;
  if (kind === 'queue') return `queue ${idOf(callCenter.queues(), byLabel, whose, 'queue', '')}`;
  return EVERYBODY;
}

function diallingOf({ dialRights }: Stores, item: DiallingItem): UserDialling {
  const { site, class: service, callerId } = item;
  return {
    siteId: site === null ? null : idOf(dialRights.sites(), byLabel, site, 'site', 'site'),
    classId:
      service === null ? null : idOf(dialRights.classes(), byLabel, service, 'class of service', 'class'),
    callerId,
  };
}

async function setDialling({ dialRights }: Stores, whose: string, value: UserDialling): Promise<void> {
  const [kind, id = ''] = whose.split(' ');
  if (kind === 'user') await dialRights.setUser(id, value);
  else if (kind === 'queue') await dialRights.setQueueCallerId(id, value.callerId);
  else await dialRights.setDefaults(value);
}
