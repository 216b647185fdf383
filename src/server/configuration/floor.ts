/** Teams, service levels and alarms in the file: people by their user names, queues by theirs. A webhook's key is set and never shown. */
import { z } from 'zod';
import { AlarmChange, AlarmKind } from '../../protocol/alarms.ts';
import { SECRET_PLACEHOLDER } from '../../protocol/configuration.ts';
import { DEFAULT_SERVICE_LEVEL, ServiceLevel } from '../../protocol/service-levels.ts';
import { refuse } from '../callcenter/refuse.ts';
import { byLabel, idOf, nameOf, section } from './section.ts';
import type { Stores } from './stores.ts';

const names = z.array(z.string()).max(5_000).default([]);
const byUsername = ({ username }: { username: string }) => username;

const TeamItem = z.object({ members: names, supervisors: names, queues: names }).strict();
type TeamItem = z.output<typeof TeamItem>;

export const teams = section<TeamItem>({
  section: 'teams',
  item: TeamItem,
  list: ({ teams: all, callCenter }) =>
    all.all().map(({ id, label, memberIds, supervisorIds, queueIds }) => ({
      id,
      name: label,
      item: {
        members: memberIds.map((one) => nameOf(callCenter.users(), byUsername, one)).sort(),
        supervisors: supervisorIds.map((one) => nameOf(callCenter.users(), byUsername, one)).sort(),
        queues: queueIds.map((one) => nameOf(callCenter.queues(), byLabel, one)).sort(),
      },
    })),
  add: (stores, label, item) => stores.teams.add({ label, ...teamInput(stores, item) }),
  change: (stores, id, item) => stores.teams.change(id, teamInput(stores, item)),
  remove: (stores, id) => stores.teams.remove(id),
});

function teamInput({ callCenter }: Stores, { members, supervisors, queues }: TeamItem) {
  const user = (field: string) => (name: string) => idOf(callCenter.users(), byUsername, name, 'user', field);
  return {
    memberIds: members.map(user('members')),
    supervisorIds: supervisors.map(user('supervisors')),
    queueIds: queues.map(queueId(callCenter)),
  };
}

/** By the queue's name; those of which nothing is said are not in the file. */
export const serviceLevels = section<ServiceLevel>({
  section: 'serviceLevels',
  item: ServiceLevel.strict(),
  list: ({ callCenter, serviceLevels: all }) =>
    callCenter
      .queues()
      .filter(({ id }) => all.of(id) !== DEFAULT_SERVICE_LEVEL)
      .map(({ id, label }) => ({ id, name: label, item: all.of(id) })),
  add: (stores, name, item) => stores.serviceLevels.set(queueId(stores.callCenter)(name), item),
  change: (stores, id, item) => stores.serviceLevels.set(id, item),
  remove: (stores, id) => stores.serviceLevels.clear(id),
});

const { shape } = AlarmChange;
const AlarmItem = z
  .object({
    kind: AlarmKind,
    limit: shape.limit.unwrap(),
    state: shape.state.unwrap().default(null),
    queues: names,
    active: z.boolean().default(true),
    webhook: shape.webhook.unwrap().default(null),
    /** Of an alarm that is there it stays as it is. */
    key: z.union([shape.key.unwrap(), z.literal(SECRET_PLACEHOLDER)]).default(SECRET_PLACEHOLDER),
  })
  .strict();
type AlarmItem = z.output<typeof AlarmItem>;

export const alarms = section<AlarmItem>({
  section: 'alarms',
  item: AlarmItem,
  list: ({ alarms: all, callCenter }) =>
    all.all().map(({ id, label, queueIds, hasKey: _hasKey, ...rest }) => ({
      id,
      name: label,
      item: {
        ...rest,
        queues: queueIds.map((one) => nameOf(callCenter.queues(), byLabel, one)).sort(),
        key: SECRET_PLACEHOLDER,
      },
    })),
  add: (stores, label, item) => {
    if (item.webhook !== null && item.key === SECRET_PLACEHOLDER)
      refuse('key', 'a new webhook needs its key in its place');
    return stores.alarms.add({ label, ...alarmInput(stores, item) });
  },
  change: (stores, id, item) => stores.alarms.change(id, alarmInput(stores, item)),
  remove: (stores, id) => stores.alarms.remove(id),
  settled: (item) => ({ ...item, key: SECRET_PLACEHOLDER }),
  shown: ({ key: _key, ...rest }) => rest,
});

function alarmInput({ callCenter }: Stores, { queues, key, ...rest }: AlarmItem) {
  const secret = key === SECRET_PLACEHOLDER ? {} : { key };
  return { ...rest, queueIds: queues.map(queueId(callCenter)), ...secret };
}

function queueId(callCenter: Stores['callCenter']): (name: string) => string {
  return (name) => idOf(callCenter.queues(), byLabel, name, 'queue', 'queues');
}
