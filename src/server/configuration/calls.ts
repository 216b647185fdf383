import { z } from 'zod';
import { DirectoryInput, DirectorySource } from '../../protocol/directories.ts';
import { Direction } from '../../protocol/facts.ts';
import { BusinessHoursInput, WhenClosed } from '../../protocol/hours.ts';
import {
  CALL_TYPES,
  type CallType,
  type CallTypeLayout,
  LayoutSettings,
  type PopTarget,
  SoftphoneLayoutInput,
} from '../../protocol/layouts.ts';
import { RecordingRuleInput, RecordingSettings } from '../../protocol/recording.ts';
import { QueueInput } from '../../protocol/setup.ts';
import { type Entry, PRIVATE_PLATFORM } from '../callcenter/model.ts';
import { refuse } from '../callcenter/refuse.ts';
import { byLabel, idOf, nameOf, platformOf, section } from './section.ts';
import { agentRulesOf, NamedAgentRules, namesInAgentRules } from './agent-rules.ts';
import { NamedLevels, namesOfRequirements, requirementsOf } from './skills.ts';
import type { Stores, Surroundings } from './stores.ts';

const Names = z.array(z.string()).max(10_000).default([]);

const QueueItem = QueueInput.omit({
  label: true,
  memberIds: true,
  requirements: true,
  agentRules: true,
  rule: true,
})
  .extend({ members: Names, requires: NamedLevels, agentRules: NamedAgentRules })
  .strict();
type QueueItem = z.output<typeof QueueItem>;

export const queues = section<QueueItem>({
  section: 'queues',
  item: QueueItem,
  list: ({ callCenter }) =>
    callCenter.queues().map(({ id, label, memberIds, requirements, agentRules, rule: _rule, ...rest }) => ({
      id,
      name: label,
      item: {
        ...rest,
        members: userNames(callCenter, memberIds),
        requires: namesOfRequirements(callCenter, requirements),
        agentRules: namesInAgentRules(callCenter, agentRules),
        dispositions: callCenter
          .dispositions(id)
          .filter(({ active }) => active)
          .map(byLabel),
      },
    })),
  add: ({ callCenter }, label, item) => callCenter.addQueue({ label, ...queueInput(callCenter, item) }),
  change: ({ callCenter }, id, item) => callCenter.changeQueue(id, queueInput(callCenter, item)),
  remove: ({ callCenter }, id) => callCenter.removeQueue(id),
});

function queueInput(callCenter: Stores['callCenter'], { members, requires, agentRules, ...rest }: QueueItem) {
  return {
    ...rest,
    memberIds: userIds(callCenter, members, 'members'),
    requirements: requirementsOf(callCenter, requires, 'requires'),
    agentRules: agentRulesOf(callCenter, agentRules),
  };
}

function userNames(callCenter: Stores['callCenter'], ids: readonly string[]): string[] {
  return ids.map((id) => nameOf(callCenter.users(), (user) => user.username, id)).sort();
}

function userIds(callCenter: Stores['callCenter'], names: readonly string[], field: string): string[] {
  return names.map((name) => idOf(callCenter.users(), (user) => user.username, name, 'user', field));
}

const NumberItem = z
  .object({
    label: z.string().trim().min(1).max(80),
    queue: z.string().nullable().default(null),
    user: z.string().nullable().default(null),
    /** The label of a published flow. */
    flow: z.string().nullable().default(null),
    trunk: z.string().nullable().default(null),
    offeredToVisitors: z.boolean().default(false),
  })
  .strict();
type NumberItem = z.output<typeof NumberItem>;

/** A number of another telephone system is `NUMBER at SYSTEM`. */
export const numbers = section<NumberItem>({
  section: 'numbers',
  item: NumberItem,
  list: ({ callCenter, trunks, flows }) =>
    callCenter.entries().map((entry) => ({
      id: entry.id,
      name: nameOfNumber(entry),
      item: {
        label: entry.label,
        queue: entry.queueId && nameOf(callCenter.queues(), byLabel, entry.queueId),
        user: entry.userId && nameOf(callCenter.users(), (user) => user.username, entry.userId),
        flow: entry.flowId && nameOf(flows.all(), byLabel, entry.flowId),
        trunk: entry.trunkId && nameOf(trunks.all(), byLabel, entry.trunkId),
        offeredToVisitors: entry.offeredToVisitors,
      },
    })),
  add: (stores, name, item) => {
    const [dnis = '', platformId = PRIVATE_PLATFORM] = name.split(' at ');
    platformOf(stores, platformId, '');
    return stores.callCenter.addEntry({ dnis, platformId, ...numberInput(stores, item) });
  },
  change: (stores, id, item) => stores.callCenter.changeEntry(id, numberInput(stores, item)),
  remove: ({ callCenter }, id) => callCenter.removeEntry(id),
});

export function nameOfNumber({ dnis, platformId }: Pick<Entry, 'dnis' | 'platformId'>): string {
  return platformId === PRIVATE_PLATFORM ? dnis : `${dnis} at ${platformId}`;
}

function numberInput(
  { callCenter, trunks, flows }: Stores,
  { queue, user, flow, trunk, ...rest }: NumberItem,
) {
  return {
    ...rest,
    queueId: queue === null ? null : idOf(callCenter.queues(), byLabel, queue, 'queue', 'queue'),
    userId: user === null ? null : idOf(callCenter.users(), (one) => one.username, user, 'user', 'user'),
    flowId: flow === null ? null : idOf(flows.all(), byLabel, flow, 'flow', 'flow'),
    trunkId: trunk === null ? null : idOf(trunks.all(), byLabel, trunk, 'trunk', 'trunk'),
  };
}

const HoursItem = BusinessHoursInput.omit({ label: true, numberIds: true, queueIds: true, whenClosed: true })
  .extend({
    numbers: Names,
    queues: Names,
    whenClosed: z.discriminatedUnion('kind', [
      WhenClosed.options[0],
      z.object({ kind: z.literal('queue'), queue: z.string() }),
      WhenClosed.options[2],
    ]),
  })
  .strict();
type HoursItem = z.output<typeof HoursItem>;

export const businessHours = section<HoursItem>({
  section: 'businessHours',
  item: HoursItem,
  list: ({ hours, callCenter }) =>
    hours.all().map(({ id, label, numberIds, queueIds, whenClosed, ...rest }) => ({
      id,
      name: label,
      item: {
        ...rest,
        numbers: numberIds.map((one) => nameOf(callCenter.entries(), nameOfNumber, one)).sort(),
        queues: queueIds.map((one) => nameOf(callCenter.queues(), byLabel, one)).sort(),
        whenClosed:
          whenClosed.kind === 'queue'
            ? { kind: 'queue', queue: nameOf(callCenter.queues(), byLabel, whenClosed.queueId) }
            : whenClosed,
      },
    })),
  add: (stores, label, item) => stores.hours.add({ label, ...hoursInput(stores, item) }),
  change: (stores, id, item) => stores.hours.change(id, hoursInput(stores, item)),
  remove: (stores, id) => stores.hours.remove(id),
});

function hoursInput(
  { callCenter }: Stores,
  { numbers: dnis, queues: labels, whenClosed, ...rest }: HoursItem,
) {
  const queueId = (label: string, field: string) => idOf(callCenter.queues(), byLabel, label, 'queue', field);
  return {
    ...rest,
    numberIds: dnis.map((one) => idOf(callCenter.entries(), nameOfNumber, one, 'number', 'numbers')),
    queueIds: labels.map((one) => queueId(one, 'queues')),
    whenClosed:
      whenClosed.kind === 'queue'
        ? ({ kind: 'queue', queueId: queueId(whenClosed.queue, 'whenClosed.queue') } as const)
        : whenClosed,
  };
}

const LayoutItem = SoftphoneLayoutInput.omit({ label: true, userIds: true, profileIds: true })
  .extend({ users: Names, profiles: Names })
  .strict();
type LayoutItem = z.output<typeof LayoutItem>;

/** A script that pops is named by `scriptId` in the file, too: by its name. */
export const softphoneLayouts = section<LayoutItem>({
  section: 'softphoneLayouts',
  item: LayoutItem,
  list: ({ layouts, callCenter, profiles, scripts }) =>
    layouts.now().layouts.map(({ id, label, userIds: ids, profileIds, ...rest }) => ({
      id,
      name: label,
      item: {
        ...withScripts(rest, (one) => scripts.get(one)?.name ?? one),
        users: userNames(callCenter, ids),
        profiles: profileIds.map((one) => nameOf(profiles.all(), byLabel, one)).sort(),
      },
    })),
  add: (stores, label, item) => stores.layouts.add({ label, ...layoutInput(stores, item) }),
  change: (stores, id, item) => stores.layouts.change(id, layoutInput(stores, item)),
  remove: (stores, id) => stores.layouts.remove(id),
});

function layoutInput(
  { callCenter, profiles, scripts }: Stores,
  { users, profiles: names, ...rest }: LayoutItem,
) {
  const scriptId = (name: string) =>
    scripts.named(name)?.id ?? refuse('scriptId', `there is no script ${name}`);
  return {
    ...withScripts(rest, scriptId),
    userIds: userIds(callCenter, users, 'users'),
    profileIds: names.map((name) => idOf(profiles.all(), byLabel, name, 'profile', 'profiles')),
  };
}

/** The same layouts of calls with every script called otherwise. */
function withScripts<T extends Record<CallType, CallTypeLayout>>(
  layout: T,
  rename: (script: string) => string,
): T {
  const renamed = CALL_TYPES.map((type): [CallType, CallTypeLayout] => {
    const { pop } = layout[type];
    const target = <Target extends PopTarget>(one: Target): Target =>
      one.kind === 'script' ? { ...one, scriptId: rename(one.scriptId) } : one;
    const targets = { none: target(pop.none), one: target(pop.one), many: target(pop.many) };
    return [type, { ...layout[type], pop: { ...pop, ...targets } }];
  });
  return { ...layout, ...(Object.fromEntries(renamed) as Record<CallType, CallTypeLayout>) };
}

const RuleItem = RecordingRuleInput.omit({ scope: true }).strict();
type RuleItem = z.output<typeof RuleItem>;

/** `queue NAME` or the direction of calls. */
export const recordingRules = section<RuleItem>({
  section: 'recordingRules',
  item: RuleItem,
  list: ({ recordingRules: rules, callCenter }) =>
    rules.all().map(({ id, scope, ...item }) => ({
      id,
      name:
        scope.kind === 'queue'
          ? `queue ${nameOf(callCenter.queues(), byLabel, scope.queueId)}`
          : scope.direction,
      item,
    })),
  add: (stores, name, item) => stores.recordingRules.add({ ...item, scope: scopeOf(stores, name) }),
  change: ({ recordingRules: rules }, id, item) => {
    const rule = rules.all().find((one) => one.id === id);
    return rules.change(id, { ...item, scope: rule?.scope ?? { kind: 'direction', direction: 'inbound' } });
  },
  remove: ({ recordingRules: rules }, id) => rules.remove(id),
});

function scopeOf({ callCenter }: Stores, name: string) {
  const [, label] = /^queue (.+)$/.exec(name) ?? [];
  if (label !== undefined)
    return { kind: 'queue', queueId: idOf(callCenter.queues(), byLabel, label, 'queue', '') } as const;
  const direction = Direction.safeParse(name);
  if (!direction.success) refuse('', 'a rule is about `queue NAME`, `inbound`, `outbound` or `internal`');
  return { kind: 'direction', direction: direction.data } as const;
}

const SettingsItem = z.union([
  z.object({ recording: RecordingSettings }).strict(),
  z.object({ softphoneLayouts: LayoutSettings }).strict(),
  z.object({ directorySource: DirectorySource }).strict(),
]);
type SettingsItem = z.output<typeof SettingsItem>;

/** What there is once. */
export const settings = section<SettingsItem>({
  section: 'settings',
  keeps: true,
  item: SettingsItem,
  list: ({ recordingRules: rules, layouts, directories }) => [
    { id: 'directory', name: 'directory', item: { directorySource: directories.source() } },
    { id: 'recording', name: 'recording', item: { recording: rules.settings() } },
    { id: 'layouts', name: 'layouts', item: { softphoneLayouts: layouts.now().settings } },
  ],
  add: async (_stores, name) => refuse('', `there are no settings ${name}`),
  change({ recordingRules: rules, layouts, directories }, _id, item) {
    if ('recording' in item) return rules.setSettings(item.recording);
    if ('directorySource' in item) return directories.setSource(item.directorySource);
    return layouts.setSettings(item.softphoneLayouts);
  },
  remove: async () => undefined,
});

/** Directories belong to call centers of Open CTI, which are not in the file: they have files of their own. */
export function directoriesSection({ callCenterNames }: Pick<Surroundings, 'callCenterNames'>) {
  const DirectoryItem = DirectoryInput.omit({ label: true, callCenterId: true })
    .extend({ callCenter: z.string().nullable().default(null) })
    .strict();
  type DirectoryItem = z.output<typeof DirectoryItem>;
  const centers = () => [...callCenterNames()].map(([id, label]) => ({ id, label }));
  const input = ({ callCenter }: DirectoryItem) => ({
    callCenterId:
      callCenter === null ? null : idOf(centers(), byLabel, callCenter, 'call center', 'callCenter'),
  });
  return section<DirectoryItem>({
    section: 'directories',
    item: DirectoryItem,
    list: ({ directories }) =>
      directories
        .all()
        .filter(({ standard }) => standard === null)
        .map(({ id, label, callCenterId }) => ({
          id,
          name: label,
          item: { callCenter: callCenterId === null ? null : nameOf(centers(), byLabel, callCenterId) },
        })),
    add: ({ directories }, label, item) => directories.add({ label, ...input(item) }),
    change: ({ directories }, id, item) => directories.change(id, input(item)),
    remove: ({ directories }, id) => directories.remove(id),
  });
}
