/** What is configured in one simulated call center: the alternative laid over A, and its agents one by one. */
import { CodedError } from '../../protocol/errors.ts';
import {
  type AgentGroup,
  type Alternative,
  Configuration,
  minutesOf,
  problemsOf,
} from '../../protocol/simulation.ts';

/** A with what B changes. @throws CodedError `bad-input` naming the place where it does not come to a whole configuration. */
export function alternativeOf(a: Configuration, b: Alternative): Configuration {
  const whole = Configuration.safeParse({
    label: b.label,
    queues: overlay(a.queues, b.queues, 'id'),
    agents: overlay(a.agents, b.agents, 'name'),
  });
  const [problem] = whole.success ? problemsOf(whole.data) : whole.error.issues;
  if (problem)
    throw new CodedError('bad-input', {
      field: 'b',
      detail: `b.${problem.path.join('.')}: ${problem.message}`,
    });
  return Configuration.parse(whole.data);
}

/** Each of `base` with what the one of the same key in `changes` says; then those of `changes` that are new. */
function overlay<K extends string>(
  base: readonly Record<K, string>[],
  changes: readonly Record<K, string>[],
  key: K,
): object[] {
  const known = new Set(base.map((one) => one[key]));
  return [
    ...base.map((one) => ({ ...one, ...changes.find((change) => change[key] === one[key]) })),
    ...changes.filter((change) => !known.has(change[key])),
  ];
}

/** One agent of a group. */
export interface Agent extends Pick<AgentGroup, 'answer' | 'missed' | 'away'> {
  id: string;
  /** Name of his group. */
  group: string;
  queueIds: ReadonlySet<string>;
  levels: ReadonlyMap<string, number>;
  /** Milliseconds since midnight, the earliest first. */
  shifts: { from: number; to: number }[];
}

export function agentsOf({ agents }: Configuration): Agent[] {
  return agents.flatMap((group, g) =>
    Array.from({ length: group.count }, (_, n) => ({
      id: `agent-${g + 1}-${n + 1}`,
      group: group.name,
      queueIds: new Set(group.queueIds),
      levels: new Map(group.skills.map(({ skillId, level }) => [skillId, level])),
      shifts: joined(
        group.shifts.map(({ from, to }) => ({ from: minutesOf(from) * 60_000, to: minutesOf(to) * 60_000 })),
      ),
      answer: group.answer,
      missed: group.missed,
      away: group.away,
    })),
  );
}

/** Shifts that touch or overlap are one: nobody logs out in between. */
function joined(shifts: { from: number; to: number }[]): { from: number; to: number }[] {
  const result: { from: number; to: number }[] = [];
  for (const shift of [...shifts].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && shift.from <= last.to) last.to = Math.max(last.to, shift.to);
    else result.push(shift);
  }
  return result;
}
