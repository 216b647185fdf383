/** The rules of queues, and in which order users serve their queues: after all queues, because they name any of them. */
import { z } from 'zod';
import {
  AgentGroup,
  HelpingQueue,
  type OverflowTarget,
  PLAIN_RULE,
  QueueRule,
  RelaxStep,
} from '../../protocol/queue-rules.ts';
import { refuse } from '../callcenter/refuse.ts';
import { byLabel, idOf, nameOf, section } from './section.ts';
import { NamedLevels, namesOfRequirements, requirementsOf } from './skills.ts';
import type { Stores } from './stores.ts';

type CallCenter = Stores['callCenter'];

const Target = z
  .object({ kind: z.enum(['queue', 'number', 'flow', 'voicemail', 'hangup']) })
  .catchall(z.string().max(1_000));
const Overflow = z.discriminatedUnion('when', [
  z.object({ when: z.literal('wait'), afterMs: z.number(), target: Target }).strict(),
  z.object({ when: z.literal('length'), waiting: z.number(), target: Target }).strict(),
  z.object({ when: z.literal('predicted-wait'), waitMs: z.number(), target: Target }).strict(),
]);
const { shape } = QueueRule;
const steps = z.array(RelaxStep.omit({ requirements: true }).extend({ requires: NamedLevels }).strict());
const groups = z.array(
  AgentGroup.omit({ userIds: true })
    .extend({ members: z.array(z.string()) })
    .strict(),
);
const helpers = z.array(HelpingQueue.omit({ queueId: true }).extend({ queue: z.string() }).strict());

const RuleItem = z
  .object({
    steps: steps.default([]),
    groups: groups.default([]),
    helpers: helpers.default([]),
    priority: shape.priority,
    ageing: shape.ageing,
    strategy: shape.strategy,
    preferred: shape.preferred,
    overflow: z.array(Overflow).default([]),
    full: z.object({ waiting: z.number(), target: Target }).nullable().default(null),
    closed: z.object({ target: Target }).nullable().default(null),
    maxWait: z.object({ afterMs: z.number(), target: Target }).nullable().default(null),
  })
  .strict();
type RuleItem = z.output<typeof RuleItem>;
type NamedTarget = z.output<typeof Target>;

/** A queue without a rule of its own is not in the section; one that goes from it has the plain one. */
export const queueRules = section<RuleItem>({
  section: 'queueRules',
  item: RuleItem,
  list: ({ callCenter }) =>
    callCenter
      .queues()
      .filter(({ rule }) => JSON.stringify(rule) !== JSON.stringify(PLAIN_RULE))
      .map(({ id, label, rule }) => ({ id, name: label, item: withNames(callCenter, rule) })),
  add: ({ callCenter }, label, item) =>
    callCenter.changeQueue(idOf(callCenter.queues(), byLabel, label, 'queue', ''), {
      rule: withIds(callCenter, item),
    }),
  change: ({ callCenter }, id, item) => callCenter.changeQueue(id, { rule: withIds(callCenter, item) }),
  // Where its queue has gone it has gone with it.
  remove: async ({ callCenter }, id) =>
    callCenter.queue(id) && (await callCenter.changeQueue(id, { rule: PLAIN_RULE })),
});

function withNames(center: CallCenter, rule: QueueRule): RuleItem {
  const queue = (id: string) => nameOf(center.queues(), byLabel, id);
  const target = ({ target: one }: { target: OverflowTarget }): NamedTarget =>
    one.kind === 'queue' ? { kind: 'queue', queue: queue(one.queueId) } : one;
  const { full, closed, maxWait } = rule;
  return {
    ...rule,
    steps: rule.steps.map(({ afterMs, requirements }) => ({
      afterMs,
      requires: namesOfRequirements(center, requirements),
    })),
    groups: rule.groups.map(({ userIds, ...rest }) => ({
      ...rest,
      members: userIds.map((id) => nameOf(center.users(), (user) => user.username, id)).sort(),
    })),
    helpers: rule.helpers.map(({ queueId, ...rest }) => ({ ...rest, queue: queue(queueId) })),
    overflow: rule.overflow.map((one) => ({ ...one, target: target(one) })),
    full: full && { ...full, target: target(full) },
    closed: closed && { target: target(closed) },
    maxWait: maxWait && { ...maxWait, target: target(maxWait) },
  };
}

/** @throws `bad-input` for what there is not, or what makes no rule. */
function withIds(center: CallCenter, item: RuleItem): QueueRule {
  const queue = (name: string, field: string) => idOf(center.queues(), byLabel, name, 'queue', field);
  const target = ({ target: { queue: name, ...rest } }: { target: NamedTarget }, field: string) =>
    name === undefined ? rest : { ...rest, queueId: queue(name, `${field}.target.queue`) };
  const { full, closed, maxWait } = item;
  const rule = QueueRule.safeParse({
    ...item,
    steps: item.steps.map(({ afterMs, requires }, n) => ({
      afterMs,
      requirements: requirementsOf(center, requires, `steps.${n}.requires`),
    })),
    groups: item.groups.map(({ members, ...rest }, n) => ({
      ...rest,
      userIds: members.map((name) =>
        idOf(center.users(), (user) => user.username, name, 'user', `groups.${n}.members`),
      ),
    })),
    helpers: item.helpers.map(({ queue: name, ...rest }, n) => ({
      ...rest,
      queueId: queue(name, `helpers.${n}.queue`),
    })),
    overflow: item.overflow.map((one, n) => ({ ...one, target: target(one, `overflow.${n}`) })),
    full: full && { ...full, target: target(full, 'full') },
    closed: closed && { target: target(closed, 'closed') },
    maxWait: maxWait && { ...maxWait, target: target(maxWait, 'maxWait') },
  });
  if (rule.success) return rule.data;
  const [issue] = rule.error.issues;
  return refuse(issue?.path.join('.') ?? '', issue?.message ?? 'this makes no rule');
}

const OrderItem = z.object({ queues: z.array(z.string()).max(200) }).strict();

/** By user name; who serves his queues as they come is not in the section. */
export const queueOrder = section<z.output<typeof OrderItem>>({
  section: 'queueOrder',
  item: OrderItem,
  list: ({ callCenter }) =>
    callCenter
      .users()
      .filter((user) => user.queueOrder.length > 0 && !user.disabled)
      .map((user) => ({
        id: user.id,
        name: user.username,
        item: { queues: user.queueOrder.map((id) => nameOf(callCenter.queues(), byLabel, id)) },
      })),
  add: ({ callCenter }, name, item) =>
    callCenter.changeUser(
      idOf(callCenter.users(), (user) => user.username, name, 'user', ''),
      orderOf(callCenter, item),
    ),
  change: ({ callCenter }, id, item) => callCenter.changeUser(id, orderOf(callCenter, item)),
  remove: ({ callCenter }, id) => callCenter.changeUser(id, { queueOrder: [] }),
});

function orderOf(center: CallCenter, { queues }: z.output<typeof OrderItem>) {
  return { queueOrder: queues.map((name) => idOf(center.queues(), byLabel, name, 'queue', 'queues')) };
}
