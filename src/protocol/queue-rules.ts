/**
 * The rule of a queue, as data: who is offered its calls and how that widens while a caller waits, whose turn it is, which agent
 * is chosen, and when a caller is sent elsewhere. Times are milliseconds since the caller entered; the defaults change nothing.
 */
import { z } from 'zod';
import { type Requirement, Requirements } from './skills.ts';

const Id = z.string().min(1, 'this is needed').max(80);
const HOUR = 3_600_000;
const after = z
  .number()
  .int()
  .min(1_000, 'at least 1 second')
  .max(24 * HOUR, 'at most a day');
const fromStart = z
  .number()
  .int()
  .min(0)
  .max(24 * HOUR, 'at most a day');
const text = z.string().trim().max(1_000, 'at most 1,000 characters');

/** Where a caller goes whom the rule sends away. */
export const OverflowTarget = z.discriminatedUnion('kind', [
  /** His wait counts there as well. */
  z.object({ kind: z.literal('queue'), queueId: Id }),
  /** Outside, by a trunk. */
  z.object({ kind: z.literal('number'), number: z.string().trim().min(3, 'a telephone number').max(40) }),
  z.object({ kind: z.literal('flow'), flowId: Id }),
  /** The queue's voicemail. */
  z.object({ kind: z.literal('voicemail') }),
  /** He hears the text, then is hung up. */
  z.object({ kind: z.literal('hangup'), text }),
]);
export type OverflowTarget = z.infer<typeof OverflowTarget>;

export const OVERFLOW_REASONS = ['wait', 'length', 'predicted-wait', 'full', 'closed', 'max-wait'] as const;
export type OverflowReason = (typeof OVERFLOW_REASONS)[number];

/** From `afterMs` on this is required, in place of what was. */
export const RelaxStep = z.object({ afterMs: after, requirements: Requirements });
export type RelaxStep = z.infer<typeof RelaxStep>;

/** Members who are offered calls only after a while. Who is in no group is offered them at once. */
export const AgentGroup = z.object({
  label: z.string().trim().min(1, 'this is needed').max(80),
  afterMs: fromStart,
  userIds: z.array(Id).max(1_000),
});
export type AgentGroup = z.infer<typeof AgentGroup>;

/** Members of another queue help after a while, once none of its own is free. */
export const HelpingQueue = z.object({ queueId: Id, afterMs: fromStart });
export type HelpingQueue = z.infer<typeof HelpingQueue>;

/**
 * Which of the free agents who may take a call gets it; who is equal, by longest idle. `least-occupied`: the smallest share of
 * his time since login at work, as it was when he became ready. `round-robin`: whose last offer from this queue is
 * longest ago. `most-skilled`: the highest sum of levels in the skills required now.
 */
export const STRATEGIES = ['longest-idle', 'least-occupied', 'round-robin', 'most-skilled'] as const;
export const Strategy = z.enum(STRATEGIES);
export type Strategy = z.infer<typeof Strategy>;

/** `wait`: after that wait. The other two: who comes while so many wait, or so long a wait is predicted. */
export const Overflow = z.discriminatedUnion('when', [
  z.object({ when: z.literal('wait'), afterMs: after, target: OverflowTarget }),
  z.object({
    when: z.literal('length'),
    waiting: z.number().int().min(1).max(100_000),
    target: OverflowTarget,
  }),
  z.object({ when: z.literal('predicted-wait'), waitMs: after, target: OverflowTarget }),
]);
export type Overflow = z.infer<typeof Overflow>;

const once = (values: readonly unknown[]) => new Set(values).size === values.length;

export const QueueRule = z.object({
  steps: z
    .array(RelaxStep)
    .max(10, 'at most 10 steps')
    .refine(
      (steps) => steps.every(({ afterMs }, n) => n === 0 || (steps[n - 1]?.afterMs ?? 0) < afterMs),
      'each step later than the one before',
    )
    .default([]),
  groups: z
    .array(AgentGroup)
    .max(10, 'at most 10 groups')
    .refine((groups) => once(groups.map(({ label }) => label)), 'two groups have the same name')
    .refine((groups) => once(groups.flatMap(({ userIds }) => userIds)), 'each member in one group at most')
    .default([]),
  helpers: z
    .array(HelpingQueue)
    .max(10, 'at most 10 queues')
    .refine((all) => once(all.map(({ queueId }) => queueId)), 'each queue once')
    .default([]),
  /** Added to what the call brings; higher goes first. */
  priority: z.number().int().min(-1_000).max(1_000).default(0),
  /** The priority grows by `points` for each `everyMs` that a caller waits. */
  ageing: z
    .object({ points: z.number().int().min(1).max(1_000), everyMs: after })
    .nullable()
    .default(null),
  strategy: Strategy.default('longest-idle'),
  /**
   * Who has an agent of his own waits for that one alone for `forMs`, while he is logged in and a member: the one whom a flow
   * named, else who talked with him last in this queue, at most `lastAgentDays` ago; 0: only whom a flow named.
   */
  preferred: z
    .object({ forMs: after, lastAgentDays: z.number().int().min(0).max(365) })
    .nullable()
    .default(null),
  /** The first that applies. */
  overflow: z.array(Overflow).max(10, 'at most 10').default([]),
  /** Who comes while so many wait. */
  full: z
    .object({ waiting: z.number().int().min(0).max(100_000), target: OverflowTarget })
    .nullable()
    .default(null),
  /** Who comes, or still waits, outside the hours that name this queue. */
  closed: z.object({ target: OverflowTarget }).nullable().default(null),
  /** Nobody waits longer. */
  maxWait: z.object({ afterMs: after, target: OverflowTarget }).nullable().default(null),
});
export type QueueRule = z.infer<typeof QueueRule>;

/** What every queue does without a rule. */
export const PLAIN_RULE: QueueRule = QueueRule.parse({});

/** Who is offered a call of this age: from `afterMs` on, until the next phase. */
export interface Phase {
  afterMs: number;
  requirements: readonly Requirement[];
  /** Groups of members who are not offered it yet. */
  notYet: readonly AgentGroup[];
  /** Queues whose members are offered it as well. */
  helperIds: readonly string[];
}

/** How the rule widens with time: the first phase begins at 0. Requirements, groups and helpers that begin together are one phase. */
export function phasesOf(requirements: readonly Requirement[], rule: QueueRule): Phase[] {
  const { steps, groups, helpers } = rule;
  const times = [0, ...[...steps, ...groups, ...helpers].map(({ afterMs }) => afterMs)];
  return [...new Set(times)]
    .sort((a, b) => a - b)
    .map((afterMs) => ({
      afterMs,
      requirements: steps.findLast((step) => step.afterMs <= afterMs)?.requirements ?? requirements,
      notYet: groups.filter((group) => group.afterMs > afterMs),
      helperIds: helpers.filter((one) => one.afterMs <= afterMs).map(({ queueId }) => queueId),
    }));
}

/**
 * The phases for a caller of whom more is asked (by a flow). His own requirements stand beside the queue's, the higher minimum of a
 * skill counting, until a step of the rule lets go of them: one that names the skill, and says how much of it is enough by
 * then, or one that asks for nothing, after which anybody is.
 */
export function phasesFor(
  own: readonly Requirement[],
  phases: readonly Phase[],
  { steps }: Pick<QueueRule, 'steps'>,
): readonly Phase[] {
  if (own.length === 0) return phases;
  return phases.map((phase) => {
    const passed = steps.filter(({ afterMs }) => afterMs <= phase.afterMs);
    const held = own.filter(({ skillId }) =>
      passed.every(
        ({ requirements }) => requirements.length > 0 && requirements.every((one) => one.skillId !== skillId),
      ),
    );
    return { ...phase, requirements: both(phase.requirements, held) };
  });
}

function both(some: readonly Requirement[], more: readonly Requirement[]): Requirement[] {
  const minimums = new Map(some.map(({ skillId, minimum }) => [skillId, minimum]));
  for (const { skillId, minimum } of more)
    minimums.set(skillId, Math.max(minimum, minimums.get(skillId) ?? 0));
  return [...minimums].map(([skillId, minimum]) => ({ skillId, minimum }));
}

/** Every place of a rule that sends a caller away, with its name in the rule. */
export function targetsOf(rule: QueueRule): { field: string; target: OverflowTarget }[] {
  return [
    ...rule.overflow.map(({ target }, n) => ({ field: `overflow.${n}.target`, target })),
    ...(['full', 'closed', 'maxWait'] as const).flatMap((name) => {
      const target = rule[name]?.target;
      return target ? [{ field: `${name}.target`, target }] : [];
    }),
  ];
}
