/** A queue's rule as people read it. */
import type { OverflowTarget, QueueRule, Strategy } from './queue-rules.ts';
import { phasesOf } from './queue-rules.ts';
import type { Requirement } from './skills.ts';

/** What things are called; an id that leads nowhere is shown as it is. */
export interface RuleNames {
  skill(id: string): string | undefined;
  queue(id: string): string | undefined;
  flow(id: string): string | undefined;
}

export const STRATEGY_WORDS: Record<Strategy, string> = {
  'longest-idle': 'the one who has been idle longest',
  'least-occupied': 'the least occupied one',
  'round-robin': 'each in turn',
  'most-skilled': 'the most skilled one',
};

/**
 * The rule in sentences without full stops, the most important first; the first says to whom a call is offered:
 * `First 20 s: Billing ≥ 3; then Billing ≥ 1; after 2 min also Sales`.
 */
export function describeRule(
  { requirements, rule }: { requirements: readonly Requirement[]; rule: QueueRule },
  names: RuleNames,
): string[] {
  const { preferred, priority, ageing, overflow, full, closed, maxWait } = rule;
  const target = (one: OverflowTarget) => targetText(one, names);
  return [
    whoText(requirements, rule, names),
    ...(rule.strategy === 'longest-idle' ? [] : [`Of several free agents ${STRATEGY_WORDS[rule.strategy]}`]),
    ...(preferred ? [preferredText(preferred)] : []),
    ...(priority === 0 ? [] : [`Priority ${priority}`]),
    ...(ageing ? [`Priority grows by ${ageing.points} for each ${duration(ageing.everyMs)} of waiting`] : []),
    ...overflow.map((one) => `${whenText(one)}: ${target(one.target)}`),
    ...(full ? [`Full when ${waitingText(full.waiting)}: ${target(full.target)}`] : []),
    ...(closed ? [`Outside its hours: ${target(closed.target)}`] : []),
    ...(maxWait ? [`At most ${duration(maxWait.afterMs)}, then ${target(maxWait.target)}`] : []),
  ];
}

function whoText(requirements: readonly Requirement[], rule: QueueRule, names: RuleNames): string {
  const phases = phasesOf(requirements, rule);
  const required = (all: readonly Requirement[]) =>
    all.map(({ skillId, minimum }) => `${names.skill(skillId) ?? skillId} ≥ ${minimum}`).join(' and ') ||
    'any ready member';
  const texts = phases.map((phase, n) => {
    const before = phases[n - 1];
    const also = [
      ...(before?.notYet ?? []).filter((group) => !phase.notYet.includes(group)).map(({ label }) => label),
      ...phase.helperIds.filter((id) => !before?.helperIds.includes(id)).map((id) => names.queue(id) ?? id),
    ];
    const changed = !before || required(before.requirements) !== required(phase.requirements);
    const without =
      n === 0 && phase.notYet.length > 0 ? ` without ${listed(phase.notYet.map((g) => g.label))}` : '';
    return [
      ...(changed ? [required(phase.requirements) + without] : []),
      ...(also.length > 0 ? [`also ${listed(also)}`] : []),
    ].join(', ');
  });
  const [first = '', ...later] = texts;
  const until = phases[1]?.afterMs;
  if (until === undefined) return capital(first);
  const rest = later.map((words, n) =>
    n === 0 ? `then ${words}` : `after ${duration(phases[n + 1]?.afterMs ?? 0)} ${words}`,
  );
  return [`First ${duration(until)}: ${first}`, ...rest.filter((_, n) => later[n] !== '')].join('; ');
}

function preferredText({ forMs, lastAgentDays }: NonNullable<QueueRule['preferred']>): string {
  const who =
    lastAgentDays === 0
      ? 'the agent whom a flow named'
      : `the agent of the last ${lastAgentDays === 1 ? 'day' : `${lastAgentDays} days`}, or whom a flow named`;
  return `First ${duration(forMs)} only ${who}, if he is logged in`;
}

function whenText(one: QueueRule['overflow'][number]): string {
  if (one.when === 'wait') return `After ${duration(one.afterMs)}`;
  if (one.when === 'length') return `When ${waitingText(one.waiting)}`;
  return `When the predicted wait is ${duration(one.waitMs)} or more`;
}

function waitingText(count: number): string {
  if (count === 0) return 'nobody can take the call at once';
  return count === 1 ? 'somebody waits' : `${count} wait`;
}

function targetText(target: OverflowTarget, names: RuleNames): string {
  switch (target.kind) {
    case 'queue':
      return `to the queue ${names.queue(target.queueId) ?? target.queueId}`;
    case 'number':
      return `to ${target.number}`;
    case 'flow':
      return `to the flow ${names.flow(target.flowId) ?? target.flowId}`;
    case 'voicemail':
      return 'to voicemail';
    case 'hangup':
      return target.text ? `hears “${target.text}” and is hung up` : 'is hung up';
  }
}

/** `1 min 30 s`, of milliseconds. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts.flatMap(([n, unit]) => (n > 0 ? [`${n} ${unit}`] : [])).join(' ') || '0 s';
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
