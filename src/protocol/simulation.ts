/**
 * A day as data, for the simulator: what comes (`demand`), who is there and by which rules calls are routed (`a`), and what is
 * tried instead (`b`, only what differs). `npm run simulate` reads it from a file, Setup makes and sends it. Times of the day are
 * `HH:MM`, beyond midnight as `25:30`; other times are seconds.
 */
import { z } from 'zod';
import { PLAIN_RULE, QueueRule, targetsOf } from './queue-rules.ts';
import { Requirements, SkillLevels } from './skills.ts';

const name = (max: number) =>
  z.string().trim().min(1, 'this is needed').max(max, `at most ${max} characters`);
const seconds = (max: number) => z.number().min(0, 'not less than 0').max(max, `at most ${max} seconds`);
const HOURS = 48;

export const TimeOfDay = z
  .string()
  .regex(/^([0-3]\d|4[0-7]):[0-5]\d$|^48:00$/, 'a time such as 08:30, beyond midnight such as 25:30');

/** Minutes since midnight. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

export function timeOfMinutes(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(Math.floor(minutes % 60))}`;
}

const isSpan = ({ from, to }: { from: string; to: string }) => minutesOf(from) < minutesOf(to);
const laterThan = { error: 'must be later than its beginning', path: ['to'] };
const Span = z.object({ from: TimeOfDay, to: TimeOfDay });

/** How long something takes, in seconds, and how much that differs from case to case. */
export const Duration = z.object({
  mean: seconds(86_400),
  /** `constant`: always the mean. `lognormal`: what talk times look like. */
  spread: z.enum(['constant', 'exponential', 'lognormal']).default('lognormal'),
  /** Of `lognormal`: standard deviation divided by the mean. */
  cv: z.number().min(0.05).max(5).default(0.8),
});
export type Duration = z.infer<typeof Duration>;

/** Calls at random (Poisson), so many an hour on average. */
export const Arrivals = Span.extend({ perHour: z.number().min(0).max(50_000) }).refine(isSpan, laterThan);
export type Arrivals = z.infer<typeof Arrivals>;

/** A call that there was. Seconds; `at` since midnight. */
export const RecordedCall = z.object({
  at: seconds(HOURS * 3_600),
  waited: seconds(86_400),
  gaveUp: z.boolean(),
  /** Left out where it is not known: drawn. */
  talk: seconds(86_400).optional(),
  wrapUp: seconds(86_400).optional(),
});
export type RecordedCall = z.infer<typeof RecordedCall>;

export const Demand = z.object({
  /** The queue that the callers' number leads to. */
  queueId: name(80),
  arrivals: z.array(Arrivals).max(500).default([]),
  recorded: z.array(RecordedCall).max(100_000).default([]),
  talk: Duration,
  wrapUp: Duration.default({ mean: 0, spread: 'constant', cv: 0.8 }),
  /** How long callers wait before they give up; null: for ever. */
  patience: Duration.nullable().default({ mean: 180, spread: 'exponential', cv: 0.8 }),
});
export type Demand = z.infer<typeof Demand>;

export const SimulatedQueue = z.object({
  id: name(80),
  /** Left out: its id. */
  label: name(80).optional(),
  /** How long an agent is rung. */
  ringSeconds: z.number().min(1).max(300).default(20),
  /** The limit of wrap-up; 0 means that there is none. */
  wrapUpSeconds: seconds(3_600).default(300),
  requirements: Requirements.default([]),
  /** Whose turn it is and how that widens. In its groups of agents, `userIds` are names of groups of this file. */
  rule: QueueRule.default(PLAIN_RULE),
});
export type SimulatedQueue = z.infer<typeof SimulatedQueue>;

/** Agents who are alike. */
export const AgentGroup = z.object({
  name: name(80),
  count: z.number().int().min(0).max(2_000),
  queueIds: z.array(name(80)).min(1, 'at least one queue').max(200),
  skills: SkillLevels.default([]),
  /** When they are there; one who talks at the end of his shift finishes the call. */
  shifts: z.array(Span.refine(isSpan, laterThan)).min(1, 'at least one').max(20),
  /** From the first ring until he answers. */
  answer: Duration.default({ mean: 3, spread: 'constant', cv: 0.8 }),
  /** The share of offers that nobody takes (RONA), 0 to 1. */
  missed: z.number().min(0).max(1).default(0),
  /** How long he is away then. */
  away: Duration.default({ mean: 120, spread: 'constant', cv: 0.8 }),
});
export type AgentGroup = z.infer<typeof AgentGroup>;

export const Configuration = z.object({
  label: name(80).default('A'),
  queues: z.array(SimulatedQueue).min(1, 'at least one queue').max(200),
  agents: z.array(AgentGroup).min(1, 'at least one group').max(500),
});
export type Configuration = z.infer<typeof Configuration>;

/** What differs from A: queues by id and groups by name, of each only what is other; new ones must be whole. */
export const Alternative = z.object({
  label: name(80).default('B'),
  queues: z
    .array(z.looseObject({ id: name(80) }))
    .max(200)
    .default([]),
  agents: z
    .array(z.looseObject({ name: name(80) }))
    .max(500)
    .default([]),
});
export type Alternative = z.infer<typeof Alternative>;

const MOST_CALLS = 100_000;
const MOST_AGENTS = 5_000;

export const SimulationFile = Span.extend({
  label: name(120).default('A day'),
  from: TimeOfDay.default('08:00'),
  to: TimeOfDay.default('18:00'),
  intervalMinutes: z.union([z.literal(15), z.literal(30), z.literal(60)]).default(30),
  /** Service level: answered within so many seconds, of all who called. */
  withinSeconds: z.number().min(1).max(3_600).default(20),
  /** The same seed makes the same day. */
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  /** How many days are played: one gives a figure, several say how sure it is. */
  runs: z.number().int().min(1).max(200).default(10),
  demand: z.array(Demand).min(1, 'at least one').max(200),
  a: Configuration,
  b: Alternative.nullable().default(null),
})
  .refine(isSpan, laterThan)
  .superRefine(({ demand, a }, { addIssue }) => {
    const known = new Set(a.queues.map(({ id }) => id));
    const wrong = (path: (string | number)[], message: string) => addIssue({ code: 'custom', path, message });
    demand.forEach(({ queueId }, index) => {
      if (!known.has(queueId)) wrong(['demand', index, 'queueId'], `there is no queue ${queueId}`);
    });
    for (const { path, message } of problemsOf(a)) wrong(['a', ...path], message);
    const calls = demand.reduce((sum, one) => sum + expectedCalls(one), 0);
    if (calls > MOST_CALLS) wrong(['demand'], `a day has at most ${MOST_CALLS} calls`);
  });
export type SimulationFile = z.infer<typeof SimulationFile>;

/** How many calls a queue's demand brings on average. */
export function expectedCalls({ arrivals, recorded }: Pick<Demand, 'arrivals' | 'recorded'>): number {
  const drawn = arrivals.reduce(
    (sum, { from, to, perHour }) => sum + ((minutesOf(to) - minutesOf(from)) / 60) * perHour,
    0,
  );
  return drawn + recorded.length;
}

/** What a schema cannot see of one configuration. */
export function problemsOf({
  queues,
  agents,
}: Configuration): { path: (string | number)[]; message: string }[] {
  const ids = queues.map(({ id }) => id);
  const names = agents.map((group) => group.name);
  const twice = (all: string[]) => all.findIndex((one, index) => all.indexOf(one) !== index);
  const problems: { path: (string | number)[]; message: string }[] = [];
  if (twice(ids) >= 0) problems.push({ path: ['queues', twice(ids), 'id'], message: 'each queue once' });
  if (twice(names) >= 0) problems.push({ path: ['agents', twice(names), 'name'], message: 'each name once' });
  agents.forEach(({ queueIds }, index) => {
    const unknown = queueIds.find((id) => !ids.includes(id));
    if (unknown !== undefined)
      problems.push({ path: ['agents', index, 'queueIds'], message: `there is no queue ${unknown}` });
  });
  queues.forEach(({ rule }, index) => {
    for (const { field, message } of problemsOfRule(rule, ids, names))
      problems.push({ path: ['queues', index, 'rule', ...field.split('.')], message });
  });
  if (agents.reduce((sum, { count }) => sum + count, 0) > MOST_AGENTS)
    problems.push({ path: ['agents'], message: `at most ${MOST_AGENTS} agents` });
  return problems;
}

/** Queues and groups that the rule names and that there are not. */
function problemsOfRule(
  rule: QueueRule,
  queueIds: readonly string[],
  groups: readonly string[],
): { field: string; message: string }[] {
  const targets = targetsOf(rule).flatMap(({ field, target }) =>
    target.kind === 'queue' ? [{ field, id: target.queueId }] : [],
  );
  const helpers = rule.helpers.map(({ queueId }, n) => ({ field: `helpers.${n}`, id: queueId }));
  const members = rule.groups.flatMap(({ userIds }, n) =>
    userIds.map((name) => ({ field: `groups.${n}`, name })),
  );
  return [
    ...[...targets, ...helpers]
      .filter(({ id }) => !queueIds.includes(id))
      .map(({ field, id }) => ({ field, message: `there is no queue ${id}` })),
    ...members
      .filter(({ name }) => !groups.includes(name))
      .map(({ field, name }) => ({ field, message: `there is no group of agents ${name}` })),
  ];
}

/** A figure over all runs: its mean and the interval that holds the true one with 95 % confidence (the mean itself with one run). */
export const Estimate = z.object({ mean: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/** What a yardstick says; null where it has no answer. Shares are 0 to 1, times seconds. */
export const Yardstick = z.object({
  serviceLevel: z.number(),
  meanWait: z.number(),
  abandoned: z.number(),
  occupancy: z.number(),
});
export type Yardstick = z.infer<typeof Yardstick>;

export const FIGURES = [
  /** Callers who were queued. */
  'offered',
  'answered',
  /** Shares of those offered: who gave up, and who was answered within the threshold. */
  'abandoned',
  'serviceLevel',
  /** Of those offered: whom a rule sent out of the queue, or who still waited when nobody came any more. */
  'sentAway',
  /** Wait of everybody until the answer or giving up, and of those who were answered (ASA). */
  'meanWait',
  'answeredWait',
  'wait50',
  'wait90',
  'wait95',
  'longestWait',
  /** Time rung, talking and wrapping up, of that and the time ready. */
  'occupancy',
  /** Agents who were there on average. */
  'staffed',
  /** Offers that rang out. */
  'missedOffers',
] as const;
export type FigureName = (typeof FIGURES)[number];

/** Null where there is nothing to measure, such as the wait of nobody. */
export const FigureSet = z.record(z.enum(FIGURES), Estimate.nullable());
export type FigureSet = z.infer<typeof FigureSet>;

/** Of a queue, or of all: the whole day, and by interval of arrival. */
export const ScopeResult = z.object({
  /** Null: all queues together. */
  queueId: z.string().nullable(),
  label: z.string(),
  day: FigureSet,
  /** Weighted by the calls of each interval. Null where agents are shared with another queue, or nobody would be enough. */
  erlangC: Yardstick.nullable(),
  erlangA: Yardstick.nullable(),
  intervals: z.array(
    z.object({
      from: TimeOfDay,
      figures: FigureSet,
      erlangC: Yardstick.nullable(),
      erlangA: Yardstick.nullable(),
    }),
  ),
});
export type ScopeResult = z.infer<typeof ScopeResult>;

/** All queues first, then each. */
export const SideResult = z.object({ label: z.string(), scopes: z.array(ScopeResult) });
export type SideResult = z.infer<typeof SideResult>;

export const SimulationResult = z.object({
  label: z.string(),
  runs: z.number(),
  withinSeconds: z.number(),
  intervalMinutes: z.number(),
  a: SideResult,
  b: SideResult.nullable(),
  /** B less A, run by run over the same callers: an interval without 0 is a difference that is no accident. */
  difference: z.array(z.object({ queueId: z.string().nullable(), day: FigureSet })).nullable(),
});
export type SimulationResult = z.infer<typeof SimulationResult>;

/** A simulation that was asked of the server. */
export const SimulationJob = z.object({
  id: z.string(),
  label: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  /** When it was asked for: UTC milliseconds. */
  at: z.number(),
  /** How much is done, 0 to 1. */
  share: z.number(),
  /** Null until it is done, and in lists. */
  result: SimulationResult.nullable(),
});
export type SimulationJob = z.infer<typeof SimulationJob>;
